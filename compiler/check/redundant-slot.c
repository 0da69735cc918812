#include "redundant.h"

#include <errno.h>
#include <string.h>

static uint32_t
default_action(const struct redundant *d)
{
	return d->l->c->ruleset->default_action;
}

static bool
is_dropped(const struct redundant *d, const struct part *part)
{
	return part->rule->action == default_action(d);
}

static bool
is_plain(const struct redundant *d, const struct part *part)
{
	return !part->carried && !part->rule->condition_count &&
	       !is_dropped(d, part);
}

/* What a part says, where it has conditions or comes from a multiplexer. */
static dd
says(struct redundant *d, struct slots *abi, const struct part *part)
{
	if (is_dropped(d, part) || is_plain(d, part))
		return DD_NONE;
	return dd_apply(d->l->set, DD_ITE, part->where,
			meaning_says(&abi->r, part->rule), DD_NONE);
}

/* Rule 8. */
static dd
join(struct redundant *d, dd a, dd b)
{
	enum conflict_mode mode = d->l->c->ruleset->options->conflicts;
	enum dd_op op = mode == CONFLICTS_FIRST	      ? DD_FIRST
			: mode == CONFLICTS_STRICTEST ? DD_STRICTEST
						      : DD_MERGE;

	return dd_apply(d->l->set, op, a, b, DD_FALSE);
}

static uint64_t
hash_text(uint64_t hash, const char *s)
{
	/* FNV-1a, with an end for each text. */
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3;
	return (hash ^ 0xff) * 0x100000001b3;
}

static uint64_t
hash_list(uint64_t hash, const struct json_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		hash = hash_text(hash, list->v[i]->string);
	return hash_text(hash, "");
}

/* What a rule's being selected depends on, as a number: 0 if on nothing.  That
 * two have the same one by chance would cost a note. */
static uint64_t
find_class(const struct rule *rule)
{
	const struct clause *clauses[] = { &rule->includes, &rule->excludes };
	uint64_t hash = 0xcbf29ce484222325;
	bool any = false;

	for (size_t i = 0; i < LENGTH(clauses); i++) {
		const struct clause *c = clauses[i];

		any |= c->caps.n || c->arches.n || c->min_kernel;
		hash = hash_list(hash, &c->caps);
		hash = hash_list(hash, &c->arches);
		hash = hash_text(hash,
				 c->min_kernel ? c->min_kernel->string : "");
	}
	return !any ? 0 : hash ? hash : 1;
}

/* Whether a rule is selected wherever another one is. */
static bool
is_always_with(const struct redundant *d, const struct part *part,
	       const struct part *other)
{
	const struct resolved_rule *rules = d->l->c->ruleset->rules.v;
	uint64_t class = d->classes[part->rule - rules];

	return !class || class == d->classes[other->rule - rules];
}

/* Notes which parts of a slot are there under some capabilities alone. */
static void
add_selected(const struct redundant *d, struct slot *slot,
	     const struct part *part)
{
	const struct resolved_rule *rules = d->l->c->ruleset->rules.v;

	if (!d->classes[part->rule - rules])
		return;
	if (!slot->selected)
		slot->selected = part;
	slot->mixed |= !is_always_with(d, part, slot->selected);
}

static void
fill_slot(struct redundant *d, struct slots *abi, struct slot *slot)
{
	size_t n = slot->parts.n;
	dd all = DD_NONE;

	slot->before =
		arena_alloc(&d->l->set->arena, (n + 1) * sizeof(*slot->before));
	for (size_t i = 0; i < n; i++) {
		const struct part *part = &slot->parts.v[i];

		slot->before[i] = all;
		if (!lint_has_room(d->l)) {
			slot->fixed = true;
			break;
		}
		all = join(d, all, says(d, abi, part));
		slot->named += !part->carried;
		add_selected(d, slot, part);
		if (!slot->plain && is_plain(d, part))
			slot->plain = part;
	}
	slot->fixed |=
		dd_apply(d->l->set, DD_IS, all, DD_CLASH, DD_FALSE) != DD_FALSE;
	slot->after = DD_NONE;
	slot->cursor = n;
}

