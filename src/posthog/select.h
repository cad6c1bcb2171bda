/* Which events of the past are asked for: a HogQL query made of the book's
 * organisations and the catalogue's names. Only ids and names that need no
 * quoting get in; the others are counted and left out. */
#ifndef TELLTALE_SELECT_H
#define TELLTALE_SELECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/decode.h"
#include "posthog/rows.h"

/* PostHog reads queries up to about this size. */
#define SELECT_MAX ((size_t)200000)

struct select {
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
bool select_open(struct select *select, const struct decoder *decoder,
                 int group_index, struct err *err);
void select_close(struct select *select);

/* Appends the query for how many there are, and when the first was; that is
 * nothing when there is none. */
void select_first(const struct select *select, int64_t since_ms,
                  int64_t until_ms, struct buf *sql);
/* Appends the query for at most limit events behind `after` and before
 * until_ms, in the order of places. */
void select_page(const struct select *select, const struct row_place *after,
                 int64_t until_ms, unsigned limit, struct buf *sql);

#endif
