/* The table pins: events that somebody marked, here or at a telltale that is
 * linked with this one. An event is named by where it was first received,
 * which is the same everywhere. For the writer, inside its transaction. */
#ifndef TELLTALE_JOURNAL_PINS_H
#define TELLTALE_JOURNAL_PINS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"

struct sqlite3;

/* Where an event was first received. */
struct pin_place {
    struct uuid journal;
    uint64_t seq;
};

/* Of an event here; ours is the journal's own id. *there: it is still kept. */
bool pins_place(struct sqlite3 *db, uint64_t seq, const struct uuid *ours,
                struct pin_place *out, bool *there, struct err *err);
/* And back; *seq 0: it is not here. */
bool pins_find(struct sqlite3 *db, const struct pin_place *place,
               const struct uuid *ours, uint64_t *seq, struct err *err);

/* Is it pinned, and the note of its pin, the caller's to free; NULL: there is
 * none. */
bool pins_note(struct sqlite3 *db, const struct pin_place *place,
               const struct uuid *ours, bool *pinned, char **note,
               struct err *err);

/* Pins it, or gives the pin another note (NULL: none). Beyond LIMIT_PINS
 * nothing is changed; *full then. */
bool pins_set(struct sqlite3 *db, uint64_t seq, int64_t at, const char *note,
              bool *full, struct err *err);
bool pins_remove(struct sqlite3 *db, uint64_t seq, struct err *err);

#endif