static struct slots *
open_abi(struct redundant *d, enum abi id)
{
	struct arena *arena = &d->l->set->arena;
	struct slots *abi = arena_alloc(arena, sizeof(*abi));
	const struct options *options = d->l->c->ruleset->options;
	struct parts parts = { 0 };

	meaning_open(&abi->r, d->l->set, d->l->c->ruleset);
	meaning_open_abi(&abi->r, id);
	abi->highest = abi->r.highest;
	switch (default_action(d) & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		break;
	default:
		abi->cut = options->unknown != UNKNOWN_DEFAULT;
	}
	abi->v = arena_alloc(arena, abi->r.count * sizeof(*abi->v));
	for (uint32_t i = 0; i < abi->r.count; i++) {
		struct slot *slot;

		meaning_parts(&abi->r, i, &parts);
		if (!parts.n)
			continue;
		slot = abi->v[i] = arena_alloc(arena, sizeof(*slot));
		slot->parts.v = arena_alloc(arena, parts.n * sizeof(*parts.v));
		slot->parts.n = parts.n;
		memcpy(slot->parts.v, parts.v, parts.n * sizeof(*parts.v));
		slot->gets = dd_at(d->l->set, d->l->abis[id], DD_NUMBER,
				   i | abi->r.arch->number_bit);
		fill_slot(d, abi, slot);
	}
	return abi;
}

void
redundant_open(struct redundant *d, struct lint *l)
{
	const struct ruleset *rules = l->c->ruleset;

	*d = (struct redundant){ .l = l };
	d->classes = arena_alloc(&l->set->arena,
				 (rules->rules.n + 1) * sizeof(*d->classes));
	for (size_t i = 0; i < rules->rules.n; i++)
		d->classes[i] = find_class(rules->rules.v[i].rule);
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (l->abis[i] != DD_NONE)
			d->abis[i] = open_abi(d, (enum abi)i);
}

static int64_t
next_highest(const struct slots *abi)
{
	int64_t number = abi->highest - 1;

	while (number >= 0 && (!abi->v[number] || !abi->v[number]->named))
		number--;
	return number;
}

/*
 * Rule 11: what a number gets that nothing names any more.  False if other
 * numbers would get something else as well.
 */
static bool
find_unnamed(struct redundant *d, const struct slots *abi, int32_t number,
	     dd *gets)
{
	const struct options *options = d->l->c->ruleset->options;
	const struct syscall_name *name;
	int64_t next;

	*gets = abi->r.default_;
	if (!abi->cut)
		return true;
	if (options->unknown == UNKNOWN_SINCE) {
		name = syscall_find_number(abi->r.abi, (uint32_t)number);
		if (name && name->since[abi->r.abi] > options->since)
			*gets = abi->r.enosys;
		return true;
	}
	if (number != abi->highest)
		return true;
	next = next_highest(abi);
	*gets = abi->r.enosys;
	/* Rule 11 is not for an ABI of which nothing is named. */
	return next >= 0 && (next == number - 1 || *gets == abi->r.default_);
}

/* Whether a number gets the same without the part before the cursor. */
static bool
is_same_without(struct redundant *d, struct slots *abi, struct slot *slot,
		const struct part *part)
{
	size_t index = (size_t)(part - slot->parts.v);
	dd otherwise = abi->r.default_, rest;

	if (part == slot->plain && slot->pinned)
		return false;
	if (slot->named == 1 &&
	    !find_unnamed(d, abi, part->target->number[abi->r.abi], &otherwise))
		return false;
	if (slot->plain && part != slot->plain)
		return true;
	if (slot->next)
		return meaning_says(&abi->r, slot->next->rule) == slot->gets;
	if (slot->fixed)
		return false;
	rest = join(d, slot->before[index], slot->after);
	return dd_apply(d->l->set, DD_FIRST, rest, otherwise, DD_FALSE) ==
	       slot->gets;
}

/* The slot of the multiplexer that a name is behind, if its rule can have a
 * say there. */
static struct slot *
find_mux(struct redundant *d, const struct slots *abi,
	 const struct resolved_rule *rule, const struct target *target)
{
	int mux = target->mux[abi->r.abi];
	int32_t number = mux < 0 ? -1 : abi->r.mux_numbers[mux];

	if (number < 0 || rule->action == default_action(d))
		return NULL;
	return abi->v[number];
}

/*
 * Whether a rule may settle what a multiplexer does for a name, rule 10: not
 * if another one without conditions comes first.  To say so too often only
 * means that fewer names can go.
 */
