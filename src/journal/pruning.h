/* What the stages of upkeep share (prune.h): the walk, and how it asks. On the
 * WRITER's thread, inside its transaction. */
#ifndef TELLTALE_PRUNING_H
#define TELLTALE_PRUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/err.h"
#include "event/event.h"
#include "journal/prune.h"
#include "journal/sweep.h"

/* Times that count may lie so far before the arrival (event_time()), and a day
 * more. */
#define PRUNING_LATEST_MS (EVENT_EARLIEST_MS + CLOCK_DAY_MS)

struct pruning {
    struct journal *journal;
    struct prune_options options;
    char **followers; /* names of cursors; the rest is read by nobody here */
    size_t follower_count;
    int64_t now;    /* what may be believed of it */
    int64_t before; /* what came before it goes; of the stage */
    int64_t unread; /* the seqs above it are unread by a follower */
    int64_t limit;  /* no seq above it goes; of the slice */
    size_t stage;
    bool again;        /* the stage wants another slice */
    int64_t seq, when; /* how far the stage has walked */
    /* Of events received here, that the walk met (struct stretch). */
    int64_t bar, sure, unsure;
    struct sweep sweep;
    struct prune_result result, slice;
    prune_done *done;
    void *ctx;
};

/* SQL in which ?1 is the time before, ?2 how far the stage is, ?3 the number,
 * ?4 the limit, ?5 the bar or what is behind all, ?6 what is sure, ?7 the
 * earliest time that a clock can say. ask() gives the columns of the one row;
 * NULL counts as 0. */
bool pruning_run(const struct pruning *pruning, sqlite3 *db, const char *sql,
                 int64_t number, struct err *err);
bool pruning_ask(const struct pruning *pruning, sqlite3 *db, const char *sql,
                 int64_t number, int64_t *out, int columns, struct err *err);

/* SQL: an event received here as it came, so that none before it is younger.
 * Those of the past and of other journals have times of their own. */
#define PRUNING_OWN "origin IS NULL AND NOT flags & 2"
/* SQL: an event that is old. A clock may have been behind when it came: one
 * that is received here goes neither before one that came before it nor, where
 * the clock was never set, before one that came after. */
#define PRUNING_OLD                                                           \
    "received_at < ?1 AND (NOT (" PRUNING_OWN ") OR (seq < ?5 AND "           \
    "(received_at >= ?7 OR seq < ?6)))"

/* What goes through all events costs: of a large journal it is done once a
 * day. The facts are how many there are, and when (meta) it was done last. */
#define PRUNING_FACTS(key)                                                    \
    "SELECT coalesce((SELECT sum(events) FROM hours), 0), coalesce((SELECT "  \
    "value FROM meta WHERE key = '" key "'), 0)"
#define PRUNING_DONE(key)                                                     \
    "INSERT INTO meta (key, value) VALUES ('" key "', ?3) ON CONFLICT DO "    \
    "UPDATE SET value = ?3"
bool pruning_is_due(const struct pruning *pruning, sqlite3 *db,
                    const char *facts, bool *due, struct err *err);

/* What the next rows in order of seq are: how many, the last seq, the first
 * that is young. A clock that was ahead leaves rows that are neither old nor
 * young, and says nothing about what comes after them. And of those received
 * here: the first that is young, the last before it that is old and says when,
 * the first of a clock that was never set, of which nothing later is known. */
struct stretch {
    int64_t rows, last, young, bar, sure, unsure;
};
bool pruning_look_ahead(const struct pruning *pruning, sqlite3 *db,
                        struct stretch *out, struct err *err);
/* Makes a note of it. True: it says how old events are that were passed by, so
 * the walk is back there. */
bool pruning_note_stretch(struct pruning *pruning, const struct stretch *next);
/* Old ones in the stretch are above the limit: they wait. */
bool pruning_look_beyond(struct pruning *pruning, sqlite3 *db,
                         const struct stretch *next, struct err *err);

/* A slice is the table "pruned". */
bool pruning_begin_slice(sqlite3 *db, struct err *err);
/* No more of it than holds so many bytes, and one row: deleting large bodies
 * must not hold up a commit. *cut: some are left for the next. */
bool pruning_trim_slice(const struct pruning *pruning, sqlite3 *db,
                        int64_t bytes, bool *cut, struct err *err);

/* Stages. */
bool prune_look_at_clock(struct pruning *pruning, sqlite3 *db,
                         struct err *err);
bool prune_past(struct pruning *pruning, sqlite3 *db, struct err *err);
bool prune_events(struct pruning *pruning, sqlite3 *db, struct err *err);
bool prune_surplus(struct pruning *pruning, sqlite3 *db, struct err *err);
bool prune_bodies(struct pruning *pruning, sqlite3 *db, struct err *err);
bool prune_past_bodies(struct pruning *pruning, sqlite3 *db, struct err *err);

#endif
