/* What is done at an attached board waits in its journal to be told to the
 * other telltale (journal/acts.h), from the transaction on that does it. */
#ifndef TELLTALE_UNTOLD_H
#define TELLTALE_UNTOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct pin_place;
struct signal_change;
struct sqlite3;

/* For the writer, inside its transaction. *full: too much waits, it will not
 * be told. */
bool untold_signal(struct sqlite3 *db, const struct signal_change *change,
                   bool *full, struct err *err);
/* seq: the event's here. */
bool untold_pin(struct sqlite3 *db, const struct pin_place *place,
                uint64_t seq, bool on, int64_t at, bool *full,
                struct err *err);
/* A note was written on it; else it was read. */
bool untold_account(struct sqlite3 *db, const char *account, bool note,
                    int64_t at, bool *full, struct err *err);

#endif
