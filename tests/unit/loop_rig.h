/* What tests of the loop stand on: a loop that runs until a case's condition
 * holds, and counters for what it calls. */
#ifndef TELLTALE_LOOP_RIG_H
#define TELLTALE_LOOP_RIG_H

#include "net/loop.h"

#define PATIENCE_US 10000000

struct loop_rig {
    struct loop *loop;
    struct loop_timer *patience; /* fails the case when it runs out */
    unsigned calls, turns;
};

/* For cmocka: *state is the rig, its counters at nothing. */
int loop_rig_setup(void **state);
int loop_rig_teardown(void **state);
#define LOOP_CASE(test)                                                       \
    cmocka_unit_test_setup_teardown(test, loop_rig_setup, loop_rig_teardown)

#endif
