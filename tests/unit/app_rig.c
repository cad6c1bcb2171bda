/* The rig of the receiver's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/app_rig.h"

#define PATIENCE_US INT64_C(20000000)

char directory[64];
struct config *config;
struct screen screen;
struct play play;

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

static void fake_forgetting(struct display *display,
                            enum display_forgetting forgetting)
{
    (void)display;
    screen.forgetting = forgetting;
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

const struct display_ops fake_display = {
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
    .forgetting = fake_forgetting,
    .views_written = fake_nothing,
    .said = fake_said,
};

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

struct app *open_app(const struct display_ops *display)
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

void run_play(struct app *app, const char *const *bodies, bool (*until)(void))
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

int app_rig_setup(void **state)
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

int app_rig_teardown(void **state)
{
    char command[128];

    (void)state;
    config_free(config);
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    return system(command);
}
