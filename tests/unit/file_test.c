/* Lines of a file on their way into a journal: what is held meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "event/event.h"
#include "source/file_intake.h"

#include "base/banned.h"

#define WHEN "\"received_at\":\"2026-09-14T08:06:05.120Z\""

static const char event[] = "{\"event\":\"x\",\"sentence\":\"y\"," WHEN "}";
static const char wrong[] = "{\"event\":\"x\",\"sentence\":\"y\","
                            "\"received_at\":\"2999-01-01T00:00:00.000Z\"}";
static const char tick[] = "{\"tick\":\"2026-09-14T22:00:00.000Z\","
                           "\"zone\":\"Europe/Zurich\"}";

static struct link_policy links;
static struct decoder decoder = {.links = &links};

static enum file_line add(struct file_intake *intake, const char *line)
{
    const char *zone;
    struct err err;
    int64_t at;

    return file_intake_add(intake, line, strlen(line), &at, &zone, &err);
}

static void lines_that_are_no_events_leave_nothing_behind(void **state)
{
    struct file_intake intake;
    size_t most = 0;

    (void)state;
    file_intake_init(&intake, &decoder);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(add(&intake, wrong), FILE_WRONG);
        assert_int_equal(add(&intake, tick), FILE_TICK);
        if (intake.batch->arena.used > most)
            most = intake.batch->arena.used;
    }
    assert_true(most < KIB);
    assert_null(file_intake_take(&intake));
    file_intake_free(&intake);
}

static void what_is_held_of_wrong_lines_is_told(void **state)
{
    struct file_intake intake;
    struct event_batch *batch;

    (void)state;
    file_intake_init(&intake, &decoder);
    assert_int_equal(add(&intake, event), FILE_EVENT);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(add(&intake, wrong), FILE_WRONG);
    assert_true(intake.batch->bytes >= 1000 * strlen(wrong));
    batch = file_intake_take(&intake);
    assert_non_null(batch);
    assert_int_equal(batch->count, 1);
    assert_string_equal(batch->events[0].name, "x");
    assert_int_equal(intake.batch->bytes, 0);
    event_batch_free(batch);
    file_intake_free(&intake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_are_no_events_leave_nothing_behind),
        cmocka_unit_test(what_is_held_of_wrong_lines_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
