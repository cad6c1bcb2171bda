/* app/services: the table of services.def, walked over services of ours; and
 * which of several problems is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/services.h"

#include "base/banned.h"

/* Each row of the table is this service; what is called is written down, one
 * letter a row: A is the first. */
static char calls[8 * SERVICES + 1];
static char unwanted, impossible, closed_door; /* a row's letter */
static char busy;

static char letters[SERVICES];

static void note(const void *self)
{
    size_t len = strlen(calls);

    calls[len] = *(const char *)self;
    calls[len + 1] = '\0';
}

static void *new_row(enum service_id id, struct err *err)
{
    letters[id] = (char)('A' + id);
    note(&letters[id]);
    if (letters[id] == impossible)
        err_set(err, "%c cannot be", letters[id]);
    return letters[id] == impossible || letters[id] == unwanted ? NULL
                                                                : &letters[id];
}

static bool row_open(void *self, struct err *err)
{
    note(self);
    return *(char *)self != closed_door ||
           err_set(err, "%c is not to be opened", *(char *)self);
}

static void row_note(void *self)
{
    note(self);
}

static void row_batch(void *self, const struct event_batch *batch)
{
    assert_null(batch);
    note(self);
}

static void row_complete(void *self, uint64_t last_seq, size_t events)
{
    assert_int_equal(last_seq, 9);
    assert_int_equal(events, 7);
    note(self);
}

static void row_committed(void *self, uint64_t last_seq)
{
    assert_int_equal(last_seq, 9);
    note(self);
}

/* The first is the least problem. */
static void row_tell(void *self, struct problems *problems)
{
    char text[] = {*(char *)self, '\0'};

    note(self);
    problem_add(problems, (enum problem_rank)('Z' - *text), '~', text);
}

static bool row_busy(const void *self)
{
    note(self);
    return *(const char *)self == busy;
}

#define SERVICE(name)                                                         \
    static void *new_##name(const struct service_host *host, struct err *err) \
    {                                                                         \
        assert_null(host);                                                    \
        return new_row(SERVICE_##name, err);                                  \
    }                                                                         \
    const struct service service_##name = {.new = new_##name,                 \
                                           .open = row_open,                  \
                                           .kept = row_batch,                 \
                                           .past = row_batch,                 \
                                           .past_complete = row_complete,     \
                                           .committed = row_committed,        \
                                           .woken = row_note,                 \
                                           .reread = row_note,                \
                                           .tell = row_tell,                  \
                                           .stop = row_note,                  \
                                           .busy = row_busy,                  \
                                           .free = row_note};
#include "app/services.def"
#undef SERVICE

static char forwards[SERVICES + 1], backwards[SERVICES + 1];

static int prepare(void **state)
{
    (void)state;
    for (int i = 0; i < SERVICES; i++)
        forwards[i] = backwards[SERVICES - 1 - i] = (char)('A' + i);
    unwanted = impossible = closed_door = busy = '\0';
    calls[0] = '\0';
    return 0;
}

static void expect_calls(const char *wanted)
{
    assert_string_equal(calls, wanted);
    calls[0] = '\0';
}

static void made(void *self[SERVICES])
{
    struct err err = {""};

    assert_true(services_new(self, NULL, &err));
    assert_string_equal(err.text, "");
    expect_calls(forwards);
}

static void services_open_in_order_and_close_backwards(void **state)
{
    void *self[SERVICES] = {NULL};
    struct err err = {""};

    (void)state;
    made(self);
    assert_true(services_open(self, &err));
    expect_calls(forwards);
    services_stop(self);
    expect_calls(backwards);
    services_free(self);
    expect_calls(backwards);
    for (int i = 0; i < SERVICES; i++)
        assert_null(self[i]);
}

static void mirrors_open_before_what_brings_events(void **state)
{
    (void)state;
    assert_true(SERVICE_board < SERVICE_mirrors);
    assert_true(SERVICE_mirrors < SERVICE_polling);
    assert_true(SERVICE_polling < SERVICE_backfill);
    assert_true(SERVICE_retention < SERVICE_ticks);
}

static void everything_that_happens_goes_to_every_service(void **state)
{
    void *self[SERVICES] = {NULL};

    (void)state;
    made(self);
    services_kept(self, NULL);
    expect_calls(forwards);
    services_past(self, NULL);
    expect_calls(forwards);
    services_past_complete(self, 9, 7);
    expect_calls(forwards);
    services_committed(self, 9);
    expect_calls(forwards);
    services_woken(self);
    expect_calls(forwards);
    services_reread(self);
    expect_calls(forwards);
}

