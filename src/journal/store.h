/* Writing to a journal's tables: what the writer's thread does with its
 * connection. All calls between store_begin() and store_commit() are one
 * transaction. Knows nothing of queues and threads. */
#ifndef TELLTALE_STORE_H
#define TELLTALE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"
#include "journal/appender.h"
#include "journal/guard.h"
#include "journal/salvage.h"

struct sqlite3;
struct store;

/* Takes the connection to the journal at path over, also when it fails (NULL
 * with err). */
struct store *store_new(struct sqlite3 *db, const char *path, struct err *err);
void store_free(struct store *store); /* NULL is allowed */
struct sqlite3 *store_db(struct store *store);

/* As sums_set_days(). */
struct zone_days;
void store_set_days(struct store *store, const struct zone_days *days);
/* What the guard said at the last look, and what the journal says of
 * itself. */
enum guard_state store_state(const struct store *store);
const struct salvage_facts *store_facts(struct store *store);
/* The next transaction looks closer before it begins. */
void store_doubt(struct store *store);
/* store_free() will copy nothing into the file, and remove no log. */
void store_leave_as_it_is(struct store *store);

/* The last seq given out. */
uint64_t store_seq(const struct store *store);
/* The last one that was committed with what it was given to. */
uint64_t store_saved_seq(const struct store *store);

bool store_begin(struct store *store, struct err *err);
/* Writes sums and high-water mark, then commits, and looks whether that went
 * where it should. False: rolled back, or in a file that does not count. It
 * is on the disk once the syncer says so. */
bool store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

/* As appender_append(). The batch must live until the transaction ends. */
bool store_append(struct store *store, struct event_batch *batch,
                  struct appended *out, struct err *err);
bool store_tick(struct store *store, int64_t wall_ms, struct err *err);
/* As journal_tick_once(). */
bool store_tick_once(struct store *store, int64_t wall_ms, int64_t since_ms,
                     struct err *err);

struct reject {
    int64_t at;
    int status;
    const char *why;
    const char *peer, *content_type, *webhook_id; /* each may be NULL */
    const char *body; /* the first kept bytes of size */
    size_t kept, size;
};
bool store_reject(struct store *store, const struct reject *reject,
                  struct err *err);

/* Runs call inside a savepoint: false undoes what it did, and only that.
 * Sees all that came before it in this transaction, sums too. *broken is set
 * when the whole transaction is gone. */
bool store_nested(struct store *store,
                  bool (*call)(void *ctx, struct sqlite3 *db, struct err *err),
                  void *ctx, bool *broken, struct err *err);

/* Bytes of the write-ahead log at the last commit. It starts anew with the
 * first commit after all of it was copied and nobody reads from it. */
size_t store_wal_bytes(const struct store *store);
/* Copies what can be copied of the log into the database; waits for nobody.
 * False with err: the files are in doubt, nothing was copied. */
bool store_checkpoint(struct store *store, struct err *err);
/* Copies and syncs all of the log, or fails. Outside transactions. */
bool store_copy_all(struct store *store, struct err *err);
/* Gives free pages back, copies all of the log and empties it; waits a
 * moment for readers, then fails. Outside transactions. */
bool store_truncate(struct store *store, struct err *err);

#endif
