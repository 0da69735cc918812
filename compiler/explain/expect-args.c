/*
 * Arguments in expectations.  A value is as C code writes it; how many bits
 * of it count is the call's matter (expect-decide.c).
 */
#include "expect-scan.h"

#include <string.h>

#include "constant.h"

/* What is not a value of 64 bits, but one of 32 with a sign, is negative. */
static bool
is_below(uint64_t a, uint64_t b)
{
	bool negative = a >> 63;

	return negative ? (int64_t)a <= (int64_t)b : a <= b;
}

/* Whether a value can be one of so many bits, with or without a sign. */
static bool
fits(uint64_t value, unsigned width)
{
	uint64_t high = width < 64 ? value >> (width - 1) : 0;

	return high <= 1 || high == UINT64_MAX >> (width - 1);
}

/* The fewest bits that an argument has in all calls of a line. */
static unsigned
find_width(const struct expectation *e, unsigned arg, const char **name)
{
	unsigned width = 64;

	*name = "";
	for (size_t i = 0; i < e->calls.n; i++) {
		const struct expect_call *call = &e->calls.v[i];

		for (size_t j = 0; j < ABI_COUNT; j++) {
			unsigned w = call_arg_width(
				expect_call_name(call, (enum abi)j),
				(enum abi)j, arg);

			if (!(e->abis >> j & 1) || w >= width ||
			    (call->name && call->name->number[j] < 0))
				continue;
			width = w;
			*name = arch_table[j]->name;
		}
	}
	return width;
}

struct place {
	struct expectation *e;
	unsigned arg, width;
	const char *abi; /* that the width is from */
};

/* The bits of an argument that are one value, not flags, in some call. */
static uint64_t
find_field(const struct place *p)
{
	uint64_t field = 0;

	for (size_t i = 0; i < p->e->calls.n; i++)
		for (size_t j = 0; j < ABI_COUNT; j++) {
			const struct syscall_name *name = expect_call_name(
				&p->e->calls.v[i], (enum abi)j);

			if (name && p->e->abis >> j & 1)
				field |= constant_field(name->name, p->arg);
		}
	return field;
}

static bool
check_width(struct scan *s, const struct place *p, uint64_t value)
{
	return fits(value, p->width) ||
	       scan_fail(s,
			 "the argument has %u bits on %s, and the value "
			 "does not fit",
			 p->width, p->abi);
}

static bool
read_value(struct scan *s, const struct place *p, uint64_t *value)
{
	return scan_value(s, find_field(p), value) && check_width(s, p, *value);
}

/* The same of a mask, which takes bits of fields as well. */
static bool
read_mask_bits(struct scan *s, const struct place *p, uint64_t *value)
{
	return scan_value(s, 0, value) && check_width(s, p, *value);
}

static bool
add_test(struct scan *s, const struct place *p, struct expect_test test)
{
	if (s->tests++ == EXPECT_MAX_TESTS)
		return scan_fail(s, "there are more than %d tests on arguments",
				 EXPECT_MAX_TESTS);
	*vec_push(s->arena, &p->e->args[p->arg].tests) = test;
	return true;
}

static bool
read_mask(struct scan *s, const struct place *p)
{
	struct expect_test test = { .op = EXPECT_MASK, .negated = true };

	if (!read_mask_bits(s, p, &test.a))
		return false;
	if (scan_take(s, "==")) {
		test.negated = false;
	} else if (!scan_take(s, "!=")) {
		/* Some of the bits: they are not all clear. */
		return add_test(s, p, test) &&
		       (test.a || scan_fail(s, "a mask of 0 has no bits"));
	}
	if (!read_value(s, p, &test.b))
		return false;
	if (test.b & ~test.a)
		return scan_fail(s, "the value has bits that the mask leaves "
				    "out");
	return add_test(s, p, test);
}

static bool
read_order(struct scan *s, const struct place *p, bool above, bool equal)
{
	uint64_t most = UINT64_MAX >> (64 - p->width);
	struct expect_test test = { .op = EXPECT_RANGE, .b = UINT64_MAX };
	uint64_t value;

	if (!read_value(s, p, &value))
		return false;
	if (!equal && (value & most) == (above ? most : 0))
		return scan_fail(s, "no value is %s this one",
				 above ? "above" : "below");
	if (above)
		test.a = value + !equal;
	else
		test.b = value - !equal;
	return add_test(s, p, test);
}

static bool
read_range(struct scan *s, const struct place *p, bool negated)
{
	struct expect_test test = { .op = EXPECT_RANGE, .negated = negated };

	if (!read_value(s, p, &test.a))
		return false;
	test.b = test.a;
	if (!negated && scan_take(s, "..")) {
		if (!read_value(s, p, &test.b))
			return false;
		if (!is_below(test.a, test.b))
			return scan_fail(s, "the range is empty: its end is "
					    "below its beginning");
	}
	return add_test(s, p, test);
}

/* Whether a word is what the tables call an argument, or with !whole the end
 * of it, as flags is of clone_flags. */
static bool
is_name(const char *known, const char *word, bool whole)
{
	size_t a = strlen(known), b = strlen(word);

	return a == b ? !strcmp(known, word)
		      : !whole && a > b && known[a - b - 1] == '_' &&
				!strcmp(known + a - b, word);
}

/*
 * The argument that a word names in calls of a line: this one, or else another
 * one of the call *of, which with `whole` goes first.  6: none of those that
 * are known; *known says whether any are.
 */
