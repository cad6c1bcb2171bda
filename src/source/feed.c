/* The link to another telltale: one request that never ends. What it brings is
 * gathered for a turn, kept like anything that arrives, and only then is our
 * place in the other journal moved on: whatever dies when, every event is
 * asked for again until it is kept, and is known by its origin if it was.
 *
 * While the link is down a timer looks once a second, since the seconds until
 * the next try are shown; while it is up and quiet nothing runs but the wait
 * for what must come every quiet_ms. */
#include "source/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "source/feed_state.h"

#include "base/banned.h"

#define HELLO_US INT64_C(15000000) /* from asking to the first line */
#define GET_MS 20000

static void ask(struct feed_source *source);
static void find_place(struct feed_source *source);

static enum client_taken take(void *ctx, const char *data, size_t len)
{
    struct feed_source *source = ctx;

    if (feed_is_ahead(source, 1)) {
        source->paused = true;
        return CLIENT_PAUSE;
    }
    if (feed_lines_take(&source->lines, data, len, feed_take_line, source)) {
        if (feed_lines_heard(&source->lines) && source->link == LINK_UP)
            source->heard_us = clock_mono_us();
        return CLIENT_GO_ON;
    }
    if (!*source->why.text)
        feed_give_up(source, true, "a line of it is too long");
    return CLIENT_END;
}

static void judge_status(struct feed_source *source, int status)
{
    char text[160];

    if (status == 401 || status == 403) {
        feed_give_up(source, true,
                     "it does not take the token: telltale viewers add there "
                     "makes one");
        return;
    }
    snprintf(text, sizeof text, "it answers %d", status);
    feed_give_up(source, status == 404, text);
}

/* The end of the request, however it ended. */
static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct feed_source *source = ctx;

    source->request = 0;
    source->paused = false;
    feed_flush(source);
    if (source->fork.again && !source->stopped) {
        source->fork.again = false;
        /* The next hello is taken inside curl, where nothing may be
         * cancelled. */
        feed_tells_link(&source->tells, false, false);
        ask(source);
        return;
    }
    if (answer->outcome == CLIENT_ANSWERED && answer->status != 200)
        judge_status(source, answer->status);
    else if (!*source->why.text)
        feed_give_up(source, false,
                     *answer->error ? answer->error : "the connection ended");
    feed_link_lost(source);
}

static void connect_link(struct feed_source *source)
{
    char after[32], token[600];
    const char *headers[] = {token, "Accept: application/x-ndjson", NULL};
    struct client_request request = {.headers = headers,
                                     .allow_http = true,
                                     .take = take};
    struct buf url;

    buf_init(&url, 8 * KIB);
    source->cursor = source->kept;
    source->era++;
    source->broken = source->paused = false;
    snprintf(after, sizeof after, "%llu", (unsigned long long)source->cursor);
    buf_addf(&url, "%s/feed?kept=1&acts=%llu", source->url,
             (unsigned long long)source->acts_asked);
    if (source->fork.sent.count) {
        buf_adds(&url, "&at=");
        locator_write(&source->fork.sent, &url);
    }
    buf_addf(&url, "&after=%s", after);
    snprintf(token, sizeof token, "Authorization: Bearer %s",
             source->options.token);
    request.url = url.data;
    source->link = LINK_ASKS;
    source->asked = source->cursor;
    source->heard_us = clock_mono_us();
    feed_lines_free(&source->lines);
    feed_lines_init(&source->lines);
    err_set(&source->why, "%s", "");
    source->request =
        client_send(source->options.client, &request, on_answer, source);
    feed_tick(source, HELLO_US);
    buf_free(&url);
}

static void ask(struct feed_source *source)
{
    source->link = LINK_NEW;
    feed_fork_find(source, connect_link);
}

/* Nothing was heard for too long. */
static void link_is_dead(struct feed_source *source)
{
    feed_flush(source);
    feed_give_up(
        source, false,
        source->link == LINK_ASKS
            ? "nothing comes through: it does not answer, or something "
              "between gathers what it should pass on"
            : "nothing was heard for too long: the connection is dead, or "
              "something between gathers what it should pass on");
    feed_link_lost(source);
}

