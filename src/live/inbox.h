/* The inbox: the signals that the screen shows, in memory, newest conclusions
 * and what the user said of them. What a signal is and when there is one is
 * signal/'s, where they are kept the journal's; here they only lie ready to
 * be drawn. No more than LIMIT_INBOX. */
#ifndef TELLTALE_INBOX_H
#define TELLTALE_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/category.h"
#include "event/event.h"

enum inbox_state {
    INBOX_NEW,
    INBOX_SEEN,
    INBOX_SNOOZED,
    INBOX_DONE,
};

#define INBOX_EVIDENCE 8
#define INBOX_OPENERS 2
#define INBOX_NO_CATEGORY (-1)

/* Texts are sanitised; NULL: none. */
struct inbox_signal {
    int64_t id;
    enum inbox_state state;
    int64_t until;     /* of a snooze, wall ms */
    int64_t fired_at;  /* wall ms */
    const char *title; /* "going quiet" */
    bool working;      /* of that kind: it passes */
    enum tone tone;
    int category; /* or INBOX_NO_CATEGORY */
    const char *account_id, *account;
    const char *person_id, *person; /* key; name, else e-mail, else key */
    const char *sentence, *note;
    const char *openers[INBOX_OPENERS];
    uint64_t evidence[INBOX_EVIDENCE]; /* seqs in the journal, ascending */
    size_t evidence_count;
};

struct inbox;

struct inbox *inbox_new(void);
void inbox_free(struct inbox *inbox); /* NULL is allowed */

/* Copies; false when there is no room for more, which its totals say. */
bool inbox_add(struct inbox *inbox, const struct inbox_signal *signal);
/* All of inbox is replaced by what is in from, which is freed. */
void inbox_take(struct inbox *inbox, struct inbox *from);

size_t inbox_count(const struct inbox *inbox);
/* Valid until the inbox changes. */
const struct inbox_signal *inbox_at(const struct inbox *inbox, size_t index);
const struct inbox_signal *inbox_find(const struct inbox *inbox, int64_t id);

/* What the user says of one; an id that is not there is passed over. */
void inbox_set_state(struct inbox *inbox, int64_t id, enum inbox_state state,
                     int64_t until);
void inbox_set_note(struct inbox *inbox, int64_t id, const char *note);

/* Its state at that time: a snooze that is over is new again. */
enum inbox_state inbox_state(const struct inbox_signal *signal,
                             int64_t now_ms);
/* Is it new or seen? */
bool inbox_is_open(const struct inbox_signal *signal, int64_t now_ms);
struct inbox_totals {
    size_t fresh; /* new */
    size_t open;  /* seen, and neither snoozed nor done */
    bool more;    /* there was no room for all */
};
struct inbox_totals inbox_totals(const struct inbox *inbox, int64_t now_ms);
/* The end of the next snooze; CLOCK_NONE: nothing is snoozed. */
int64_t inbox_next(const struct inbox *inbox, int64_t now_ms);
/* The worst that is open of an account, and how many there are; NULL: none.
 * bad, then warn, then good; of equal ones the newest. */
const struct inbox_signal *inbox_worst(const struct inbox *inbox,
                                       const char *account_id, int64_t now_ms,
                                       size_t *open);
/* Where it stands in a list: what is new, then seen, snoozed, done; in each
 * what passes (now: somebody works at this moment), bad, warn, good; of equal
 * ones the newest. inbox_by_key() is for qsort(): the first one is less. */
struct inbox_key {
    int64_t id;
    int rank;
    int64_t fired_at;
};
struct inbox_key inbox_key(const struct inbox_signal *signal, bool now,
                           int64_t now_ms);
int inbox_by_key(const void *a, const void *b);

#endif
