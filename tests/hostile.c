/* Where profiles come from: see hostile.h. */
#include "hostile.h"

#include "calls.h"

static uint64_t seed;

static uint64_t
random_number(void)
{
	return calls_random(&seed);
}

static uint64_t
below(uint64_t limit)
{
	return random_number() % limit;
}

struct writer {
	struct subject *s;
	size_t rules, conditions;
	unsigned count; /* of what there is many of */
	bool all_abis;
};

static void
open_profile(struct writer *w, const char *action)
{
	subject_write(w->s,
		      "{ \"defaultAction\": \"SCMP_ACT_%s\", "
		      "\"architectures\": [\"SCMP_ARCH_X86_64\"%s], "
		      "\"syscalls\": [\n",
		      action,
		      w->all_abis ? ", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\""
				  : "");
}

static void
open_rule(struct writer *w, const char *name, const char *action)
{
	w->conditions = 0;
	subject_write(w->s,
		      "%s{ \"names\": [\"%s\"], \"action\": \"SCMP_ACT_%s\", "
		      "\"args\": [",
		      w->rules++ ? ",\n" : "", name, action);
}

static void
add_condition(struct writer *w, unsigned arg, enum cmp_op op, uint64_t value,
	      uint64_t value2)
{
	if (w->conditions++)
		subject_write(w->s, ", ");
	subject_write_condition(w->s, arg, op, value, value2);
}

static void
close_rule(struct writer *w)
{
	subject_write(w->s, "] }");
}

/* A rule with one condition. */
static void
add_rule(struct writer *w, enum cmp_op op, uint64_t value, uint64_t value2)
{
	open_rule(w, "ioctl", "ALLOW");
	add_condition(w, 1, op, value, value2);
	close_rule(w);
}

/* Masks of some of the bits, which overlap. */
static void
write_masks(struct writer *w, uint64_t bits)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t mask = random_number() & random_number() & bits;

		mask = mask ? mask : bits;
		add_rule(w, CMP_MASKED_EQ, mask, random_number() & mask);
	}
}

static void
masks_low(struct writer *w)
{
	write_masks(w, UINT32_MAX);
}

static void
masks_high(struct writer *w)
{
	write_masks(w, ~(uint64_t)UINT32_MAX);
}

static void
masks_both(struct writer *w)
{
	write_masks(w, UINT64_MAX);
}

/* Masks of few bits: most of them meet. */
static void
masks_of_3_bits(struct writer *w)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t mask = UINT64_C(1) << below(64) |
				UINT64_C(1) << below(64) |
				UINT64_C(1) << below(64);

		add_rule(w, CMP_MASKED_EQ, mask, random_number() & mask);
	}
}

static void
write_comparisons(struct writer *w, const enum cmp_op *ops, unsigned op_count,
		  uint64_t bits)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++)
		add_rule(w, ops[below(op_count)], random_number() & bits, 0);
}

static void
equal(struct writer *w)
{
	write_comparisons(w, (enum cmp_op[]){ CMP_EQ }, 1, UINT64_MAX);
}

static void
equal_near(struct writer *w)
{
	write_comparisons(w, (enum cmp_op[]){ CMP_EQ }, 1, 0x300001fff);
}

static void
compared(struct writer *w)
{
	write_comparisons(w, (enum cmp_op[]){ CMP_EQ, CMP_NE, CMP_LT, CMP_GE },
			  4, UINT64_MAX);
}

/* One rule whose conditions are ANDed: what is left are holes. */
static void
unequal(struct writer *w)
{
	open_profile(w, "ERRNO");
	open_rule(w, "ioctl", "ALLOW");
	for (unsigned i = 0; i < w->count; i++)
		add_condition(w, 1, CMP_NE, random_number(), 0);
	close_rule(w);
}

/* Many rules, each with a range of its own on one argument. */
static void
ranges(struct writer *w)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t first = random_number();

		open_rule(w, "ioctl", "ALLOW");
		add_condition(w, 1, CMP_GE, first, 0);
		add_condition(w, 1, CMP_LE, first + (first >> 12), 0);
		close_rule(w);
	}
}

