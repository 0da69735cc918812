#include "rewrite.h"

#include <errno.h>
#include <string.h>

/*
 * A default action is tried, rules are planned, written, read again as runc
 * reads them, and what they mean is compared with what was wanted.  The text
 * counts only if both are the same node.
 */
enum { MAX_DEFAULTS = 3 };

/* A call on which two functions differ. */
struct contrast {
	struct seccomp_data call;
	uint32_t words, expected, actual;
};

struct attempt {
	struct rewrite *r;
	size_t index; /* of the default action to try */
	bool any_denial;
	bool keep; /* the rules that there are */
	bool tried;
	struct rewrite_plan plan; /* its list is gone with the set */
	bool equal, acceptable;
	/* Where what was read is not what was wanted. */
	struct contrast here;
	bool is_weaker; /* what libseccomp makes of it, on this call */
	struct contrast weaker;
};

static uint32_t
at_number(struct dd_set *set, dd wanted, enum abi abi, uint32_t number)
{
	dd at = dd_at(set, wanted, DD_ARCH, arch_table[abi]->audit_token);
	uint32_t value;

	at = dd_at(set, at, DD_NUMBER, number);
	return dd_is_value(set, at, &value) ? value : UINT32_MAX;
}

/* The lowest number of an ABI without a name. */
static uint32_t
first_gap(enum abi abi)
{
	uint32_t number = 0;

	while (syscall_find_number(abi, number))
		number++;
	return number | arch_table[abi]->number_bit;
}

/*
 * Default actions worth trying, the likeliest first: the one given, or what
 * numbers get that no rule can name.
 */
static size_t
list_defaults(const struct rewrite *r, struct dd_set *set, dd wanted,
	      uint32_t list[MAX_DEFAULTS])
{
	uint32_t found[MAX_DEFAULTS] = {
		r->has_default ? r->default_action : UINT32_MAX,
		at_number(set, wanted, r->native, UINT32_MAX),
		at_number(set, wanted, r->native, first_gap(r->native)),
	};
	size_t n = 0;

	for (size_t i = 0; i < MAX_DEFAULTS; i++) {
		bool known = found[i] == UINT32_MAX;

		for (size_t j = 0; j < n; j++)
			known |= list[j] == found[i];
		if (!known)
			list[n++] = found[i];
	}
	return n;
}

/* Whether an ABI gets anything but KILL_THREAD. */
static bool
is_open(struct dd_set *set, dd wanted, enum abi abi)
{
	size_t known = syscall_number_count[abi];
	const struct syscall_name *last =
		&syscall_names[syscall_numbers[abi][known - 1]];
	dd under = dd_at(set, wanted, DD_ARCH, arch_table[abi]->audit_token);

	for (uint32_t i = 0; i <= (uint32_t)last->number[abi] + 1; i++)
		if (dd_at(set, under, DD_NUMBER,
			  i | arch_table[abi]->number_bit) !=
		    dd_value(set, SECCOMP_RET_KILL_THREAD))
			return true;
	return false;
}

static abi_set
find_abis(const struct rewrite *r, struct dd_set *set, dd wanted)
{
	abi_set abis = r->abis;

	for (size_t i = 0; i < ABI_COUNT && !r->abis; i++)
		if (is_open(set, wanted, (enum abi)i))
			abis |= 1u << i;
	return abis | 1u << r->native;
}

static void
write_attempt(struct dd_set *set, void *data)
{
	struct attempt *a = data;
	struct rewrite *r = a->r;
	dd wanted = r->wanted(set, r->data);
	uint32_t list[MAX_DEFAULTS];
	size_t count = list_defaults(r, set, wanted, list);

	set->where = "a profile for it";
	a->tried = a->index < count;
	if (!a->tried)
		return;
	memset(&a->plan, 0, sizeof(a->plan));
	a->plan.default_action = list[a->index];
	a->plan.any_denial = a->any_denial;
	a->plan.abis = find_abis(r, set, wanted);
	rewrite_names(&a->plan, set, wanted, &r->arena);
	r->text = (struct buf){ .arena = &r->arena };
	if (!a->plan.problem && !rewrite_refuses(a->plan.default_action))
		rewrite_text(&r->text, &set->arena, r, &a->plan);
}

/* The function with all that rewrite_denies() as one action, EPERM. */
static dd
fold_denials(struct dd_set *set, dd a)
{
	dd least = dd_value(set, SECCOMP_RET_ERRNO);
	dd order = dd_apply(set, DD_ORDER, a, least, DD_FALSE);
	dd weaker = dd_value(set, DD_WEAKER);
	dd equal = dd_value(set, DD_EQUAL);
	dd kept = dd_or(set, dd_apply(set, DD_IS, order, weaker, DD_FALSE),
			dd_apply(set, DD_IS, order, equal, DD_FALSE));

	return dd_apply(set, DD_ITE, kept, a,
			dd_value(set, SECCOMP_RET_ERRNO | EPERM));
}

