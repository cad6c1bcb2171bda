/* What the tests of the signals behind a real journal share: signals that go
 * through all that is in it. */
#ifndef TELLTALE_FOLLOW_RIG_H
#define TELLTALE_FOLLOW_RIG_H

#include <stdbool.h>

#include "signal/follow.h"
#include "tests/unit/journal_rig.h"

struct stage {
    struct rig *rig;
    struct signal_settings settings;
    struct signals *signals;
    bool armed, done, ok;
};

/* Over that journal, the settings as they are if nobody changes them. Days
 * are UTC from then on. */
struct stage stage_of(struct rig *rig);
/* The signals begin, or begin again where they were. */
void stage_begin(struct stage *stage);
/* They end, and the journal is closed. */
void stage_end(struct stage *stage);
/* All that is there is gone through. */
void stage_follow(struct stage *stage);
uint64_t stage_last(const struct stage *stage); /* the newest seq */

#endif
