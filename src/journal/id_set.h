/* Ids of rows, as many as they may be, that SQL asks about one by one:
 *   id_set_has(set, id)   is it one of them? set is what id_set_bind() bound
 * An "IN (SELECT value FROM json_each(…))" goes through all of them whenever
 * a statement runs. */
#ifndef TELLTALE_ID_SET_H
#define TELLTALE_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"

/* Zero-initialised. */
struct id_set {
    int64_t *ids;
    size_t count, cap;
};

void id_set_add(struct id_set *set, int64_t id);
/* Behind the last id_set_add(), before it is asked. */
void id_set_sort(struct id_set *set);
void id_set_free(struct id_set *set);

/* Teaches the function to a connection. */
bool id_set_register(sqlite3 *db, struct err *err);
/* set must live until the statement is run; NULL has none. */
void id_set_bind(sqlite3_stmt *statement, int index, const struct id_set *set);

#endif
