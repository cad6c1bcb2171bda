/* Who comes to a feed: who is let in, what it asked for, its greeting, and
 * what its stream calls from then on. */
#include "serve/feed_internal.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "serve/access.h"
#include "serve/asked.h"
#include "serve/params.h"

#include "base/banned.h"

static void on_drained(void *ctx)
{
    struct viewer *viewer = ctx;

    feed_read_more(viewer->feed);
}

static void on_quiet(void *ctx)
{
    struct viewer *viewer = ctx;
    char iso[CLOCK_ISO_SIZE], rest[64];

    clock_format_iso(clock_now_ms(), iso);
    snprintf(rest, sizeof rest, ",\"at\":\"%s\"", iso);
    viewer_say(viewer, "alive", viewer->cursor, rest);
}

static void on_gone(void *ctx, const char *why)
{
    struct viewer *viewer = ctx;

    if (why)
        log_limited(LOG_NOTE, "%s was let go at seq %llu: %s",
                    viewer_name(viewer), (unsigned long long)viewer->cursor,
                    why);
    viewer->gone = true;
    viewer->feed->count--;
    viewer->feed->left++;
}

static struct viewer *viewer_new(struct feed *feed,
                                 const struct asked_feed *asked)
{
    struct viewer *viewer = xcalloc(1, sizeof *viewer);

    viewer->feed = feed;
    viewer->cursor = asked->after;
    viewer->ends = asked->ends;
    viewer->forgets = asked->kept;
    viewer->by_acts = viewer->acts = asked->by_acts;
    viewer->query = asked->query[0];
    feed_page_init(&viewer->page);
    viewer->page.conceal = feed->conceal;
    viewer->page.kept = asked->kept;
    viewer->page.acts = asked->acts;
    viewer->page.form = asked->form;
    viewer->page.query = asked->query[1];
    if (asked->at.count) {
        viewer->page.at = xmalloc(sizeof asked->at);
        *viewer->page.at = asked->at;
    }
    buf_init(&viewer->live, LIMIT_ANSWER - KIB);
    return viewer;
}

/* False: answer says why not. */
static bool is_let_in(const struct feed *feed,
                      const struct viewer_token *token, struct answer *answer)
{
    if (!viewers_hold(feed->viewers, token)) {
        access_refuse(feed->viewers, answer);
        return false;
    }
    if (!feed->stopped && feed->count < LIMIT_FEEDS)
        return true;
    params_answer(answer, 503, "too many look already, try again later");
    answer->headers = "Retry-After: 30\r\n";
    return false;
}

static enum admission feed_admit(void *ctx, const struct request *request,
                                 struct answer *answer, void **note)
{
    struct feed *feed = ctx;
    struct viewer_token token;
    struct asked_feed asked;
    struct viewer *viewer;
    struct err err = {""};

    if (!access_granted(feed->viewers, request, &token)) {
        access_refuse(feed->viewers, answer);
        return ADMIT_ANSWER;
    }
    if (!is_let_in(feed, &token, answer))
        return ADMIT_ANSWER;
    if (!asked_feed_read(request, &asked, &err)) {
        params_refuse(answer, err.text);
        return ADMIT_ANSWER;
    }
    viewer = viewer_new(feed, &asked);
    viewer->token = token;
    *note = viewer;
    return ADMIT;
}

static void feed_gone(void *ctx, void *note)
{
    (void)ctx;
    viewer_free(note);
}

static void say_hello(struct viewer *viewer)
{
    const struct feed *feed = viewer->feed;
    cJSON *zone = cJSON_CreateString(journal_zone(feed->journal));
    char *quoted = cJSON_PrintUnformatted(zone), id[UUID_TEXT_SIZE];
    struct buf rest;

    uuid_format(journal_id(feed->journal), id);
    buf_init(&rest, 16 * KIB);
    buf_addf(&rest,
             ",\"version\":%d,\"journal\":\"%s\",\"after\":%llu,"
             "\"last\":%llu,\"viewer\":\"%s\",\"quiet_ms\":%d,"
             "\"zone\":%s,\"late\":true",
             FEED_VERSION, id, (unsigned long long)viewer->cursor,
             (unsigned long long)viewer->last, viewer->token.name,
             LIMIT_STREAM_QUIET_MS, quoted);
    viewer_say(viewer, "hello", 0, rest.data);
    buf_free(&rest);
    cJSON_free(quoted);
    cJSON_Delete(zone);
}

static void say_who_looks(struct viewer *viewer)
{
    const struct feed *feed = viewer->feed;
    struct buf out;

    if (!feed->greet)
        return;
    buf_init(&out, MIB);
    feed->greet(feed->greet_ctx, &out, viewer->page.form);
    viewer_send(viewer, &out);
    buf_free(&out);
}

static void turn_away(struct viewer *viewer, const struct answer *answer)
{
    server_answer(viewer->feed->server, viewer->id, answer);
    viewer_free(viewer);
}

static void feed_complete(void *ctx, struct request_id id, const char *peer,
                          void *note, char *body, size_t len)
{
    struct feed *feed = ctx;
    struct viewer *viewer = note;
    struct stream stream = {
        .content_type = viewer->page.form == FEED_EVENTS
                            ? "text/event-stream"
                            : "application/x-ndjson",
        .headers = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n",
        .on_drained = on_drained,
        .on_quiet = on_quiet,
        .on_gone = on_gone,
        .ctx = viewer};
    struct answer answer = {.status = 0};

    (void)peer;
    (void)body;
    (void)len;
    viewer->id = id;
    /* What was so when its head came need not be when its body has. */
    if (!is_let_in(feed, &viewer->token, &answer)) {
        turn_away(viewer, &answer);
        answer_free(&answer);
        return;
    }
    if (viewer->cursor > feed->head)
        viewer->cursor = feed->head;
    viewer->last = feed->head;
    feed->count++;
    if (!server_stream(feed->server, id, &stream)) {
        feed->count--;
        viewer_free(viewer);
        return;
    }
    viewer->next = feed->first;
    feed->first = viewer;
    say_hello(viewer);
    say_who_looks(viewer);
    feed_read_more(feed);
}

void feed_serve(struct feed *feed, struct server *server)
{
    static const struct route_ops ops = {.admit = feed_admit,
                                         .on_complete = feed_complete,
                                         .on_gone = feed_gone};
    struct route route = {.methods = "GET",
                          .path = "/feed",
                          .ops = &ops,
                          .ctx = feed};

    feed->server = server;
    server_route(server, &route);
}

void feed_greet(struct feed *feed,
                void (*greet)(void *ctx, struct buf *out, enum feed_form form),
                void *ctx)
{
    feed->greet = greet;
    feed->greet_ctx = ctx;
}
