/* Every export of events is noted in the journal, so that one can tell who
 * has a copy: once when it begins, and again when it is known how many. */
#ifndef TELLTALE_EXPORTS_H
#define TELLTALE_EXPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct journal;
struct sqlite3;

struct export_note {
    int64_t id;         /* the exporter's choice; the same one to amend it */
    int64_t at;         /* wall ms */
    const char *query;  /* what was asked for; NULL: everything */
    const char *target; /* by whom, in which form: "ada, csv" */
    uint64_t events;
};

/* For the writer, inside its transaction. Only the number changes of one that
 * is there. */
bool exports_note(struct sqlite3 *db, const struct export_note *note,
                  struct err *err);
/* Queues that; copies. on_done is called on the loop's thread, with the token,
 * unless the journal is closed before. */
void exports_write(struct journal *journal, const struct export_note *note,
                   void (*on_done)(void *ctx, uint64_t token, bool ok,
                                   const struct err *err),
                   void *ctx, uint64_t token);
/* Oldest first; text is valid during the call. False with err; each returns
 * false to stop. */
bool exports_each(struct sqlite3 *db,
                  bool (*each)(void *ctx, const struct export_note *note),
                  void *ctx, struct err *err);

#endif
