/*
 * The prover on programs of another compiler: libseccomp's, for the rules of
 * every profile of a folder.  They are proved, or differ in ways that are
 * known and listed here.  Arguments: folders; a missing one is said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/peer.h"
#include "calls.h"
#include "corpus.h"
#include "eval.h"

enum { SKIPPED = 77 };

/* Ways in which libseccomp differs. */
enum kind {
	KIND_NEWER,
	KIND_HIGH_WORDS,
	KIND_WIDE,
	KIND_UNEXPLAINED,
	KIND_COUNT,
};

static const char *const kind_texts[] = {
	[KIND_NEWER] = "names that it has no number for",
	[KIND_HIGH_WORDS] = "x32: high words, which it does not compare",
	[KIND_WIDE] = "constants above 32 bits, which it cuts on i386 and x32",
	[KIND_UNEXPLAINED] = "others, which are errors unless outside",
};

static const abi_set abi_sets[] = {
	1 << ABI_X86_64,
	1 << ABI_X86_64 | 1 << ABI_I386,
	1 << ABI_X86_64 | 1 << ABI_X32,
	(1 << ABI_COUNT) - 1,
};

struct tally {
	size_t programs, proved, outside, outside_proved;
	size_t kinds[KIND_COUNT];
	size_t calls, chosen, failed;
};

/* One program of libseccomp's and the rules that it was made from. */
struct trial {
	struct tally *tally;
	const char *path;
	abi_set abis;
	enum peer_tree tree;
	const struct compilation *c;
	const struct ruleset *ruleset;
	struct sock_filter *code;
	size_t count;
	bool inside;
	bool found[KIND_COUNT];
	struct proof differences[KIND_COUNT]; /* as prove() gives them */
};

static void
fail(struct trial *t, const char *what)
{
	printf("not ok - %s, ABIs 0x%x, %s: %s\n", t->path, t->abis,
	       t->tree == PEER_TREE ? "tree" : "linear", what);
	t->tally->failed++;
}

static bool
is_equality(unsigned op)
{
	return op == CMP_EQ || op == CMP_MASKED_EQ;
}

/*
 * Whether two rules on one name, the first with conditions, are such that
 * libseccomp does what they say: one action and equality alone, or one
 * argument with 32-bit values.  All others are outside.
 */
static bool
get_along(const struct list_rule *a, const struct list_rule *b)
{
	bool equality = a->action == b->action;
	bool one = a->count == 1 && b->count <= 1;

	for (size_t i = 0; i < a->count; i++) {
		equality &= is_equality(a->conditions[i].op);
		one &= !(a->conditions[i].value >> 32);
	}
	for (size_t i = 0; i < b->count; i++) {
		equality &= is_equality(b->conditions[i].op);
		one &= a->conditions[0].index == b->conditions[i].index;
	}
	return equality || one;
}

static bool
is_inside(const struct rule_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		for (size_t j = 0; list->v[i].count && j < list->n; j++)
			if (!strcmp(list->v[i].name, list->v[j].name) &&
			    !get_along(&list->v[i], &list->v[j]))
				return false;
	return true;
}

/* The calls of a number of an ABI. */
static dd
calls_of(struct dd_set *set, enum abi abi, int32_t number)
{
	const struct arch *arch = arch_table[abi];

	return dd_apply(set, DD_AND,
			dd_equals(set, DD_ARCH, UINT32_MAX, arch->audit_token),
			dd_equals(set, DD_NUMBER, UINT32_MAX,
				  (uint32_t)number | arch->number_bit),
			DD_FALSE);
}

static bool
is_wide(const struct resolved_rule *rule)
{
	for (size_t i = 0; i < rule->condition_count; i++)
		if (rule->conditions[i].value >> 32 ||
		    rule->conditions[i].value2 >> 32)
			return true;
	return false;
}

/* Whether libseccomp, which runc asks by name, leaves a rule out. */
static bool
is_newer(const struct trial *t, const struct target *target, enum abi abi)
{
	return t->abis != 1 << ABI_X86_64 && target->mux[abi] < 0 &&
	       !peer_has(target->name, abi);
}

static bool
is_of_kind(const struct trial *t, enum kind kind,
	   const struct resolved_rule *rule, const struct target *target,
	   enum abi abi)
{
	if (target->number[abi] < 0)
		return false;
	return kind == KIND_NEWER ? is_newer(t, target, abi)
				  : abi != ABI_X86_64 && is_wide(rule);
}