/* What two functions say where others, which differ, do. */
static struct contrast
find_contrast(struct dd_set *set, dd x, dd y, dd wanted, dd back)
{
	struct contrast c;

	c.words = dd_difference(set, x, y, &c.call);
	c.expected = dd_decide(set, wanted, &c.call);
	c.actual = dd_decide(set, back, &c.call);
	return c;
}

/*
 * libseccomp reads multiplexers in its own way (rule 10): where that lets more
 * through.
 */
static void
compare_libseccomp(struct dd_set *set, struct attempt *a, dd back)
{
	struct options options = *a->r->back.ruleset->options;
	struct ruleset rules = *a->r->back.ruleset;
	bool clash;
	dd other, weaker;

	options.muxes = MUX_LIBSECCOMP;
	rules.options = &options;
	other = meaning_of(set, &rules, &clash);
	weaker = dd_apply(set, DD_IS,
			  dd_apply(set, DD_ORDER, back, other, DD_FALSE),
			  dd_value(set, DD_STRICTER), DD_FALSE);
	a->is_weaker = weaker != DD_FALSE;
	if (a->is_weaker)
		a->weaker = find_contrast(set, weaker, DD_FALSE, back, other);
}

static void
compare(struct dd_set *set, void *data)
{
	struct attempt *a = data;
	bool clash;
	dd wanted = a->r->wanted(set, a->r->data);
	dd back = meaning_of(set, a->r->back.ruleset, &clash);
	dd x = wanted, y = back;

	if (a->any_denial) {
		x = fold_denials(set, wanted);
		y = fold_denials(set, back);
	}
	a->equal = wanted == back;
	a->acceptable = x == y;
	if (!a->acceptable)
		a->here = find_contrast(set, x, y, wanted, back);
	else if (!a->equal)
		a->here = find_contrast(set, wanted, back, wanted, back);
	if (a->acceptable)
		compare_libseccomp(set, a, back);
}

/* The ABI of the plan that a call is made through, or ABI_COUNT. */
static enum abi
find_abi(const struct attempt *a)
{
	enum abi found = ABI_COUNT;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t bit = arch_table[i]->number_bit;

		if (a->plan.abis >> i & 1 &&
		    arch_table[i]->audit_token == a->here.call.arch &&
		    ((uint32_t)a->here.call.nr & 0x40000000) == bit)
			found = (enum abi)i;
	}
	return found;
}

/* Why rules do not say what is wanted of a call. */
static const char *
explain(const struct attempt *a)
{
	enum abi abi = find_abi(a);
	uint32_t number = (uint32_t)a->here.call.nr;
	const struct syscall_name *name;
	size_t others = 0;

	if (abi == ABI_COUNT)
		return "calls through other ABIs get KILL_THREAD under runc";
	number ^= arch_table[abi]->number_bit;
	if (rewrite_has_cut(a->plan.default_action) &&
	    number > a->plan.highest[abi] && a->plan.highest[abi] >= 0)
		return arena_printf(&a->r->arena,
				    "numbers above %lld, the largest that "
				    "needs a rule, get ENOSYS under runc",
				    (long long)a->plan.highest[abi]);
	name = syscall_find_number(abi, number);
	if (!name)
		return "the number has no name that a rule could use";
	for (size_t i = 0; i < arch_table[abi]->mux_count; i++)
		if (!strcmp(arch_table[abi]->muxes[i].name, name->name))
			return "rules on the calls behind it decide";
	for (size_t i = 0; i < ABI_COUNT; i++)
		others += a->plan.abis >> i & 1 && name->number[i] >= 0;
	return others > 1 ? "no rules say that and, on other ABIs, what is "
			    "wanted there"
			  : "no rules say that";
}

static char *
describe_difference(const struct attempt *a)
{
	struct buf buf = { .arena = &a->r->arena };
	char expected[32], actual[32];

	action_print(expected, a->here.expected);
	action_print(actual, a->here.actual);
	describe_call(&buf, &a->here.call, a->here.words);
	buf_printf(&buf, ": %s is wanted, rules come to %s: %s", expected,
		   actual, explain(a));
	return buf.data;
}

static char *
describe_weaker(const struct attempt *a)
{
	struct buf buf = { .arena = &a->r->arena };
	char actual[32];

	action_print(actual, a->weaker.actual);
	describe_call(&buf, &a->weaker.call, a->weaker.words);
	buf_printf(&buf, " gets %s", actual);
	return buf.data;
}

/* Reads the text again; false if nothing can be compared. */
static bool
read_back(struct attempt *a)
{
	struct rewrite *r = a->r;
	struct compilation *c = &r->back;

	compilation_finish(c);
	compilation_init(c, "profile", r->text.data, r->text.len);
	c->options.dialect = DIALECT_OCI;
	c->options.native = r->native;
	c->options.abis = a->plan.abis;
	if (compile(c))
		return true;
	for (size_t i = 0; i < c->diags.list.n; i++) {
		const struct diag *d = &c->diags.list.v[i];

		if (d->severity != SEVERITY_ERROR)
			continue;
		r->reason = arena_printf(&r->arena, "%s%s%s",
					 d->pointer ? d->pointer : "",
					 d->pointer ? ": " : "", d->message);
		return false;
	}
	return false;
}

