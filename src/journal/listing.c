/* Of each account one statement; those that are right already are not
 * written. */
#include "journal/listing.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "journal/db.h"

#include "base/banned.h"

bool listing_put(struct sqlite3 *db, const struct listed_account *accounts,
                 size_t count, struct err *err)
{
    sqlite3_stmt *put =
        db_prepare(db,
                   "UPDATE accounts SET name = ?2, listed = 1 WHERE key = ?1 "
                   "AND (name IS NOT ?2 OR NOT listed)",
                   false, err);
    bool ok = put;

    for (size_t i = 0; ok && i < count; i++) {
        db_bind_text(put, 1, accounts[i].id);
        db_bind_text(put, 2, accounts[i].name);
        ok = db_run(put, err);
    }
    sqlite3_finalize(put);
    return ok;
}

int listing_by_id(const void *a, const void *b)
{
    return strcmp(((const struct listed_account *)a)->id,
                  ((const struct listed_account *)b)->id);
}

static bool is_listed(const struct listed_account *accounts, size_t count,
                      const char *id)
{
    struct listed_account wanted = {.id = id};

    return bsearch(&wanted, accounts, count, sizeof *accounts, listing_by_id);
}

static bool take_out(sqlite3 *db, sqlite3_stmt *rows,
                     const struct listed_account *accounts, size_t count,
                     struct err *err)
{
    sqlite3_stmt *put =
        db_prepare(db, "UPDATE accounts SET listed = 0 WHERE id = ?1", false,
                   err);
    bool ok = put;
    int code = SQLITE_DONE;

    while (ok && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *id = (const char *)sqlite3_column_text(rows, 1);

        if (id && is_listed(accounts, count, id))
            continue;
        sqlite3_bind_int64(put, 1, sqlite3_column_int64(rows, 0));
        ok = db_run(put, err);
    }
    sqlite3_finalize(put);
    return db_end(rows, code, err) && ok;
}

bool listing_end(struct sqlite3 *db, const struct listed_account *accounts,
                 size_t count, struct err *err)
{
    sqlite3_stmt *rows =
        db_prepare(db, "SELECT id, key FROM accounts WHERE listed", false,
                   err);

    return rows && take_out(db, rows, accounts, count, err);
}
