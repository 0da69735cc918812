#include "lint.h"

#include <string.h>

#include "compiler/meaning.h"

/*
 * Arguments of 32 bits or fewer, which x86_64 profiles compare as 64.  The
 * kernel casts such an argument to its type, so that calls which differ in
 * the high half alone are the same call for it; a filter that tells them
 * apart lets one of them around the rule.
 *
 * i386 has no high halves, and on x32 denials hold on the low word (rule 9 of
 * docs/profile.md).
 */
#define ABI ABI_X86_64

/* What is known of a syscall: found once, many rules can be on it. */
struct narrow {
	bool known;
	uint8_t args;	 /* those that are narrow, bit by argument */
	uint8_t signed_; /* those of them that are signed */
	dd runs;	 /* where it runs */
	dd zero, ones;	 /* the same call with high halves as a caller that
			  * extends with zeros, or with the sign, has them */
};

struct widths {
	struct lint *l;
	struct reader r;
	struct narrow *narrow; /* by index into syscall_names */
};

/* One rule on one name. */
struct width_case {
	const struct resolved_rule *rule;
	const struct target *target;
	const struct syscall_name *name;
	const struct narrow *narrow;
	dd where, intended;
};

/*
 * Modes of which the kernel cuts bits that the type has: fs/open.c and
 * fs/namei.c take S_IALLUGO, of directories S_IRWXUGO | S_ISVTX, which Linux
 * 6.18 was seen to do.  mknod has a file's type above.
 */
static const struct mode {
	const char *name;
	uint8_t arg, width;
} modes[] = {
	{ "chmod", 1, 12 },	{ "creat", 1, 12 }, { "fchmod", 1, 12 },
	{ "fchmodat", 2, 12 },	{ "mkdir", 1, 10 }, { "mkdirat", 2, 10 },
	{ "fchmodat2", 2, 12 }, { "open", 2, 12 },  { "openat", 3, 12 },
};

/*
 * How many bits of an argument the kernel looks at.  Source: the tables, and
 * for clone, whose flags are declared as a long, kernel/fork.c, where
 * lower_32_bits() cuts them (before Linux 5.3 no flag was above).
 */
static unsigned
width_of(const struct syscall_name *name, unsigned arg)
{
	const struct syscall_args *args = &name->args[ABI];

	if (!args->known || arg >= args->count)
		return 64;
	if (arg == 0 && !strcmp(name->name, "clone"))
		return 32;
	for (size_t i = 0; i < LENGTH(modes); i++)
		if (arg == modes[i].arg && !strcmp(name->name, modes[i].name))
			return modes[i].width;
	return syscall_arg(args, arg)->width[ABI];
}

static struct narrow *
find_narrow(struct widths *w, const struct syscall_name *name)
{
	struct narrow *n = &w->narrow[name - syscall_names];
	struct dd_set *set = w->l->set;
	dd function, positive, negative;

	if (n->known)
		return n;
	n->known = true;
	function = lint_call(w->l, ABI, name->name);
	n->runs = lint_where(w->l, function, LINT_RUNS);
	n->zero = n->ones = n->runs;
	for (unsigned arg = 0; arg < name->args[ABI].count; arg++) {
		unsigned high = DD_ARGS + 2 * arg + 1;
		bool is_signed =
			syscall_arg(&name->args[ABI], arg)->sign == 's';

		if (width_of(name, arg) > 32)
			continue;
		n->args |= (uint8_t)(1u << arg);
		if (is_signed)
			n->signed_ |= (uint8_t)(1u << arg);
		n->zero = dd_at(set, n->zero, high, 0);
		positive = dd_at(set, n->ones, high, 0);
		negative = dd_at(set, n->ones, high, UINT32_MAX);
		n->ones = is_signed
				  ? dd_apply(set, DD_ITE,
					     dd_less(set, high - 1, 0x80000000),
					     positive, negative)
				  : positive;
	}
	return n;
}

/* A negative number with its sign extended is meant as one of 32 bits. */
static bool
is_negative(uint64_t value)
{
	return value >> 31 == 0x1ffffffff;
}

