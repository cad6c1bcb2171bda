/* A report of chosen events, for a digest: what a mirror may send on of some
 * hours, beside as many hours a week before. Nothing of it is from the sums
 * of the days but which categories were used before, so that it says no more
 * than the chosen events do. Gathered in slices, a page of events each. */
#ifndef TELLTALE_REPORT_DIGEST_H
#define TELLTALE_REPORT_DIGEST_H

#include "journal/journal.h"
#include "report/report.h"

struct signal_row;

struct digest_choice {
    uint64_t first_seq, last_seq; /* of the events; 0, 0: there are none */
    int64_t from_ms, to_ms;       /* the hours that they are of */
    const struct zone_days *days; /* the journal's */
    bool bodies;                  /* event() looks into properties */
    /* Is it spoken of? It may change what is said of the event, with text in
     * arena, but not who did it. */
    bool (*event)(void *ctx, struct event *event, struct arena *arena);
    bool (*signal)(void *ctx, const struct signal_row *row);
    /* What is shown of who did it, of a signal or of an event; NULL: people
     * are counted and not named. */
    const char *(*person)(void *ctx, const struct event *event,
                          struct arena *arena);
    void *ctx; /* theirs; all three are called on the reader's thread */
    int64_t now_ms;
};

struct digest;
struct digest *digest_new(const struct digest_choice *choice);
void digest_free(struct digest *digest); /* NULL is allowed */
/* The next slice, as a job of the reader's. */
enum reader_step digest_step(struct digest *digest,
                             struct journal_reader *reader, struct err *err);
/* Whole when digest_step() has said READER_DONE. */
const struct report *digest_report(const struct digest *digest);

#endif