/* The calls that are of a kind by their number. */
static dd
calls_by_number(struct dd_set *set, const struct trial *t, enum kind kind)
{
	dd calls = DD_FALSE;

	for (size_t i = 0; i < t->ruleset->rules.n; i++) {
		const struct resolved_rule *rule = &t->ruleset->rules.v[i];

		for (size_t j = 0; j < rule->targets.n * ABI_COUNT; j++) {
			const struct target *target =
				&rule->targets.v[j / ABI_COUNT];
			enum abi abi = (enum abi)(j % ABI_COUNT);

			if (is_of_kind(t, kind, rule, target, abi))
				calls = dd_apply(
					set, DD_OR, calls,
					calls_of(set, abi, target->number[abi]),
					DD_FALSE);
		}
	}
	return calls;
}

/* The x32 calls with an argument that needs its high word. */
static dd
calls_with_high_words(struct dd_set *set)
{
	dd low = DD_TRUE, x32;

	for (unsigned i = 0; i < 6; i++)
		low = dd_apply(set, DD_AND, low,
			       dd_less(set, DD_ARGS + 2 * i + 1, 1), DD_FALSE);
	x32 = dd_apply(
		set, DD_AND,
		dd_equals(set, DD_ARCH, UINT32_MAX, arch_x32.audit_token),
		dd_equals(set, DD_NUMBER, arch_x32.number_bit,
			  arch_x32.number_bit),
		DD_FALSE);
	return dd_apply(set, DD_AND, x32, dd_not(set, low), DD_FALSE);
}

static dd
calls_of_kind(struct dd_set *set, const struct trial *t, enum kind kind)
{
	switch (kind) {
	case KIND_NEWER:
	case KIND_WIDE:
		return calls_by_number(set, t, kind);
	case KIND_HIGH_WORDS:
		return t->abis >> ABI_X32 & 1 ? calls_with_high_words(set)
					      : DD_FALSE;
	default:
		return DD_TRUE;
	}
}

static void
take_call(struct dd_set *set, dd part, dd meaning, dd program,
	  struct proof *difference)
{
	difference->answer = PROOF_DIFFERENT;
	difference->words =
		dd_difference(set, part, DD_FALSE, &difference->call);
	difference->expected = dd_decide(set, meaning, &difference->call);
	difference->actual = dd_decide(set, program, &difference->call);
}

/* The kinds of difference that there are, each with a call. */
static void
classify(struct dd_set *set, void *data)
{
	struct trial *t = data;
	bool clash;
	dd meaning = meaning_of(set, t->ruleset, &clash);
	dd program = symbolic_run(set, t->code, t->count);
	dd order = dd_apply(set, DD_ORDER, meaning, program, DD_FALSE);
	dd differ = dd_not(set, dd_apply(set, DD_IS, order,
					 dd_value(set, DD_EQUAL), DD_FALSE));

	for (unsigned i = 0; i < KIND_COUNT; i++) {
		dd calls = calls_of_kind(set, t, (enum kind)i);
		dd part = dd_apply(set, DD_AND, differ, calls, DD_FALSE);

		t->found[i] = part != DD_FALSE;
		if (t->found[i])
			take_call(set, part, meaning, program,
				  &t->differences[i]);
		differ = dd_apply(set, DD_AND, differ, dd_not(set, calls),
				  DD_FALSE);
	}
}

/* That both sides decide a call otherwise, asked of others than the prover. */
static void
check_difference(struct trial *t, const struct proof *proof)
{
	const struct seccomp_data *call = &proof->call;
	uint64_t args[6];
	uint32_t expected, actual;

	memcpy(args, call->args, sizeof(args));
	expected = meaning_normalise(
		eval_call(t->ruleset, call->arch, (uint32_t)call->nr, args));
	actual = meaning_normalise(bpf_run(t->code, t->count, call, NULL));
	t->tally->calls++;
	if (expected == actual)
		fail(t, "both sides decide the prover's call alike");
	if (proof->expected != expected || proof->actual != actual)
		fail(t, "the prover misreads what a side says of its call");
}

static void
report_unexplained(struct trial *t)
{
	struct arena arena;
	struct buf buf = { .arena = &arena };

	arena_init(&arena);
	if (setjmp(arena.oom))
		abort();
	proof_write(&buf, &t->differences[KIND_UNEXPLAINED]);
	fail(t, buf.data);
	arena_finish(&arena);
}

static void
check_different(struct trial *t, const struct proof *proof)
{
	struct dd_set set;
	enum dd_end end = dd_run(&set, classify, t);
	bool found = false;

	dd_finish(&set);
	if (end != DD_DONE) {
		fail(t, "the prover has no end on the differences");
		return;
	}
	check_difference(t, proof);
	for (size_t i = 0; i < KIND_COUNT; i++) {
		found |= t->found[i];
		t->tally->kinds[i] += t->found[i];
		if (t->found[i])
			check_difference(t, &t->differences[i]);
	}
	if (!found)
		fail(t, "the prover's difference is none");
	if (t->found[KIND_UNEXPLAINED] && t->inside)
		report_unexplained(t);
}

