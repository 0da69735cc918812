/* Profiles that are made to be hard. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "subject.h"

size_t hostile_count(void);
const char *hostile_name(size_t i);

/* Whether it is within what a proof can take. */
bool hostile_is_proved(size_t i);

/* Writes to an open subject, and sets options: rules that conflict and
 * repeated indices are welcome. */
void hostile_write(struct subject *s, size_t i);

#endif
