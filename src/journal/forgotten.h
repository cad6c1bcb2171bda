/* Whom the journal was told to forget: salted hashes, so that an import, a
 * backfill or a feed does not bring back what was deleted. Lives on the
 * writer's thread. */
#ifndef TELLTALE_FORGOTTEN_H
#define TELLTALE_FORGOTTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"

struct sqlite3;
struct forgotten;

struct forgotten *forgotten_new(struct sqlite3 *db, struct err *err);
void forgotten_free(struct forgotten *forgotten); /* NULL is allowed */
/* Notes whether there is anybody; call when the table may have changed. */
bool forgotten_refresh(struct forgotten *forgotten, struct err *err);

/* *has: the event is of somebody forgotten, and from before that. False with
 * err: that cannot be told. */
bool forgotten_has(struct forgotten *forgotten, const struct event *event,
                   bool *has, struct err *err);

/* A clock that was far ahead said when, and is set: what is more than a day
 * beyond the reading now_ms was no later than the journal's own clock says
 * (prune.h), unless the reading is behind that one and no sender bears it out.
 * is_ahead() asks that of the last that has() found. */
bool forgotten_is_ahead(const struct forgotten *forgotten, int64_t now_ms);
bool forgotten_put_right(struct sqlite3 *db, int64_t now_ms, struct err *err);

/* What is forgotten: all that names the text as its address, its distinct id
 * or its organisation id; or (FORGOTTEN_ALONE) the distinct id where no
 * address says that it is somebody else. */
#define FORGOTTEN_EMAIL "email"
#define FORGOTTEN_ID "id"
#define FORGOTTEN_ALONE "alone"
#define FORGOTTEN_ACCOUNT "account"
/* Adds the hash, inside the transaction that is open. */
bool forgotten_add(struct forgotten *forgotten, const char *kind,
                   const char *text, int64_t at, struct err *err);

/* The same name while it is being forgotten: said at the beginning and at the
 * end of what goes up to `at`, inside the transaction that is open. Any thread
 * asks: *at, the last that did not come to its end; 0: there is none. */
bool forgotten_begin(struct sqlite3 *db, const char *kind, const char *text,
                     int64_t at, struct err *err);
bool forgotten_end(struct sqlite3 *db, const char *kind, const char *text,
                   int64_t at, struct err *err);
bool forgotten_begun(struct sqlite3 *db, const char *kind, const char *text,
                     int64_t *at, struct err *err);

/* For another journal that holds the same people: each hash, in order, behind
 * one (NULL: all), and the salt it was made with. Any thread, with its own
 * connection; each returns false to stop. */
#define FORGOTTEN_HASH 32
typedef bool forgotten_one(void *ctx, const struct uuid *salt,
                           const char *kind, const unsigned char *hash,
                           int64_t at);
bool forgotten_each(struct sqlite3 *db, const unsigned char *after,
                    forgotten_one *each, void *ctx, struct err *err);
/* The same of what was not told to that reader yet, or is of another time than
 * it was told; and that it is told, inside the transaction that is open. */
bool forgotten_each_untold(struct sqlite3 *db, const char *reader,
                           forgotten_one *each, void *ctx, struct err *err);
bool forgotten_set_told(struct sqlite3 *db, const char *reader,
                        const unsigned char *hash, int64_t at,
                        struct err *err);
/* The hash of a name under a salt; kind is one of the above. */
void forgotten_hash(const struct uuid *salt, const char *kind,
                    const char *text, unsigned char out[FORGOTTEN_HASH]);

#endif
