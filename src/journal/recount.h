/* Moving a journal to another time zone: the days of its sums are counted
 * anew. */
#ifndef TELLTALE_RECOUNT_H
#define TELLTALE_RECOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"

struct recount {
    uint64_t events; /* that count on another day now */
    uint64_t kept;   /* rows of days whose events are gone: they stay */
};

/* In one transaction of the owner's, or of one while there is none; while
 * there is one thread (zone.h). False with err: nothing was changed; a zone
 * that is not known is refused. */
bool recount_in_zone(sqlite3 *db, const char *zone, struct recount *out,
                     struct err *err);

#endif