static bool
settles_mux(struct redundant *d, const struct slots *abi,
	    const struct resolved_rule *rule, const struct target *target)
{
	const struct reader *r = &abi->r;
	const struct named *named;

	if (d->l->c->ruleset->options->muxes != MUX_STRICT)
		return true;
	if (rule->condition_count)
		return meaning_denies(r, rule->action);
	named = &r->behind[target->mux[r->abi]][target->mux_call[r->abi]];
	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		const struct resolved_rule *other = r->namings.v[i - 1].rule;

		if (!other->condition_count &&
		    other->action != default_action(d))
			return other == rule;
	}
	return true;
}

static bool
can_leave_mux(struct redundant *d, const struct slots *abi,
	      const struct resolved_rule *rule, const struct target *target)
{
	const struct slot *mux = find_mux(d, abi, rule, target);

	return !mux || mux->plain || !settles_mux(d, abi, rule, target);
}

/* What rules decide that are always selected with the one of a part, and with
 * or without that itself. */
static dd
decide_always(struct redundant *d, struct slots *abi, const struct slot *slot,
	      const struct part *part, bool with)
{
	dd all = DD_NONE;

	for (size_t i = 0; i < slot->parts.n; i++) {
		const struct part *other = &slot->parts.v[i];

		if (other == part ? !with : !is_always_with(d, other, part))
			continue;
		if (is_plain(d, other))
			return meaning_says(&abi->r, other->rule);
		all = join(d, all, says(d, abi, other));
	}
	return dd_apply(d->l->set, DD_FIRST, all, abi->r.default_, DD_FALSE);
}

/*
 * Whether a part would matter under other capabilities or another kernel: a
 * profile is written for all of them.
 */
static bool
depends_on_selection(struct redundant *d, struct slots *abi,
		     const struct slot *slot, const struct part *part)
{
	enum { MOST = 64 };

	if (!slot->selected ||
	    (is_always_with(d, slot->selected, part) && !slot->mixed))
		return false;
	return slot->parts.n > MOST ||
	       decide_always(d, abi, slot, part, true) !=
		       decide_always(d, abi, slot, part, false);
}

/* The part of a name, which is the last of its slot before the cursor. */
static const struct part *
find_part(struct redundant *d, struct slots *abi, struct slot *slot,
	  const struct target *target)
{
	while (slot->cursor && slot->parts.v[slot->cursor - 1].carried) {
		slot->cursor--;
		slot->after =
			join(d, says(d, abi, &slot->parts.v[slot->cursor]),
			     slot->after);
	}
	if (!slot->cursor || slot->parts.v[slot->cursor - 1].target != target)
		return NULL; /* it stands twice in its rule */
	return &slot->parts.v[slot->cursor - 1];
}

bool
redundant_find(struct redundant *d, const struct resolved_rule *rule,
	       const struct target *target, struct place places[ABI_COUNT],
	       bool *can_go)
{
	bool found = false;

	*can_go = true;
	for (size_t i = 0; i < ABI_COUNT; i++) {
		struct slots *abi = d->abis[i];
		struct place *place = &places[i];

		*place = (struct place){ 0 };
		if (!abi)
			continue;
		*can_go &= can_leave_mux(d, abi, rule, target);
		if (target->number[i] < 0)
			continue;
		place->slot = abi->v[target->number[i]];
		if (place->slot)
			place->part = find_part(d, abi, place->slot, target);
		if (!place->part)
			continue;
		found = true;
		*can_go =
			*can_go &&
			is_same_without(d, abi, place->slot, place->part) &&
			!depends_on_selection(d, abi, place->slot, place->part);
	}
	return found;
}

static void
leave(struct redundant *d, struct slots *abi, const struct place *place)
{
	struct slot *slot = place->slot;
	int32_t number = place->part->target->number[abi->r.abi];
	struct slot *mux =
		find_mux(d, abi, place->part->rule, place->part->target);

	if (mux)
		mux->pinned = true;
	if (place->part == slot->plain) {
		slot->plain = slot->next;
		slot->next = NULL;
	}
	if (!--slot->named && number == abi->highest)
		abi->highest = next_highest(abi);
}

void
redundant_next(struct redundant *d, const struct target *target,
	       const struct place places[ABI_COUNT], bool goes)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct place *place = &places[i];
		struct slot *slot = place->slot;

		if (!place->part || place->part->target != target)
			continue;
		slot->cursor--;
		if (goes) {
			leave(d, d->abis[i], place);
			continue;
		}
		slot->after =
			join(d, says(d, d->abis[i], place->part), slot->after);
		if (is_plain(d, place->part) && place->part != slot->plain)
			slot->next = place->part;
	}
}
