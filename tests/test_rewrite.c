/*
 * Every profile of a folder, written as a plain OCI profile, read again, and
 * joined with others.  What comes out is held, call by call, against the plain
 * evaluation of what went in.  Arguments: folders with profiles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "calls.h"
#include "corpus.h"
#include "eval.h"
#include "join.h"
#include "rewrite.h"

enum { ALL_ABIS = (1 << ABI_COUNT) - 1, CALLS = 6, MAX_VALUES = 400 };

struct way {
	const char *name;
	enum dialect dialect;
	enum abi native;
	abi_set abis;
};

static const struct way ways[] = {
	{ "Docker's, all ABIs", DIALECT_DOCKER, ABI_X86_64, ALL_ABIS },
	{ "plain OCI", DIALECT_OCI, ABI_X86_64, 0 },
	{ "Podman's, i386", DIALECT_PODMAN, ABI_I386, 1 << ABI_I386 },
};

/* Profiles that every other one is joined with. */
static const char *const partners[] = {
	"{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [\n"
	"{ \"names\": [\"read\", \"write\", \"recv\", \"accept\", "
	"\"openat2\", \"semop\"], \"action\": \"SCMP_ACT_ALLOW\" },\n"
	"{ \"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ERRNO\", "
	"\"errnoRet\": 38 },\n"
	"{ \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
	"[{ \"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\" }] },\n"
	"{ \"names\": [\"personality\"], \"action\": \"SCMP_ACT_ALLOW\", "
	"\"args\": [{ \"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_LE\" }] "
	"},\n"
	"{ \"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
	"[{ \"index\": 0, \"value\": 268435456, \"valueTwo\": 0, \"op\": "
	"\"SCMP_CMP_MASKED_EQ\" }] }\n"
	"] }\n",
	"{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [\n"
	"{ \"names\": [\"ptrace\", \"mount\", \"bind\", \"shmat\"], "
	"\"action\": \"SCMP_ACT_KILL_PROCESS\" },\n"
	"{ \"names\": [\"keyctl\", \"add_key\"], \"action\": "
	"\"SCMP_ACT_ERRNO\", \"errnoRet\": 22 },\n"
	"{ \"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\": "
	"[{ \"index\": 1, \"value\": 21522, \"op\": \"SCMP_CMP_EQ\" }] }\n"
	"] }\n",
};

struct tally {
	size_t files, compiled, written, kept, calls, failed;
	size_t joined, said, freely, impossible;
};

struct values {
	uint64_t v[MAX_VALUES];
	size_t n;
};

static bool
start(struct compilation *c, const char *path, const char *text, size_t len,
      const struct way *way)
{
	const char *bad;

	compilation_init(c, path, text, len);
	c->options.dialect = way->dialect;
	c->options.native = way->native;
	c->options.abis = way->abis;
	c->options.conflicts = CONFLICTS_RUNC;
	c->options.repeated = REPEATED_OR;
	c->options.kernel_given = c->options.caps_given = true;
	c->options.kernel = 6 << 8 | 1;
	options_parse_caps("docker", &c->options.caps, &bad);
	return compile(c);
}

/* What rewrite() gives, compiled as runc would read it. */
static bool
read_back(struct compilation *c, const struct rewrite *r, enum abi native,
	  abi_set abis)
{
	compilation_init(c, "rewritten", r->text.data, r->text.len);
	c->options.dialect = DIALECT_OCI;
	c->options.native = native;
	c->options.abis = abis;
	return compile(c);
}

static void
fail(struct tally *tally, const char *path, const char *what)
{
	tally->failed++;
	printf("not ok - %s: %s\n", path, what);
}

/* Rules are made anew. */
static void
ask(struct rewrite *r, const struct compilation *c)
{
	rewrite_ask(r, c);
	r->rules = NULL;
}

static bool
same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* A constant that libseccomp would cut is not written anew. */
static bool
is_cut(const struct rewrite *r)
{
	return r->reason && strstr(r->reason, "which libseccomp cuts");
}