static uint64_t
cut(uint64_t value)
{
	return is_negative(value) ? (uint32_t)value : value;
}

static bool
condition_is_narrow(const struct narrow *n, const struct condition *c)
{
	return n->args >> c->arg & 1;
}

/* A condition, of a narrow argument as of the number that the kernel sees. */
static dd
intend(struct widths *w, const struct narrow *n, const struct condition *c)
{
	bool low = condition_is_narrow(n, c);
	uint64_t value = c->value, value2 = c->value2;

	if (c->op == CMP_MASKED_EQ && value2 & ~value)
		return DD_FALSE;
	if (low && c->op == CMP_MASKED_EQ && value > UINT32_MAX)
		value = (uint32_t)value;
	return meaning_compare(w->l->set, c->arg, low, c->op,
			       low ? cut(value) : value,
			       low ? cut(value2) : value2);
}

/* Where the rule would hold if it were of the numbers that the kernel sees. */
static dd
find_intended(struct widths *w, const struct width_case *it)
{
	const struct resolved_rule *rule = it->rule;
	size_t n = rule->condition_count;
	dd *list = arena_alloc(&w->l->set->arena, n * sizeof(*list));
	bool split = w->r.split[rule - w->r.rules->rules.v];

	for (size_t i = 0; i < n; i++)
		list[i] = intend(w, it->narrow, &rule->conditions[i]);
	return dd_combine(w->l->set, split ? DD_OR : DD_AND, list, n, DD_TRUE);
}

/* A condition that looks at high halves in vain. */
static bool
is_wide(const struct narrow *n, const struct condition *c)
{
	if (!condition_is_narrow(n, c))
		return false;
	return c->op != CMP_MASKED_EQ || c->value > UINT32_MAX;
}

static void
write_condition(struct buf *buf, const struct condition *c, enum cmp_op op,
		uint64_t value, uint64_t value2)
{
	buf_printf(buf, "{ \"index\": %d, \"op\": \"%s\", \"value\": %llu",
		   c->arg, cmp_name(op), (unsigned long long)value);
	if (op == CMP_MASKED_EQ)
		buf_printf(buf, ", \"valueTwo\": %llu",
			   (unsigned long long)value2);
	buf_printf(buf, " }");
}

/*
 * Appends a condition that holds for the same numbers of 32 bits and looks at
 * nothing else.  False if one condition cannot say that.
 */
static bool
repair(struct buf *buf, const struct condition *c, unsigned width)
{
	uint32_t all = UINT32_MAX >> (32 - width);
	uint64_t value = cut(c->value);

	switch (c->op) {
	case CMP_EQ:
		write_condition(buf, c, CMP_MASKED_EQ, all, value);
		return value <= all;
	case CMP_MASKED_EQ:
		write_condition(buf, c, CMP_MASKED_EQ, (uint32_t)c->value,
				(uint32_t)c->value2);
		return true;
	case CMP_LT:
	case CMP_LE:
		/* Below a power of two high bits are all 0. */
		value += c->op == CMP_LE;
		if (!value || value & (value - 1) || value > all)
			return false;
		write_condition(buf, c, CMP_MASKED_EQ, all & ~(value - 1), 0);
		return true;
	default:
		return false;
	}
}

/* The first condition that compares what the kernel does not look at. */
static const struct condition *
first_wide(const struct width_case *it)
{
	for (size_t i = 0; i < it->rule->condition_count; i++)
		if (is_wide(it->narrow, &it->rule->conditions[i]))
			return &it->rule->conditions[i];
	return NULL;
}

