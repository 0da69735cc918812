/*
 * The fuzzer of audit lines: an input is a log, or bytes that choose pieces of
 * lines, which come near to real ones.  However a log is cut into pieces the
 * same calls have to come out, and nothing that acts on a terminal.
 */
#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/audit-line.h"

/* Of these, programs counts the logs that have calls. */
struct fuzz_totals fuzz_totals;

enum { TEXT = 1 << 18, SEEN = 4096 };

struct log {
	struct audit_stream stream;
	struct audit_call seen[SEEN];
	size_t n;
	size_t lines, losses; /* that see was told of */
	uint64_t stamps;      /* a hash of theirs */
	struct audit_serials serials;
};

/* Faults end here: a fuzzer takes an abort for a find. */
_Noreturn static void
fail(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static void
expect_safe(const char *s, size_t size)
{
	const char *end = memchr(s, 0, size);

	if (!end)
		fail("a text without end");
	for (; s < end; s++)
		if (!isprint((unsigned char)*s) || (unsigned char)*s > 0x7e)
			fail("a byte that acts on a terminal");
}

static void
take(void *context, const struct audit_call *call)
{
	struct log *log = context;

	expect_safe(call->comm, sizeof(call->comm));
	expect_safe(call->exe, sizeof(call->exe));
	expect_safe(call->name, sizeof(call->name));
	if (call->code & SECCOMP_RET_DATA)
		fail("a code with data");
	if (call->stamp.has_serial)
		audit_serials_add(&log->serials, &call->stamp, 1);
	if (log->n < SEEN)
		log->seen[log->n] = *call;
	log->n++;
}

static void
see(void *context, const struct audit_line *line)
{
	struct log *log = context;

	log->lines++;
	log->losses += line->loss != AUDIT_LOSS_NONE;
	log->stamps = log->stamps * 31 + (uint64_t)line->stamp.time +
		      line->stamp.serial + line->sequence + line->lost;
	if (line->loss >= AUDIT_LOSS_COUNT)
		fail("a loss of no kind");
	if (line->kind != AUDIT_CALL && line->stamp.has_serial)
		audit_serials_add(&log->serials, &line->stamp, 0);
}

static void
add_pieces(struct log *log, struct arena *arena, const char *text, size_t len,
	   struct bytes sizes)
{
	while (len) {
		size_t piece = sizes.at < sizes.end ? 1u + *sizes.at++ : len;

		piece = piece < len ? piece : len;
		audit_stream_add(&log->stream, arena, text, piece);
		text += piece;
		len -= piece;
	}
	audit_stream_end(&log->stream, arena);
}

/* Reads a log in pieces, as long as the bytes of sizes say. */
static void
read_log(struct log *log, const char *text, size_t len, struct bytes sizes)
{
	struct arena arena;

	memset(log, 0, sizeof(*log));
	log->stream.take = take;
	log->stream.see = see;
	log->stream.context = log;
	arena_init(&arena);
	if (setjmp(arena.oom))
		fail("out of memory");
	add_pieces(log, &arena, text, len, sizes);
	arena_finish(&arena);
}

/* Pieces of lines, one by one byte each; other bytes are themselves. */
static size_t
generate(char *text, struct bytes bytes)
{
	static const char *const pieces[] = {
		"\n",
		"[1.5] audit: ",
		"type=1326",
		" audit(1.0:1):",
		" audit(1795692637.911:28929):",
		" msg=audit(11/26/26 11:31:41.087:28929) :",
		" msg=audit(26.11.2026 1:2.3:4) :",
		"Nov 26 11:30:37 host ",
		"2026-11-26T11:30:37.5+01:00 host ",
		"5,6054,46874338982,-;",
		"kauditd_printk_skb: 57 callbacks suppressed",
		"Missed 5 kernel messages",
		"audit: rate limit exceeded",
		"\"msg\": \"",
		"MESSAGE=",
		"\",\"_AUDIT_ID\":\"7\",\"__REALTIME_TIMESTAMP\":\"9",
		"type=SECCOMP msg=audit(1.0:1):",
		"host audit[1]: SECCOMP",
		" auid=1",
		" pid=7",
		" comm=\"a\"",
		" comm=612062",
		" exe=\"/bin/a\"",
		" exe=2F1B",
		" sig=31",
		" arch=c000003e",
		" arch=40000003",
		" arch=x86_64",
		" syscall=41",
		" syscall=1073741865",
		" syscall=-1",
		" syscall=openat",
		" compat=0",
		" ip=0x1",
		" code=0x50000",
		" code=0x7ffc0000",
		" code=errno",
		"\035ARCH=x86_64 SYSCALL=socket",
		"{\"MESSAGE\":\"",
		"\"}",
		"{\"MESSAGE\":[83,69,67]}",
		" ",
		"\\u001b",
		"=",
		/* A whole one, so that many logs have some. */
		"\ntype=1326 audit(1.0:1): arch=c000003e syscall=1 code=0x0",
	};
	size_t len = 0;

	for (; bytes.at < bytes.end && len < TEXT - 256; bytes.at++) {
		const char *piece = pieces[*bytes.at % LENGTH(pieces)];

		if (*bytes.at >= 240) {
			text[len++] = (char)(*bytes.at * 7);
			continue;
		}
		memcpy(text + len, piece, strlen(piece));
		len += strlen(piece);
	}
	return len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[TEXT];
	static struct log whole, pieces;
	bool generated = size && data[0] % 2;
	struct bytes rest = { data + (size > 0), data + size };
	size_t len = (size_t)(rest.end - rest.at);

	fuzz_totals.inputs++;
	if (generated) {
		len = generate(text, rest);
	} else {
		len = len < TEXT ? len : TEXT;
		memcpy(text, rest.at, len);
	}
	read_log(&whole, text, len, (struct bytes){ NULL, NULL });
	read_log(&pieces, text, len, rest);
	if (whole.n != pieces.n || whole.stream.lines != pieces.stream.lines ||
	    whole.stream.broken != pieces.stream.broken ||
	    whole.n != whole.stream.calls || whole.losses != pieces.losses ||
	    whole.lines != whole.stream.lines || whole.stamps != pieces.stamps)
		fail("pieces make a difference");
	for (size_t i = 0; i < whole.n && i < SEEN; i++)
		if (memcmp(&whole.seen[i], &pieces.seen[i],
			   sizeof(whole.seen[i])))
			fail("pieces make another call");
	fuzz_totals.programs += whole.n > 0;
	fuzz_totals.calls += whole.n;
	return 0;
}
