/* The webhook source: who may post, what the body decodes to, and the
 * answer once the journal has it. It reads no sockets and writes no files:
 * net/server brings the bodies, journal/ keeps the events. */
#include "source/webhook.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "source/body_work.h"

#include "base/banned.h"

#define HOOK_PATH "/hook"
#define METHODS "POST PUT PATCH"
#define MAX_SECRET 512

/* Decoded in this turn; goes to the writer at its end. */
struct pending {
    struct event_batch *batch;
    uint64_t token;
};

struct webhook {
    struct webhook_options options;
    char token_header[LIMIT_HEADER_NAME + 1]; /* lower case; "": none */
    struct server *server;
    struct pending *pending;
    size_t pending_count, pending_room, pending_bytes;
    struct worker *worker; /* decodes what is large */
    size_t worker_bytes; /* of bodies that it has, of senders that are known */
    size_t anon_bytes;   /* and of those whose signature it is to check */
    struct webhook_stats stats;
    int64_t strangers_us; /* when the first of this minute was noted */
    unsigned strangers;   /* that were noted since */
};

static uint64_t token_of(struct request_id id)
{
    return (uint64_t)id.slot << 32 | id.generation;
}

static struct request_id id_of(uint64_t token)
{
    return (struct request_id){(uint32_t)(token >> 32), (uint32_t)token};
}

static bool is_token(const struct webhook *webhook, const char *candidate)
{
    return webhook->options.tokens && *candidate &&
           secret_set_has(webhook->options.tokens, candidate,
                          strlen(candidate));
}

/* An escaped slash comes as it is written. */
static bool is_path_token(const struct webhook *webhook, const char *segment)
{
    char token[MAX_SECRET];
    size_t len = 0;

    for (; *segment && len + 1 < sizeof token; segment++) {
        bool slash = !strncasecmp(segment, "%2F", 3);

        token[len++] = slash ? '/' : *segment;
        segment += slash ? 2 : 0;
    }
    token[len] = '\0';
    return !*segment && is_token(webhook, token);
}

static bool has_token(const struct webhook *webhook,
                      const struct request *request)
{
    char value[MAX_SECRET];
    const char *path = request->path + strlen(HOOK_PATH);

    if (request_header(request, "x-telltale-token", value, sizeof value) &&
        is_token(webhook, value))
        return true;
    if (*webhook->token_header &&
        request_header(request, webhook->token_header, value, sizeof value) &&
        is_token(webhook, value))
        return true;
    if (request_header(request, "authorization", value, sizeof value) &&
        !strncasecmp(value, "Bearer ", 7) &&
        is_token(webhook, value + 7 + strspn(value + 7, " ")))
        return true;
    return *path == '/' &&
           (is_token(webhook, path + 1) || is_path_token(webhook, path + 1));
}

static void copy_header(const struct request *request, const char *name,
                        char *out, size_t size)
{
    if (!request_header(request, name, out, size))
        *out = '\0';
}

/* All are counted. Of many some are noted, or who floods us had the writer
 * busy; and nothing that they sent: nobody knows who they are. */
static void note_stranger(struct webhook *webhook, const char *peer,
                          const char *why)
{
    int64_t now = clock_mono_us();

    webhook->stats.unauthorised++;
    if (!webhook->strangers ||
        now - webhook->strangers_us > CLOCK_MINUTE_MS * 1000) {
        webhook->strangers_us = now;
        webhook->strangers = 0;
    }
    if (webhook->strangers++ >= LIMIT_STRANGERS)
        return;
    journal_reject(webhook->options.journal, 401, why,
                   &(struct reject_from){.peer = peer}, NULL, 0);
}

#define NO_TOKEN "the token is missing or wrong"

static enum admission refuse_stranger(struct webhook *webhook,
                                      const struct request *request,
                                      struct answer *answer)
{
    note_stranger(webhook, request->peer, NO_TOKEN);
    answer->status = 401;
    answer->body = "{\"ok\":false,\"error\":\"" NO_TOKEN "\"}\n";
    answer->len = strlen(answer->body);
    answer->headers = "WWW-Authenticate: Bearer\r\n";
    return ADMIT_ANSWER;
}

/* A client that was answered 503 is gone, its events are not: they wait for
 * the disk, and what holds memory counts. */
static bool is_full(const struct webhook *webhook)
{
    return webhook->pending_bytes + webhook->worker_bytes +
               journal_stats(webhook->options.journal).waiting_bytes >=
           LIMIT_WAITING;
}

#define FULL_BODY                                                             \
    "{\"ok\":false,\"error\":\"the disk does not keep up, send it "           \
    "again\"}\n"
#define FULL_HEADERS "Retry-After: 5\r\n"

static enum admission put_off(struct webhook *webhook, struct answer *answer)
{
    webhook->stats.unavailable++;
    answer->status = 503;
    answer->body = FULL_BODY;
    answer->len = strlen(FULL_BODY);
    answer->headers = FULL_HEADERS;
    return ADMIT_ANSWER;
}

