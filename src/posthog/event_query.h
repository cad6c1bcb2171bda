/* Which events of the past are asked for: a HogQL query made of the book's
 * organisations and the catalogue's names. Only ids and names that need no
 * quoting get in; the others are counted and left out. */
#ifndef TELLTALE_EVENT_QUERY_H
#define TELLTALE_EVENT_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/decode.h"
#include "posthog/rows.h"

/* PostHog reads queries up to about this size. */
#define EVENT_QUERY_MAX ((size_t)200000)

struct event_query {
    struct buf where; /* what every page has in common */
    size_t accounts, names;
    size_t left_out; /* ids, names and conditions we do not dare to send */
};

/* Of the decoder its book, catalogue and teams count; group_index says which
 * $group_N is the organisation. Names are asked for letter by letter: a '*'
 * of the catalogue stands for those that are known (names.h).
 * False with err, and nothing to close, when no account or no name is left
 * (without accounts the query would mean everybody's events), or when the
 * book is too large for one query. */
bool event_query_open(struct event_query *query, const struct decoder *decoder,
                      int group_index, struct err *err);
void event_query_close(struct event_query *query);

/* Appends the query for how many there are, and when the first was; that is
 * nothing when there is none. */
void event_query_first(const struct event_query *query, int64_t since_ms,
                       int64_t until_ms, struct buf *sql);
/* Appends the query for the events behind `after` and before until_ms, in the
 * order of places. How many of them at most, a LIMIT behind it says. */
void event_query_page(const struct event_query *query,
                      const struct row_place *after, int64_t until_ms,
                      struct buf *sql);

#endif
