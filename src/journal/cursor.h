/* How far each reader of the journal has gone, and a line of text of its
 * own: the SQL of the table `cursors`. For the WRITER's thread, inside its
 * transaction (journal_write); what only reads, for readers too. */
#ifndef TELLTALE_CURSOR_H
#define TELLTALE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sqlite3;

/* The reader's place; makes it, at *seq, if there is none. */
bool cursor_open(struct sqlite3 *db, const char *reader, uint64_t *seq,
                 struct err *err);
/* The same without making it; false when there is none, or with err. */
bool cursor_find(struct sqlite3 *db, const char *reader, uint64_t *seq,
                 struct err *err);
/* The place of the one that is furthest behind; INT64_MAX when none of them
 * has one. */
bool cursor_slowest(struct sqlite3 *db, char *const *readers, size_t count,
                    int64_t *seq, struct err *err);
/* Moves it; false when it is not at `from` any more: what was concluded must
 * not be written a second time. */
bool cursor_move(struct sqlite3 *db, const char *reader, uint64_t from,
                 uint64_t to, struct err *err);

/* How far a reader has gone in another journal: the place that was moved last.
 * *seq is 0, and *origin as it was, when there is none. */
struct uuid;
bool cursor_find_there(struct sqlite3 *db, const char *reader,
                       struct uuid *origin, uint64_t *seq, struct err *err);
/* In that one; *seq is 0 when there is none. */
bool cursor_find_in(struct sqlite3 *db, const char *reader,
                    const struct uuid *origin, uint64_t *seq, struct err *err);
/* Moves it forward, never back. */
bool cursor_move_there(struct sqlite3 *db, const char *reader,
                       const struct uuid *origin, uint64_t to,
                       struct err *err);

/* Puts it there, back too. */
bool cursor_put_there(struct sqlite3 *db, const char *reader,
                      const struct uuid *origin, uint64_t seq,
                      struct err *err);
/* Each of the reader's places in other journals. */
bool cursor_each_there(struct sqlite3 *db, const char *reader,
                       void (*each)(void *ctx, const struct uuid *origin,
                                    uint64_t seq),
                       void *ctx, struct err *err);

/* The text kept under that name, NULL for none; the caller frees it. */
bool cursor_read_text(struct sqlite3 *db, const char *reader, char **text,
                      struct err *err);
bool cursor_write_text(struct sqlite3 *db, const char *reader,
                       const char *text, struct err *err);

#endif