static enum admission admit(void *ctx, const struct request *request,
                            struct answer *answer, void **note)
{
    struct webhook *webhook = ctx;
    const struct secret_set *signing = webhook->options.signing;
    bool known = has_token(webhook, request);
    struct hook_note *hook = xcalloc(1, sizeof *hook);

    copy_header(request, "webhook-signature", hook->signature,
                sizeof hook->signature);
    hook->verify = !known;
    if (!known && (!signing || !signing->count || !*hook->signature)) {
        free(hook);
        return refuse_stranger(webhook, request, answer);
    }
    if (is_full(webhook)) {
        free(hook);
        return put_off(webhook, answer);
    }
    copy_header(request, "content-type", hook->content_type,
                sizeof hook->content_type);
    copy_header(request, "webhook-id", hook->id, sizeof hook->id);
    copy_header(request, "webhook-timestamp", hook->timestamp,
                sizeof hook->timestamp);
    *note = hook;
    return known ? ADMIT : ADMIT_ANON;
}

static void gone(void *ctx, void *note)
{
    (void)ctx;
    free(note);
}

static void answer_request(struct webhook *webhook, struct request_id id,
                           int status, const char *body, const char *headers)
{
    struct answer answer = {.status = status,
                            .body = body,
                            .len = strlen(body),
                            .headers = headers};

    server_answer(webhook->server, id, &answer);
}

/* {"ok":false,"error":"…"}: the error may quote what a stranger sent. */
static void answer_error(struct webhook *webhook, struct request_id id,
                         int status, const char *error)
{
    struct buf clean, body;

    buf_init(&clean, sizeof(struct err) * 4);
    buf_init(&body, sizeof(struct err) * 10);
    text_sanitise(&clean, error, strlen(error), sizeof(struct err));
    buf_adds(&body, "{\"ok\":false,\"error\":");
    buf_add_json(&body, clean.data, clean.len);
    buf_adds(&body, "}\n");
    answer_request(webhook, id, status, body.data, NULL);
    buf_free(&clean);
    buf_free(&body);
}

static void keep_for_turn_end(struct webhook *webhook, struct request_id id,
                              struct event_batch *batch)
{
    if (webhook->pending_count == webhook->pending_room) {
        webhook->pending_room = webhook->pending_room * 2 + 16;
        webhook->pending =
            xreallocarray(webhook->pending, webhook->pending_room,
                          sizeof *webhook->pending);
    }
    webhook->pending[webhook->pending_count++] =
        (struct pending){batch, token_of(id)};
    webhook->pending_bytes += batch->arena.used + batch->bytes;
}

#define BAD_SIGNATURE "the signature is stale or wrong"

/* What became of a body. Whoever sent it may be gone: it is kept all the
 * same. */
static void take_done(struct webhook *webhook, struct request_id id,
                      const char *peer, struct body_work *work)
{
    const struct hook_note *note = work->note;
    struct reject_from from = {.peer = peer,
                               .content_type = *note->content_type
                                                   ? note->content_type
                                                   : NULL,
                               .webhook_id = *note->id ? note->id : NULL};

    if (work->fate == BODY_STRANGER) {
        note_stranger(webhook, peer, BAD_SIGNATURE);
        answer_error(webhook, id, 401, BAD_SIGNATURE);
        return;
    }
    if (work->note->verify)
        server_confirm(webhook->server, id);
    if (work->fate == BODY_TAKEN) {
        keep_for_turn_end(webhook, id, work->batch);
        work->batch = NULL;
        return;
    }
    webhook->stats.not_json++;
    journal_reject(webhook->options.journal, 400, work->err.text, &from,
                   work->body, work->kept);
    answer_error(webhook, id, 400, work->err.text);
}

static void do_work(struct worker_item *item)
{
    body_work_do((struct body_work *)item);
}

/* Strangers, who may be gone while their bodies wait, fill up a share of their
 * own. */
static size_t *share_of(struct webhook *webhook, const struct hook_note *note)
{
    return note->verify ? &webhook->anon_bytes : &webhook->worker_bytes;
}

static void give_worker(struct webhook *webhook, struct request_id id,
                        const char *peer, const struct body_work *work)
{
    struct buf bytes;
    struct body_work *own;

    server_take_body(webhook->server, id, &bytes);
    own = body_work_own(work, &bytes, peer, token_of(id));
    *share_of(webhook, own->note) += own->bytes.cap;
    worker_give(webhook->worker, &own->item);
}

/* The share of those who are to be checked is used up: who signs waits for no
 * stranger, so that the signature is looked at here and now, which is a
 * millisecond. False: it is a stranger, and gone. */
static bool is_let_past(struct webhook *webhook, struct request_id id,
                        const char *peer, struct body_work *work)
{
    if (!work->note->verify || webhook->anon_bytes <= LIMIT_IN_FLIGHT_ANON)
        return true;
    if (!body_work_is_signed(work)) {
        work->fate = BODY_STRANGER;
        take_done(webhook, id, peer, work);
        return false;
    }
    work->note->verify = false;
    server_confirm(webhook->server, id);
    return true;
}

