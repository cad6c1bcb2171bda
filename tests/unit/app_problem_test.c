/* app: what a receiver says is wrong in the title row: refused posts, silence;
 * and when it says so no more. How its mirrors are, beside that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/nats.h"
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

/* The second mirror is paused, once it is open, which is no trouble; then the
 * first has an event that nobody takes, which is. */
static bool one_is_paused_and_one_retries(void)
{
    static const char *const bodies[] = {"{\"event\":\"cohort created\"}",
                                         NULL};
    static bool posted;
    const struct display_status *status =
        screen.host->status(screen.host->ctx);

    if (!strcmp(status->mirror, "team retrying"))
        return status->mirror_trouble;
    assert_false(status->mirror_trouble);
    if (!strcmp(status->mirror, "2 mirrors ok"))
        screen.host->mirror_switch(screen.host->ctx, 1);
    if (strcmp(status->mirror, "other paused") != 0 || posted)
        return false;
    posted = true;
    play.bodies = bodies;
    return false;
}

static bool only_nats_is_away(void)
{
    const struct display_status *status =
        screen.host->status(screen.host->ctx);

    return status->mirror_trouble && !strcmp(status->mirror, "nats away");
}

static bool both_are_told(void)
{
    const struct display_status *status =
        screen.host->status(screen.host->ctx);

    return status->mirror_trouble &&
           !strcmp(status->mirror, "team retrying, nats away");
}

/* A receiver with settings and a journal of its own. */
static struct app *open_with(const char *settings, struct config **own)
{
    struct config *usual = config;
    struct app *app;
    struct err err = {""};
    char text[1024];
    int len = snprintf(text, sizeof text, "journal = %s/mirrored.db\n%s",
                       directory, settings);

    *own = config_read("config.ini", text, (size_t)len, &err);
    assert_string_equal(err.text, "");
    config = *own;
    app = open_app(&fake_display);
    config = usual;
    return app;
}

#define TWO_MIRRORS                                                           \
    "[mirror team]\ntype = json\nurl = https://127.0.0.1:1/\nwindow = 50ms\n" \
    "[mirror other]\ntype = json\nurl = https://127.0.0.1:1/\n"

/* Opens it, waits for that, and closes. */
static void awaits(const char *settings, bool (*until)(void))
{
    struct config *own;
    struct app *app = open_with(settings, &own);

    run_play(app, NULL, until);
    app_close(app);
    config_free(own);
}

static void mirrors_are_told_and_the_worst_by_name(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    assert_string_equal(screen.host->status(screen.host->ctx)->mirror,
                        "no mirror");
    app_close(app);
    awaits(TWO_MIRRORS, one_is_paused_and_one_retries);
}

static void publishing_is_told_beside_the_mirrors(void **state)
{
    struct err none;

    (void)state;
    if (!nats_available(&none))
        skip();
    awaits("publish = nats://127.0.0.1:1/KEPT\n", only_nats_is_away);
    awaits("publish = nats://127.0.0.1:1/KEPT\n" TWO_MIRRORS, both_are_told);
}

/* ---- what a service says is wrong ---- */

/* A server that takes connections, and says nothing until it hangs up. */
static struct {
    int listener;
    unsigned quiet; /* looks since the screen was told of anything */
    bool told;      /* what is wrong, when the screen was told to look */
} publishing;

static uint16_t listen_silently(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    publishing.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(publishing.listener, (struct sockaddr *)&address,
                          len),
                     0);
    assert_int_equal(listen(publishing.listener, 8), 0);
    getsockname(publishing.listener, (struct sockaddr *)&address, &len);
    return ntohs(address.sin_port);
}

/* The screen looks when it is told to, and not before. */
static void look(struct display *display)
{
    const struct display_status *status =
        screen.host->status(screen.host->ctx);

    (void)display;
    publishing.quiet = 0;
    if (status->problem && strstr(status->problem, "Not published"))
        publishing.told = true;
}

/* It hangs up when nothing else is likely to tell the screen to look. */
static bool told_unpublished(void)
{
    if (++publishing.quiet > 150 && publishing.listener >= 0) {
        close(publishing.listener);
        publishing.listener = -1;
    }
    return publishing.told;
}

static void
what_cannot_be_published_is_told_though_no_event_comes(void **state)
{
    struct display_ops display = fake_display;
    struct app_options options = {.display = &display,
                                  .command = "watch",
                                  .listen = "127.0.0.1:0"};
    struct config *full;
    struct app *app;
    struct err err = {""};
    char text[64];
    int code, len;

    (void)state;
    if (!nats_available(&err))
        skip();
    len = snprintf(text, sizeof text, "publish = nats://127.0.0.1:%u/KEPT\n",
                   (unsigned)listen_silently());
    full = config_read("config.ini", text, (size_t)len, &err);
    assert_non_null(full);
    display.changed = look;
    options.config = full;
    app = app_open(&options, &code, &err);
    assert_non_null(app);
    run_play(app, NULL, told_unpublished);
    app_close(app);
    config_free(full);
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
        cmocka_unit_test(mirrors_are_told_and_the_worst_by_name),
        cmocka_unit_test(publishing_is_told_beside_the_mirrors),
        cmocka_unit_test(
            what_cannot_be_published_is_told_though_no_event_comes),
    };

    return cmocka_run_group_tests(tests, app_rig_setup, app_rig_teardown);
}
