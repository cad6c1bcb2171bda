/* app: a whole receiver in this process, with a test in the place of the
 * screen and the client in the same loop as the sender. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/internal.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/path.h"
#include "net/nats.h"

#define PATIENCE_US INT64_C(20000000)
#define MINUTE_MS INT64_C(60000)
#define WEEK_MS (7 * 24 * 60 * MINUTE_MS)

static char directory[64];
static struct config *config;

/* The screen's side. */
static struct screen {
    const struct display_host *host;
    size_t fresh, changes, found, gone;
    uint64_t found_seq;
    unsigned closed;
    char said[256];
} screen;

static struct display *fake_open(const struct display_host *host,
                                 struct err *err)
{
    (void)err;
    memset(&screen, 0, sizeof screen);
    screen.host = host;
    return (struct display *)&screen;
}

static void fake_close(struct display *display)
{
    (void)display;
    screen.closed++;
    screen.host->unwatch(screen.host->ctx);
}

static void fake_nothing(struct display *display)
{
    (void)display;
}

static void fake_events(struct display *display, size_t fresh)
{
    (void)display;
    screen.fresh += fresh;
}

static void fake_changed(struct display *display)
{
    (void)display;
    screen.changes++;
}

static void fake_past_came(struct display *display, size_t events)
{
    (void)display;
    (void)events;
}

static void fake_recording(struct display *display, uint64_t seq,
                           enum recording recording, const char *why)
{
    (void)display;
    (void)seq;
    (void)recording;
    (void)why;
}

static void fake_said(struct display *display, const char *text)
{
    (void)display;
    snprintf(screen.said, sizeof screen.said, "%s", text);
}

static const struct display_ops fake_display = {
    .open = fake_open,
    .close = fake_close,
    .input = fake_nothing,
    .output = fake_nothing,
    .timer = fake_nothing,
    .resized = fake_nothing,
    .suspend = fake_nothing,
    .resumed = fake_nothing,
    .events = fake_events,
    .changed = fake_changed,
    .recording = fake_recording,
    .past_came = fake_past_came,
    .views_written = fake_nothing,
    .said = fake_said,
};

static void found(void *ctx, const struct event *event)
{
    struct screen *mine = ctx;

    mine->found++;
    if (event)
        mine->found_seq = event->seq;
    else
        mine->gone++;
}

/* A script: posts bodies one after the other, then calls then(). */
static struct play {
    struct app *app;
    struct loop_timer *timer;
    const char *const *bodies;
    const char *url; /* NULL: the hook's own */
    int status;      /* of the last answer */
    bool (*until)(void);
    int64_t give_up_us;
} play;

static void play_on(void *ctx);

static void answered(void *ctx, const struct client_answer *answer)
{
    play.status = answer->status;
    play.bodies++;
    play_on(ctx);
}

/* Looks again every few milliseconds, until the condition holds. */
static void play_on(void *ctx)
{
    struct client_request request = {.allow_http = true};

    (void)ctx;
    if (play.bodies && *play.bodies) {
        request.url = play.url ? play.url : app_hook_url(play.app);
        request.body = *play.bodies;
        request.len = strlen(*play.bodies);
        client_send(app_client(play.app), &request, answered, NULL);
        return;
    }
    if (play.until() || clock_mono_us() > play.give_up_us)
        app_stop(play.app, EXIT_DONE);
    else
        loop_timer_set(play.timer, 5000);
}

static struct app *open_app(const struct display_ops *display)
{
    struct app_options options = {.config = config,
                                  .display = display,
                                  .command = "watch",
                                  .listen = "127.0.0.1:0"};
    struct err err = {""};
    int code = -1;
    struct app *app = app_open(&options, &code, &err);

    assert_string_equal(err.text, "");
    assert_non_null(app);
    return app;
}

static void run_play(struct app *app, const char *const *bodies,
                     bool (*until)(void))
{
    play.app = app;
    play.bodies = bodies;
    play.until = until;
    play.give_up_us = clock_mono_us() + PATIENCE_US;
    play.timer = loop_timer_new(app_loop(app), play_on, NULL);
    loop_timer_set(play.timer, 0);
    assert_int_equal(app_run(app), EXIT_DONE);
    assert_true(clock_mono_us() < play.give_up_us);
    loop_timer_free(play.timer);
    play.url = NULL;
}