static void on_timer(void *ctx)
{
    struct feed_source *source = ctx;
    int64_t now = clock_mono_us();
    int64_t patience =
        source->link == LINK_ASKS ? HELLO_US : source->patience_us;
    int64_t left = source->heard_us + patience - now;

    if (source->stopped || source->link == LINK_NEW)
        return;
    if (source->paused) { /* by us: it may say what it likes */
        source->heard_us = now;
        left = patience;
    }
    if (source->link != LINK_DOWN && left <= 0) {
        link_is_dead(source);
    } else if (source->link != LINK_DOWN) {
        feed_tick(source, left);
    } else if (now >= source->retry_us && source->others) {
        find_place(source);
    } else if (now >= source->retry_us) {
        ask(source);
    } else {
        feed_tick(source, FEED_LOOK_US);
        feed_changed(source);
    }
}

/* ---- the beginning ---- */

static void on_place(struct feed_source *source, bool ok,
                     const struct err *err)
{
    if (ok) {
        ask(source);
        return;
    }
    err_set(&source->why, "%s", err->text);
    feed_link_lost(source);
}

/* In a journal that is another than before. */
static void find_place(struct feed_source *source)
{
    source->link = LINK_NEW;
    feed_find_place(source, false, on_place);
}

static void on_ended(void *ctx, bool ok)
{
    struct feed_source *source = ctx;

    feed_tells_ended(&source->tells, ok);
}

static void on_acts_failed(void *ctx, const char *why)
{
    struct feed_source *source = ctx;

    source->acts_asked = source->acts.done;
    feed_not_kept(source, why);
}

static void begin_acts(struct feed_source *source)
{
    const struct feed_source_options *options = &source->options;

    source->acts = (struct feed_acts){.journal = options->journal,
                                      .changed = options->signals_changed,
                                      .pins_changed = options->pins_changed,
                                      .pin_told = options->pin_told,
                                      .notes_changed = options->notes_changed,
                                      .others_read = options->others_read,
                                      .ctx = options->ctx,
                                      .written = feed_go_on,
                                      .ended = on_ended,
                                      .failed = on_acts_failed,
                                      .source = source};
    feed_acts_init(&source->acts, options->loop);
    source->tells = (struct feed_tells){.journal = options->journal,
                                        .client = options->client,
                                        .decoder = options->decoder,
                                        .acts = &source->acts,
                                        .url = source->url,
                                        .token = options->token,
                                        .host = source->host,
                                        .there = &source->there,
                                        .said = options->said,
                                        .changed = options->changed,
                                        .ctx = options->ctx};
    feed_tells_init(&source->tells, options->loop);
}

struct feed_source *feed_source_new(const struct feed_source_options *options)
{
    struct feed_source *source = xcalloc(1, sizeof *source);
    size_t len = strlen(options->url);

    while (len && options->url[len - 1] == '/')
        len--;
    source->options = *options;
    source->url = xstrndup(options->url, len);
    source->host = feed_host_of(source->url);
    source->step_us = FEED_RETRY_US;
    source->timer = loop_timer_new(options->loop, on_timer, source);
    source->flush = loop_timer_new(options->loop, feed_flush, source);
    feed_lines_init(&source->lines);
    begin_acts(source);
    source->look = (struct feed_look){.client = options->client,
                                      .url = source->url,
                                      .token = options->token};
    source->forgets = feed_forgets_new(
        &(struct feed_forgets_options){.loop = options->loop,
                                       .journal = options->journal,
                                       .forget = options->forget,
                                       .forget_ctx = options->ctx,
                                       .taken = feed_go_on,
                                       .ctx = source});
    feed_find_place(source, true, on_place);
    return source;
}

void feed_source_stop(struct feed_source *source)
{
    if (source->stopped)
        return;
    feed_flush(source);
    source->stopped = true;
    feed_look_free(&source->look);
    feed_tells_stop(&source->tells);
    feed_acts_stop(&source->acts);
    feed_forgets_stop(source->forgets);
    loop_timer_cancel(source->timer);
    loop_timer_cancel(source->flush);
    if (source->request)
        client_cancel(source->options.client, source->request);
    source->request = 0;
}

