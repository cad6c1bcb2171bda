/* GET /events: what is asked in vain, pages of a search, and its end. The
 * journal and its reader's thread are real; the server's side is played. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "serve/events.h"
#include "tests/unit/journal_rig.h"
#include "tests/unit/serve_rig.h"

#include "base/banned.h"

static struct viewers viewers;

/* One more GET /events; waits for its answer. */
static struct served *ask_events(struct rig *rig, const char *const *params)
{
    const char *words[12] = {"x-telltale-token", "only-to-look"};
    struct events *events = events_new(rig->journal, &viewers, NULL);

    for (size_t i = 0; params && params[i]; i++)
        words[i + 2] = params[i];
    events_serve(events, SERVED);
    served_forget();
    serve_get(words, 0);
    rig_drain_until(rig, &served_answers[0].done);
    events_free(events);
    return &served_answers[0];
}

#define ASK(rig, ...) ask_events(rig, (const char *const[]){__VA_ARGS__, NULL})

/* The seqs of the lines of an answer, as "1 2 3". */
static const char *seqs(const struct served *served)
{
    static char out[128];
    size_t len = 0;

    out[0] = '\0';
    for (const char *line = served->body; *line && len < sizeof out - 8;
         line = strchr(line, '\n') + 1) {
        const char *seq = strstr(line, "\"seq\":");

        assert_non_null(seq);
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%ld",
                                len ? " " : "", strtol(seq + 6, NULL, 10));
    }
    return out;
}

