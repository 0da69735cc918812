#include "compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ascii.h"

enum {
	MESSAGE_SIZE = 1024, /* bytes of a message; names can be huge */
	POINTER_SIZE = 4096, /* keys past this: no pointer */
	WORD_SIZE = 64,	     /* letters that diag_nearest compares */
};

const struct diag_info diag_table[DIAG_COUNT] = {
#define X(id, name, severity, adjustable, help)                                \
	[id] = { name, severity, adjustable, help },
	DIAG_NAMES(X) LINT_NAMES(X)
#undef X
};

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_NONE] = "none",
		[SEVERITY_NOTE] = "note",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return names[severity];
}

enum diag_id
diag_find(const char *name)
{
	enum diag_id id = 0;

	while (id < DIAG_COUNT && strcmp(diag_table[id].name, name) != 0)
		id++;
	return id;
}

void
diags_init(struct diags *diags, struct arena *arena,
	   const struct source *source)
{
	*diags = (struct diags){ .arena = arena, .source = source };
	for (size_t i = 0; i < DIAG_COUNT; i++)
		diags->level[i] = diag_table[i].severity;
}

/* The diagnostic with this id at this place, from start on. */
static const struct diag *
find_at(const struct diags *diags, size_t start, enum diag_id id, size_t offset)
{
	for (size_t i = start; i < diags->list.n; i++)
		if (diags->list.v[i].offset == offset &&
		    diags->list.v[i].id == id)
			return &diags->list.v[i];
	return NULL;
}

static bool
is_known(const struct diags *diags, enum diag_id id, size_t offset,
	 const char *message)
{
	const struct diag *same = find_at(diags, 0, id, offset);

	while (same && strcmp(same->message, message) != 0)
		same = find_at(diags, (size_t)(same - diags->list.v) + 1, id,
			       offset);
	return same != NULL;
}

/* Whether it is kept before others. */
static bool
is_grave(const struct diags *diags, enum diag_id id)
{
	return diags->level[id] == SEVERITY_ERROR || diags->grave[id];
}

/* What an error may push out of the list: its last note, else warning. */
static size_t
find_victim(const struct diags *diags)
{
	size_t victim = diags->list.n;

	for (size_t i = diags->list.n; i-- > 0;) {
		if (is_grave(diags, diags->list.v[i].id))
			continue;
		if (diags->list.v[i].severity == SEVERITY_NOTE)
			return i;
		if (victim == diags->list.n)
			victim = i;
	}
	return victim;
}

static void
remove_at(struct diags *diags, size_t i)
{
	struct diag *v = diags->list.v;

	diags->dropped[v[i].id]++;
	memmove(&v[i], &v[i + 1], (--diags->list.n - i) * sizeof(*v));
}

/* Text of a bounded size; hostile names are as long as the profile. */
static const char *
shorten(struct arena *arena, const char *s)
{
	size_t len = strnlen(s, MESSAGE_SIZE);

	if (len < MESSAGE_SIZE)
		return arena_strndup(arena, s, len);
	len = MESSAGE_SIZE - 4;
	while (((unsigned char)s[len] & 0xc0) == 0x80)
		len--;
	return arena_printf(arena, "%.*s…", (int)len, s);
}

static const char *
pointer_to(struct arena *arena, const struct json *where)
{
	size_t len = 0;

	for (const struct json *value = where; value; value = value->parent)
		len += value->key ? strnlen(value->key, POINTER_SIZE) : 8;
	return len < POINTER_SIZE ? json_pointer(arena, where) : NULL;
}

/* What both entry points share; where may be NULL. */
static bool
report(struct diags *diags, enum diag_id id, size_t offset,
       const struct json *where, const char *hint, const char *fmt, va_list ap)
{
	enum severity severity = diags->level[id];
	bool fine = severity != SEVERITY_ERROR;
	bool full = diags->list.n == LIMIT_DIAGNOSTICS;
	size_t victim = full && is_grave(diags, id) ? find_victim(diags)
						    : diags->list.n;
	bool keep = !full || victim < diags->list.n;
	char message[MESSAGE_SIZE + 1];
	struct diag diag = {
		.id = id,
		.severity = severity,
		.offset = offset,
	};

	diags->found[id] = true;
	if (severity == SEVERITY_NONE)
		return true;
	/* A flood of them must stay cheap: most are only counted. */
	if (keep || find_at(diags, 0, id, offset)) {
		vsnprintf(message, sizeof(message), fmt, ap);
		diag.message = shorten(diags->arena, message);
		if (is_known(diags, id, offset, diag.message))
			return fine;
	}
	diags->count[severity]++;
	if (!keep) {
		diags->dropped[id]++;
		return fine;
	}
	diag.pointer = where ? pointer_to(diags->arena, where) : NULL;
	diag.hint = hint ? shorten(diags->arena, hint) : NULL;
	if (full)
		remove_at(diags, victim);
	*vec_push(diags->arena, &diags->list) = diag;
	return fine;
}

