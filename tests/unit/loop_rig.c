/* The rig of the loop's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/loop_rig.h"

#include "base/banned.h"

static void give_up(void *ctx)
{
    struct loop_rig *rig = ctx;

    loop_stop(rig->loop);
    fail_msg("the condition never came");
}

int loop_rig_setup(void **state)
{
    static struct loop_rig rig;

    rig = (struct loop_rig){0};
    rig.loop = loop_new(NULL);
    if (!rig.loop)
        return -1;
    rig.patience = loop_timer_new(rig.loop, give_up, &rig);
    loop_timer_set(rig.patience, PATIENCE_US);
    *state = &rig;
    return 0;
}

int loop_rig_teardown(void **state)
{
    struct loop_rig *rig = *state;

    loop_timer_free(rig->patience);
    loop_free(rig->loop);
    return 0;
}
