/* app: what a receiver says is wrong in the title row: refused posts, silence;
 * and when it says so no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/unit/app_rig.h"

#define MINUTE_MS INT64_C(60000)
#define WEEK_MS (7 * 24 * 60 * MINUTE_MS)

static bool refused(void)
{
    return play.status != 0;
}

static void a_wrong_secret_is_told_in_the_title_row(void **state)
{
    static const char *const bodies[] = {"{}", NULL};
    struct app *app = open_app(&fake_display);
    const struct display_status *status;
    char url[128];
    size_t before = screen.changes;

    (void)state;
    snprintf(url, sizeof url, "http://%s/hook/wrong", app_listening(app));
    play.url = url;
    play.status = 0;
    run_play(app, bodies, refused);
    assert_int_equal(play.status, 401);
    assert_true(screen.changes > before);
    status = screen.host->status(screen.host->ctx);
    assert_int_equal(status->problem_mark, '!');
    assert_non_null(strstr(status->problem, "1 post refused since"));
    app_close(app);
}

/* Each look of a play is a turn of the loop, or more. */
static bool ten_quiet_turns(void)
{
    static size_t changes, quiet;

    quiet = screen.changes == changes ? quiet + 1 : 0;
    changes = screen.changes;
    return play.status && quiet == 10;
}

static void what_was_told_is_not_drawn_again_each_turn(void **state)
{
    static const char *const bodies[] = {"{}", NULL};
    struct app *app = open_app(&fake_display);
    char url[128];

    (void)state;
    snprintf(url, sizeof url, "http://%s/hook/wrong", app_listening(app));
    play.url = url;
    play.status = 0;
    run_play(app, bodies, ten_quiet_turns);
    assert_int_equal(play.status, 401);
    assert_true(screen.changes > 0);
    app_close(app);
}

static bool nothing_is_wrong(void)
{
    return !screen.host->status(screen.host->ctx)->problem;
}

static void a_problem_is_put_away_until_it_is_over(void **state)
{
    static const char *const bad[] = {"{}", NULL};
    struct app *app = open_app(&fake_display);
    const struct display_host *host = screen.host;
    char url[128];

    (void)state;
    snprintf(url, sizeof url, "http://%s/hook/wrong", app_listening(app));
    play.url = url;
    play.status = 0;
    run_play(app, bad, refused);
    assert_false(nothing_is_wrong());
    host->put_away(host->ctx, true);
    assert_true(nothing_is_wrong());
    assert_true(host->status(host->ctx)->problem_away);
    host->put_away(host->ctx, false);
    assert_false(nothing_is_wrong());
    host->put_away(host->ctx, true);
    clock_pin(clock_now_ms() + 30 * MINUTE_MS + 1);
    assert_false(host->status(host->ctx)->problem_away);
    clock_pin(CLOCK_NONE);
    app_close(app);
}

static bool a_good_one_ends_it(void)
{
    static const char *const good[] = {"{\"event\":\"cohort created\"}", NULL};
    static bool sent;

    if (sent)
        return nothing_is_wrong();
    assert_false(nothing_is_wrong());
    sent = true;
    play.url = NULL;
    play.bodies = good;
    return false;
}

static void an_event_ends_the_talk_of_wrong_secrets(void **state)
{
    static const char *const bad[] = {"{}", NULL};
    struct app *app = open_app(&fake_display);
    char url[128];

    (void)state;
    snprintf(url, sizeof url, "http://%s/hook/wrong", app_listening(app));
    play.url = url;
    run_play(app, bad, a_good_one_ends_it);
    app_close(app);
}

/* After the first spell half an hour goes by, then one more comes. */
static bool two_spells(void)
{
    static const char *const more[] = {"{}", NULL};
    static bool second;
    const char *problem = screen.host->status(screen.host->ctx)->problem;

    assert_non_null(problem);
    if (second) {
        assert_non_null(strstr(problem, "1 post refused since"));
        return true;
    }
    second = true;
    assert_non_null(strstr(problem, "2 posts refused since"));
    clock_advance(30 * MINUTE_MS + 1);
    assert_null(screen.host->status(screen.host->ctx)->problem);
    play.bodies = more;
    return false;
}

static void a_second_spell_of_wrong_secrets_counts_from_one(void **state)
{
    static const char *const bodies[] = {"{}", "{}", NULL};
    struct app *app;
    char url[128];

    (void)state;
    clock_pin(INT64_C(1789381800000));
    app = open_app(&fake_display);
    snprintf(url, sizeof url, "http://%s/hook/wrong", app_listening(app));
    play.url = url;
    run_play(app, bodies, two_spells);
    app_close(app);
    clock_pin(CLOCK_NONE);
}

static void add_event(struct buf *out, int64_t at)
{
    char iso[CLOCK_ISO_SIZE];

    clock_format_iso(at, iso);
    buf_addf(out, "%s{\"event\":\"insight created\",\"timestamp\":\"%s\"}",
             out->len > 1 ? "," : "", iso);
}

static bool all_fresh(void)
{
    return screen.fresh == 4 * 93 + 1;
}

static bool silence_is_told(void)
{
    const struct display_status *status =
        screen.host->status(screen.host->ctx);

    return status->problem && strstr(status->problem, "No event for");
}

/* In the weeks before something came every minute of these; today nothing
 * has. The journal is written, and opened again an hour later. */
static void a_silence_that_is_not_usual_is_told(void **state)
{
    struct app_options options = {.config = config,
                                  .display = &fake_display,
                                  .command = "watch",
                                  .listen = "127.0.0.1:0",
                                  .follow_clock = true};
    /* A Monday, 10:30 in every zone whose hours are whole. */
    int64_t now = INT64_C(1789381800000);
    const char *bodies[2] = {NULL, NULL};
    struct err err = {""};
    struct app *app;
    struct buf body;
    char path[128];
    int code;

    (void)state;
    snprintf(path, sizeof path, "%s/silent.db", directory);
    options.journal = path;
    clock_pin(now);
    app = app_open(&options, &code, &err);
    assert_non_null(app);
    assert_null(screen.host->status(screen.host->ctx)->problem);
    buf_init(&body, 256 * 1024);
    buf_addc(&body, '[');
    for (int week = 4; week > 0; week--)
        for (int minute = -32; minute <= 60; minute++)
            add_event(&body, now - week * WEEK_MS + minute * MINUTE_MS);
    add_event(&body, now - 40 * MINUTE_MS);
    buf_addc(&body, ']');
    bodies[0] = body.data;
    run_play(app, bodies, all_fresh);
    assert_false(silence_is_told());
    app_close(app);
    app = app_open(&options, &code, &err);
    assert_non_null(app);
    run_play(app, NULL, silence_is_told);
    buf_free(&body);
    app_close(app);
    clock_pin(CLOCK_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_secret_is_told_in_the_title_row),
        cmocka_unit_test(what_was_told_is_not_drawn_again_each_turn),
        cmocka_unit_test(a_problem_is_put_away_until_it_is_over),
        cmocka_unit_test(an_event_ends_the_talk_of_wrong_secrets),
        cmocka_unit_test(a_second_spell_of_wrong_secrets_counts_from_one),
        cmocka_unit_test(a_silence_that_is_not_usual_is_told),
    };

    return cmocka_run_group_tests(tests, app_rig_setup, app_rig_teardown);
}
