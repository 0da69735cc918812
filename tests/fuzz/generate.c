#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Names with a number on every ABI, on some of them, behind a multiplexer
 * alone, nowhere here, and nowhere at all.
 */
/* clang-format off */
static const char *const names[] = {
	"read",		"write",	   "execve",	 "socket",
	"bind",		"accept",	   "semop",	 "semtimedop",
	"ipc",		"socketcall",	   "shmctl",	 "msgget",
	"recv",		"send",		   "recvmsg",	 "personality",
	"clone",	"uselib",	   "_sysctl",	 "waitpid",
	"mmap2",	"clock_gettime64", "vserver",	 "rt_sigaction",
	"ioctl",	"preadv2",	   "restart_syscall", "futex_requeue",
	"arch_prctl",	"accept4",	   "cacheflush", "no_such_call",
};
/* clang-format on */

static const char *const operators[] = {
	"EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ", "EQ",
};

static const struct {
	const char *name;
	uint32_t data_max;
} actions[] = {
	{ "ALLOW", 0 },	       { "ERRNO", 4095 },  { "KILL", 0 },
	{ "KILL_THREAD", 0 },  { "TRAP", 0 },	   { "LOG", 0 },
	{ "KILL_PROCESS", 0 }, { "TRACE", 65535 }, { "NOTIFY", 0 },
};

/* Where comparisons of 64 bits in two halves go wrong. */
static const uint64_t edges[] = {
	0x0,
	0x1,
	0x2,
	0x7f,
	0xff,
	0xffff,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x1ffffffff,
	0x200000000,
	0x7fffffff00000000,
	0x7fffffffffffffff,
	0x8000000000000000,
	0xffffffff00000000,
	0xffffffff7fffffff,
	0xffffffff80000000,
	0xffffffffffffffff,
};

enum { FOCUS_NAMES = 3, FOCUS_VALUES = 3 };

struct generator {
	struct profile_text *text;
	struct bytes *bytes;
	/* What rules of one profile have in common, so that they meet. */
	const char *names[FOCUS_NAMES];
	unsigned args[2];
	uint64_t values[FOCUS_VALUES];
	/* Many rules that seldom meet instead: programs with long jumps. */
	bool wide;
};

__attribute__((format(printf, 2, 3))) static void
put(struct generator *g, const char *fmt, ...)
{
	size_t room = sizeof(g->text->s) - g->text->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(g->text->s + g->text->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		fprintf(stderr, "fuzz: the generated profile is too long\n");
		abort();
	}
	g->text->len += (size_t)n;
}

/* limit is at most 256. */
static unsigned
pick(struct generator *g, size_t limit)
{
	if (g->bytes->at == g->bytes->end)
		return 0;
	return *g->bytes->at++ % (unsigned)limit;
}

static uint64_t
pick_value(struct generator *g)
{
	uint64_t value;

	switch (pick(g, 8)) {
	case 0:
		return pick(g, 256);
	case 1:
		return UINT64_C(1) << pick(g, 64);
	case 2:
		return -(uint64_t)pick(g, 256);
	case 3:
		value = pick(g, 4);
		return value << 32 | pick(g, 4);
	case 4:
		value = 0;
		for (int i = 0; i < 8; i++)
			value = value << 8 | pick(g, 256);
		return value;
	default:
		return edges[pick(g, LENGTH(edges))];
	}
}

/* Mostly a value of this profile, or one next to it. */
static uint64_t
pick_near(struct generator *g)
{
	uint64_t value =
		g->wide ? pick_value(g) : g->values[pick(g, FOCUS_VALUES)];

	switch (pick(g, 8)) {
	case 0:
		return pick_value(g);
	case 1:
		return value + 1;
	case 2:
		return value - 1;
	case 3:
		return value ^ UINT64_C(1) << 32;
	default:
		return value;
	}
}

static void
put_action(struct generator *g, const char *key, const char *ret,
	   size_t choices)
{
	size_t i = pick(g, choices);

	put(g, "\"%s\":\"SCMP_ACT_%s\"", key, actions[i].name);
	if (actions[i].data_max && pick(g, 2))
		put(g, ",\"%s\":%u", ret,
		    pick(g, 8) ? 1 + pick(g, 40)
			       : actions[i].data_max - pick(g, 2));
}

