/* What the tests of retention share: a prune that is waited for, over the
 * journal's rig, and events that were received when the test says. */
#ifndef TELLTALE_PRUNE_RIG_H
#define TELLTALE_PRUNE_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/prune.h"
#include "tests/unit/journal_rig.h"

struct pruned {
    bool done, ok;
    struct prune_result result;
};
prune_done note_pruned; /* ctx: a struct pruned */

/* It must work. */
struct prune_result prune_by(struct rig *rig,
                             const struct prune_options *options);
/* The journal's own clock says that. */
void prune_trust(struct rig *rig, int64_t clock);

/* Somebody's event, with a uuid of that number, received as it occurred. */
struct event at(int64_t when, uint32_t number, const char *person);

#endif