/* What is wrong with a key is shown there, all else at the value. */
static size_t
offset_of(enum diag_id id, const struct json *where)
{
	bool key = id == DIAG_KEY_CASE || id == DIAG_UNKNOWN_FIELD ||
		   id == DIAG_IGNORED_FIELD ||
		   id == LINT_KUBERNETES_MISPLACED ||
		   id == LINT_KUBERNETES_UNREAD;

	if (!where)
		return SIZE_MAX;
	return key && where->key ? where->key_offset : where->offset;
}

bool
diag_at(struct diags *diags, enum diag_id id, const struct json *where,
	const char *hint, const char *fmt, ...)
{
	va_list ap;
	bool fine;

	va_start(ap, fmt);
	fine = report(diags, id, offset_of(id, where), where, hint, fmt, ap);
	va_end(ap);
	return fine;
}

bool
diag_offset(struct diags *diags, enum diag_id id, size_t offset,
	    const char *hint, const char *fmt, ...)
{
	va_list ap;
	bool fine;

	va_start(ap, fmt);
	fine = report(diags, id, offset, NULL, hint, fmt, ap);
	va_end(ap);
	return fine;
}

/* Optimal string alignment of s and word, or anything past limit. */
static size_t
distance(const char *s, size_t s_len, const char *word, size_t word_len,
	 size_t limit)
{
	size_t rows[3][WORD_SIZE + WORD_SIZE / 3 + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= word_len; j++)
		above[j] = j;
	for (size_t i = 1; i <= s_len; i++) {
		size_t least = row[0] = i;

		for (size_t j = 1; j <= word_len; j++) {
			char a = ascii_lower(s[i - 1]);
			char b = ascii_lower(word[j - 1]);
			size_t best = above[j - 1] + (a != b);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 &&
			    a == ascii_lower(word[j - 2]) &&
			    b == ascii_lower(s[i - 2]) &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
			if (best < least)
				least = best;
		}
		if (least > limit)
			return least;
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[word_len];
}

/* The letters that occur, as bits. */
static uint32_t
letters(const char *s, size_t len)
{
	uint32_t set = 0;

	for (size_t i = 0; i < len; i++)
		set |= (uint32_t)1 << (s[i] & 31);
	return set;
}

const char *
diag_nearest(const char *s, const char *const *words, size_t count)
{
	size_t len = strnlen(s, WORD_SIZE + 1), limit = len / 3;
	const char *nearest = NULL;
	uint32_t has, other;

	if (len > WORD_SIZE)
		return NULL;
	has = letters(s, len);
	for (size_t i = 0; i < count; i++) {
		size_t word_len = strnlen(words[i], len + limit + 1);
		size_t found;

		if (word_len > len + limit || word_len + limit < len)
			continue;
		/* A slip brings in or loses one letter at most. */
		other = letters(words[i], word_len);
		if ((size_t)__builtin_popcount(has & ~other) > limit ||
		    (size_t)__builtin_popcount(other & ~has) > limit)
			continue;
		found = distance(s, len, words[i], word_len, limit);
		if (found > limit)
			continue;
		/* From now on only what is nearer. */
		nearest = words[i];
		if (found == 0)
			break;
		limit = found - 1;
	}
	return nearest;
}

static int
compare_positions(const void *a, const void *b)
{
	const struct diag *const *x = a, *const *y = b;

	if ((*x)->offset != (*y)->offset)
		return (*x)->offset < (*y)->offset ? -1 : 1;
	return *x < *y ? -1 : 1;
}

const struct diag **
diags_sorted(const struct diags *diags)
{
	size_t n = diags->list.n;
	const struct diag **list =
		arena_alloc(diags->arena, n * sizeof(const struct diag *));

	for (size_t i = 0; i < n; i++)
		list[i] = &diags->list.v[i];
	if (n)
		qsort(list, n, sizeof(*list), compare_positions);
	return list;
}
