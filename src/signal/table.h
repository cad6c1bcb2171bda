/* The table signals: what is written when something was concluded, what the
 * user says about it, and the one JSON form. */
#ifndef TELLTALE_SIGNAL_TABLE_H
#define TELLTALE_SIGNAL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "signal/signal.h"

struct sqlite3;

/* For the writer's thread, inside its transaction. The same conclusion is
 * written once, whatever became of it since. */
bool table_conclude(struct sqlite3 *db, const struct signal *signal,
                    struct err *err);
/* Adds to *rows when it is a new one. */
bool table_remember(struct sqlite3 *db, const char *key,
                    const struct buf *state, int64_t *rows, struct err *err);

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

/* A row, while it is handed out. */
struct signal_row {
    int64_t id, fired_at, until; /* until 0: none */
    int64_t updated;             /* when its state was said, wall ms */
    enum signal_kind kind;
    uint64_t seq;
    const char *account_id, *account_name;
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
/* The one JSON form, without a newline. */
bool signal_to_json(struct buf *out, const struct signal_row *row);

#endif