static void one_that_is_not_wanted_is_never_called(void **state)
{
    void *self[SERVICES] = {NULL};
    struct problems problems = {0};
    struct err err = {""};

    (void)state;
    unwanted = 'B';
    assert_true(services_new(self, NULL, &err));
    calls[0] = '\0';
    assert_true(services_open(self, &err));
    services_kept(self, NULL);
    services_past(self, NULL);
    services_past_complete(self, 9, 7);
    services_committed(self, 9);
    assert_null(strchr(calls, 'B'));
    calls[0] = '\0';
    services_woken(self);
    services_reread(self);
    services_tell(self, &problems);
    assert_false(services_busy(self));
    assert_null(strchr(calls, 'B'));
    calls[0] = '\0';
    services_stop(self);
    services_free(self);
    assert_null(strchr(calls, 'B'));
}

static void one_that_cannot_be_stops_the_start(void **state)
{
    void *self[SERVICES] = {NULL};
    struct err err = {""};

    (void)state;
    impossible = 'C';
    assert_false(services_new(self, NULL, &err));
    assert_string_equal(err.text, "C cannot be");
    expect_calls("ABC");
    services_free(self);
    expect_calls("BA");
}

static void what_another_left_in_err_is_no_refusal(void **state)
{
    void *self[SERVICES] = {NULL};
    struct err err = {"of something else"};

    (void)state;
    unwanted = 'A';
    assert_true(services_new(self, NULL, &err));
}

static void none_is_opened_behind_one_that_does_not_open(void **state)
{
    void *self[SERVICES] = {NULL};
    struct err err = {""};

    (void)state;
    made(self);
    closed_door = 'B';
    assert_false(services_open(self, &err));
    assert_string_equal(err.text, "B is not to be opened");
    expect_calls("AB");
}

static void they_are_busy_while_one_is(void **state)
{
    void *self[SERVICES] = {NULL};

    (void)state;
    made(self);
    assert_false(services_busy(self));
    expect_calls(forwards);
    busy = 'C';
    assert_true(services_busy(self));
}

static void the_worst_problem_is_told_and_the_others_counted(void **state)
{
    void *self[SERVICES] = {NULL};
    struct problems problems = {0};
    char worst[] = {(char)('A' + SERVICES - 1), '\0'};

    (void)state;
    made(self);
    services_tell(self, &problems);
    assert_int_equal(problems.count, SERVICES);
    assert_string_equal(problems.text, worst);
}

static void of_two_equal_problems_the_first_is_told(void **state)
{
    struct problems problems = {0};

    (void)state;
    problem_add(&problems, PROBLEM_MIRROR, '~', "one");
    problem_add(&problems, PROBLEM_MIRROR, '!', "two");
    problem_add(&problems, PROBLEM_BACKFILL, '!', "less");
    assert_string_equal(problems.text, "one");
    assert_int_equal(problems.mark, '~');
    assert_int_equal(problems.count, 3);
    problem_add(&problems, PROBLEM_JOURNAL, '!', "worst");
    assert_string_equal(problems.text, "worst");
    assert_int_equal(problems.mark, '!');
    assert_int_equal(problems.worst, PROBLEM_JOURNAL);
}

/* The least of all is the first too, where nothing else is wrong. */
static void a_problem_alone_is_told_whatever_its_rank(void **state)
{
    struct problems problems = {0};

    (void)state;
    problem_add(&problems, PROBLEM_JOURNAL, '!', "journal");
    assert_string_equal(problems.text, "journal");
    problems = (struct problems){0};
    problem_add(&problems, PROBLEM_BACKFILL, '~', "backfill");
    assert_string_equal(problems.text, "backfill");
}

static void a_problem_is_made_harmless_and_cut(void **state)
{
    struct problems problems = {0};
    char text[400];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text[1] = '\033';
    problem_add(&problems, PROBLEM_BOOK, '~', text);
    assert_null(strchr(problems.text, '\033'));
    assert_int_equal(problems.text[0], 'x');
    assert_true(strlen(problems.text) > 200);
    assert_true(strlen(problems.text) < sizeof problems.text);
}

#define CASE(test) cmocka_unit_test_setup(test, prepare)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(services_open_in_order_and_close_backwards),
        CASE(mirrors_open_before_what_brings_events),
        CASE(everything_that_happens_goes_to_every_service),
        CASE(one_that_is_not_wanted_is_never_called),
        CASE(one_that_cannot_be_stops_the_start),
        CASE(what_another_left_in_err_is_no_refusal),
        CASE(none_is_opened_behind_one_that_does_not_open),
        CASE(they_are_busy_while_one_is),
        CASE(the_worst_problem_is_told_and_the_others_counted),
        CASE(of_two_equal_problems_the_first_is_told),
        CASE(a_problem_alone_is_told_whatever_its_rank),
        CASE(a_problem_is_made_harmless_and_cut),
    };

    return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
