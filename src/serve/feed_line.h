/* The lines of a feed, as they go out: JSON lines, or the same inside server
 * sent events. doc/feed.md says what they hold. */
#ifndef TELLTALE_FEED_LINE_H
#define TELLTALE_FEED_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The protocol's version: it changes when a viewer of before could not go on
 * with what it is sent now. */
#define FEED_VERSION 1

enum feed_form {
    FEED_LINES,  /* application/x-ndjson */
    FEED_EVENTS, /* text/event-stream */
};

/* An event's JSON, which has no line breaks. False if out overflowed, and then
 * it is as it was before. */
bool feed_line_event(struct buf *out, enum feed_form form, uint64_t seq,
                     const char *json, size_t len);
/* What is no event: {"feed":KIND,…}. rest is what follows the kind, from its
 * comma on, or "". seq: up to where the viewer has all, 0 where the line does
 * not say. */
bool feed_line_say(struct buf *out, enum feed_form form, const char *kind,
                   uint64_t seq, const char *rest);

#endif
