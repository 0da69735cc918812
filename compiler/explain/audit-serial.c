#include "audit-loss.h"

/* What clocks differ by, in microseconds, although events are in order: a
 * serial is taken shortly after the time is read, on any processor. */
#define SLACK INT64_C(2000000)

/* Events that are out of order as they come from several processors. */
enum { SHUFFLED = 64 };

/* Whether an event can be of the run: later ones have higher serials. */
static bool
fits(const struct audit_serials *s, const struct audit_stamp *stamp)
{
	if (stamp->serial > s->last)
		return stamp->time >= s->last_time - SLACK;
	if (stamp->serial < s->first)
		return stamp->time <= s->first_time + SLACK;
	return stamp->time >= s->first_time - SLACK &&
	       stamp->time <= s->last_time + SLACK;
}

static uint64_t
missing_of_run(const struct audit_serials *s)
{
	uint64_t span = s->last - s->first + 1;

	return s->events && span > s->events ? span - s->events : 0;
}

static void
start_run(struct audit_serials *s, const struct audit_stamp *stamp)
{
	s->missing += missing_of_run(s);
	s->boots++;
	s->first = s->last = s->newest = stamp->serial;
	s->first_time = s->last_time = stamp->time;
	s->events = 0;
}

static void
add_event(struct audit_serials *s, const struct audit_stamp *stamp)
{
	if (!s->events || !fits(s, stamp))
		start_run(s, stamp);
	s->events++;
	if (stamp->serial > s->last) {
		s->last = stamp->serial;
		s->last_time = stamp->time;
	}
	if (stamp->serial < s->first) {
		s->first = stamp->serial;
		s->first_time = stamp->time;
	}
	if (stamp->serial > s->newest)
		s->newest = stamp->serial;
	else
		s->disordered += s->newest - stamp->serial > SHUFFLED;
}

bool
audit_serials_add(struct audit_serials *s, const struct audit_stamp *stamp,
		  uint32_t call)
{
	struct audit_slot *slot = &s->slots[stamp->serial % AUDIT_SERIAL_SLOTS];
	bool twice;

	if (!slot->used || slot->serial != stamp->serial ||
	    slot->time != stamp->time) {
		*slot = (struct audit_slot){ true, call, stamp->time,
					     stamp->serial };
		add_event(s, stamp);
		return false;
	}
	twice = call && slot->call == call;
	if (call)
		slot->call = call;
	s->twice += twice;
	return twice;
}

void
audit_serials_next_file(struct audit_serials *s)
{
	s->newest = 0;
}

uint64_t
audit_serials_missing(const struct audit_serials *s)
{
	return s->missing + missing_of_run(s);
}
