/* The ring: the newest events in memory, as display records, in the order of
 * time (struct reader_walk); what the panes draw from. It owns every record;
 * everyone else holds a number. Capped by count and by bytes; eviction is
 * counted and visible, never an accident.
 *
 * Numbers are the ring's own and last as long as it: the next newer record
 * has the next number, none is 0, and none is ever another record's. Seqs are
 * the journal's and say nothing of the order here: what a backfill brought is
 * old and has a high one. */
#ifndef TELLTALE_RING_H
#define TELLTALE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "event/event.h"
#include "query/query.h"

struct record {
    uint64_t seq;         /* to read it whole from the journal */
    struct query_row row; /* interned columns, see query.h */
    uint32_t fold;        /* text, 0: never */
    uint8_t flags;        /* enum event_flag, the low byte */
};

struct ring;

struct ring *ring_new(size_t max_events, size_t max_bytes);
void ring_free(struct ring *ring);

/* Told of each event as it is pushed as the newest, when its body is at hand;
 * number is its own. The watch is the caller's, until it is taken out. */
struct ring_watch {
    struct ring_watch *next;
    void (*on_push)(void *ctx, uint64_t number, const struct event *event);
    void *ctx;
};
void ring_watch(struct ring *ring, struct ring_watch *watch);
void ring_unwatch(struct ring *ring, struct ring_watch *watch);

/* Takes out all records but the newest ones, to be filled anew from below:
 * the journal has got another past. Those that stay get other numbers, above
 * all there were; views notice. */
void ring_keep_newest(struct ring *ring, size_t keep);

/* Takes out so many of the newest or the oldest, which is no eviction. The
 * numbers of the newest are given again to what takes their place; views
 * notice. */
void ring_drop_newest(struct ring *ring, size_t count);
void ring_drop_oldest(struct ring *ring, size_t count);

/* Adds the newest event; copies what a record holds; may evict the oldest. */
void ring_push(struct ring *ring, const struct event *event);
/* Adds an older event in front of all (history filled in backwards). False
 * when there is no room, or was none before: stop asking. */
bool ring_push_old(struct ring *ring, const struct event *event);

/* Valid until the loop's turn ends; NULL if evicted or never there. */
const struct record *ring_get(const struct ring *ring, uint64_t number);
/* The number of the newest record; 0: there is none. */
uint64_t ring_newest(const struct ring *ring);
/* By position: 0 is the oldest still there. */
size_t ring_count(const struct ring *ring);
const struct record *ring_at(const struct ring *ring, size_t index);
uint64_t ring_number(const struct ring *ring, size_t index);
/* How many records before position end lie behind one another in memory, and
 * the first of them; 0 when end is 0. */
size_t ring_piece(const struct ring *ring, size_t end,
                  const struct record **first);
/* Position of the first record with that number or a higher one. */
size_t ring_index(const struct ring *ring, uint64_t number);
const char *ring_text(const struct ring *ring, uint32_t id);
const struct intern *ring_texts(const struct ring *ring);

/* What a record holds as an event, for another ring; texts are this one's. */
struct event ring_event(const struct ring *ring, const struct record *record);

/* How many of those that are there are of staff or machines. */
size_t ring_hidden(const struct ring *ring);
uint64_t ring_evicted(const struct ring *ring); /* events, so far */
size_t ring_ever(const struct ring *ring); /* pushed as the newest, so far */
size_t ring_bytes(const struct ring *ring);

/* These signals (as in struct event) rest on the event with that seq, if it is
 * among the newest so many. Views notice. */
#define RING_MARK_LOOK 20000
void ring_mark(struct ring *ring, uint64_t seq, unsigned signals);
unsigned ring_marks(const struct ring *ring); /* so far */

/* The book changed: account names, owners, segments and `listed` of all
 * records, and of those to come. It is borrowed until the next call; NULL:
 * there is none. Views notice. */
struct book;
void ring_relabel(struct ring *ring, const struct book *book);
unsigned ring_relabels(const struct ring *ring); /* so far */

#endif
