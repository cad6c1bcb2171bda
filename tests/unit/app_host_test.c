/* app: what the screen asks of a whole receiver: bodies what a filter wants of
 * them, mirrors to send an event on, how these fare, what was deleted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/retention.h"
#include "base/clock.h"
#include "mirror/mirror.h"
#include "tests/unit/app_rig.h"

/* ---- bodies ---- */

#define ASKED 70 /* more than are read at once */

/* What is asked of bodies, and what was answered. */
static struct {
    uint64_t seqs[ASKED];
    int bits[ASKED];
    unsigned answers;
} judging;

static void note_judged(void *ctx, const int *bits)
{
    (void)ctx;
    judging.answers++;
    if (bits)
        memcpy(judging.bits, bits, sizeof judging.bits);
}

static bool ask_bodies(void)
{
    return screen.host->judge(screen.host->ctx, "prop.plan:scale",
                              judging.seqs, ASKED, note_judged, NULL);
}

/* Of two by turns, and at last of one that is not there. */
static bool bodies_have_answered(void)
{
    const struct ring *ring = screen.host->ring;

    if (screen.fresh == 2 && !judging.seqs[0]) {
        for (size_t i = 0; i < ASKED; i++)
            judging.seqs[i] = ring_at(ring, ring_count(ring) - 2 + i % 2)->seq;
        judging.seqs[ASKED - 1] = 999999;
        assert_true(ask_bodies());
    }
    return judging.answers > 0;
}

static void bodies_are_asked_in_order_what_a_filter_wants_of_them(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"a\",\"properties\":{\"plan\":\"scale\"}}",
        "{\"event\":\"b\",\"properties\":{\"plan\":\"free\"}}", NULL};
    struct app *app = open_app(&fake_display);

    (void)state;
    run_play(app, bodies, bodies_have_answered);
    for (size_t i = 0; i < ASKED - 1; i++)
        assert_int_equal(judging.bits[i] != 0, i % 2 == 0);
    assert_int_equal(judging.bits[ASKED - 1], 0);
    assert_false(screen.host->judge(screen.host->ctx, "(", judging.seqs, ASKED,
                                    note_judged, NULL));
    app_close(app);
    assert_int_equal(judging.answers, 1);
}

static void bodies_that_are_asked_at_the_end_are_answered_for(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    judging.answers = 0;
    assert_true(ask_bodies());
    app_close(app);
    assert_int_equal(judging.answers, 1);
}

/* ---- mirrors ---- */

/* Nobody listens where it sends to. */
static struct app *open_with_mirror(struct config **full)
{
    static const char text[] = "[mirror m]\ntype = json\nallow_http = yes\n"
                               "url = http://127.0.0.1:1/\nquery = none\n";
    struct err err = {""};
    struct app_options options = {.display = &fake_display,
                                  .command = "watch",
                                  .listen = "127.0.0.1:0"};
    struct app *app;
    int code;

    *full = config_read("config.ini", text, sizeof text - 1, &err);
    assert_non_null(*full);
    options.config = *full;
    app = app_open(&options, &code, &err);
    assert_string_equal(err.text, "");
    return app;
}

static bool it_waits(void)
{
    const struct display_host *host = screen.host;
    const struct ring *ring = host->ring;
    struct display_mirror mirror;
    static bool asked;

    if (!asked && ring_count(ring)) {
        asked = true;
        assert_int_equal(host->mirror_send(host->ctx, ring_at(ring, 0)->seq),
                         1);
    }
    return host->mirror(host->ctx, 0, &mirror) && mirror.waiting == 1 &&
           *mirror.trouble;
}

static void what_is_handed_on_by_hand_waits_until_it_is_taken(void **state)
{
    struct config *full;
    struct app *app = open_with_mirror(&full);

    (void)state;
    run_play(app, NULL, it_waits);
    assert_string_equal(screen.said,
                        "Handed to 1 mirror. :mirrors shows what waits.");
    app_close(app);
    config_free(full);
}

static void how_a_mirror_fares_is_one_word(void **state)
{
    static const struct {
        struct mirror_status status;
        const char *word;
    } cases[] = {
        {{.trouble = "", .next_try = CLOCK_NONE}, "ok"},
        {{.trouble = "", .parked = 1, .next_try = CLOCK_NONE}, "ok"},
        {{.trouble = "x", .next_try = 7}, "retrying"},
        {{.trouble = "x", .next_try = CLOCK_NONE}, "retrying"},
        {{.trouble = "x", .parked = 1, .next_try = 7}, "retrying"},
        {{.trouble = "x", .parked = 1, .next_try = CLOCK_NONE}, "parked"},
        {{.trouble = "x", .state = MIRROR_PAUSED}, "paused"},
        {{.trouble = "x", .state = MIRROR_OFF}, "off"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(mirror_state_word(&cases[i].status),
                            cases[i].word);
}

/* As the demo does, which has no such service. */
static void who_keeps_all_has_deleted_nothing(void **state)
{
    uint64_t unread = 7;

    (void)state;
    assert_int_equal(retention_deleted(NULL, &unread), 0);
    assert_int_equal(unread, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            bodies_are_asked_in_order_what_a_filter_wants_of_them),
        cmocka_unit_test(bodies_that_are_asked_at_the_end_are_answered_for),
        cmocka_unit_test(what_is_handed_on_by_hand_waits_until_it_is_taken),
        cmocka_unit_test(how_a_mirror_fares_is_one_word),
        cmocka_unit_test(who_keeps_all_has_deleted_nothing),
    };

    return cmocka_run_group_tests(tests, app_rig_setup, app_rig_teardown);
}