static void complete(void *ctx, struct request_id id, const char *peer,
                     void *note, char *body, size_t len)
{
    struct webhook *webhook = ctx;
    struct body_work work = {
        .decoder = webhook->options.decoder,
        .signing = webhook->options.signing,
        .note = note,
        .body = body,
        .len = len,
        .received_at = clock_now_ms(),
        .follow_clock = webhook->options.follow_clock,
    };

    if (is_full(webhook)) {
        webhook->stats.unavailable++;
        answer_request(webhook, id, 503, FULL_BODY, FULL_HEADERS);
    } else if (len <= LIMIT_DECODE_INLINE) {
        body_work_do(&work);
        take_done(webhook, id, peer, &work);
    } else if (is_let_past(webhook, id, peer, &work)) {
        give_worker(webhook, id, peer, &work);
        return;
    }
    free(note);
}

void webhook_woken(struct webhook *webhook)
{
    struct worker_item *item;

    while ((item = worker_take(webhook->worker))) {
        struct body_work *work = (struct body_work *)item;

        *share_of(webhook, work->note) -= work->bytes.cap;
        take_done(webhook, id_of(work->token), work->peer, work);
        body_work_free(work);
    }
}

bool webhook_hold(struct webhook *webhook, bool held)
{
    return worker_hold(webhook->worker, held);
}

void webhook_pause(struct webhook *webhook)
{
    worker_stop(webhook->worker);
}

bool webhook_busy(const struct webhook *webhook)
{
    return worker_count(webhook->worker) > 0;
}

static void count_kept(struct webhook *webhook,
                       const struct append_result *result)
{
    struct webhook_stats *stats = &webhook->stats;

    stats->events += result->fresh;
    stats->duplicates += result->duplicates;
    stats->forgotten += result->forgotten;
    for (size_t i = 0; i < result->batch->fresh; i++) {
        const struct event *event = &result->batch->events[i];

        stats->unlisted += event->account.id && !event->account.listed;
        stats->hidden += event->hidden != HIDDEN_NO;
        stats->unknown += !!(event->flags & EVENT_UNKNOWN);
        stats->shapeless += !!(event->flags & EVENT_SHAPELESS);
        stats->unrendered += !!(event->flags & EVENT_UNRENDERED);
    }
}

/* Committed, or not. Whoever asked may be gone: the event is kept all the
 * same, and comes again as a duplicate. */
static void on_committed(void *ctx, uint64_t token,
                         struct append_result *result)
{
    struct webhook *webhook = ctx;

    if (result->ok) {
        answer_request(webhook, id_of(token), 200, "{\"ok\":true}", NULL);
        count_kept(webhook, result);
        if (webhook->options.on_kept && result->fresh)
            webhook->options.on_kept(webhook->options.ctx, result->batch);
    } else {
        webhook->stats.unavailable++;
        answer_request(webhook, id_of(token), 503,
                       "{\"ok\":false,\"error\":\"the journal cannot be "
                       "written, send it again\"}\n",
                       "Retry-After: 5\r\n");
    }
    event_batch_free(result->batch);
}

void webhook_turn_end(struct webhook *webhook)
{
    for (size_t i = 0; i < webhook->pending_count; i++)
        journal_append(webhook->options.journal, webhook->pending[i].batch,
                       on_committed, webhook, webhook->pending[i].token);
    webhook->pending_count = webhook->pending_bytes = 0;
}

struct webhook *webhook_new(const struct webhook_options *options)
{
    struct webhook *webhook = xcalloc(1, sizeof *webhook);

    webhook->options = *options;
    webhook->worker = worker_new(do_work, options->wake, options->wake_ctx);
    for (size_t i = 0; options->token_header && options->token_header[i] &&
                       i < sizeof webhook->token_header - 1;
         i++)
        webhook->token_header[i] =
            (char)tolower((unsigned char)options->token_header[i]);
    return webhook;
}

static void drop_work(struct worker_item *item)
{
    body_work_free((struct body_work *)item);
}

void webhook_free(struct webhook *webhook)
{
    if (!webhook)
        return;
    worker_free(webhook->worker, drop_work);
    for (size_t i = 0; i < webhook->pending_count; i++)
        event_batch_free(webhook->pending[i].batch);
    free(webhook->pending);
    free(webhook);
}

void webhook_serve(struct webhook *webhook, struct server *server)
{
    static const struct route_ops ops = {admit, complete, gone};
    struct route route = {.methods = METHODS,
                          .path = HOOK_PATH,
                          .ops = &ops,
                          .ctx = webhook,
                          .late = "not kept in time, send it again"};

    webhook->server = server;
    server_route(server, &route);
    route.path = HOOK_PATH "/*";
    server_route(server, &route);
}

struct webhook_stats webhook_stats(const struct webhook *webhook)
{
    return webhook->stats;
}