/* What to write instead. */
static const char *
repaired(struct widths *w, const struct width_case *it)
{
	struct buf buf = { .arena = w->l->arena };
	const struct resolved_rule *rule = it->rule;

	buf_printf(&buf, "compare what the kernel reads: \"args\": [");
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct condition *c = &rule->conditions[i];

		buf_printf(&buf, "%s", i ? ", " : "");
		if (!is_wide(it->narrow, c))
			write_condition(&buf, c, c->op, c->value, c->value2);
		else if (!repair(&buf, c, width_of(it->name, c->arg)))
			return arena_printf(
				w->l->arena,
				"MASKED_EQ alone can leave bits out: write a "
				"rule for each value that is meant, with "
				"\"args\": [{ \"index\": %d, \"op\": "
				"\"SCMP_CMP_MASKED_EQ\", \"value\": %u, "
				"\"valueTwo\": N }]",
				c->arg,
				UINT32_MAX >>
					(32 - width_of(it->name, c->arg)));
	}
	buf_printf(&buf, "]");
	return buf.data;
}

static const char *
arg_name(const struct width_case *it, const struct condition *c)
{
	return syscall_arg_name(&it->name->args[ABI], c->arg);
}

static const char *
action_text(struct widths *w, uint32_t action)
{
	char *out = arena_alloc(w->l->arena, 32);

	action_print(out, action);
	return out;
}

/* A call in `where` as the kernel sees it, in a form that does not run. */
static const char *
seen_text(struct widths *w, const struct width_case *it, dd where)
{
	const struct narrow *n = it->narrow;
	struct buf buf = { .arena = w->l->arena };
	struct seccomp_data call, zero;
	uint32_t words = dd_difference(w->l->set, where, DD_FALSE, &call);

	zero = call;
	for (unsigned arg = 0; arg < 6; arg++) {
		if (!(n->args >> arg & 1))
			continue;
		zero.args[arg] = (uint32_t)call.args[arg];
		call.args[arg] = n->signed_ >> arg & 1
					 ? (uint64_t)(int32_t)call.args[arg]
					 : zero.args[arg];
	}
	if (dd_decide(w->l->set, n->runs, &zero) == DD_FALSE)
		call = zero;
	describe_named(&buf, ABI, it->name->name, call.args, words);
	return buf.data;
}

static void
report_hole(struct widths *w, const struct width_case *it, enum diag_id id,
	    dd hole)
{
	const struct condition *c = first_wide(it);

	if (hole == DD_FALSE)
		return;
	lint_report(w->l, id, c->where, repaired(w, it),
		    "the kernel reads %u bits of %s, this compares 64: %s "
		    "runs, which is the same as %s",
		    width_of(it->name, c->arg), arg_name(it, c),
		    lint_witness(w->l, ABI, it->name->name, hole),
		    seen_text(w, it, hole));
}

/* Calls that run although the kernel takes them for one that a rule denies. */
static void
check_denied(struct widths *w, const struct width_case *it)
{
	struct dd_set *set = w->l->set;
	dd both = dd_and(set, it->narrow->zero, it->narrow->ones);

	report_hole(w, it, DIAG_TRUNCATED_DENY,
		    dd_and(set, dd_and(set, it->narrow->runs, it->intended),
			   dd_not(set, both)));
}

/* Calls that an allowing rule lets through and that the kernel takes for ones
 * that no rule allows. */
static void
check_allowed(struct widths *w, const struct width_case *it)
{
	struct dd_set *set = w->l->set;
	dd both = dd_and(set, it->narrow->zero, it->narrow->ones);

	report_hole(w, it, DIAG_TRUNCATED_ALLOW,
		    dd_and(set, dd_and(set, it->narrow->runs, it->where),
			   dd_not(set, dd_or(set, it->intended, both))));
}

/* The high halves of what callers pass where the rule looks: zeros, or the
 * sign. */
static dd
as_passed(struct widths *w, const struct width_case *it)
{
	struct dd_set *set = w->l->set;
	dd all = DD_TRUE;

	for (size_t i = 0; i < it->rule->condition_count; i++) {
		const struct condition *c = &it->rule->conditions[i];
		unsigned arg = c->arg, low = DD_ARGS + 2 * arg;
		dd zero, ones = DD_FALSE;

		if (!condition_is_narrow(it->narrow, c))
			continue;
		zero = dd_equals(set, low + 1, UINT32_MAX, 0);
		if (it->narrow->signed_ >> arg & 1)
			ones = dd_and(
				set, dd_not(set, dd_less(set, low, 0x80000000)),
				dd_equals(set, low + 1, UINT32_MAX,
					  UINT32_MAX));
		all = dd_and(set, all, dd_or(set, zero, ones));
	}
	return all;
}