/* That what is proved decides alike, on calls that are chosen: of the trees
 * for two ABIs, as it takes long. */
static void
check_proved(struct trial *t)
{
	struct program program = { .code = { t->code, t->count, t->count } };
	struct compilation c = *t->c;
	struct mismatch mismatch;

	if (t->tree == PEER_LINEAR || t->abis != abi_sets[1])
		return;
	c.program = &program;
	if (!calls_agree(&c, t->count, &t->tally->chosen, &mismatch))
		fail(t, "proved, but a call is decided otherwise");
}

static void
check_program(struct trial *t)
{
	struct tally *tally = t->tally;
	struct proof proof;
	bool proved;

	prove(&proof, t->ruleset, t->code, t->count);
	proved = proof.answer == PROOF_EQUAL;
	tally->programs++;
	tally->proved += proved;
	tally->outside += !t->inside;
	tally->outside_proved += !t->inside && proved;
	if (proof.answer == PROOF_DIFFERENT)
		check_different(t, &proof);
	else if (!proved)
		fail(t, proof.reason);
	else
		check_proved(t);
}

/* libseccomp takes no errno of 4095. */
static bool
has_highest_errno(const struct rule_list *list)
{
	bool has = list->default_action == (SECCOMP_RET_ERRNO | 4095);

	for (size_t i = 0; i < list->n; i++)
		has |= list->v[i].action == (SECCOMP_RET_ERRNO | 4095);
	return has;
}

static void
check_tree(struct trial *t, const struct rule_list *list)
{
	int fd = memfd_create("program", MFD_CLOEXEC);
	off_t size;
	void *code;

	if (fd < 0 || !peer_compile(list, t->tree, fd)) {
		if (!has_highest_errno(list))
			fail(t, "libseccomp does not compile the rules");
	} else {
		size = lseek(fd, 0, SEEK_END);
		code = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (code == MAP_FAILED)
			abort();
		t->code = code;
		t->count = (size_t)size / sizeof(*t->code);
		check_program(t);
		munmap(code, (size_t)size);
	}
	if (fd >= 0)
		close(fd);
}

/* As runc reads a profile, without what libseccomp does not do. */
static void
set_options(struct options *options, abi_set abis)
{
	options->abis = abis;
	options->caps_given = true;
	options->kernel_given = true;
	options->kernel = 6 << 8 | 1;
	options->unknown = UNKNOWN_DEFAULT;
	options->conflicts = CONFLICTS_RUNC;
	options->repeated = REPEATED_OR;
	options->muxes = MUX_LIBSECCOMP;
}

static void
check_profile(void *context, const char *path, const char *text, size_t len)
{
	for (size_t i = 0; i < LENGTH(abi_sets); i++) {
		struct trial t = { .tally = context,
				   .path = path,
				   .abis = abi_sets[i] };
		struct compilation c;
		struct rule_list list;

		compilation_init(&c, path, text, len);
		set_options(&c.options, abi_sets[i]);
		if (compile(&c)) {
			if (!rule_list_take(&list, c.selection))
				abort();
			t.c = &c;
			t.ruleset = c.ruleset;
			t.inside = is_inside(&list);
			for (unsigned j = 0; j < PEER_COUNT; j++) {
				t.tree = (enum peer_tree)j;
				check_tree(&t, &list);
			}
			rule_list_finish(&list);
		}
		compilation_finish(&c);
	}
}

int
main(int argc, char **argv)
{
	struct tally tally = { 0 };

	if (!peer_version()) {
		printf("# skipped: libseccomp was not there at build time\n");
		return SKIPPED;
	}
	for (int i = 1; i < argc; i++)
		corpus_visit(argv[i], check_profile, &tally);
	printf("# libseccomp %s: %zu programs, %zu proved, %zu differ\n",
	       peer_version(), tally.programs, tally.proved,
	       tally.programs - tally.proved);
	for (size_t i = 0; i < KIND_COUNT; i++)
		printf("# %zu: %s\n", tally.kinds[i], kind_texts[i]);
	printf("# %zu of the programs are outside: several actions or orders "
	       "on one syscall;\n# %zu of these are proved\n"
	       "# %zu calls of the prover's and %zu others tried\n",
	       tally.outside, tally.outside_proved, tally.calls, tally.chosen);
	printf("%zu failed\n", tally.failed);
	return tally.failed ? 1 : tally.programs ? 0 : SKIPPED;
}