static unsigned
find_name(const struct place *p, const char *word, bool whole,
	  const struct syscall_name **of, bool *known)
{
	unsigned other = 6, here = 6;

	for (size_t i = 0; i < p->e->calls.n; i++) {
		for (size_t j = 0; j < ABI_COUNT; j++) {
			const struct syscall_name *call = expect_call_name(
				&p->e->calls.v[i], (enum abi)j);
			const struct syscall_args *args;

			if (!(p->e->abis >> j & 1) ||
			    (call && call->number[j] < 0))
				continue;
			*known |= call && call->args[j].known;
			if (!call)
				continue;
			args = &call->args[j];
			for (unsigned k = 0; args->known && k < args->count;
			     k++) {
				if (!is_name(syscall_arg_name(args, k), word,
					     whole))
					continue;
				*of = call;
				*(k == p->arg ? &here : &other) = k;
			}
		}
	}
	return other < 6 && (whole || here == 6) ? other : here;
}

/*
 * A word in small letters in front of a sign is what the kernel calls the
 * argument.  Another one is a slip, which could make a line hold.
 */
static bool
skip_name(struct scan *s, const struct place *p)
{
	const char *at = s->at, *word = NULL, *token;
	const struct syscall_name *of = NULL;
	bool known = false;
	unsigned arg;

	if (!scan_is_digit(s) && *s->at >= 'a' && *s->at <= 'z')
		word = scan_word(s);
	token = s->token;
	if (!word || scan_at_end(s) || !strchr("&!=<>", *s->at)) {
		s->at = at;
		return true;
	}
	s->token = token;
	arg = find_name(p, word, true, &of, &known);
	if (arg == 6)
		arg = find_name(p, word, false, &of, &known);
	if (arg == 6 && known)
		return scan_fail(s, "no call of the line has an argument '%s'",
				 word);
	return arg == 6 || arg == p->arg ||
	       scan_fail(s, "%s is argument %u of %s, not %u", word, arg + 1,
			 of->name, p->arg + 1);
}

static bool
read_test(struct scan *s, const struct place *p)
{
	if (!skip_name(s, p))
		return false;
	if (scan_take(s, "&"))
		return read_mask(s, p);
	if (scan_take(s, "!="))
		return read_range(s, p, true);
	if (scan_take(s, "==") || scan_take(s, "="))
		return read_range(s, p, false);
	if (scan_take(s, "<="))
		return read_order(s, p, false, true);
	if (scan_take(s, ">="))
		return read_order(s, p, true, true);
	if (scan_take(s, "<"))
		return read_order(s, p, false, false);
	if (scan_take(s, ">"))
		return read_order(s, p, true, false);
	return read_range(s, p, false);
}

/* Whether the word `not` comes next; it is then passed. */
static bool
take_not(struct scan *s)
{
	const char *at = s->at, *word = scan_is_digit(s) ? NULL : scan_word(s);

	if (word && !strcmp(word, "not"))
		return true;
	s->at = at;
	return false;
}

static bool
read_arg(struct scan *s, struct expectation *e, unsigned arg)
{
	struct place p = { .e = e, .arg = arg };

	if (scan_take(s, "*"))
		return true;
	if (e->calls.v[0].every)
		return scan_fail(s, "arguments of all syscalls together can "
				    "only be *");
	/* How many bits count, and which are free, each has for itself. */
	for (size_t i = 0; i < e->calls.n; i++)
		if (e->calls.v[i].first != e->calls.v[i].last)
			return scan_fail(s, "arguments of a range of syscalls "
					    "can only be *");
	p.width = find_width(e, arg, &p.abi);
	e->args[arg].negated = take_not(s);
	if (!scan_take(s, "{"))
		return read_test(s, &p);
	do {
		if (!read_test(s, &p))
			return false;
	} while (scan_take(s, ","));
	return scan_take(s, "}") ||
	       scan_fail(s, "a comma or } is expected here");
}

/* The most arguments that a call of a line has. */
static unsigned
count_args(const struct expectation *e)
{
	unsigned count = 0;

	for (size_t i = 0; i < e->calls.n; i++) {
		const struct syscall_name *name = e->calls.v[i].name;

		if (!name)
			return 6;
		for (size_t j = 0; j < ABI_COUNT; j++) {
			if (!(e->abis >> j & 1) || name->number[j] < 0)
				continue;
			if (!name->args[j].known)
				return 6;
			if (name->args[j].count > count)
				count = name->args[j].count;
		}
	}
	return count;
}

bool
scan_args(struct scan *s, struct expectation *e)
{
	unsigned most = count_args(e), arg = 0;

	if (!scan_take(s, "(") || scan_take(s, ")"))
		return true;
	do {
		if (scan_take(s, "...")) {
			arg = 6;
			break;
		}
		/* (*) is for calls without arguments, too. */
		if (arg >= most && !(arg == 0 && scan_take(s, "*")))
			return scan_fail(s,
					 arg == 1 ? "the call has %u argument"
						  : "the call has %u arguments",
					 arg);
		if (arg < most && !read_arg(s, e, arg))
			return false;
		arg++;
	} while (scan_take(s, ","));
	return scan_take(s, ")") ||
	       scan_fail(s, arg < 6 ? "a comma or ) is expected here"
				    : ") is expected here");
}
