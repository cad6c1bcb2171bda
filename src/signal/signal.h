/* Signals: conclusions about accounts, drawn from events and ticks in order
 * of seq and nothing else, so that the same journal gives the same signals
 * whenever it is gone through. What is here is pure: no clock, no database,
 * no thread. Whoever follows the journal feeds it and keeps what it says.
 *
 * Only what people did counts: not hidden events, not tests, not what came
 * without an account. As soon as one account of the book was seen, only
 * accounts of the book count. Days are those of the journal's zone. */
#ifndef TELLTALE_SIGNAL_H
#define TELLTALE_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/event.h"
#include "event/signal_kind.h"

/* One of the two openers of a kind, `which` being 0 or 1, with {area} filled
 * in for the category. */
void signal_opener(struct buf *out, enum signal_kind kind, unsigned which,
                   int category);
/* The product area of a category, as people say it: "feature flags". */
const char *signal_area(enum category category);

#define SIGNAL_EVIDENCE 8
#define SIGNAL_NO_CATEGORY (-1)
#define NEWCOMERS_MAX 6

/* One conclusion. Text is NUL-terminated and sanitised; NULL: none. */
struct signal {
    enum signal_kind kind;
    bool withdrawn;      /* takes back the one of that kind, account and seq */
    const char *account; /* organisation id */
    const char *person;  /* distinct id, else e-mail, else name */
    int category;        /* or SIGNAL_NO_CATEGORY */
    uint64_t seq;        /* event or tick it was drawn at */
    int64_t fired_at;    /* wall ms */
    int64_t cooldown;    /* wall ms: is not said again before */
    enum tone tone;
    const char *sentence;
    const char *numbers; /* a JSON object */
    const char *opener;
    uint64_t evidence[SIGNAL_EVIDENCE]; /* seqs, ascending */
    size_t evidence_count;
};

struct zone_days;

/* What can be set; signal_settings_init() gives the defaults. */
struct signal_settings {
    const struct zone_days *zone; /* NULL: days of the process's zone */
    const int32_t *holidays;      /* days since 1970, ascending; borrowed */
    size_t holiday_count;
    const struct areas *areas; /* area.h; NULL: those of the table */
    int learning_days;         /* of an account, before something is news */
    int docs_within_s, burst_events, burst_within_s, seldom_days;
    int again_after_s;    /* working now */
    int champion_share;   /* percent of the account's meaningful events */
    int champion_days;    /* active ones, of 30 */
    int one_person_share; /* percent: more than that is dependence */
    int away_days, nobody_days;
    double quiet_height; /* of the sums; how they were found: HACKING.md */
    double growing_height;
    int quiet_rest, new_within, billing_rest; /* days */
    int new_people; /* who make an account one that grows: 2 to NEWCOMERS_MAX */
    int quiet_learning, growing_learning, champion_learning; /* days */
    int stays; /* days until a signal leaves the inbox by itself */
    int stuck_within_s, visits_within_s;
    bool off[SIGNAL_COUNT]; /* kinds that say nothing */
};
void signal_settings_init(struct signal_settings *settings);

struct engine;

/* Copies the settings; what they point to must outlive it. */
struct engine *engine_new(const struct signal_settings *settings);
void engine_free(struct engine *engine); /* NULL is allowed */

/* Both in order of seq. The event may die afterwards. */
void engine_event(struct engine *engine, const struct event *event);
void engine_tick(struct engine *engine, uint64_t seq, int64_t at);

/* What was concluded since engine_clear(), in order; valid until then. */
const struct signal *engine_signals(const struct engine *engine,
                                    size_t *count);
void engine_clear(struct engine *engine);
/* The clock went back, since it was ahead or is behind: what was emptied for
 * days that had not come is known no more. Another engine may learn it again (seed.h). */
bool engine_is_lost(const struct engine *engine);
size_t engine_bytes(const struct engine *engine); /* memory, all told */

/* Its memory of one account, as bytes that its follower keeps. Keys of
 * accounts that changed since engine_clean(), and "" for what is of no
 * account. */
const char *engine_dirty(const struct engine *engine, size_t index);
void engine_clean(struct engine *engine);
void engine_pack(const struct engine *engine, const char *key,
                 struct buf *out);
/* Into a new engine. False: not something engine_pack() wrote. */
bool engine_unpack(struct engine *engine, const char *key, const void *bytes,
                   size_t len);

#endif
