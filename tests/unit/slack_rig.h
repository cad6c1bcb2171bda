/* What the tests of Slack's messages share: names that mean harm, and Slack's
 * own limits, held against what was rendered. */
#ifndef TELLTALE_SLACK_RIG_H
#define TELLTALE_SLACK_RIG_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"

/* The text that stands there; NULL: none does. */
const char *text_at(const cJSON *object, const char *key);
/* Checks every limit of a message, and gives the events that it speaks of. */
unsigned check_limits(const struct buf *out);
/* A hostile name into out, of any length below size; the state is
 * sample_random()'s. Returns out. */
char *hostile(uint64_t *state, char *out, size_t size);

#endif
