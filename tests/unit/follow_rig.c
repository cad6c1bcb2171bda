/* The rig of the tests of the signals behind a journal. It tests nothing
 * itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/follow_rig.h"

#include "base/banned.h"

static void on_arm(void *ctx, int64_t us)
{
    ((struct stage *)ctx)->armed = us >= 0;
}

static void on_done(void *ctx, bool ok, size_t concluded,
                    const struct err *err)
{
    struct stage *stage = ctx;

    (void)concluded;
    (void)err;
    stage->done = true;
    stage->ok = ok;
}

struct stage stage_of(struct rig *rig)
{
    struct stage stage = {.rig = rig};

    setenv("TZ", "UTC0", 1);
    tzset();
    signal_settings_init(&stage.settings);
    return stage;
}

void stage_begin(struct stage *stage)
{
    struct signals_options options = {.journal = stage->rig->journal,
                                      .settings = &stage->settings,
                                      .arm = on_arm,
                                      .on_done = on_done,
                                      .ctx = stage};

    stage->armed = false;
    stage->signals = signals_new(&options);
}

void stage_end(struct stage *stage)
{
    signals_stop(stage->signals);
    rig_close(stage->rig);
    signals_free(stage->signals);
    stage->signals = NULL;
}

uint64_t stage_last(const struct stage *stage)
{
    return journal_stats(stage->rig->journal).last_seq;
}

void stage_follow(struct stage *stage)
{
    signals_committed(stage->signals, stage_last(stage));
    while (signals_seq(stage->signals) < stage_last(stage)) {
        rig_drain_until(stage->rig, &stage->armed);
        stage->armed = false;
        stage->done = false;
        signals_wake(stage->signals);
        rig_drain_until(stage->rig, &stage->done);
        assert_true(stage->ok);
    }
}
