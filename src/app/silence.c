/* The service "silence": nothing comes where, by the journal's past, something
 * usually does. What is usual is live/habit's; here it is read from the
 * journal in slices, once a day, and one timer waits for the moment when a
 * silence is out of the ordinary. Without a habit there is no timer. */
#include "app/silence.h"

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "app/plan.h"
#include "app/service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/arrivals.h"
#include "live/habit.h"
#include "posthog/api_async.h"
#include "posthog/search.h"

#include "base/banned.h"

#define SLICE_US INT64_C(30000)
#define RELOAD_US (1000 * CLOCK_DAY_MS)
#define TEXT_SIZE 256

/* A habit in the making: the reader's until it is done. */
struct habit_load {
    struct habit habit;
    struct arrivals arrivals;
    int64_t next_ms; /* the hour to look at */
};

struct silence {
    const struct service_host *host;
    struct habit habit;
    bool known; /* there is a habit */
    struct habit_load *load;
    int64_t loaded_us; /* monotonic, when it was last asked for */
    struct silence_watch watch;
    int64_t heard_ms; /* wall, of the last event; CLOCK_NONE: none yet */
    struct loop_timer *timer;
    bool armed, on;
    char shown[TEXT_SIZE];

    /* What PostHog says of the destination. */
    struct api_async *async;
    struct search search;
    struct buf name;
    bool asking;
    char said[TEXT_SIZE]; /* "": nothing */
};

/* When the present silence began. Tests, which make the clock stand still,
 * have no time to be silent in: to them the journal's newest event counts. */
static int64_t begun(const struct silence *silence)
{
    int64_t now = clock_now_ms();

    if (clock_is_pinned() && silence->heard_ms != CLOCK_NONE)
        return silence->heard_ms;
    return silence_since(&silence->watch, now, clock_mono_us());
}

static void arm(struct silence *silence)
{
    int64_t now = clock_now_ms(), due;

    silence->armed = false;
    loop_timer_cancel(silence->timer);
    if (!silence->known || silence->on)
        return;
    due = habit_due(&silence->habit, begun(silence));
    if (due == CLOCK_NONE)
        return;
    silence->armed = true;
    loop_timer_set(silence->timer, due > now ? (due - now) * 1000 : 0);
}

/* Reading the habit. */

static void feed(struct habit_load *load)
{
    const struct arrivals *arrivals = &load->arrivals;

    habit_count(&load->habit, arrivals->hour_ms, arrivals->events);
    for (size_t i = 0; i < arrivals->count; i++)
        habit_add(&load->habit, arrivals->times[i]);
    load->next_ms = arrivals->hour_ms + CLOCK_HOUR_MS;
}

/* On the reader's thread. */
static enum reader_step read_hours(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct habit_load *load = ctx;
    int64_t until = clock_mono_us() + SLICE_US;

    while (clock_mono_us() < until) {
        if (!arrivals_next(reader, load->next_ms, &load->arrivals, err))
            return err->text[0] ? READER_FAILED : READER_DONE;
        feed(load);
    }
    return READER_AGAIN;
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct silence *silence = ctx;
    struct habit_load *load = silence->load;

    silence->load = NULL;
    if (ok) {
        silence->known = habit_end(&load->habit);
        silence->habit = load->habit;
        if (silence->heard_ms == CLOCK_NONE)
            silence->heard_ms = load->habit.last_ms;
        arm(silence);
    } else {
        log_line(LOG_WARN, "what is usual cannot be read: %s", err->text);
    }
    free(load);
}

static enum reader_step read_load(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct silence *silence = ctx;

    return read_hours(silence->load, reader, err);
}

static void load_habit(struct silence *silence)
{
    const struct service_host *host = silence->host;
    int64_t least = config_number(host->config, OPTION_silence);

    silence->loaded_us = clock_mono_us();
    if (silence->load || host->stopping || !least)
        return;
    silence->load = xcalloc(1, sizeof *silence->load);
    habit_begin(&silence->load->habit, clock_now_ms(), least);
    silence->load->next_ms = silence->load->habit.from_ms;
    journal_read(host->journal, read_load, on_read, silence);
}

/* What PostHog says. */

static void say(struct silence *silence, const char *text)
{
    snprintf(silence->said, sizeof silence->said, "%s", text);
    log_line(LOG_WARN, "the destination: %s", text);
    silence->host->changed(silence->host->app);
}

static int state_of(const struct cJSON *function)
{
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(function, "status"), "state");

    return cJSON_IsNumber(state) ? state->valueint : 0;
}

/* The worst of them; NULL: all are on and well. The numbers are those of
 * PostHog's watcher: 2 and 3 are its judgement, 11 and 12 somebody's. */
static const char *judge(const struct cJSON *functions)
{
    const cJSON *function;
    const char *worst = NULL;

    if (!cJSON_GetArraySize(functions))
        return "PostHog has none: telltale destination create.";
    cJSON_ArrayForEach(function, functions)
    {
        int state = state_of(function);

        if (!cJSON_IsTrue(
                cJSON_GetObjectItemCaseSensitive(function, "enabled")))
            return "PostHog says it is paused: telltale destination resume.";
        if (state == 3 || state == 12)
            return "PostHog has disabled it: slow or failing answers.";
        if (state == 2 || state == 11)
            worst = "PostHog holds events back: slow or failing answers.";
    }
    return worst;
}

