#include "base.h"

#include <string.h>

const struct compilation *
base_widen(struct arena *arena, const struct compilation *c)
{
	struct compilation *wide;

	if (c->options.abis)
		return c;
	wide = edit_start(arena, c, c->source.text, c->source.len);
	wide->options.abis = (1u << ABI_COUNT) - 1;
	if (compile(wide))
		return wide;
	if (wide->out_of_memory)
		longjmp(arena->oom, 1);
	return c;
}

static bool
recompile(struct base *base)
{
	struct compilation *c = edit_start(base->arena, base->first,
					   base->draft.text, base->draft.len);

	base->is_new = true;
	base->problem = edit_compile(base->arena, c);
	if (!base->problem)
		base->now = c;
	return !base->problem;
}

/* Whether calls of an ABI that is not in the filter run all the same. */
static bool
foreign_runs(const struct options *options)
{
	return !options->foreign_default &&
	       options->foreign_action == SECCOMP_RET_ALLOW;
}

static void
add_no_abi(struct base *base, enum abi abi)
{
	for (uint32_t i = 0; i < SEEN_NUMBERS; i++)
		if (base->seen->count[abi][i])
			*vec_push(base->arena,
				  &base->items) = (struct base_item){
				.verdict = BASE_NO_ABI,
				.abi = abi,
				.name = syscall_find_number(abi, i),
				.count = base->seen->count[abi][i],
				.action = base->first->options.foreign_action,
			};
}

/* Rule 3: what is not in the architectures gets there first; rules then say
 * something of its calls. */
static bool
add_abis(struct base *base)
{
	const struct options *options = &base->first->options;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (!(base->seen->abis >> i & 1) ||
		    base->now->ruleset->abis >> i & 1 || foreign_runs(options))
			continue;
		if (options->abis) {
			add_no_abi(base, (enum abi)i);
			continue;
		}
		draft_add_arch(&base->draft, base->now->profile,
			       options->native, (enum abi)i, "");
		base->abis |= 1u << i;
		if (!recompile(base))
			return false;
	}
	return true;
}

static bool
write_additions(struct base *base)
{
	if (!base->additions.n)
		return true;
	base_write(base);
	return recompile(base);
}

enum base_end
base_extend(struct base *base, struct arena *arena, const struct compilation *c,
	    const struct seen *seen, const struct learned_options *options)
{
	*base = (struct base){
		.arena = arena,
		.seen = seen,
		.options = options,
		.first = c,
		.now = c,
		.draft = { arena,
			   arena_strndup(arena, c->source.text, c->source.len),
			   c->source.len, &base->edit },
	};
	if (add_abis(base) && base_ask(base) && write_additions(base))
		return base_check(base) ? BASE_DONE : BASE_UNPROVED;
	return base->unproved ? BASE_UNPROVED : BASE_FAILED;
}
