/* The table signals: what is written when something was concluded, what the
 * user says about it, and the one JSON form. */
#ifndef TELLTALE_SIGNAL_TABLE_H
#define TELLTALE_SIGNAL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/slice.h"
#include "signal/signal.h"

struct sqlite3;

/* For the writer's thread, inside its transaction. The same conclusion is
 * written once, whatever became of it since. */
bool table_conclude(struct sqlite3 *db, const struct signal *signal,
                    struct err *err);
/* Withdraws what has been in the inbox, and untouched, for so many days at the
 * tick of that seq, or for fewer where its kind does not stay so long; adds
 * how many to *gone. After a leap of the clock what is due waits for the next
 * tick: it says whether the clock was right. */
bool table_let_go(struct sqlite3 *db, uint64_t tick, int stays, size_t *gone,
                  struct err *err);
bool table_remember(struct sqlite3 *db, const char *key,
                    const struct buf *state, struct err *err);

enum signal_state {
    STATE_NEW,
    STATE_SEEN, /* open like a new one, but the user has looked at it */
    STATE_SNOOZED,
    STATE_DONE,
    STATE_WITHDRAWN,
    STATE_COUNT
};
const char *signal_state_name(enum signal_state state);

/* What the user says of one. until: of a snooze, wall ms. False with err:
 * "there is no signal 7". */
struct signal_change {
    int64_t id;
    bool noted; /* only a note; else a state */
    enum signal_state state;
    int64_t until;
    const char *note; /* NULL removes it */
    int64_t at;
};
bool table_change(struct sqlite3 *db, const struct signal_change *change,
                  struct err *err);

/* Whom and what a signal is about: the same in every journal that has seen the
 * same, while its id is not. */
struct signal_about {
    enum signal_kind kind;
    const char *account, *person; /* as in a row's ids, or NULL */
    int category;                 /* or SIGNAL_NO_CATEGORY */
};
/* Reads it out of the one JSON form, text into arena. False: it is none. */
bool signal_about_read(struct slice json, struct arena *arena,
                       struct signal_about *out);
/* The newest signal about that; *id 0: there is none. */
bool table_find(struct sqlite3 *db, const struct signal_about *about,
                int64_t *id, struct err *err);

/* The verb of a change, "done", "seen", "new", "snooze" or "note"; and back:
 * of change only state and noted are filled in, false for another word. */
const char *signal_change_verb(const struct signal_change *change);
bool signal_change_read(const char *verb, struct signal_change *change);

/* A row, while it is handed out. */
struct signal_row {
    int64_t id, fired_at, until; /* until 0: none */
    int64_t updated;             /* when its state was said, wall ms */
    enum signal_kind kind;
    uint64_t seq;
    const char *account_id, *account_name;
    bool listed; /* the account is in the book */
    const char *person_id, *person_email, *person_name; /* or NULL */
    int category; /* or SIGNAL_NO_CATEGORY */
    enum tone tone;
    const char *sentence, *numbers, *opener, *evidence, *note;
    enum signal_state state; /* a snooze that is over is new again */
};
struct signal_filter {
    bool all;            /* done and withdrawn ones, and those that sleep */
    int64_t id;          /* only that one; 0: any */
    const char *account; /* id, or a part of the name by
                            text_fold(); NULL: any */
    int64_t now;         /* wall ms */
};
/* The most urgent first: bad before warn before good, then the newest.
 * False with err; each returns false to stop. */
bool table_each(struct sqlite3 *db, const struct signal_filter *filter,
                bool (*each)(void *ctx, const struct signal_row *row),
                void *ctx, struct err *err);
/* The same, all of those behind `after` in order of id: the order in which
 * they were concluded. */
bool table_each_after(struct sqlite3 *db, int64_t after, int64_t now,
                      bool (*each)(void *ctx, const struct signal_row *row),
                      void *ctx, struct err *err);
/* The same, those of the events and ticks behind `after`, up to and with
 * `upto`, in their order. */
bool table_each_within(struct sqlite3 *db, uint64_t after, uint64_t upto,
                       bool (*each)(void *ctx, const struct signal_row *row),
                       void *ctx, struct err *err);
/* A signal that waits to be looked at: neither done nor withdrawn nor asleep,
 * and there. */
bool table_is_open(struct sqlite3 *db, int64_t id, int64_t now, bool *open,
                   struct err *err);
/* The newest id, 0 when there is none. */
bool table_newest(struct sqlite3 *db, int64_t *id, struct err *err);
/* The one JSON form, without a newline. */
bool signal_to_json(struct buf *out, const struct signal_row *row);
/* Reads one that came from elsewhere, cleaned, text into arena. False with
 * err: it is none. */
bool signal_row_read(const char *json, size_t len, struct arena *arena,
                     struct signal_row *out, struct err *err);

#endif
