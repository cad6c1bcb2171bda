/* What can still be read of a damaged journal, put into a sound one under
 * its own seqs and ids. */
#ifndef TELLTALE_SALVAGE_H
#define TELLTALE_SALVAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"
#include "base/uuid.h"

struct salvage_report {
    uint64_t events; /* found, and not there before */
    uint64_t bodies;
    uint64_t others; /* rows of all other tables */
    uint64_t torn;   /* rows that cannot be read to their end */
    int64_t acts;    /* the highest id of one, as the journal noted; 0: it is
                        not found */
};

/* Everything but events and bodies, into a journal that has no row yet: the
 * ids must be free. One transaction. */
bool salvage_rest(sqlite3 *db, const char *damaged,
                  struct salvage_report *report, struct err *err);
/* The events and their bodies, in transactions of a few hundred rows; doing
 * it again adds nothing. Then counts the hours anew. */
bool salvage_events(sqlite3 *db, const char *damaged,
                    struct salvage_report *report, struct err *err);

/* What a journal says of itself, as far as it can be found. */
struct salvage_facts {
    bool is_journal; /* it holds rows as only a journal has */
    bool has_id, has_salt;
    struct uuid id, salt;
    char zone[64]; /* "": not found */
    uint64_t seq;  /* the highest one seen */
};
bool salvage_facts(const char *damaged, struct salvage_facts *facts,
                   struct err *err);

#endif
