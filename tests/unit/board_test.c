/* app/board and app/history: what the screen shows while somebody is being
 * forgotten, and what whoever looks is told; over a journal of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/board.h"
#include "app/service.h"
#include "journal/forget.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define EMAIL "jonas@alderfinch.example"
#define HOUR_MS INT64_C(3600000)

/* What the screen was told. */
static struct {
    bool forgets, forgot, in_vain;
    size_t events; /* of the past */
    bool complete; /* and that all is there */
} told;

static struct decode_context decode;
static struct service_host host;
static struct board board;

static void note_relisted(void *app, size_t events,
                          enum display_forgetting forgetting)
{
    assert_null(app);
    told.forgets |= forgetting == FORGETS;
    told.forgot |= forgetting == FORGOT;
    told.in_vain |= forgetting == FORGETS_IN_VAIN;
    told.events = events;
}

static void note_changed(void *app)
{
    assert_null(app);
    told.complete = true;
}

static void note_listed(void *app)
{
    assert_null(app);
}

static void open_board(struct rig *rig)
{
    memset(&told, 0, sizeof told);
    host = (struct service_host){.screen = true,
                                 .journal = rig->journal,
                                 .decode = &decode,
                                 .relisted = note_relisted,
                                 .listed = note_listed,
                                 .changed = note_changed};
    board = (struct board){.host = &host,
                           .ring = ring_new(1000, 1 << 20),
                           .tally = tally_new(),
                           .kept_seq = journal_stats(rig->journal).last_seq};
    tally_set_ring(board.tally, board.ring);
    history_restart(&board, board.kept_seq, 1, FORGETS_NOBODY);
    rig_drain_until(rig, &told.complete);
    told.complete = false;
}

static int teardown(void **state)
{
    int result = rig_teardown(state);

    history_free(&board);
    tally_free(board.tally);
    ring_free(board.ring);
    return result;
}

static bool shows(const char *sentence)
{
    for (size_t i = 0; i < ring_count(board.ring); i++) {
        struct event event = ring_event(board.ring, ring_at(board.ring, i));

        if (event.sentence && !strcmp(event.sentence, sentence))
            return true;
    }
    return false;
}

static struct event says(uint32_t number, const char *email,
                         const char *sentence, int64_t at)
{
    struct event event = with_uuid("a", number);

    event.person.id = email;
    event.person.email = email;
    event.sentence = sentence;
    event.occurred_at = event.received_at = at;
    return event;
}

static void append_some(struct rig *rig)
{
    const struct event events[] = {says(1, EMAIL, "was there", NOW - HOUR_MS),
                                   says(2, "b@b.example", "invited " EMAIL,
                                        NOW - HOUR_MS),
                                   says(3, EMAIL, "came again",
                                        NOW + HOUR_MS)};

    assert_int_equal(rig_append(rig, events, 3).fresh, 3);
}

/* ---- forgetting, as the app does it ---- */

struct run {
    bool since_was_there; /* always */
    bool done;
};

static void on_known(void *ctx, const struct forget_goes *goes)
{
    (void)ctx;
    board_forgets(&board, goes);
}

static void on_progress(void *ctx, const struct forget_result *result)
{
    struct run *run = ctx;

    (void)result;
    run->since_was_there &= shows("came again");
}

static void on_done(void *ctx, bool ok, const struct forget_result *result,
                    const struct err *err)
{
    struct run *run = ctx;

    (void)result;
    assert_string_equal(err->text, "");
    board_forgot(&board, ok);
    run->done = true;
}

static void what_stays_in_the_journal_stays_on_the_screen(void **state)
{
    static const struct forget_ops ops = {on_known, on_progress, on_done,
                                          true};
    struct rig *rig = *state;
    struct run run = {.since_was_there = true};

    append_some(rig);
    open_board(rig);
    assert_true(shows("was there"));
    journal_forget_by(rig->journal, FORGET_EMAIL, EMAIL, NOW, &ops, &run);
    rig_drain_until(rig, &run.done);
    assert_true(run.since_was_there);
    assert_true(told.forgets);
    assert_false(shows("was there"));
    told.complete = false;
    rig_drain_until(rig, &told.complete);
    assert_true(told.forgot);
    assert_true(shows("came again"));
    assert_false(shows("was there"));
    assert_int_equal(ring_count(board.ring), 2);
    assert_false(shows("invited " EMAIL));
    assert_true(shows("invited ************************"));
}

static void what_could_not_be_forgotten_shows_again(void **state)
{
    struct rig *rig = *state;
    struct err err = {""};
    struct journal_reader *reader;
    struct forget_goes goes = {.at = NOW};
    struct whom *whom;

    append_some(rig);
    open_board(rig);
    reader = rig_reader(rig);
    goes.whom = whom = whom_find(reader_db(reader), WHOM_EMAIL, EMAIL, &err);
    assert_non_null(whom);
    reader_close(reader);
    board_forgets(&board, &goes);
    rig_drain_until(rig, &told.complete);
    assert_false(shows("was there"));
    told.complete = false;
    board_forgot(&board, false);
    whom_free(whom);
    rig_drain_until(rig, &told.complete);
    assert_true(told.in_vain);
    assert_false(told.forgot);
    assert_true(shows("was there"));
}

/* A link has caught up just now, and the past is read again for that. */
static void what_was_not_told_yet_is_told_by_the_next(void **state)
{
    struct rig *rig = *state;

    append_some(rig);
    open_board(rig);
    board_forgot(&board, true);
    service_board.past_complete(&board, board.kept_seq, 7);
    rig_drain_until(rig, &told.complete);
    assert_true(told.forgot);
    assert_int_equal(told.events, 7);
    told.complete = told.forgot = false;
    service_board.past_complete(&board, board.kept_seq, 2);
    rig_drain_until(rig, &told.complete);
    assert_false(told.forgot);
    assert_int_equal(told.events, 2);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_stays_in_the_journal_stays_on_the_screen),
        CASE(what_could_not_be_forgotten_shows_again),
        CASE(what_was_not_told_yet_is_told_by_the_next),
    };

    return cmocka_run_group_tests_name("board", tests, NULL, NULL);
}
