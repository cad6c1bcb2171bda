/* What the tests of the outbox share: a database of its own for a mirror
 * named "team", and what is taken out of it. What goes wrong fails the
 * case. */
#ifndef TELLTALE_OUTBOX_RIG_H
#define TELLTALE_OUTBOX_RIG_H

#include <sqlite3.h>

#include "mirror/outbox.h"
#include "query/query.h"

struct query *parse_query(const char *text);
/* Settings of a mirror with that query and nothing else; ended by
 * settings_end(). */
struct mirror_settings settings_of(const struct mirror_type *type,
                                   const char *query);
void settings_end(struct mirror_settings *settings);

/* An empty database at a path of its own, which goes into path[64]; closing
 * it removes it. */
sqlite3 *open_db(char *path);
void close_db(sqlite3 *db, const char *path);
/* The number that a query gives. */
int64_t ask_db(sqlite3 *db, const char *sql);

/* The mirror begins, or begins again. */
struct outbox_open open_mirror(sqlite3 *db, int64_t now);
/* Takes the row that is due, whose texts are freed already. */
struct outbox_take take_at(sqlite3 *db, int64_t now);

#endif