static bool two_fresh(void)
{
    return screen.fresh == 2;
}

static void what_is_posted_reaches_the_ring_and_the_screen(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"insight created\",\"uuid\":"
        "\"01a09fb1-dc2c-78a8-927c-7ed72b010001\"}",
        "{\"event\":\"insight created\",\"uuid\":"
        "\"01a09fb1-dc2c-78a8-927c-7ed72b010001\"}",
        "{\"event\":\"cohort created\"}", NULL};
    struct app *app = open_app(&fake_display);

    (void)state;
    assert_int_equal(ring_count(screen.host->ring), 0);
    assert_non_null(strstr(app_shown_hook_url(app), "/hook/"));
    assert_null(strstr(app_shown_hook_url(app), "****"));
    run_play(app, bodies, two_fresh);
    assert_int_equal(ring_count(screen.host->ring), 2);
    assert_int_equal(tally_today(screen.host->tally), 2);
    assert_int_equal(screen.host->status(screen.host->ctx)->duplicates, 1);
    assert_null(screen.host->status(screen.host->ctx)->problem);
    assert_non_null(strstr(app_shown_hook_url(app), "****"));
    app_close(app);
    assert_int_equal(screen.closed, 1);
}

static bool two_in_the_ring(void)
{
    return ring_count(screen.host->ring) == 2;
}

static void the_past_is_in_the_ring_of_the_next_start(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    run_play(app, NULL, two_in_the_ring);
    assert_string_equal(ring_text(screen.host->ring,
                                  ring_at(screen.host->ring, 0)->row.name),
                        "insight created");
    assert_string_equal(ring_text(screen.host->ring,
                                  ring_at(screen.host->ring, 1)->row.name),
                        "cohort created");
    assert_int_equal(tally_today(screen.host->tally), 2);
    assert_int_equal(screen.fresh, 0);
    app_close(app);
}

/* One that is posted beside the script. */
static struct aside {
    struct buf body;
    int status;
} aside;

static void aside_answered(void *ctx, const struct client_answer *answer)
{
    (void)ctx;
    aside.status = answer->status;
}

static void post_large(struct app *app, size_t len)
{
    struct client_request request = {.allow_http = true};

    aside.status = 0;
    buf_init(&aside.body, len + KIB);
    buf_adds(&aside.body, "{\"event\":\"insight created\",\"x\":\"");
    while (aside.body.len < len)
        buf_adds(&aside.body, "of no importance ");
    buf_adds(&aside.body, "\"}");
    request.url = app_hook_url(app);
    request.body = aside.body.data;
    request.len = aside.body.len;
    client_send(app_client(app), &request, aside_answered, NULL);
}

static bool the_small_one_did_not_wait(void)
{
    if (webhook_busy(play.app->webhook) && !play.bodies && screen.fresh == 0) {
        static const char *const small[] = {"{\"event\":\"small\"}", NULL};

        play.bodies = small;
        return false;
    }
    if (screen.fresh == 1) {
        assert_int_equal(aside.status, 0);
        webhook_hold(play.app->webhook, false);
    }
    return screen.fresh == 2 && aside.status == 200;
}

static void a_large_body_holds_up_nobody(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    webhook_hold(app->webhook, true);
    post_large(app, LIMIT_DECODE_INLINE);
    run_play(app, NULL, the_small_one_did_not_wait);
    buf_free(&aside.body);
    app_close(app);
}

static bool fetched(void)
{
    static bool asked;

    if (!asked) {
        asked = true;
        screen.host->fetch(screen.host->ctx, 1, found, &screen);
        screen.host->fetch(screen.host->ctx, 999, found, &screen);
    }
    return screen.found == 2;
}

static void an_event_is_fetched_whole_or_told_to_be_gone(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    run_play(app, NULL, fetched);
    assert_int_equal(screen.found_seq, 1);
    assert_int_equal(screen.gone, 1);
    assert_true(screen.changes > 0);
    app_close(app);
    assert_int_equal(screen.found, 2);
}

static void a_fetch_that_is_open_at_the_end_is_answered(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    screen.host->fetch(screen.host->ctx, 1, found, &screen);
    screen.host->fetch(screen.host->ctx, 2, found, &screen);
    app_close(app);
    assert_int_equal(screen.found, 2);
    assert_int_equal(screen.closed, 1);
}

