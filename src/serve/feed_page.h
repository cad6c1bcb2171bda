/* A piece of the journal as lines of a feed: events and ticks behind a seq, in
 * order. Made on the journal's reader thread. */
#ifndef TELLTALE_FEED_PAGE_H
#define TELLTALE_FEED_PAGE_H

#include "event/redact.h"
#include "journal/locator.h"
#include "journal/forgotten.h"
#include "journal/journal.h"
#include "query/query.h"
#include "serve/feed_line.h"

struct feed_page {
    uint64_t after; /* moves on, to what out tells up to */
    uint64_t upto;
    /* To be held against the journal first; NULL: none are, any more. */
    struct locator *at;
    bool forked; /* it has others there: that is told, and no more */
    /* Hashes of those whom viewers are to forget, behind one of them; still
     * set when there are more. */
    bool tell_forgotten, goes_on;
    unsigned char forgotten[FORGOTTEN_HASH];
    /* What was said behind the act of that id, once all events are told; still
     * set when there is more. */
    bool tell_acts;
    uint64_t acts;
    enum feed_form form;
    bool kept; /* events with what a journal keeps besides (archive.h) */
    struct query *query;             /* nobody else's meanwhile */
    const struct redaction *conceal; /* NULL: nothing */
    int64_t now_ms;
    int64_t deadline_us; /* monotonic: then it ends, also with nothing */
    struct buf out;      /* about LIMIT_FEED_PIECE, and one line more */
};

void feed_page_init(struct feed_page *page);
void feed_page_free(struct feed_page *page);
/* A step of it (journal_read()). */
enum reader_step feed_page_read(struct feed_page *page,
                                struct journal_reader *reader,
                                struct err *err);

/* The JSON of an event, with what is to be concealed left out; empty when it
 * is too long. conceal may be NULL. */
void feed_page_json(struct buf *out, bool kept, const struct event *event,
                    const struct redaction *conceal,
                    const struct uuid *journal);
/* That as its line, or a line that says it is too long for one. */
void feed_page_add(struct buf *out, enum feed_form form,
                   const struct event *event, const char *json, size_t len);

#endif
