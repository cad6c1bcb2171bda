/* What the book says of the accounts that are in the journal: their names, and
 * who is in it. Each event brings that of its own account; an account that
 * does nothing would keep what it had for ever. */
#ifndef TELLTALE_JOURNAL_LISTING_H
#define TELLTALE_JOURNAL_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct sqlite3;

struct listed_account {
    const char *id, *name;
};

/* For qsort(). */
int listing_by_id(const void *a, const void *b);

/* Both are for the writer, inside its transaction. They are in the book, and
 * are called that; accounts that are not in the journal are left out. */
bool listing_put(struct sqlite3 *db, const struct listed_account *accounts,
                 size_t count, struct err *err);
/* Nobody else is in it. accounts: the whole book, sorted by listing_by_id().
 */
bool listing_end(struct sqlite3 *db, const struct listed_account *accounts,
                 size_t count, struct err *err);

#endif
