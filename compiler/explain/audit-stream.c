#include "audit-framed.h"

#include <string.h>

/* Whether a line can be a record's whose serial is the kernel's: those of
 * auditd itself have numbers of their own (libaudit.h, 1200 to 1299). */
static bool
has_kernel_serial(const struct audit_framed *f)
{
	static const char mark[] = "type=DAEMON_";

	return !memmem(f->text, f->len, mark, sizeof(mark) - 1);
}

static void
see(struct audit_stream *s, enum audit_kind kind, const struct audit_framed *f,
    const struct audit_call *call)
{
	struct audit_line line = { .kind = kind };
	const char *end = f->text + f->len;

	line.has_sequence = s->used && *s->line >= '0' && *s->line <= '9' &&
			    audit_stamp_sequence(&line.sequence, s->line,
						 s->line + s->used);
	if (kind == AUDIT_CALL)
		line.stamp = call->stamp;
	else if (!f->foreign)
		line.loss = audit_loss_find(f->text, end, &line.lost);
	if (kind != AUDIT_CALL &&
	    !audit_stamp_find(&line.stamp, f->text, end) && f->stamp.has_serial)
		line.stamp = f->stamp;
	if (line.stamp.has_serial && kind != AUDIT_CALL &&
	    !has_kernel_serial(f))
		line.stamp.has_serial = false;
	s->see(s->context, &line);
}

static void
read_line(struct audit_stream *s, struct arena *arena)
{
	struct audit_framed framed = { 0 };
	struct audit_call call;
	enum audit_kind kind;

	if (s->used && s->line[s->used - 1] == '\r')
		s->used--;
	framed.text = s->line;
	framed.len = s->used;
	audit_unframe(&framed, arena);
	kind = audit_framed_read(&framed, &call);
	if (s->see)
		see(s, kind, &framed, &call);
	s->lines++;
	s->cut += s->skipping;
	s->calls += kind == AUDIT_CALL;
	s->broken += kind == AUDIT_BROKEN;
	if (kind == AUDIT_CALL)
		s->take(s->context, &call);
	arena_finish(arena);
	audit_stream_drop(s);
}

void
audit_stream_add(struct audit_stream *s, struct arena *arena, const char *text,
		 size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t piece = (size_t)((stop ? stop : end) - text);
		size_t room = sizeof(s->line) - s->used;

		s->skipping |= piece > room;
		memcpy(s->line + s->used, text, piece < room ? piece : room);
		s->used += piece < room ? piece : room;
		text += piece;
		if (stop) {
			read_line(s, arena);
			text++;
		}
	}
}

void
audit_stream_end(struct audit_stream *s, struct arena *arena)
{
	if (s->used)
		read_line(s, arena);
}

void
audit_stream_drop(struct audit_stream *s)
{
	s->used = 0;
	s->skipping = false;
}
