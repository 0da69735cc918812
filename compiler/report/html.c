#include "report.h"

#include <string.h>

#include "compiler/digest.h"

static void
escape(struct buf *buf, const char *s, size_t len, bool quotes)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		const char *entity = s[i] == '&'	      ? "&amp;"
				     : s[i] == '<'	      ? "&lt;"
				     : s[i] == '>'	      ? "&gt;"
				     : quotes && s[i] == '"'  ? "&quot;"
				     : quotes && s[i] == '\'' ? "&#39;"
							      : NULL;

		if (!entity)
			continue;
		buf_append(buf, s + from, i - from);
		buf_append(buf, entity, strlen(entity));
		from = i + 1;
	}
	buf_append(buf, s + from, len - from);
}

void
html_text(struct buf *buf, const char *s)
{
	struct buf safe = { .arena = buf->arena };

	diag_write_safe(&safe, s);
	escape(buf, safe.data ? safe.data : "", safe.len, true);
}

void
html_short(struct buf *buf, const char *s, size_t limit)
{
	size_t len = strlen(s);

	if (len <= limit) {
		html_text(buf, s);
		return;
	}
	/* Whole characters. */
	while (limit > 0 && ((unsigned char)s[limit] & 0xc0) == 0x80)
		limit--;
	html_text(buf, arena_strndup(buf->arena, s, limit));
	buf_printf(buf, "…");
}

void
html_source(struct buf *buf, const char *s, size_t len)
{
	char *copy = arena_strndup(buf->arena, s, len);
	struct buf safe = { .arena = buf->arena };

	/* Tabs are shown as they are; a NUL ends no text here. */
	for (size_t i = 0, from = 0; i <= len; i++) {
		if (i < len && copy[i] != '\t' && copy[i] != '\0')
			continue;
		if (i < len && copy[i] == '\0') {
			diag_write_safe(&safe, copy + from);
			buf_printf(&safe, "\\u0000");
		} else {
			bool tab = i < len;

			copy[i] = '\0';
			diag_write_safe(&safe, copy + from);
			buf_printf(&safe, "%s", tab ? "\t" : "");
		}
		from = i + 1;
	}
	escape(buf, safe.data ? safe.data : "", safe.len, false);
}

static unsigned
digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* A source of the page's policy: base64 of the SHA-256 of a text. */
static void
write_hash(struct buf *buf, const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char bytes[33] = { 0 };
	char hex[DIGEST_SIZE];
	struct digest digest;

	digest_init(&digest);
	digest_add(&digest, text, strlen(text));
	digest_end(&digest, hex);
	for (size_t i = 0; i < 32; i++)
		bytes[i] = (unsigned char)(digit(hex[2 * i]) << 4 |
					   digit(hex[2 * i + 1]));
	buf_printf(buf, "'sha256-");
	for (size_t i = 0; i < 33; i += 3) {
		unsigned three = (unsigned)bytes[i] << 16 |
				 (unsigned)bytes[i + 1] << 8 | bytes[i + 2];

		for (unsigned j = 0; j < (i < 30 ? 4 : 3); j++)
			buf_append(buf, &letters[three >> (18 - 6 * j) & 63],
				   1);
	}
	buf_printf(buf, "='");
}

void
html_begin(struct buf *buf, const char *title, size_t more)
{
	buf_printf(buf, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
			"<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" "
			"content=\"default-src 'none'; style-src ");
	write_hash(buf, report_css);
	buf_printf(buf, "; script-src ");
	write_hash(buf, report_js);
	buf_printf(buf,
		   "; base-uri 'none'; form-action 'none'\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width, "
		   "initial-scale=1\">\n"
		   "<meta name=\"color-scheme\" content=\"light dark\">\n"
		   "<meta name=\"generator\" content=\"seccompc %s\">\n"
		   "<title>Seccomp report: ",
		   SECCOMPC_VERSION);
	html_short(buf, title, REPORT_NAME);
	if (more)
		buf_printf(buf, " and %zu more", more);
	/* The policy is about the bytes between the tags. */
	buf_printf(buf, "</title>\n<style>%s</style>\n</head>\n<body>\n",
		   report_css);
}

void
html_end(struct buf *buf)
{
	buf_printf(buf, "<script>%s</script>\n</body>\n</html>\n", report_js);
}
