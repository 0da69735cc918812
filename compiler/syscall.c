#include "compiler.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syscall-tables/name-hash.h"

enum {
	NAME_SIZE = 64, /* far longer than any name */
	WORDS = 64,	/* names compared at a time */
};

/* Reads a number up to 255 and moves *s past it. */
static bool
parse_part(const char **s, unsigned *part)
{
	const char *p = *s;

	*part = 0;
	for (; isdigit((unsigned char)*p) && *part <= UINT8_MAX; p++)
		*part = *part * 10 + (unsigned)(*p - '0');
	if (p == *s || *part > UINT8_MAX)
		return false;
	*s = p;
	return true;
}

bool
kernel_release_parse(const char *s, kernel_release *release)
{
	unsigned major, minor;

	if (!parse_part(&s, &major) || *s++ != '.' || !parse_part(&s, &minor) ||
	    *s)
		return false;
	*release = (kernel_release)(major << 8 | minor);
	return true;
}

const struct syscall_name *
syscall_find_hashed(const char *name, size_t len, uint32_t hash)
{
	size_t mask = syscall_slot_count - 1;
	size_t slot = hash & mask;

	/* At most half of the slots are taken. */
	for (; syscall_slots[slot]; slot = (slot + 1) & mask) {
		const struct syscall_name *found =
			&syscall_names[syscall_slots[slot] - 1];

		if (found->length == len && !memcmp(found->name, name, len))
			return found;
	}
	return NULL;
}

const struct syscall_name *
syscall_find(const char *name)
{
	size_t len = strlen(name);

	return syscall_find_hashed(name, len, name_hash(name, len));
}

static int
compare_foreign(const void *key, const void *element)
{
	return strcmp(key, ((const struct syscall_foreign *)element)->name);
}

const struct syscall_foreign *
syscall_find_foreign(const char *name)
{
	return bsearch(name, syscall_foreign, syscall_foreign_count,
		       sizeof(*syscall_foreign), compare_foreign);
}

const char *
syscall_foreign_archs(const struct syscall_foreign *foreign)
{
	return syscall_strings + foreign->archs;
}

const struct syscall_name *
syscall_find_number(enum abi abi, uint32_t number)
{
	uint16_t index = number < syscall_number_end[abi]
				 ? syscall_by_number[abi][number]
				 : 0;

	return index ? &syscall_names[index - 1] : NULL;
}

/* prefix, len bytes of name and suffix together, if that is a syscall. */
static const char *
try_name(const char *prefix, const char *name, size_t len, const char *suffix)
{
	char text[NAME_SIZE];
	const struct syscall_name *found;

	if (len >= sizeof(text))
		return NULL;
	if (snprintf(text, sizeof(text), "%s%.*s%s", prefix, (int)len, name,
		     suffix) >= (int)sizeof(text))
		return NULL;
	found = syscall_find(text);
	return found ? found->name : NULL;
}

/* A name that differs by rule from that of the syscall: pread, open64. */
static const char *
find_variant(const char *name)
{
	static const char *const affixes[][2] = {
		/* What is written, before what the kernel calls it. */
		{ "new", "" }, /* fstatat */
		{ "", "64" },  /* pread */
		{ "_", "" },   /* sysctl */
		{ "rt_", "" }, /* sigtimedwait */
	};
	static const char *const macros[] = { "__NR_", "SYS_", "sys_" };
	size_t len = strnlen(name, NAME_SIZE);
	const char *found = NULL;

	for (size_t i = 0; i < LENGTH(macros); i++)
		if (!strncmp(name, macros[i], strlen(macros[i])))
			return try_name("", name + strlen(macros[i]),
					len - strlen(macros[i]), "");
	for (size_t i = 0; i < LENGTH(affixes) && !found; i++)
		found = try_name(affixes[i][0], name, len, affixes[i][1]);
	/* open64 and the like, of 32-bit programs with large files. */
	if (!found && len > 2 && len < NAME_SIZE &&
	    !strcmp(name + len - 2, "64"))
		found = try_name("", name, len - 2, "");
	return found;
}

/*
 * Some names at a time, with the best so far before them: the count of names
 * is no constant here, so an array of all would be of variable length.
 */
static const char *
find_similar(const char *name)
{
	const char *words[1 + WORDS], *nearest = NULL;
	size_t done = 0;

	while (done < syscall_name_count) {
		size_t n = 0;

		if (nearest)
			words[n++] = nearest;
		while (n < LENGTH(words) && done < syscall_name_count)
			words[n++] = syscall_names[done++].name;
		nearest = diag_nearest(name, words, n);
	}
	return nearest;
}

const char *
syscall_nearest(const char *name)
{
	const char *found = syscall_wrapped(name);

	if (!found)
		found = find_variant(name);
	return found ? found : find_similar(name);
}
