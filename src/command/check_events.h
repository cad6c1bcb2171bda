/* `telltale check --events`: names of events that no row knows. */
#ifndef TELLTALE_CHECK_EVENTS_H
#define TELLTALE_CHECK_EVENTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "command/findings.h"
#include "event/catalog.h"
#include "journal/reader.h"

/* Finds how often each came, the most frequent first, and appends sections to
 * paste into the file of that path (NULL: there is none) for the first of
 * them. */
bool check_events(struct journal_reader *reader, const struct catalog *catalog,
                  const char *path, struct findings *findings,
                  struct buf *sections, struct err *err);

#endif