void feed_source_free(struct feed_source *source)
{
    if (!source)
        return;
    event_batch_free(source->batch);
    feed_lines_free(&source->lines);
    feed_tells_free(&source->tells);
    feed_acts_free(&source->acts);
    feed_forgets_free(source->forgets);
    loop_timer_free(source->timer);
    loop_timer_free(source->flush);
    free(source->name);
    free(source->url);
    free(source->host);
    free(source);
}

bool feed_source_tell(struct feed_source *source)
{
    feed_tells_more(&source->tells);
    return source->link == LINK_UP;
}

void feed_source_look(struct feed_source *source, const char *account)
{
    if (!source->stopped)
        feed_look_set(&source->look, account);
}

/* ---- what is asked besides ---- */

bool feed_source_begins(const struct feed_source *source)
{
    return !source->stopped && !source->lost_ms &&
           (source->link == LINK_NEW || source->link == LINK_ASKS);
}

bool feed_source_there(const struct feed_source *source, struct uuid *there)
{
    return feed_there(source, there);
}

/* With a body of JSON, or NULL. */
static bool exchange(struct feed_source *source, const char *target,
                     const char *body, client_done *done, void *ctx)
{
    char token[600];
    const char *headers[] = {token,
                             body ? "Content-Type: application/json" : NULL,
                             NULL};
    struct client_request request = {.headers = headers,
                                     .allow_http = true,
                                     .timeout_ms = GET_MS,
                                     .max_answer = LIMIT_ANSWER,
                                     .body = body,
                                     .len = body ? strlen(body) : 0};
    struct buf url;

    if (source->link != LINK_UP)
        return false;
    buf_init(&url, 8 * KIB);
    buf_addf(&url, "%s%s", source->url, target);
    snprintf(token, sizeof token, "Authorization: Bearer %s",
             source->options.token);
    request.url = url.data;
    client_send(source->options.client, &request, done, ctx);
    buf_free(&url);
    return true;
}

bool feed_source_get(struct feed_source *source, const char *target,
                     client_done *done, void *ctx)
{
    return exchange(source, target, NULL, done, ctx);
}

bool feed_source_pin_asked(struct feed_source *source,
                           const struct pin_place *place, const char *note,
                           bool on, client_done *done, void *ctx)
{
    char *words = feed_pin_words(place, note, on);
    bool asked = exchange(source, "/act", words, done, ctx);

    cJSON_free(words);
    return asked;
}

/* ---- what is said of it ---- */

const char *feed_source_host(const struct feed_source *source)
{
    return source->host;
}

static void add_clock(struct buf *out, int64_t ms)
{
    char text[CLOCK_MINUTES_SIZE];

    clock_minutes(ms, text);
    buf_adds(out, text);
}

static void add_down(const struct feed_source *source, struct buf *out)
{
    int64_t left = (source->retry_us - clock_mono_us()) / 1000000 + 1;

    buf_addf(out, "No link to %s since ", source->host);
    add_clock(out, source->lost_ms);
    if (source->link == LINK_DOWN)
        buf_addf(out, ", next try in %lld s. ",
                 (long long)(left > 0 ? left : 1));
    else
        buf_adds(out, ", trying. ");
    buf_adds(out, "Shown: up to ");
    add_clock(out, source->lost_ms);
    buf_adds(out, ". ");
    if (feed_tells_problem(&source->tells, out))
        buf_adds(out, " ");
    buf_adds(out, source->why.text);
}

bool feed_source_problem(const struct feed_source *source, struct buf *out,
                         bool *refused)
{
    *refused = source->lost_ms && source->refused;
    if (source->lost_ms) {
        add_down(source, out);
        return true;
    }
    if (!source->catches_up)
        return feed_tells_problem(&source->tells, out);
    buf_addf(out, "Catching up with %s: %llu of %llu.", source->host,
             (unsigned long long)source->cursor,
             (unsigned long long)source->last);
    return true;
}