/* The program of the new text decides as the old rules; again gives it anew. */
static void
check_rewritten(struct tally *tally, const char *path,
		const struct compilation *c)
{
	struct rewrite first, second;
	struct compilation back, mixed;
	struct mismatch m;

	/* Every third keeps its rules, and those that cannot be made anew. */
	ask(&first, c);
	if (tally->written % 3 == 0)
		first.rules = c->ruleset;
	if (rewrite(&first) != REWRITE_DONE && is_cut(&first)) {
		rewrite_finish(&first);
		ask(&first, c);
		first.rules = c->ruleset;
		rewrite(&first);
		tally->kept++;
	}
	if (!first.text.len || first.reason) {
		fail(tally, path, first.reason);
		rewrite_finish(&first);
		return;
	}
	tally->written++;
	if (!read_back(&back, &first, c->options.native, 0)) {
		fail(tally, path, "is rejected when it is read again");
	} else {
		mixed = *c;
		mixed.program = back.program;
		if (!calls_agree(&mixed, first.text.len, &tally->calls, &m))
			fail(tally, path, "decides a call differently");
		ask(&second, &back);
		second.rules = first.rules ? back.ruleset : NULL;
		if (rewrite(&second) != REWRITE_DONE ||
		    !same_text(&first.text, &second.text))
			fail(tally, path, "is another text the second time");
		rewrite_finish(&second);
	}
	compilation_finish(&back);
	rewrite_finish(&first);
}

static void
add_value(struct values *values, uint64_t x)
{
	if (values->n < MAX_VALUES)
		values->v[values->n++] = x;
}

static void
collect(struct values *values, const struct ruleset *rules)
{
	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		for (size_t j = 0; j < rule->condition_count; j++) {
			const struct condition *c = &rule->conditions[j];

			add_value(values, c->value);
			add_value(values, c->value + 1);
			add_value(values, c->value - 1);
			add_value(values, c->value2 | ~c->value);
		}
	}
}

static int32_t
rank(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL);
}

/* The documented result of a join, from two actions. */
static uint32_t
expect(const struct join *join, uint32_t a, uint32_t b)
{
	if (!join->laxer)
		return rank(b) <= rank(a) ? b : a;
	if (rank(a) != rank(b))
		return rank(b) > rank(a) ? b : a;
	return b == join->default_action ? b : a;
}

static bool
refuses(uint32_t action)
{
	return rank(action) <= rank(SECCOMP_RET_ERRNO) &&
	       action != SECCOMP_RET_ERRNO;
}

static bool
agrees(const struct join *join, const struct program *program, bool freely,
       const struct seccomp_data *data)
{
	uint64_t args[6];
	uint32_t wanted, got;

	memcpy(args, data->args, sizeof(args));
	wanted = expect(join,
			eval_call(join->a->ruleset, data->arch,
				  (uint32_t)data->nr, args),
			eval_call(join->b->ruleset, data->arch,
				  (uint32_t)data->nr, args));
	got = bpf_run(program->code.v, program->code.n, data, NULL);
	return got == wanted || (freely && refuses(got) && refuses(wanted));
}