static void on_found(void *ctx, const struct err *err)
{
    struct silence *silence = ctx;
    const char *word;

    silence->asking = false;
    if (!silence->on)
        return;
    if (err) {
        log_limited(LOG_WARN, "the destination cannot be looked at: %s",
                    err->text);
        return;
    }
    word = judge(silence->search.found);
    say(silence, word ? word : "PostHog says it is on.");
}

static void ask(struct silence *silence)
{
    const struct service_host *host = silence->host;
    struct api_sequence sequence;

    if (!host->posthog || silence->asking || host->polls)
        return;
    if (!silence->async)
        silence->async =
            api_async_new(host->loop, host->client(host->app), host->posthog);
    buf_clear(&silence->name);
    plan_name(host->config, &silence->name);
    search_close(&silence->search);
    search_open(&silence->search, silence->name.data);
    sequence = search_sequence(&silence->search);
    silence->asking = true;
    api_async_run(silence->async, &sequence, on_found, silence);
}

/* The alarm. */

bool silence_text(const void *self, struct buf *out)
{
    const struct silence *silence = self;

    if (!silence || !silence->on)
        return false;
    habit_describe(&silence->habit, begun(silence), clock_now_ms(), out);
    if (silence->said[0])
        buf_addf(out, " %s", silence->said);
    else if (!silence->host->polls)
        buf_adds(out, " Is the destination on?");
    return true;
}

static void raise_alarm(struct silence *silence)
{
    const struct service_host *host = silence->host;
    struct buf text;

    silence->on = true;
    silence->said[0] = '\0';
    buf_init(&text, TEXT_SIZE);
    silence_text(silence, &text);
    log_line(LOG_WARN, "%s", text.data);
    host->announce(host->app, text.data);
    buf_free(&text);
    ask(silence);
    host->changed(host->app);
}

static void on_timer(void *ctx)
{
    struct silence *silence = ctx;
    int64_t due = habit_due(&silence->habit, begun(silence));

    silence->armed = false;
    if (due != CLOCK_NONE && due <= clock_now_ms())
        raise_alarm(silence);
    else
        arm(silence);
}

/* Called for every batch: the timer is left as it is, and looks again when
 * it comes. */
static void silence_kept(void *self, const struct event_batch *batch)
{
    struct silence *silence = self;
    int64_t now = clock_mono_us();

    if (!batch->fresh)
        return;
    silence->watch.heard_us = now;
    silence->heard_ms = batch->events[batch->fresh - 1].received_at;
    if (silence->on) {
        silence->on = false;
        log_line(LOG_NOTE, "events come again");
        silence->host->changed(silence->host->app);
    }
    if (!silence->armed)
        arm(silence);
    if (now - silence->loaded_us > RELOAD_US)
        load_habit(silence);
}

int64_t silence_heard_at(const void *self)
{
    return self ? ((const struct silence *)self)->heard_ms : CLOCK_NONE;
}

unsigned silence_habit_hours(const void *self)
{
    const struct silence *silence = self;
    unsigned hours = 0;

    if (silence && silence->known)
        for (size_t slot = 0; slot < HABIT_SLOTS; slot++)
            hours += silence->habit.usual[slot] > 0;
    return hours;
}

static void silence_tell(void *self, struct problems *problems)
{
    struct buf text;

    buf_init(&text, KIB);
    if (silence_text(self, &text))
        problem_add(problems, PROBLEM_SILENCE, '!', text.data);
    buf_free(&text);
}

static void *silence_new(const struct service_host *host, struct err *err)
{
    struct silence *silence;

    (void)err;
    if (host->demo || host->attach)
        return NULL;
    silence = xcalloc(1, sizeof *silence);
    silence->host = host;
    silence->heard_ms = CLOCK_NONE;
    silence->watch.heard_us = clock_mono_us();
    buf_init(&silence->name, 512);
    return silence;
}

static bool silence_open(void *self, struct err *err)
{
    struct silence *silence = self;

    (void)err;
    silence->timer = loop_timer_new(silence->host->loop, on_timer, silence);
    load_habit(silence);
    return true;
}

static void silence_stop(void *self)
{
    struct silence *silence = self;

    if (silence->timer)
        loop_timer_cancel(silence->timer);
    if (silence->async)
        api_async_stop(silence->async);
}

static void silence_free(void *self)
{
    struct silence *silence = self;

    api_async_free(silence->async);
    search_close(&silence->search);
    buf_free(&silence->name);
    if (silence->timer)
        loop_timer_free(silence->timer);
    free(silence->load);
    free(silence);
}

const struct service service_silence = {.new = silence_new,
                                        .open = silence_open,
                                        .kept = silence_kept,
                                        .tell = silence_tell,
                                        .stop = silence_stop,
                                        .free = silence_free};
