/* What the stages of forgetting share (forget.h): whom, how far, and what was
 * found. A slice of a stage that looks for names has two steps: looking, on
 * the READER's thread, which takes as long as what strangers wrote is hard to
 * read; and writing, on the WRITER's thread inside its transaction, for which
 * answers wait. They are never both under way. */
#ifndef TELLTALE_FORGETTING_H
#define TELLTALE_FORGETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"
#include "journal/forget.h"
#include "journal/room.h"
#include "journal/sweep.h"
#include "journal/trace.h"

/* A row that names them. */
struct forget_found {
    int64_t row;
    bool words; /* its texts do */
    char *body; /* its body does: the text without; NULL: it does not */
    size_t len;
};

struct forgetting {
    struct journal *journal;
    enum forget_kind kind;
    char *text;
    int64_t at;
    int64_t noted; /* what has a seq up to this came before it was asked */
    int64_t last;  /* the last seq to do */
    struct whom *whom;
    struct forget_goes goes; /* once they are known */
    struct traces *traces;
    struct sweep sweep;
    size_t stage, part;
    int64_t row,
        to;      /* of the stage: the slice is what is after row, up to to */
    bool again;  /* the stage wants another slice */
    bool looked; /* the slice was looked through: found is of it */
    struct forget_found *found;
    size_t found_count, written; /* of found, the first were written */
    unsigned tries;
    struct forget_result result, slice;
    struct forget_ops ops;
    void *ctx;
};

/* ---- statements ---- */

/* SQL in which ?1 is the text, ?2 the identities as an id_set, ?3 and ?4 the
 * slice, ?5 and ?6 what came before it was asked, ?7 the persons as a JSON
 * array, ?8 whether all that was written goes, ?9 the persons as an id_set,
 * for what runs again and again. The caller finalises. */
sqlite3_stmt *forgetting_prepare(const struct forgetting *job, sqlite3 *db,
                                 const char *sql, struct err *err);
/* Adds the changed rows to *changed, unless NULL. */
bool forgetting_run(const struct forgetting *job, sqlite3 *db, const char *sql,
                    uint64_t *changed, struct err *err);
/* What the other rooms keep. */
bool forgetting_run_rooms(const struct forgetting *job, sqlite3 *db,
                          enum room_part part, uint64_t *changed,
                          struct err *err);
/* One number; 0 for none. */
bool forgetting_find(const struct forgetting *job, sqlite3 *db,
                     const char *sql, int64_t *out, struct err *err);

/* ---- a slice that was looked through ---- */

/* Goes through rows in their order, at least one, until it has taken a while,
 * or they make LIMIT_FORGET_BYTES: to is then the last, 0 if there was none.
 * The columns of sql: the row; the bytes that it counts for; may it be
 * blotted; a body or NULL; and the texts. */
bool forgetting_look(struct forgetting *job, sqlite3 *db, const char *sql,
                     bool hints, struct err *err);
/* Writes what was found, at least one row, until it has taken some
 * milliseconds: the rest is for the next transaction. True in *all: nothing
 * is left, and the slice is done. */
typedef bool forgetting_write_row(struct forgetting *job, sqlite3 *db,
                                  const struct forget_found *found,
                                  struct err *err);
bool forgetting_write(struct forgetting *job, sqlite3 *db,
                      forgetting_write_row *row, bool *all, struct err *err);
/* sql with a slice that is that one row. */
bool forgetting_run_row(struct forgetting *job, sqlite3 *db, const char *sql,
                        int64_t row, uint64_t *changed, struct err *err);
/* Frees what was found: the slice is done, or the job is. */
void forgetting_drop_found(struct forgetting *job);

/* ---- stages ---- */

bool forget_look_at_events(struct forgetting *job, sqlite3 *db,
                           struct err *err);
bool forget_events(struct forgetting *job, sqlite3 *db, struct err *err);
/* What daily counts of the slice, before it is deleted. */
bool forget_take_off_days(const struct forgetting *job, sqlite3 *db,
                          struct err *err);
bool forget_days(struct forgetting *job, sqlite3 *db, struct err *err);
bool forget_look_at_names(struct forgetting *job, sqlite3 *db,
                          struct err *err);
bool forget_names(struct forgetting *job, sqlite3 *db, struct err *err);
bool forget_look_at_rejects(struct forgetting *job, sqlite3 *db,
                            struct err *err);
bool forget_rejects(struct forgetting *job, sqlite3 *db, struct err *err);

#endif