static void
put_condition(struct generator *g)
{
	const char *op = operators[pick(g, LENGTH(operators))];
	unsigned arg = pick(g, 4) ? g->args[pick(g, 2)] : pick(g, 6);
	uint64_t value = pick_near(g), value2;

	put(g, "{\"index\":%u,\"op\":\"SCMP_CMP_%s\",\"value\":%" PRIu64, arg,
	    op, value);
	if (op[0] == 'M') {
		value2 = pick_near(g);
		/* Bits outside the mask are an error that hides others. */
		if (pick(g, 16) != 15)
			value2 &= value;
		put(g, ",\"valueTwo\":%" PRIu64, value2);
	}
	put(g, "}");
}

static void
put_names(struct generator *g)
{
	unsigned n = 1 + pick(g, FOCUS_NAMES);

	put(g, "\"names\":[");
	for (unsigned i = 0; i < n; i++) {
		const char *name = pick(g, 8) && !g->wide
					   ? g->names[pick(g, FOCUS_NAMES)]
					   : names[pick(g, LENGTH(names))];

		put(g, "%s\"%s\"", i ? "," : "", name);
	}
	put(g, "]");
}

static void
put_clause(struct generator *g, const char *key)
{
	static const char *const clauses[] = {
		"\"caps\":[\"CAP_SYS_ADMIN\"]",
		"\"caps\":[\"CAP_CHOWN\",\"CAP_SYS_BOOT\"]",
		"\"arches\":[\"amd64\",\"x32\"]",
		"\"minKernel\":\"4.8\"",
	};

	put(g, ",\"%s\":{%s}", key, clauses[pick(g, LENGTH(clauses))]);
}

static void
put_rule(struct generator *g)
{
	unsigned conditions = pick(g, 4) ? 1 + pick(g, 3) : pick(g, 8);

	put(g, "{");
	put_names(g);
	put(g, ",");
	/* Many rules with many actions would mostly be conflicts. */
	put_action(g, "action", "errnoRet", g->wide ? 1 : LENGTH(actions));
	put(g, ",\"args\":[");
	for (unsigned i = 0; i < conditions; i++) {
		put(g, "%s", i ? "," : "");
		put_condition(g);
	}
	put(g, "]");
	if (pick(g, 16) == 15)
		put_clause(g, "includes");
	if (pick(g, 16) == 15)
		put_clause(g, "excludes");
	put(g, "}");
}

void
generate_profile(struct profile_text *text, struct bytes *bytes)
{
	static const char *const archs[] = {
		"SCMP_ARCH_X86_64",
		"SCMP_ARCH_X86",
		"SCMP_ARCH_X32",
		"SCMP_ARCH_AARCH64",
	};
	struct generator g = { .text = text, .bytes = bytes };
	unsigned rules, listed;

	text->len = 0;
	for (size_t i = 0; i < FOCUS_NAMES; i++)
		g.names[i] = names[pick(&g, LENGTH(names))];
	for (size_t i = 0; i < FOCUS_VALUES; i++)
		g.values[i] = pick_value(&g);
	g.args[0] = pick(&g, 6);
	g.args[1] = pick(&g, 6);
	put(&g, "{");
	/* NOTIFY, the last, is refused here. */
	put_action(&g, "defaultAction", "defaultErrnoRet", LENGTH(actions) - 1);
	listed = pick(&g, 16);
	put(&g, ",\"architectures\":[");
	for (unsigned i = 0, n = 0; i < LENGTH(archs); i++)
		if (listed >> i & 1)
			put(&g, "%s\"%s\"", n++ ? "," : "", archs[i]);
	put(&g, "],\"syscalls\":[");
	g.wide = pick(&g, 8) == 7;
	rules = g.wide ? 16 + pick(&g, 48) : 1 + pick(&g, 6);
	for (unsigned i = 0; i < rules; i++) {
		put(&g, "%s", i ? "," : "");
		put_rule(&g);
	}
	put(&g, "]}");
}