/* Six arguments in every rule. */
static void
write_points(struct writer *w, uint64_t bits)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		open_rule(w, "mmap", "ALLOW");
		for (unsigned arg = 0; arg < 6; arg++)
			add_condition(w, arg, CMP_EQ, random_number() & bits,
				      0);
		close_rule(w);
	}
}

static void
points(struct writer *w)
{
	write_points(w, UINT64_MAX);
}

static void
points_near(struct writer *w)
{
	write_points(w, 0x100000003);
}

/* A range of each of some arguments. */
static void
write_boxes(struct writer *w, unsigned args)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		open_rule(w, "mmap", "ALLOW");
		for (unsigned arg = 0; arg < args; arg++) {
			uint64_t a = random_number(), b = random_number();

			add_condition(w, arg, CMP_GE, a < b ? a : b, 0);
			add_condition(w, arg, CMP_LE, a < b ? b : a, 0);
		}
		close_rule(w);
	}
}

static void
boxes_of_2(struct writer *w)
{
	write_boxes(w, 2);
}

static void
boxes_of_3(struct writer *w)
{
	write_boxes(w, 3);
}

static void
boxes_of_6(struct writer *w)
{
	write_boxes(w, 6);
}

/* One bound on each of six arguments. */
static void
corners(struct writer *w)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		open_rule(w, "mmap", "ALLOW");
		for (unsigned arg = 0; arg < 6; arg++)
			add_condition(w, arg, CMP_LE, random_number() >> 8, 0);
		close_rule(w);
	}
}

/*
 * A bit of one argument and a bit of another, for many pairs: which bits of
 * the first were set has to be remembered.
 */
static void
write_bit_pairs(struct writer *w, bool crossed)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t a = UINT64_C(1) << i;
		uint64_t b = UINT64_C(1) << (crossed ? 63 - i : i);

		open_rule(w, "mmap", "ALLOW");
		add_condition(w, 0, CMP_MASKED_EQ, a, a);
		add_condition(w, 1, CMP_MASKED_EQ, b, b);
		close_rule(w);
	}
}

static void
bit_pairs(struct writer *w)
{
	write_bit_pairs(w, false);
}

static void
bit_pairs_crossed(struct writer *w)
{
	write_bit_pairs(w, true);
}

/* Denying rules, which on x32 hold for either width. */
static void
denying(struct writer *w)
{
	static const enum cmp_op ops[] = { CMP_EQ, CMP_LT, CMP_GE, CMP_GT,
					   CMP_MASKED_EQ };

	w->all_abis = true;
	open_profile(w, "ALLOW");
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t value = random_number() >> below(40);

		open_rule(w, "ioctl", "ERRNO");
		add_condition(w, 1, ops[below(LENGTH(ops))], value,
			      value & random_number());
		add_condition(w, 2, CMP_EQ, below(8), 0);
		close_rule(w);
	}
}

/* Calls behind socketcall and ipc. */
static void
muxes(struct writer *w)
{
	static const char *const names[] = {
		"socketcall", "socket", "bind",	  "connect", "accept4",
		"ipc",	      "semop",	"shmget", "msgsnd",  "sendmsg",
	};

	w->all_abis = true;
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		open_rule(w, names[below(LENGTH(names))], "ALLOW");
		add_condition(w, (unsigned)below(3), CMP_EQ, below(30), 0);
		add_condition(w, 3, CMP_MASKED_EQ, 0x10005,
			      random_number() & 0x10005);
		close_rule(w);
	}
}

static void
muxes_libseccomp(struct writer *w)
{
	w->s->c.options.muxes = MUX_LIBSECCOMP;
	muxes(w);
}

/* Actions that differ on conditions that overlap. */
static void
conflicts(struct writer *w)
{
	open_profile(w, "ERRNO");
	for (unsigned i = 0; i < w->count; i++) {
		uint64_t mask = random_number() & random_number();

		open_rule(w, "ioctl", i % 3 ? "ALLOW" : "KILL_PROCESS");
		add_condition(w, (unsigned)below(3), CMP_MASKED_EQ, mask,
			      random_number() & mask);
		add_condition(w, 3, CMP_LE, random_number(), 0);
		close_rule(w);
	}
}

