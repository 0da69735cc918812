#include "expect-lines.h"

#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"

const uint32_t line_tokens[ABI_COUNT] = {
	AUDIT_ARCH_X86_64,
	AUDIT_ARCH_I386,
	AUDIT_ARCH_X86_64,
};

/* Syscalls and an argument of each, by hand (man 2, asm/unistd_*.h). */
const struct subject subjects[SUBJECTS] = {
	{ "socket", { 41, 359, LINE_X32 | 41 }, 0, 32, true, "family" },
	{ "clone", { 56, 120, LINE_X32 | 56 }, 0, 64, false, "clone_flags" },
	{ "ioctl", { 16, 54, LINE_X32 | 514 }, 0, 32, false, "fd" },
	{ "ioctl", { 16, 54, LINE_X32 | 514 }, 1, 32, true, "cmd" },
	{ "mknod", { 133, 14, LINE_X32 | 133 }, 1, 16, false, "mode" },
};

static uint64_t state;

void
lines_seed(uint64_t seed)
{
	state = seed;
}

uint32_t
draw(uint32_t below)
{
	return (uint32_t)(calls_random(&state) >> 32) % below;
}

/* What programs and lines compare a low word with. */
uint32_t
draw_low(void)
{
	static const uint32_t bases[] = { 0,	  0,	      0,
					  0x8000, 0x80000000, 0xfffffff0 };

	return bases[draw(6)] | draw(16);
}

uint32_t
draw_mask(void)
{
	uint32_t mask = draw(16);

	mask |= draw(3) ? 0 : 0x8000;
	return mask | (draw(3) ? 0 : 0x80000000);
}

static const char *const words[] = {
	"allow",    "log",	   "errno",	   "errno(EPERM)", "errno(38)",
	"kill",	    "kill_thread", "kill_process", "trap",	   "trace",
	"trace(5)", "notify",	   "deny",	   "not allow",
};

/* Whether an action is what a word says, by hand. */
static bool
says(unsigned word, uint32_t action)
{
	uint32_t top = action & 0xffff0000;
	bool kills = top == SECCOMP_RET_KILL_THREAD ||
		     top == SECCOMP_RET_KILL_PROCESS;
	const char *s = words[word];

	if (!strcmp(s, "allow"))
		return action == SECCOMP_RET_ALLOW;
	if (!strcmp(s, "log"))
		return action == SECCOMP_RET_LOG;
	if (!strcmp(s, "errno"))
		return top == SECCOMP_RET_ERRNO;
	if (!strcmp(s, "errno(EPERM)"))
		return action == (SECCOMP_RET_ERRNO | 1);
	if (!strcmp(s, "errno(38)"))
		return action == (SECCOMP_RET_ERRNO | 38);
	if (!strcmp(s, "kill"))
		return kills;
	if (!strcmp(s, "kill_thread"))
		return top == SECCOMP_RET_KILL_THREAD;
	if (!strcmp(s, "kill_process"))
		return top == SECCOMP_RET_KILL_PROCESS;
	if (!strcmp(s, "trap"))
		return top == SECCOMP_RET_TRAP;
	if (!strcmp(s, "trace"))
		return top == SECCOMP_RET_TRACE;
	if (!strcmp(s, "trace(5)"))
		return action == (SECCOMP_RET_TRACE | 5);
	if (!strcmp(s, "notify"))
		return top == SECCOMP_RET_USER_NOTIF;
	return kills || top == SECCOMP_RET_ERRNO || top == SECCOMP_RET_TRAP;
}

/* Lines that say what runs are those of allow and log alone. */
static bool
says_runs(const struct line *l)
{
	for (unsigned i = 0; i < l->words; i++)
		if (l->word[i] > 1)
			return false;
	return true;
}

static bool
holds(const struct pattern *p, uint64_t value, unsigned width)
{
	uint64_t most = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
	uint64_t v = value & most, a = (uint64_t)p->a & most;
	uint64_t b = (uint64_t)p->b & most;
	/* As the C type with a sign. */
	int64_t with_sign = width == 64	  ? (int64_t)value
			    : width == 32 ? (int32_t)value
					  : (int16_t)value;
	bool is = false;

	switch (p->op) {
	case IS:
		is = v == a;
		break;
	case BETWEEN:
		is = p->a < 0 ? with_sign >= p->a && with_sign <= p->b
			      : v >= a && v <= b;
		break;
	case SOME:
		is = v & a;
		break;
	case MASKED:
		is = (v & a) == b;
		break;
	case LESS:
		is = v < a;
		break;
	case MORE:
		is = v > a;
		break;
	}
	return is != p->negated;
}

static unsigned
width_on(const struct subject *s, enum abi abi)
{
	return abi == ABI_I386 && s->width == 64 ? 32 : s->width;
}

/* Whether a line is about a value of its argument. */
bool
line_takes(const struct line *l, enum abi abi, uint64_t value)
{
	unsigned width = width_on(l->subject, abi);
	uint64_t most = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
	bool any = false, is_signed = l->subject->is_signed;

	if (!l->count)
		return true;
	for (unsigned i = 0; i < l->count; i++) {
		any |= holds(&l->patterns[i], value, width);
		is_signed |= l->patterns[i].a < 0;
	}
	if (any == l->negated)
		return false;
	if (!says_runs(l) || value == (value & most))
		return true;
	return is_signed && width == 32 && abi != ABI_I386 &&
	       value == (uint64_t)(int64_t)(int32_t)value;
}

