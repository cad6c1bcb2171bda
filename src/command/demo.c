/* `telltale demo`: the program as it is, with a made-up book of business and a
 * journal of its own that goes when it ends. What happens comes by real POSTs
 * to the real receiver, from the client in the same loop: first the past, day
 * by day, with the journal's ticks between them, as fast as it is taken; then
 * the present at its own pace. What is posted is demo_story.c's. */
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/demo_story.h"
#include "command/interrupt.h"
#include "command/temp_journal.h"
#include "command/watch.h"

#include "base/banned.h"

#define USUAL_RATE 30.0 /* events a minute */
#define FASTEST 60000.0
#define PRINTED_MS CLOCK_HOUR_MS /* of the past */
#define RETRY_US 500000

struct demo {
    uint64_t seed;
    struct story *story; /* NULL until the program is open */
    struct journal *journal;
    struct client *client;
    struct loop_timer *timer;
    const char *url;
    double rate;
    bool past_told;
    bool begun;      /* a day of the past was told */
    struct buf body; /* on its way, kept until it is answered */
    int64_t next_us; /* monotonic: when the next event is due */
};

static void post(struct demo *demo);

/* The next event at its time, however long the last one took. Where the clock
 * stands still there is no next moment: pictures of it are always the same. */
static void wait_for_next(struct demo *demo)
{
    int64_t now = clock_mono_us();

    if (clock_is_pinned())
        return;
    demo->next_us += story_wait_us(demo->story, demo->rate);
    if (demo->next_us < now)
        demo->next_us = now;
    loop_timer_set(demo->timer, demo->next_us - now);
}

static void on_posted(void *ctx, const struct client_answer *answer)
{
    struct demo *demo = ctx;

    if (answer->status != 200) {
        /* 503: the journal is behind. The same again, a little later. */
        log_limited(LOG_WARN, "demo: the receiver answered %d %s",
                    answer->status, answer->error);
        loop_timer_set(demo->timer, RETRY_US);
        return;
    }
    buf_clear(&demo->body);
    if (demo->past_told)
        wait_for_next(demo);
    else
        post(demo);
}

/* The next day on which something happened, in body. Ticks go between the
 * days, as they came when it was. False when all is told. */
static bool tell_past(struct demo *demo)
{
    int64_t began;

    while (story_day(demo->story, &demo->body, &began)) {
        if (demo->begun)
            journal_tick(demo->journal, began);
        demo->begun = demo->begun || demo->body.len;
        if (demo->body.len)
            return true;
    }
    return false;
}

static void tell(struct demo *demo)
{
    if (!demo->past_told && tell_past(demo))
        return;
    if (!demo->past_told) {
        demo->past_told = true;
        demo->next_us = clock_mono_us();
    }
    story_next(demo->story, clock_now_ms(), &demo->body);
}

static void post(struct demo *demo)
{
    static const char *const headers[] = {"Content-Type: application/json",
                                          NULL};
    struct client_request request = {.url = demo->url,
                                     .headers = headers,
                                     .allow_http = true};

    if (!demo->body.len)
        tell(demo);
    request.body = demo->body.data;
    request.len = demo->body.len;
    client_send(demo->client, &request, on_posted, demo);
}

static void on_timer(void *ctx)
{
    post(ctx);
}

static void on_opened(void *ctx, struct app *app)
{
    struct demo *demo = ctx;

    demo->journal = app_journal(app);
    demo->story =
        story_new(demo->seed, clock_now_ms(), journal_days(demo->journal));
    demo->client = app_client(app);
    demo->url = app_hook_url(app);
    demo->timer = loop_timer_new(app_loop(app), on_timer, demo);
    loop_timer_set(demo->timer, 0);
    if (interrupt_came()) /* before the loop heard of signals */
        app_stop(app, EXIT_INTERRUPTED);
}

static void on_closing(void *ctx)
{
    struct demo *demo = ctx;

    loop_timer_free(demo->timer);
}

/* ---- the command ---- */

static int run_in(struct command_context *context, struct demo *demo,
                  const char *directory)
{
    bool plain = watch_is_plain(context);
    char *journal = temp_journal_path(directory), *book = story_book();
    struct watch_options options = {.app = {.display = plain
                                                           ? NULL
                                                           : context->display,
                                            .listen = "127.0.0.1:0",
                                            .journal = journal,
                                            .book = book,
                                            .follow_clock = true,
                                            .demo = true},
                                    .print = plain,
                                    .print_from = clock_now_ms() - PRINTED_MS,
                                    .on_open = on_opened,
                                    .on_close = on_closing,
                                    .ctx = demo};
    int code;

    if (!config_is_default(context->config, OPTION_listen))
        options.app.listen = NULL;
    code = watch_receive(context, &options);
    free(journal);
    free(book);
    return code;
}

static int run(struct command_context *context, struct demo *demo)
{
    struct err err = {""};
    char *directory;
    int code;

    interrupt_catch(); /* what is in the folder does not stay */
    directory = temp_journal_make("demo", &err);
    if (!directory)
        return command_fail(EXIT_FAILED, "%s", err.text);
    code = run_in(context, demo, directory);
    temp_journal_remove(directory);
    free(directory);
    return code;
}

static bool read_number(const char *name, const char *text, double least,
                        double most, double *out)
{
    char *end;

    if (!text)
        return true;
    *out = strtod(text, &end);
    if (end != text && !*end && *out >= least && *out <= most)
        return true;
    command_fail(EXIT_USAGE, "demo: %s takes a number from %.0f to %.0f", name,
                 least, most);
    return false;
}

int command_demo(struct command_context *context)
{
    struct demo demo = {.rate = USUAL_RATE};
    double number = 1;
    int code;

    if (!command_words(context, NULL, NULL) ||
        !read_number("--rate", command_value(context, ARG_demo_rate), 1,
                     FASTEST, &demo.rate) ||
        !read_number("--seed", command_value(context, ARG_demo_seed), 0,
                     4294967295.0, &number))
        return EXIT_USAGE;
    demo.seed = (uint64_t)number;
    buf_init(&demo.body, LIMIT_BODY);
    code = run(context, &demo);
    buf_free(&demo.body);
    story_free(demo.story);
    return code;
}