static size_t lines(const struct served *served)
{
    size_t count = 0;

    for (const char *at = served->body; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void expect_refused(struct rig *rig, const char *name,
                           const char *value, const char *why)
{
    struct served *served = ASK(rig, name, value);

    assert_int_equal(served->status, 400);
    if (!strstr(served->body, why))
        fail_msg("%s=%s: %s", name, value, served->body);
}

static void events_are_for_the_token(void **state)
{
    struct rig *rig = *state;
    struct events *events = events_new(rig->journal, &viewers, NULL);

    events_serve(events, SERVED);
    serve_get(NULL, 0);
    assert_int_equal(served_answers[0].status, 401);
    events_free(events);
}

static void parameters_are_numbers_within_their_range(void **state)
{
    static const char *const names[] = {"?after", "?before", "?limit"};
    struct rig *rig = *state;

    for (size_t i = 0; i < 3; i++) {
        expect_refused(rig, names[i], "", "are numbers");
        expect_refused(rig, names[i], "1x", "are numbers");
        expect_refused(rig, names[i], "-1", "are numbers");
        expect_refused(rig, names[i], "1234567890123456789", "are numbers");
    }
    expect_refused(rig, "?limit", "0", "from 1 to 10000");
    expect_refused(rig, "?limit", "10001", "from 1 to 10000");
    assert_int_equal(ASK(rig, "?limit", "10000")->status, 200);
    assert_int_equal(ASK(rig, "?limit", "1")->status, 200);
    assert_int_equal(ASK(rig, "?before", "123456789012345678")->status, 200);
}

/* The column is the person's: the first is 1. */
static void a_query_that_is_none_is_explained(void **state)
{
    struct rig *rig = *state;

    expect_refused(rig, "?q", "(", "q, column ");
    expect_refused(rig, "?q", "colour:red", "q, column 1: ");
}

static void the_newest_hundred_come_oldest_first(void **state)
{
    struct rig *rig = *state;
    struct served *served;

    rig_fill(rig, 250);
    served = ask_events(rig, NULL);
    assert_int_equal(served->status, 200);
    assert_string_equal(served->content_type, "application/x-ndjson");
    assert_int_equal(lines(served), 100);
    assert_string_equal(served->headers, "X-Telltale-Next: before=151\r\n");
    served = ASK(rig, "?limit", "3");
    assert_string_equal(seqs(served), "248 249 250");
    served = ASK(rig, "?limit", "3", "?before", "248");
    assert_string_equal(seqs(served), "245 246 247");
    assert_string_equal(served->headers, "X-Telltale-Next: before=245\r\n");
    served = ASK(rig, "?limit", "3", "?before", "3");
    assert_string_equal(seqs(served), "1 2");
    assert_string_equal(served->headers, "");
}

static void after_a_number_come_those_that_follow(void **state)
{
    struct rig *rig = *state;
    struct served *served;

    rig_fill(rig, 6);
    served = ASK(rig, "?limit", "2", "?after", "1");
    assert_string_equal(seqs(served), "2 3");
    assert_string_equal(served->headers, "X-Telltale-Next: after=3\r\n");
    served = ASK(rig, "?limit", "3", "?after", "3");
    assert_string_equal(seqs(served), "4 5 6");
    served = ASK(rig, "?after", "6");
    assert_string_equal(served->body, "");
    assert_string_equal(served->headers, "");
}

/* Two that match, more than a page apart. */
static void a_search_goes_on_over_pages(void **state)
{
    struct rig *rig = *state;
    struct served *served;

    append_one(rig, with_uuid("wanted", 9000));
    rig_fill(rig, 3 * LIMIT_PAGE_ROWS);
    append_one(rig, with_uuid("wanted", 9001));
    served = ASK(rig, "?q", "event:wanted", "?limit", "2");
    assert_int_equal(served->status, 200);
    assert_string_equal(seqs(served), "1 1502");
    served = ASK(rig, "?q", "event:wanted", "?after", "1");
    assert_string_equal(seqs(served), "1502");
    assert_string_equal(served->headers, "");
    served = ASK(rig, "?q", "event:unknown");
    assert_string_equal(served->body, "");
    assert_string_equal(served->headers, "");
}

/* What does not fit is not lost: the next answer begins with it. */
static void an_answer_that_is_full_says_where_to_go_on(void **state)
{
    struct rig *rig = *state;
    size_t size = LIMIT_EVENTS_ANSWER / 5 * 2;
    char *raw = malloc(size + 1);
    struct event event = sample("large");
    struct served *served;

    memset(raw, ' ', size);
    memcpy(raw, "{\"event\":\"large\",\"properties\":{\"pad\":\"", 37);
    memset(raw + 37, 'x', size - 40);
    memcpy(raw + size - 3, "\"}}", 3);
    raw[size] = '\0';
    event.raw = raw;
    event.raw_len = size;
    event.props_at = 30;
    event.props_len = size - 31;
    for (int i = 0; i < 3; i++)
        append_one(rig, event);
    served = ASK(rig, "?after", "0");
    assert_string_equal(seqs(served), "1 2");
    assert_string_equal(served->headers, "X-Telltale-Next: after=2\r\n");
    served = ASK(rig, "?after", "2");
    assert_string_equal(seqs(served), "3");
    assert_string_equal(served->headers, "");
    served = ask_events(rig, NULL);
    assert_string_equal(seqs(served), "2 3");
    assert_string_equal(served->headers, "X-Telltale-Next: before=2\r\n");
    free(raw);
}

/* The reader's thread has something else to do until it is let go. */
static atomic_bool let_go;
static enum reader_step hold_reader(void *ctx, struct journal_reader *reader,
                                    struct err *err)
{
    (void)ctx;
    (void)reader;
    (void)err;
    while (!let_go)
        sched_yield();
    return READER_DONE;
}

/* 1.5 s is what a search may take: those at the reader say how far they
 * came, the one that waits behind them is told to come again. */
static void a_search_out_of_time_says_so(void **state)
{
    const char *words[] = {"x-telltale-token", "only-to-look", "?q",
                           "event:none", NULL};
    struct rig *rig = *state;
    struct events *events = events_new(rig->journal, &viewers, NULL);
    const struct timespec little = {0, 10000000};
    struct sql_job held = {.sql = NULL};
    int64_t began;

    rig_fill(rig, 2 * LIMIT_PAGE_ROWS);
    events_serve(events, SERVED);
    let_go = false;
    journal_read(rig->journal, hold_reader, note_job, &held);
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++)
        serve_get(words, i);
    began = clock_mono_us();
    while (clock_mono_us() < began + 1600000)
        nanosleep(&little, NULL);
    let_go = true;
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++)
        rig_drain_until(rig, &served_answers[i].done);
    for (uint32_t i = 0; i < LIMIT_SEARCHES; i++) {
        assert_int_equal(served_answers[i].status, 200);
        assert_string_equal(served_answers[i].body, "");
        assert_string_equal(served_answers[i].headers,
                            "X-Telltale-Next: before=501\r\n");
    }
    assert_int_equal(served_answers[LIMIT_SEARCHES].status, 503);
    assert_string_equal(served_answers[LIMIT_SEARCHES].headers,
                        "Retry-After: 1\r\n");
    events_free(events);
}

/* One more than are read at once, and time enough. */
static void searches_wait_for_their_turn(void **state)
{
    const char *words[] = {"x-telltale-token", "only-to-look", NULL};
    struct rig *rig = *state;
    struct events *events = events_new(rig->journal, &viewers, NULL);

    rig_fill(rig, 3);
    events_serve(events, SERVED);
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++)
        serve_get(words, i);
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++) {
        rig_drain_until(rig, &served_answers[i].done);
        assert_string_equal(seqs(&served_answers[i]), "1 2 3");
    }
    events_free(events);
}

#define CASE(test)                                                            \
    cmocka_unit_test_setup_teardown(test, serve_setup, serve_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(events_are_for_the_token),
        CASE(parameters_are_numbers_within_their_range),
        CASE(a_query_that_is_none_is_explained),
        CASE(the_newest_hundred_come_oldest_first),
        CASE(after_a_number_come_those_that_follow),
        CASE(a_search_goes_on_over_pages),
        CASE(an_answer_that_is_full_says_where_to_go_on),
        CASE(a_search_out_of_time_says_so),
        CASE(searches_wait_for_their_turn),
    };
    struct err err;
    int failed;

    if (!secret_set_add(&viewers.tokens, "only-to-look", &err))
        return 1;
    failed = cmocka_run_group_tests_name("events", tests, NULL, NULL);
    viewers_free(&viewers);
    return failed;
}