static enum rewrite_end
run(struct attempt *a, void (*work)(struct dd_set *, void *))
{
	struct rewrite *r = a->r;
	enum dd_end end;
	char why[160];

	dd_finish(&r->set);
	end = dd_run(&r->set, work, a);
	if (end == DD_DONE)
		return REWRITE_DONE;
	if (end == DD_NO_MEMORY)
		return REWRITE_NO_MEMORY;
	dd_explain(&r->set, end, why, sizeof(why));
	r->reason = arena_printf(&r->arena, "%s", why);
	return REWRITE_GAVE_UP;
}

/* The text of an attempt. */
static enum rewrite_end
make_text(struct attempt *a)
{
	struct rewrite *r = a->r;

	if (!a->keep)
		return run(a, write_attempt);
	a->tried = true;
	a->plan.default_action = r->rules->default_action;
	a->plan.abis = r->rules->abis;
	r->text = (struct buf){ .arena = &r->arena };
	rewrite_keep(&r->text, &r->arena, r, &a->plan);
	return REWRITE_DONE;
}

static enum rewrite_end
attempt(struct attempt *a)
{
	struct rewrite *r = a->r;
	enum rewrite_end end = make_text(a);

	if (end != REWRITE_DONE || !a->tried)
		return end == REWRITE_DONE ? REWRITE_IMPOSSIBLE : end;
	if (rewrite_refuses(a->plan.default_action)) {
		r->reason =
			arena_printf(&r->arena, "the default action: %s",
				     rewrite_refuses(a->plan.default_action));
		return REWRITE_IMPOSSIBLE;
	}
	if (a->plan.problem) {
		r->reason = a->plan.problem;
		return REWRITE_IMPOSSIBLE;
	}
	if (!read_back(a)) {
		if (r->back.out_of_memory)
			return REWRITE_NO_MEMORY;
		if (!r->reason)
			r->reason = arena_printf(&r->arena, "no proof");
		return r->back.diags.count[SEVERITY_ERROR] ? REWRITE_IMPOSSIBLE
							   : REWRITE_GAVE_UP;
	}
	end = run(a, compare);
	if (end != REWRITE_DONE)
		return end;
	if (!a->acceptable)
		r->reason = describe_difference(a);
	else if (!a->equal)
		r->deviation = describe_difference(a);
	if (a->acceptable && a->is_weaker)
		r->caveat = describe_weaker(a);
	return a->acceptable ? REWRITE_DONE : REWRITE_IMPOSSIBLE;
}

/*
 * Rules that mean the same to runc stay as they are.  Of the other attempts
 * the first is the likeliest, so what it lacks is reported.
 */
static enum rewrite_end
try_all(struct rewrite *r)
{
	struct attempt kept = { .r = r, .keep = true };
	enum rewrite_end end;
	char *reason = NULL;

	end = r->rules ? attempt(&kept) : REWRITE_IMPOSSIBLE;
	if (end == REWRITE_DONE || end == REWRITE_NO_MEMORY)
		return end;
	for (size_t i = 0; i < (r->any_denial ? 2 : 1) * MAX_DEFAULTS; i++) {
		struct attempt a = { .r = r,
				     .index = i % MAX_DEFAULTS,
				     .any_denial = i >= MAX_DEFAULTS };

		if (i == MAX_DEFAULTS)
			reason = NULL;
		r->reason = NULL;
		end = attempt(&a);
		if (end != REWRITE_IMPOSSIBLE)
			return end;
		reason = reason ? reason : r->reason;
	}
	r->reason = reason ? reason
			   : arena_printf(&r->arena,
					  "no action can be the default");
	return REWRITE_IMPOSSIBLE;
}

enum rewrite_end
rewrite(struct rewrite *r)
{
	arena_init(&r->arena);
	memset(&r->set, 0, sizeof(r->set));
	memset(&r->back, 0, sizeof(r->back));
	r->reason = r->deviation = r->caveat = NULL;
	if (setjmp(r->arena.oom))
		return REWRITE_NO_MEMORY;
	return try_all(r);
}

void
rewrite_finish(struct rewrite *r)
{
	dd_finish(&r->set);
	compilation_finish(&r->back);
	arena_finish(&r->arena);
}

dd
rewrite_read_rules(struct dd_set *set, const void *rules)
{
	bool clash;

	return meaning_of(set, rules, &clash);
}

void
rewrite_ask(struct rewrite *r, const struct compilation *c)
{
	*r = (struct rewrite){
		.wanted = rewrite_read_rules,
		.data = c->ruleset,
		.native = c->options.native,
		.abis = c->ruleset->abis,
		.has_default = true,
		.default_action = c->ruleset->default_action,
		.source = c->profile,
		.rules = c->ruleset,
	};
}
