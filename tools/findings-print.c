/*
 * Fingerprints, by which findings are known again in the next version of a
 * file.  They are made of the name, the JSON pointer, the message and the
 * text of the value that the finding is about, and of no line or column.
 * Indices in pointers are left out, since a rule that is put before another
 * one moves it; so is blank space between tokens.
 */
#include "findings-parts.h"

#include <string.h>

enum { CONTENT = 1 << 16 }; /* bytes of a value that count */

/* Adds text with a star for each index in a JSON pointer, and its end. */
static void
add_text(struct digest *digest, const char *s)
{
	for (char before = '\0'; *s; before = *s, s++) {
		bool index = before == '/' && *s >= '0' && *s <= '9';

		while (index && s[1] >= '0' && s[1] <= '9')
			s++;
		digest_add(digest, index ? "*" : s, 1);
	}
	digest_add(digest, "", 1);
}

/* Adds an array or object up to its end, without blank space. */
static void
add_value(struct digest *digest, const char *text, size_t len)
{
	bool quoted = false;
	size_t depth = 0;

	for (size_t i = 0; i < len && i < CONTENT; i++) {
		char c = text[i];

		if (c && !quoted && strchr(" \t\r\n", c))
			continue;
		digest_add(digest, &c, 1);
		if (quoted && c == '\\' && i + 1 < len)
			digest_add(digest, &text[++i], 1);
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && !--depth)
			break;
	}
}

void
findings_fingerprint(struct finding *f)
{
	const struct source *source = f->file->source;
	const struct diag_region *region = &f->region;
	const char *pointer = f->diag->pointer;
	struct digest digest;

	digest_init(&digest);
	digest_add(&digest, "1", 2);
	add_text(&digest, diag_table[f->diag->id].name);
	add_text(&digest, pointer ? pointer : "");
	add_text(&digest, f->diag->message);
	/* Of what is about a whole file, the file is no part. */
	if (f->placed && pointer && *pointer && region->end > region->start) {
		const char *text = source->text + region->start;

		if (*text == '{' || *text == '[')
			add_value(&digest, text, source->len - region->start);
		else
			digest_add(&digest, text, region->end - region->start);
	}
	digest_end(&digest, f->fingerprint);
}