/* A rule that allows a negative number in one of the forms that it can have;
 * which form a program uses depends on its C library. */
static void
check_sign(struct widths *w, const struct width_case *it)
{
	struct dd_set *set = w->l->set;
	const struct condition *c = first_wide(it);
	dd lost = dd_and(set, it->intended,
			 dd_not(set, dd_or(set, it->where, it->narrow->runs)));
	dd function = lint_call(w->l, ABI, it->name->name);

	lost = dd_and(set, lost, as_passed(w, it));
	if (lost == DD_FALSE)
		return;
	lint_report(w->l, DIAG_SIGN_EXTENDED, c->where, repaired(w, it),
		    "a negative %s has %u bits, and can be passed with the "
		    "sign extended to 64 or without: %s gets %s",
		    arg_name(it, c), width_of(it->name, c->arg),
		    lint_witness(w->l, ABI, it->name->name, lost),
		    action_text(w, lint_gets(w->l, function, lost)));
}

/* kill() takes -1 for all processes and other negative numbers for groups;
 * to a filter they are greater than any process id. */
static void
check_pid(struct widths *w, const struct width_case *it,
	  const struct condition *c)
{
	struct dd_set *set = w->l->set;
	unsigned low = DD_ARGS + 2 * c->arg;
	dd all, hole;

	if ((c->op != CMP_GT && c->op != CMP_GE) || c->value >> 31 || c->arg ||
	    strcmp(it->name->name, "kill") != 0)
		return;
	all = dd_and(set, dd_equals(set, low + 1, UINT32_MAX, UINT32_MAX),
		     dd_equals(set, low, UINT32_MAX, UINT32_MAX));
	hole = dd_and(set, dd_and(set, it->narrow->runs, it->where), all);
	if (hole == DD_FALSE)
		return;
	lint_report(w->l, DIAG_UNSIGNED_COMPARE, c->where,
		    "write a rule for each process id that is meant, with "
		    "SCMP_CMP_EQ",
		    "comparisons have no sign, so that this holds for -1, "
		    "which is all processes: %s runs",
		    lint_witness(w->l, ABI, it->name->name, hole));
}

static void
check_target(struct widths *w, const struct resolved_rule *rule,
	     const struct target *target)
{
	struct width_case it = { .rule = rule, .target = target };
	int32_t usual = action_rank(w->l->c->ruleset->default_action);
	int32_t rank = action_rank(rule->action);

	lint_spend(w->l, 1 + rule->condition_count);
	if (target->number[ABI] < 0 || rank == usual)
		return;
	it.name = syscall_find(target->name);
	it.narrow = find_narrow(w, it.name);
	it.where = meaning_where(&w->r, rule);
	for (size_t i = 0; rank > usual && i < rule->condition_count; i++)
		check_pid(w, &it, &rule->conditions[i]);
	if (!first_wide(&it))
		return;
	it.intended = find_intended(w, &it);
	if (rank < usual) {
		check_denied(w, &it);
	} else {
		check_allowed(w, &it);
		check_sign(w, &it);
	}
}

void
lint_widths(struct lint *l)
{
	const struct ruleset *rules = l->c->ruleset;
	struct widths w = { .l = l };

	if (l->abis[ABI] == DD_NONE)
		return;
	meaning_open(&w.r, l->set, rules);
	meaning_open_abi(&w.r, ABI);
	w.narrow = arena_alloc(&l->set->arena,
			       syscall_name_count * sizeof(*w.narrow));
	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		for (size_t j = 0; rule->condition_count && lint_has_room(l) &&
				   j < rule->targets.n;
		     j++)
			check_target(&w, rule, &rule->targets.v[j]);
	}
}
