/* What the program asks of the service "silence"; self is NULL in a demo, and
 * where it shows another telltale (attach). */
#ifndef TELLTALE_SILENCE_H
#define TELLTALE_SILENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* What is to be said of a silence; false: nothing. */
bool silence_text(const void *self, struct buf *out);
/* When the newest event was received; CLOCK_NONE: none is known. */
int64_t silence_heard_at(const void *self);
/* Hours of the week that have a habit. */
unsigned silence_habit_hours(const void *self);

#endif