/* The first of the journal is pinned with a note, and looked for. */
static bool pinned(void)
{
    const struct display_host *host = screen.host;
    struct display_pin pin;
    static bool asked;

    if (!asked)
        assert_true(host->pin_set(host->ctx, 1, "call them"));
    asked = true;
    return host->pin(host->ctx, 0, &pin) && pin.event;
}

static bool still_pinned(void)
{
    return screen.host->pins(screen.host->ctx) == 1;
}

/* It is there first: the list is read at the start. */
static bool taken_off(void)
{
    static bool asked;

    if (!asked && !still_pinned())
        return false;
    if (!asked)
        screen.host->pin_remove(screen.host->ctx, 1);
    asked = true;
    return !screen.host->pins(screen.host->ctx);
}

static void a_pin_outlives_the_screen(void **state)
{
    struct app *app = open_app(&fake_display);
    struct display_pin pin;

    (void)state;
    run_play(app, NULL, pinned);
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, still_pinned);
    assert_true(screen.host->pin(screen.host->ctx, 0, &pin));
    assert_int_equal(pin.seq, 1);
    assert_string_equal(pin.note, "call them");
    assert_string_equal(pin.event->name, "insight created");
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, taken_off);
    app_close(app);
}

/* What is written is cleaned, and there once it is in the journal. */
static bool noted(void)
{
    const struct display_host *host = screen.host;
    static bool asked;
    const char *note;

    if (!asked)
        assert_true(host->note_set(host->ctx, "org-1",
                                   "renewal\x1b[2J in \xe2\x80\xae"
                                   "March"));
    asked = true;
    note = host->note(host->ctx, "org-1");
    return note && !strchr(note, '\x1b') && !strstr(note, "\xe2\x80\xae");
}

static bool still_noted(void)
{
    return screen.host->note(screen.host->ctx, "org-1") != NULL;
}

static bool note_gone(void)
{
    static bool asked;

    if (!asked && !still_noted())
        return false;
    if (!asked)
        assert_true(screen.host->note_set(screen.host->ctx, "org-1", NULL));
    asked = true;
    return !still_noted();
}

static void a_note_on_an_account_outlives_the_screen(void **state)
{
    struct app *app = open_app(&fake_display);
    const char *note;

    (void)state;
    run_play(app, NULL, noted);
    assert_null(screen.host->note(screen.host->ctx, "org-2"));
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, still_noted);
    note = screen.host->note(screen.host->ctx, "org-1");
    assert_int_equal(strncmp(note, "renewal", 7), 0);
    assert_string_equal(note + strlen(note) - 5, "March");
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, note_gone);
    app_close(app);
}

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

/* Read twice: a book, and then one that is none. */
static struct {
    char path[128], first[sizeof screen.said];
    size_t count; /* of the first */
} reread;

static size_t accounts(void)
{
    return book_count(screen.host->book(screen.host->ctx));
}

/* It returns before anything is read, so that nothing waits for a book of any
 * size. */
static void reload(void)
{
    size_t before = accounts();

    screen.said[0] = '\0';
    screen.host->reload(screen.host->ctx);
    assert_string_equal(screen.said, "");
    assert_int_equal(accounts(), before);
}

static bool reread_twice(void)
{
    if (!*screen.said || *reread.first)
        return *screen.said;
    memcpy(reread.first, screen.said, sizeof reread.first);
    reread.count = accounts();
    assert_true(config_write_file(reread.path, "nothing\n", 8, NULL));
    reload();
    return false;
}

static void reading_again_labels_what_is_shown(void **state)
{
    static const char book[] = "organization_id,organization_name\n"
                               "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder\n";
    struct app *app = open_app(&fake_display);
    struct err err = {""};

    (void)state;
    snprintf(reread.path, sizeof reread.path, "%s/telltale/accounts.csv",
             directory);
    assert_true(path_make_parents(reread.path, &err));
    assert_true(config_write_file(reread.path, book, sizeof book - 1, &err));
    assert_int_equal(accounts(), 0);
    reload();
    run_play(app, NULL, reread_twice);
    unlink(reread.path);
    assert_string_equal(reread.first, "Reread: 1 accounts.");
    assert_int_equal(reread.count, 1);
    if (!strstr(screen.said, "Not reread: ") ||
        !strstr(screen.said, "accounts.csv"))
        fail_msg("%s", screen.said);
    assert_int_equal(accounts(), 1);
    assert_non_null(screen.host->status(screen.host->ctx)->problem);
    app_close(app);
}