bool
line_is_about(const struct line *l, enum abi abi, uint32_t number)
{
	uint32_t bit = abi == ABI_X32 ? LINE_X32 : 0;

	switch (l->kind) {
	case NAMED:
	case NUMBERED:
		return number == (l->kind == NAMED ? l->subject->number[abi]
						   : l->first | bit);
	case RANGED:
		return number >= (l->first | bit) && number <= (l->last | bit);
	default:
		return abi == ABI_X32
			       ? number >= LINE_X32 && number < 2u * LINE_X32
		       : abi == ABI_I386 ? number < 2u * LINE_X32
					 : number < LINE_X32;
	}
}

static void
append(struct line *l, const char *fmt, ...)
{
	size_t len = strlen(l->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->text + len, sizeof(l->text) - len, fmt, ap);
	va_end(ap);
}

/* A constant that fits, as text in one of several ways. */
static int64_t
draw_constant(struct line *l, unsigned width, bool negative)
{
	int64_t value = draw_low();

	if (width == 16)
		value &= 0x800f;
	if (negative && !draw(3))
		value = -1 - (int64_t)draw(16);
	append(l, value < 0 || draw(2) ? "%lld" : "0x%llx", (long long)value);
	return value;
}

static void
draw_pattern(struct line *l, struct pattern *p, unsigned width)
{
	const char *name = draw(2) ? l->subject->arg_name : "";

	*p = (struct pattern){ .op = draw(6) };
	switch (p->op) {
	case IS:
		p->negated = draw(2);
		if (p->negated || *name)
			append(l, "%s %s ", name, p->negated ? "!=" : "==");
		p->a = draw_constant(l, width, true);
		break;
	case BETWEEN:
		p->a = draw(3) ? draw(8) : -(int64_t)draw(8) - 1;
		append(l, "%lld..", (long long)p->a);
		p->b = 8 + draw(8);
		append(l, draw(2) ? "%lld" : " 0x%llx", (long long)p->b);
		break;
	case SOME:
	case MASKED:
		p->a = width == 16 ? draw_mask() & 0x800f : draw_mask();
		p->a += !p->a;
		append(l, "%s & 0x%llx", name, (long long)p->a);
		if (p->op == SOME)
			break;
		p->b = p->a & draw_mask();
		p->negated = draw(2);
		append(l, " %s %lld",
		       p->negated ? "!=" : "==", (long long)p->b);
		break;
	default:
		p->a = 1 + draw(14);
		append(l, "%s %c %lld", name, p->op == LESS ? '<' : '>',
		       (long long)p->a);
	}
}

static void
draw_arg(struct line *l)
{
	unsigned width = l->subject->width;
	bool braces;

	if (!draw(4)) {
		append(l, "*");
		return;
	}
	/* i386 has fewer bits, which values have to fit. */
	width = width == 64 ? 32 : width;
	l->negated = !draw(4);
	braces = draw(2);
	l->count = braces ? 1 + draw(3) : 1;
	append(l, "%s%s", l->negated ? "not " : "", braces ? "{" : "");
	for (unsigned i = 0; i < l->count; i++) {
		append(l, i ? ", " : "");
		draw_pattern(l, &l->patterns[i], width);
	}
	append(l, braces ? "}" : "");
}

static void
draw_args(struct line *l)
{
	l->other = -1;
	if (l->kind == RANGED || l->kind == EVERY) {
		append(l, draw(2) ? "(*)" : "");
		return;
	}
	append(l, "(");
	for (unsigned i = 0; i < l->subject->arg; i++)
		append(l, "*, ");
	draw_arg(l);
	if (draw(2)) {
		append(l, l->subject->arg ? "" : ", *");
		l->other = (int)draw(LINE_OTHERS);
		append(l, ", %d", l->other);
	} else if (draw(2)) {
		append(l, ", ...");
	}
	append(l, ")");
}

void
draw_line(struct line *l, const struct subject *s, abi_set abis)
{
	enum abi abi = draw(ABI_COUNT);
	uint32_t number = s->number[abi] & ~(uint32_t)LINE_X32;

	*l = (struct line){ .subject = s, .kind = draw(8) };
	if (l->kind > EVERY)
		l->kind = NAMED;
	l->abis = 1u << abi;
	if (l->kind == NAMED && draw(2))
		l->abis = abis;
	append(l, "%s ", l->abis == 1u << abi ? arch_table[abi]->name : "*");
	l->first = number;
	l->last = number + draw(3);
	if (l->kind == NAMED)
		append(l, "%s", s->name);
	else if (l->kind == NUMBERED)
		append(l, "%u", number);
	else if (l->kind == RANGED)
		append(l, "%u..%u", number, l->last);
	else
		append(l, "*");
	draw_args(l);
	l->words = 1 + !draw(4);
	for (unsigned i = 0; i < l->words; i++) {
		l->word[i] = draw(2) ? draw(2) : draw(LENGTH(words));
		append(l, "%s%s", i ? " | " : " ", words[l->word[i]]);
	}
}

bool
line_is_good(const struct line *l, uint32_t action)
{
	for (unsigned i = 0; i < l->words; i++)
		if (says(l->word[i], action))
			return true;
	return false;
}
