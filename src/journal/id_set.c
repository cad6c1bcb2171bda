/* Ids in a sorted array, which a statement is given by its address. */
#include "journal/id_set.h"

#include <stdlib.h>

#include "base/mem.h"

#include "base/banned.h"

#define POINTER "id_set" /* what SQLite knows the address by */

void id_set_add(struct id_set *set, int64_t id)
{
    if (set->count == set->cap) {
        set->cap = set->cap ? 2 * set->cap : 16;
        set->ids = xreallocarray(set->ids, set->cap, sizeof *set->ids);
    }
    set->ids[set->count++] = id;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void id_set_sort(struct id_set *set)
{
    if (set->count)
        qsort(set->ids, set->count, sizeof *set->ids, by_id);
}

void id_set_free(struct id_set *set)
{
    free(set->ids);
    *set = (struct id_set){0};
}

/* ---- SQL ---- */

static void has(sqlite3_context *call, int count, sqlite3_value **values)
{
    const struct id_set *set = sqlite3_value_pointer(values[0], POINTER);
    int64_t id = sqlite3_value_int64(values[1]);

    (void)count;
    sqlite3_result_int(call, set && set->count &&
                                 bsearch(&id, set->ids, set->count,
                                         sizeof *set->ids, by_id));
}

bool id_set_register(sqlite3 *db, struct err *err)
{
    return sqlite3_create_function(db, "id_set_has", 2, SQLITE_UTF8, NULL, has,
                                   NULL, NULL) == SQLITE_OK ||
           err_set(err, "the journal: %s", sqlite3_errmsg(db));
}

void id_set_bind(sqlite3_stmt *statement, int index, const struct id_set *set)
{
    sqlite3_bind_pointer(statement, index, (void *)set, POINTER, NULL);
}
