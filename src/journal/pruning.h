/* What the stages of upkeep share (prune.h): the walk, and how it asks. On the
 * WRITER's thread, inside its transaction. */
#ifndef TELLTALE_PRUNING_H
#define TELLTALE_PRUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"
#include "journal/prune.h"
#include "journal/sweep.h"

/* Times that count may lie so far before the arrival (event_time()). */
#define PRUNING_LATEST_MS INT64_C(691200000)

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
    struct sweep sweep;
    struct prune_result result, slice;
    prune_done *done;
    void *ctx;
};

/* SQL in which ?1 is the time before, ?2 how far the stage is, ?3 the number,
 * ?4 the limit. ask() gives the columns of the one row; NULL counts as 0. */
bool pruning_run(const struct pruning *pruning, sqlite3 *db, const char *sql,
                 int64_t number, struct err *err);
bool pruning_ask(const struct pruning *pruning, sqlite3 *db, const char *sql,
                 int64_t number, int64_t *out, int columns, struct err *err);

/* What the next rows in order of seq are: how many, the last seq, how many
 * are old, the first that is young. A clock that was ahead leaves rows that
 * are neither, and says nothing about what comes after them. */
struct stretch {
    int64_t rows, last, old, young;
};
bool pruning_look_ahead(const struct pruning *pruning, sqlite3 *db,
                        struct stretch *out, struct err *err);
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