static void
check_calls(struct tally *tally, const char *path, const struct join *join,
	    const struct program *program, bool freely)
{
	static const uint32_t archs[] = { 0xc000003e, 0x40000003, 0xc00000b7 };
	static const uint32_t edges[] = { 0x3fffffff, 0x7fffffff, 0x80000000,
					  0xbfffffff, 0xc0000000, 0xffffffff };
	struct values values = { .v = { 0, UINT64_MAX, 1 }, .n = 3 };
	uint64_t seed = program->code.n;

	collect(&values, join->a->ruleset);
	collect(&values, join->b->ruleset);
	for (uint32_t i = 0; i < LENGTH(archs) * 1200 * CALLS; i++) {
		struct seccomp_data data = { .arch = archs[i % 3] };
		uint32_t nr = i / 3 / CALLS;

		data.nr = (int)(nr < 600    ? nr
				: nr < 1194 ? (nr - 600) | 0x40000000
					    : edges[nr - 1194]);
		for (int j = 0; j < 6; j++)
			data.args[j] = values.v[calls_random(&seed) % values.n];
		tally->calls++;
		if (!agrees(join, program, freely, &data)) {
			printf("# arch 0x%x number 0x%x args 0x%llx 0x%llx\n",
			       data.arch, (unsigned)data.nr,
			       (unsigned long long)data.args[0],
			       (unsigned long long)data.args[1]);
			fail(tally, path, "joined: a call is decided wrongly");
			return;
		}
	}
}

static void
check_joined_rules(struct tally *tally, const char *path,
		   const struct join *join)
{
	struct rewrite r = { .wanted = join_read,
			     .data = join,
			     .native = join->native,
			     .has_default = join->has_default,
			     .default_action = join->default_action,
			     .any_denial = true };
	enum rewrite_end end = rewrite(&r);
	struct compilation back;

	tally->impossible += end == REWRITE_IMPOSSIBLE;
	if (end == REWRITE_DONE) {
		tally->said++;
		tally->freely += r.deviation != NULL;
		if (read_back(&back, &r, join->native, 0))
			check_calls(tally, path, join, back.program,
				    r.deviation != NULL);
		else
			fail(tally, path, "joined: is rejected");
		compilation_finish(&back);
	} else if (end != REWRITE_IMPOSSIBLE) {
		fail(tally, path, r.reason ? r.reason : "out of memory");
	}
	rewrite_finish(&r);
}

static void
check_joined(struct tally *tally, const char *path, const struct compilation *a,
	     const char *partner, bool laxer, const struct way *way)
{
	struct compilation b;
	struct side x = { a->ruleset, NULL, 0 }, y = { 0 };
	struct join join = {
		.a = &x, .b = &y, .laxer = laxer, .native = way->native
	};
	struct build build_;

	if (start(&b, "partner", partner, strlen(partner), way)) {
		y.ruleset = b.ruleset;
		join_open(&join);
		tally->joined++;
		build_ = (struct build){ .wanted = join_read,
					 .data = &join,
					 .options = &a->options };
		if (build(&build_) == BUILD_DONE)
			check_calls(tally, path, &join, build_.program, false);
		else
			fail(tally, path, build_.reason);
		build_finish(&build_);
		check_joined_rules(tally, path, &join);
	} else {
		fail(tally, path, "a partner is rejected");
	}
	compilation_finish(&b);
}

static void
check_profile(void *context, const char *path, const char *text, size_t len)
{
	struct tally *tally = context;
	struct compilation c;

	tally->files++;
	for (size_t i = 0; i < LENGTH(ways); i++) {
		if (start(&c, path, text, len, &ways[i])) {
			tally->compiled++;
			check_rewritten(tally, path, &c);
			for (size_t j = 0; j < 4 && i == tally->files % 2; j++)
				check_joined(tally, path, &c, partners[j / 2],
					     j % 2, &ways[i]);
		}
		compilation_finish(&c);
	}
}

int
main(int argc, char **argv)
{
	struct tally tally = { 0 };

	for (int i = 1; i < argc; i++)
		corpus_visit(argv[i], check_profile, &tally);
	printf("# %zu profiles, compiled %zu times, written %zu times, %zu "
	       "of them as they are for the sake of a constant\n",
	       tally.files, tally.compiled, tally.written, tally.kept);
	printf("# %zu joins: %zu said by rules, %zu of them with other "
	       "denials, %zu not; %zu calls\n",
	       tally.joined, tally.said, tally.freely, tally.impossible,
	       tally.calls);
	printf("%s\n", tally.failed ? "not ok" : "ok");
	return tally.failed || !tally.files || tally.written < tally.files;
}
