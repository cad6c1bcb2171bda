/* Running sums over the ring's events for the account list, the category
 * line and the title: kept up event by event, never by counting again. */
#ifndef TELLTALE_TALLY_H
#define TELLTALE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/accounts.h"
#include "event/event.h"
#include "live/ring.h"

#define TALLY_BARS 6 /* the last hour in six steps */

struct tally_account {
    const char *id; /* NULL for the row "no account" */
    const char *name;
    bool listed;
    int64_t last_at;   /* time of the last event; CLOCK_NONE: none */
    uint64_t last_seq; /* of the event that stands last, in the journal */
    uint64_t seen_seq; /* marked read up to here */
    unsigned unread;
    unsigned bars[TALLY_BARS]; /* oldest first */
};

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *tally);

/* Where the sums are taken from anew when the clock goes back; borrowed. NULL,
 * as at first: then they begin at nothing. */
void tally_set_ring(struct tally *tally, const struct ring *ring);

/* Every event, in any order; live says that it came now (not from the journal
 * at start), so it counts as unread unless it is of the past. */
void tally_add(struct tally *tally, const struct event *event, bool live);
/* The book's accounts are rows even before their first event. */
void tally_set_book(struct tally *tally, const struct book *book);
/* Moves the hour and the day on; true when anything shown changed. Back, too,
 * when the clock was put right: call it before events of now are added. What
 * is dated more than 10 minutes after now counts for its own day only, and for
 * no bar or age. */
bool tally_tick(struct tally *tally, int64_t now_ms);
/* Takes the sums from the ring anew: events were taken out. Accounts that are
 * in no book and have no event there are none any more. */
void tally_recount(struct tally *tally);
/* When tally_tick() would next change anything; CLOCK_NONE: never. */
int64_t tally_next_tick(const struct tally *tally, int64_t now_ms);

/* Sorted by what happened last; "no account" and unlisted ones at the end,
 * and only when they had events. */
size_t tally_accounts(const struct tally *tally);
const struct tally_account *tally_account(const struct tally *tally,
                                          size_t index);
/* Another value when rows came, went or got a name; moves are none. */
unsigned tally_changes(const struct tally *tally);
/* By its organisation id; NULL: there is none. */
const struct tally_account *tally_find(const struct tally *tally,
                                       const char *account_id);
void tally_mark_read(struct tally *tally, const char *account_id);
void tally_mark_all_read(struct tally *tally);

unsigned tally_today(const struct tally *tally); /* events today */
unsigned tally_category(const struct tally *tally, enum category category);
/* Events per minute over the last 5 minutes, times 10. */
unsigned tally_rate_x10(const struct tally *tally, int64_t now_ms);
int64_t tally_last_at(const struct tally *tally); /* received; CLOCK_NONE */

#endif
