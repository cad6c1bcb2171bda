/* What a GET of /events and one of /feed ask for (doc/feed.md): parameters and
 * headers, read and held against what may be asked. */
#ifndef TELLTALE_ASKED_H
#define TELLTALE_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/locator.h"
#include "journal/reader.h"
#include "net/server.h"
#include "query/query.h"
#include "serve/feed_line.h"

struct asked_events {
    uint64_t after, before; /* before 0: up to the newest */
    bool newest_first;
    bool walks; /* order=: in the order of time, from beside an event */
    struct reader_place from;
    bool kept;           /* kept=1 */
    size_t limit;        /* 1 to LIMIT_EVENTS_LINES */
    struct query *query; /* the caller's to free */
};
/* False with err, and nothing to free. */
bool asked_events_read(const struct request *request, struct asked_events *out,
                       struct err *err);

struct asked_feed {
    uint64_t after;  /* UINT64_MAX: from what comes on */
    bool kept, ends; /* kept=1, end=1 */
    bool by_acts;    /* acts= was: what was said behind that one */
    uint64_t acts;
    struct locator at;      /* at=; none of them: it was not given */
    enum feed_form form;    /* as Accept says */
    struct query *query[2]; /* the same twice, the caller's to free */
};
bool asked_feed_read(const struct request *request, struct asked_feed *out,
                     struct err *err);

#endif