/* Conditions on each of many syscalls. */
static void
everywhere(struct writer *w)
{
	w->all_abis = true;
	open_profile(w, "ERRNO");
	for (uint32_t number = 0; number < w->count; number++) {
		open_rule(w, subject_x86_64_name(number), "ALLOW");
		for (unsigned arg = 0; arg < 3; arg++)
			add_condition(w, arg, (enum cmp_op)below(6),
				      random_number() >> below(64), 0);
		close_rule(w);
	}
}

/* Constants at which widths and halves of words go wrong, by every operator,
 * one condition for a syscall. */
static void
edges(struct writer *w)
{
	static const uint64_t values[] = {
		1,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x100000001,
		0xffffffff7fffffff,
		0xffffffff80000000,
		UINT64_MAX,
		UINT64_C(1) << 63,
	};

	w->all_abis = true;
	open_profile(w, w->count & 1 ? "ALLOW" : "ERRNO");
	for (unsigned i = 0; i < 7 * LENGTH(values); i++) {
		open_rule(w, subject_x86_64_name(i),
			  w->count & 1 ? "ERRNO" : "ALLOW");
		add_condition(w, i % 6, (enum cmp_op)(i % 7), values[i / 7],
			      values[i / 7]);
		close_rule(w);
	}
}

/* clang-format off */
static const struct {
	const char *name;
	void (*write)(struct writer *w);
	unsigned count;
	bool proved;
} profiles[] = {
	{ "masks-low-few", masks_low, 60, true },
	{ "masks-low", masks_low, 300, false },
	{ "masks-high", masks_high, 300, false },
	{ "masks-both", masks_both, 300, false },
	{ "masks-of-3-bits-few", masks_of_3_bits, 20, true },
	{ "masks-of-3-bits", masks_of_3_bits, 40, false },
	{ "equal-few", equal, 500, true },
	{ "equal", equal, 4000, false },
	{ "equal-near", equal_near, 4000, false },
	{ "compared", compared, 4000, true },
	{ "unequal", unequal, 500, true },
	{ "ranges", ranges, 250, true },
	{ "points", points, 80, true },
	{ "points-near", points_near, 300, true },
	{ "boxes-of-2", boxes_of_2, 300, true },
	{ "boxes-of-3", boxes_of_3, 60, true },
	{ "boxes-of-6-few", boxes_of_6, 12, true },
	{ "boxes-of-6", boxes_of_6, 60, false },
	{ "boxes-of-6-many", boxes_of_6, 300, false },
	{ "corners-few", corners, 40, true },
	{ "corners", corners, 120, false },
	{ "bit-pairs-few", bit_pairs, 14, true },
	{ "bit-pairs", bit_pairs, 32, false },
	{ "bit-pairs-crossed", bit_pairs_crossed, 32, false },
	{ "denying", denying, 150, true },
	{ "multiplexers", muxes, 300, true },
	{ "multiplexers-libseccomp", muxes_libseccomp, 150, true },
	{ "conflicts", conflicts, 300, false },
	{ "everywhere", everywhere, 120, true },
	{ "edges-allowed", edges, 0, true },
	{ "edges-denied", edges, 1, true },
};
/* clang-format on */

size_t
hostile_count(void)
{
	return LENGTH(profiles);
}

const char *
hostile_name(size_t i)
{
	return profiles[i].name;
}

bool
hostile_is_proved(size_t i)
{
	return profiles[i].proved;
}

void
hostile_write(struct subject *s, size_t i)
{
	struct writer w = { .s = s, .count = profiles[i].count };

	seed = i;
	s->c.options.conflicts = CONFLICTS_STRICTEST;
	s->c.options.repeated = REPEATED_AND;
	profiles[i].write(&w);
	subject_write(s, "\n] }\n");
}
