/* inbox: signals in memory, what is said of them, what stands first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "live/inbox.h"
#include "base/banned.h"

#define NOW INT64_C(1789383600000)
#define MINUTE INT64_C(60000)

static struct inbox *inbox;

static int set_up(void **state)
{
    (void)state;
    inbox = inbox_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    inbox_free(inbox);
    return 0;
}

/* One of account "a" that fired so many minutes ago. */
static void add(int64_t id, enum tone tone, enum inbox_state state,
                int minutes)
{
    struct inbox_signal signal = {.id = id,
                                  .tone = tone,
                                  .state = state,
                                  .until = NOW + MINUTE,
                                  .fired_at = NOW - minutes * MINUTE,
                                  .title = "stuck",
                                  .account_id = "a"};

    assert_true(inbox_add(inbox, &signal));
}

static void what_is_said_is_there_at_once(void **state)
{
    (void)state;
    add(7, TONE_WARN, INBOX_NEW, 1);
    inbox_set_state(inbox, 7, INBOX_DONE, 0);
    inbox_set_note(inbox, 7, "called");
    assert_int_equal(inbox_find(inbox, 7)->state, INBOX_DONE);
    assert_string_equal(inbox_find(inbox, 7)->note, "called");
    inbox_set_note(inbox, 7, NULL);
    assert_null(inbox_find(inbox, 7)->note);
    inbox_set_state(inbox, 8, INBOX_DONE, 0); /* nobody */
    assert_null(inbox_find(inbox, 8));
}

static void a_snooze_that_is_over_is_new(void **state)
{
    (void)state;
    add(1, TONE_WARN, INBOX_SNOOZED, 1);
    assert_int_equal(inbox_state(inbox_at(inbox, 0), NOW), INBOX_SNOOZED);
    assert_false(inbox_is_open(inbox_at(inbox, 0), NOW));
    assert_true(inbox_next(inbox, NOW) == NOW + MINUTE);
    assert_int_equal(inbox_state(inbox_at(inbox, 0), NOW + MINUTE), INBOX_NEW);
    assert_true(inbox_is_open(inbox_at(inbox, 0), NOW + MINUTE));
    assert_true(inbox_next(inbox, NOW + MINUTE) == CLOCK_NONE);
}

static void new_and_seen_are_counted(void **state)
{
    struct inbox_totals totals;

    (void)state;
    add(1, TONE_BAD, INBOX_NEW, 1);
    add(2, TONE_BAD, INBOX_SEEN, 1);
    add(3, TONE_BAD, INBOX_SEEN, 1);
    add(4, TONE_BAD, INBOX_SNOOZED, 1);
    add(5, TONE_BAD, INBOX_DONE, 1);
    totals = inbox_totals(inbox, NOW);
    assert_int_equal(totals.fresh, 1);
    assert_int_equal(totals.open, 2);
}

static void the_worst_of_an_account_is_the_newest_of_the_worst(void **state)
{
    size_t open;

    (void)state;
    add(1, TONE_GOOD, INBOX_NEW, 1);
    add(2, TONE_BAD, INBOX_SEEN, 9);
    add(3, TONE_BAD, INBOX_SEEN, 5);
    add(4, TONE_BAD, INBOX_DONE, 1);
    add(5, TONE_WARN, INBOX_NEW, 1);
    assert_int_equal(inbox_worst(inbox, "a", NOW, &open)->id, 3);
    assert_int_equal(open, 4);
    assert_null(inbox_worst(inbox, "b", NOW, &open));
    assert_int_equal(open, 0);
    assert_null(inbox_worst(inbox, NULL, NOW, &open));
}

/* As an order of ids: now says which one passes. */
static void assert_order(const int64_t *ids, size_t count, int64_t now_id)
{
    struct inbox_key keys[16];

    for (size_t i = 0; i < count; i++) {
        const struct inbox_signal *signal = inbox_at(inbox, i);

        keys[i] = inbox_key(signal, signal->id == now_id, NOW);
    }
    qsort(keys, count, sizeof *keys, inbox_by_key);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(keys[i].id, ids[i]);
}

static void new_comes_before_seen_and_bad_before_good(void **state)
{
    static const int64_t ids[] = {9, 2, 1, 3, 4, 5, 6, 7, 8};

    (void)state;
    add(1, TONE_BAD, INBOX_NEW, 9);
    add(2, TONE_BAD, INBOX_NEW, 5);
    add(3, TONE_WARN, INBOX_NEW, 1);
    add(4, TONE_GOOD, INBOX_NEW, 1);
    add(5, TONE_BAD, INBOX_SEEN, 1);
    add(6, TONE_INFO, INBOX_SEEN, 1);
    add(7, TONE_BAD, INBOX_SNOOZED, 1);
    add(8, TONE_BAD, INBOX_DONE, 1);
    add(9, TONE_GOOD, INBOX_NEW, 3);
    assert_order(ids, 9, 9);
}

static void another_reading_takes_its_place(void **state)
{
    struct inbox *other = inbox_new(), *first = inbox;
    struct inbox_signal signal = {.id = 5, .title = "stuck"};

    (void)state;
    add(1, TONE_BAD, INBOX_NEW, 1);
    assert_true(inbox_add(other, &signal));
    inbox_take(inbox, other);
    assert_ptr_equal(inbox, first);
    assert_int_equal(inbox_count(inbox), 1);
    assert_string_equal(inbox_find(inbox, 5)->title, "stuck");
}

static void there_is_an_end_to_it(void **state)
{
    struct inbox_signal signal = {.title = "stuck"};

    (void)state;
    for (int i = 0; i < LIMIT_INBOX; i++)
        assert_true(inbox_add(inbox, &signal));
    assert_false(inbox_totals(inbox, NOW).more);
    assert_false(inbox_add(inbox, &signal));
    assert_true(inbox_totals(inbox, NOW).more);
    assert_int_equal(inbox_totals(inbox, NOW).fresh, LIMIT_INBOX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_said_is_there_at_once),
        CASE(a_snooze_that_is_over_is_new),
        CASE(new_and_seen_are_counted),
        CASE(the_worst_of_an_account_is_the_newest_of_the_worst),
        CASE(new_comes_before_seen_and_bad_before_good),
        CASE(another_reading_takes_its_place),
        CASE(there_is_an_end_to_it),
    };

    return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
