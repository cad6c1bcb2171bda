/* What was refused, for `telltale tail --rejects`. */
#ifndef TELLTALE_REJECTS_H
#define TELLTALE_REJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/reader.h"

/* Prints the newest so many that came since then (wall ms; 0: all), oldest
 * first: each in two lines, or as JSON in one. False with err; an empty one
 * when nobody reads standard output any more. */
bool rejects_print(struct journal_reader *reader, uint64_t limit,
                   int64_t since_ms, bool json, struct err *err);

#endif