static void options_and_keys_come_from_the_configuration(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    assert_string_equal(screen.host->option(screen.host->ctx, "theme"),
                        "paper");
    assert_string_equal(screen.host->option(screen.host->ctx, "nonsense"), "");
    app_close(app);
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

static void listening_beyond_the_machine_needs_tls_or_a_proxy(void **state)
{
    static const char *const bad[] = {"0.0.0.0:0", "[::]:0",
                                      "127.0.0.1:0,10.0.0.1:1"};
    struct err err = {""};
    int code = 0;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct app_options options = {.config = config,
                                      .command = "serve",
                                      .listen = bad[i]};

        assert_null(app_open(&options, &code, &err));
        assert_int_equal(code, EXIT_CONFIG);
        assert_non_null(strstr(err.text, "--behind-proxy"));
    }
}

/* A folder is no journal. All that runs beside it has been made by then, and
 * nothing opened. */
static void refuses_to_start(const char *settings)
{
    struct err err = {""};
    char text[1024];
    int code = -1, len = snprintf(text, sizeof text, "journal = %s\n%s",
                                  directory, settings);
    struct config *full = config_read("config.ini", text, (size_t)len, &err);
    struct app_options options = {.config = full,
                                  .display = &fake_display,
                                  .command = "watch",
                                  .listen = "127.0.0.1:0"};

    assert_string_equal(err.text, "");
    assert_null(app_open(&options, &code, &err));
    assert_non_null(strstr(err.text, directory));
    assert_int_equal(code, EXIT_FAILED);
    config_free(full);
}

static void a_start_that_fails_takes_back_what_was_asked_for(void **state)
{
    struct err none;

    (void)state;
    refuses_to_start("source = posthog\n"
                     "[posthog]\nhost = http://127.0.0.1:1\nproject = 1\n"
                     "api_key_command = echo phx_none\nrefresh = 1d\n"
                     "[mirror m]\ntype = json\nurl = https://127.0.0.1:1/\n"
                     "query = tone:bad\n"
                     "[rule r]\nquery = tone:bad\ndo = bell\n");
    if (!nats_available(&none))
        return;
    refuses_to_start("source = nats://127.0.0.1:1/READ\n");
    refuses_to_start("publish = nats://127.0.0.1:1/KEPT\n");
}

static int set_up(void **state)
{
    static const char text[] = "theme = paper\n[keys]\nq = quit\n";
    struct err err;

    (void)state;
    snprintf(directory, sizeof directory, "/tmp/telltale-test-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    setenv("HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    setenv("XDG_STATE_HOME", directory, 1);
    log_set_level(LOG_ERROR);
    config = config_read("config.ini", text, sizeof text - 1, &err);
    return config ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    config_free(config);
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_posted_reaches_the_ring_and_the_screen),
        cmocka_unit_test(the_past_is_in_the_ring_of_the_next_start),
        cmocka_unit_test(an_event_is_fetched_whole_or_told_to_be_gone),
        cmocka_unit_test(a_fetch_that_is_open_at_the_end_is_answered),
        cmocka_unit_test(a_wrong_secret_is_told_in_the_title_row),
        cmocka_unit_test(a_pin_outlives_the_screen),
        cmocka_unit_test(a_note_on_an_account_outlives_the_screen),
        cmocka_unit_test(a_problem_is_put_away_until_it_is_over),
        cmocka_unit_test(an_event_ends_the_talk_of_wrong_secrets),
        cmocka_unit_test(a_second_spell_of_wrong_secrets_counts_from_one),
        cmocka_unit_test(reading_again_labels_what_is_shown),
        cmocka_unit_test(a_large_body_holds_up_nobody),
        cmocka_unit_test(options_and_keys_come_from_the_configuration),
        cmocka_unit_test(a_silence_that_is_not_usual_is_told),
        cmocka_unit_test(listening_beyond_the_machine_needs_tls_or_a_proxy),
        cmocka_unit_test(a_start_that_fails_takes_back_what_was_asked_for),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
