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

struct sqlite3;
struct store;

/* Takes the connection over, also when it fails (NULL with err). */
struct store *store_new(struct sqlite3 *db, struct err *err);
void store_free(struct store *store); /* NULL is allowed */

const struct uuid *store_journal_id(const struct store *store);
/* The last seq given out. */
uint64_t store_seq(const struct store *store);

bool store_begin(struct store *store, struct err *err);
/* Writes sums and high-water mark, then commits. False: rolled back. */
bool store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

/* Gives each event its seq, or marks it EVENT_DUPLICATE with the seq of the
 * first one (0: it is of somebody forgotten, and from before that). The
 * batch must live until the transaction ends. */
bool store_append(struct store *store, struct event_batch *batch,
                  size_t *fresh, size_t *duplicates, struct err *err);
bool store_tick(struct store *store, int64_t wall_ms, struct err *err);

struct reject {
    int64_t at;
    int status;
    const char *why, *peer; /* peer may be NULL */
    const char *body;       /* the first kept bytes of size */
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
/* Copies what can be copied of the log into the database; waits for
 * nobody. */
void store_checkpoint(struct store *store);
/* Gives free pages back, copies all of the log and empties it; waits a
 * moment for readers, then fails. Outside transactions. */
bool store_truncate(struct store *store, struct err *err);

#endif
