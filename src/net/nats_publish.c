/* Publishing. A batch goes out in its order, within a window that opens when
 * the first of it was acknowledged, and what was not acknowledged when a
 * session broke is sent again by the next, under the same ids.
 *
 * Order: a message may be lost while one behind it is kept, and then stands
 * behind it in the stream. So each says which one of the same journal comes
 * before it, and who reads puts them in order again. Where the stream says
 * that it had a message already, that may have been another receiver's, and
 * then ours stands nowhere: a line that says so is published in its place. */
#include "net/nats_link.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "base/banned.h"

#define WINDOW 256 /* sent and not acknowledged */
#define WINDOW_BYTES (4 * MIB)
#define ANSWER_MS 5000  /* without any of them */
#define HEADERS_MAX 512 /* bytes of a message that are not its data */

struct nats_publisher {
    struct nats_link link;
    char inbox[96];

    /* Under the link's lock. */
    struct nats_batch *batch;
    bool done;
    size_t first, next; /* all before first are kept; next to be sent */
    size_t sent;        /* and not acknowledged */
    size_t sent_bytes;
    size_t window;
    unsigned session; /* answers of one before count no more */
    int64_t max_payload;
    struct nats_published counts;
};

/* ---- answers, on a thread of libnats ---- */

static bool is_open(const struct nats_publisher *publisher)
{
    return !publisher->link.session.failed && !publisher->link.stopping;
}

/* The stream has it, as ours or as another receiver's. */
static void kept(struct nats_publisher *publisher, struct nats_item *item,
                 bool already)
{
    if (already && item->seq && !item->told) {
        item->told = true;
        item->state = NATS_WAITS;
        publisher->counts.already++;
        if ((size_t)(item - publisher->batch->items) < publisher->next)
            publisher->next = (size_t)(item - publisher->batch->items);
        return;
    }
    item->state = NATS_KEPT;
    if (item->seq)
        publisher->counts.events++;
    publisher->window = WINDOW;
}

static void not_kept(struct nats_publisher *publisher, const cJSON *error)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(error, "description");
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "err_code");
    bool away =
        cJSON_IsNumber(code) && (code->valueint == JSClusterNotAvailErr ||
                                 code->valueint == JSClusterNotLeaderErr);

    nats_link_fail(&publisher->link, !away,
                   "the stream does not take it: %.200s",
                   cJSON_IsString(text) ? text->valuestring
                                        : "no reason given");
}

static void take_answer(struct nats_publisher *publisher,
                        struct nats_item *item, natsMsg *msg)
{
    cJSON *answer = cJSON_ParseWithLength(natsMsg_GetData(msg),
                                          (size_t)natsMsg_GetDataLength(msg));
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");

    publisher->sent--;
    publisher->sent_bytes -= item->len;
    item->state = NATS_WAITS;
    if (natsMsg_IsNoResponders(msg))
        nats_link_fail(&publisher->link, false, "%s",
                       nats_link_words(NATS_NO_RESPONDERS, 0));
    else if (error || !cJSON_GetObjectItemCaseSensitive(answer, "seq"))
        not_kept(publisher, error);
    else
        kept(publisher, item,
             cJSON_IsTrue(
                 cJSON_GetObjectItemCaseSensitive(answer, "duplicate")));
    cJSON_Delete(answer);
}

/* "INBOX.SESSION.INDEX": whose answer it is. */
static void on_answer(natsConnection *conn, natsSubscription *sub,
                      natsMsg *msg, void *ctx)
{
    struct nats_publisher *publisher = ctx;
    const char *subject = natsMsg_GetSubject(msg);
    size_t len = strlen(publisher->inbox);
    unsigned session;
    size_t index;

    (void)conn;
    (void)sub;
    pthread_mutex_lock(&publisher->link.lock);
    if (strlen(subject) > len + 1 && publisher->batch &&
        sscanf(subject + len + 1, "%u.%zu", &session, &index) == 2 &&
        session == publisher->session && index < publisher->batch->count &&
        publisher->batch->items[index].state == NATS_SENT)
        take_answer(publisher, &publisher->batch->items[index], msg);
    nats_link_poke(&publisher->link);
    pthread_mutex_unlock(&publisher->link.lock);
    natsMsg_Destroy(msg);
}

/* ---- sending ---- */

static bool fits(const struct nats_publisher *publisher, size_t len)
{
    return (int64_t)(len + HEADERS_MAX) <= publisher->max_payload;
}

static bool put(natsMsg *msg, const char *name, const char *value)
{
    return natsMsgHeader_Set(msg, name, value) == NATS_OK;
}

static bool put_headers(const struct nats_publisher *publisher,
                        const struct nats_item *item, natsMsg *msg)
{
    char journal[UUID_TEXT_SIZE], id[160], seq[32], after[32];

    uuid_format(&publisher->batch->journal, journal);
    if (item->told)
        snprintf(id, sizeof id, "%s:%" PRIu64 ":told", journal, item->seq);
    else
        snprintf(id, sizeof id, "%s", item->id);
    snprintf(seq, sizeof seq, "%" PRIu64, item->seq);
    snprintf(after, sizeof after, "%" PRIu64, item->after);
    return put(msg, "Nats-Msg-Id", id) &&
           put(msg, "Nats-Expected-Stream",
               publisher->link.settings->url.stream) &&
           put(msg, "Telltale-Journal", journal) &&
           (!item->seq || (put(msg, "Telltale-Seq", seq) &&
                           put(msg, "Telltale-After", after)));
}

/* Makes it fit: without what can be cut, else it is told to be left out. */
static void cut(struct nats_publisher *publisher, struct nats_item *item)
{
    size_t rest = item->cut_at + item->cut_len;

    if (item->cut_len > 2 && fits(publisher, item->len - item->cut_len + 2)) {
        memcpy(item->data + item->cut_at, "{}", 2);
        memmove(item->data + item->cut_at + 2, item->data + rest,
                item->len - rest + 1);
        item->len -= item->cut_len - 2;
        item->cut_len = 2;
        publisher->counts.cut++;
        return;
    }
    item->told = true;
    publisher->counts.left_out++;
    log_limited(LOG_WARN,
                "an event is too large for NATS, which takes %lld bytes",
                (long long)publisher->max_payload);
}

/* The message of an item; told: only its place. */
static natsMsg *message_of(struct nats_publisher *publisher,
                           struct nats_item *item, const char *reply)
{
    const char *subject =
        item->told ? publisher->batch->told_subject : item->subject;
    natsMsg *msg = NULL;
    char place[64];
    int len;

    len = snprintf(place, sizeof place,
                   "{\"feed\":\"alive\",\"seq\":%" PRIu64 "}", item->seq);
    if (natsMsg_Create(&msg, subject, reply, item->told ? place : item->data,
                       item->told ? len : (int)item->len) != NATS_OK)
        return NULL;
    if (put_headers(publisher, item, msg))
        return msg;
    natsMsg_Destroy(msg);
    return NULL;
}

/* The lock is held, and let go while libnats writes. */
static void send_item(struct nats_publisher *publisher, size_t index)
{
    struct nats_item *item = &publisher->batch->items[index];
    char reply[160];
    natsStatus status = NATS_NO_MEMORY;
    natsMsg *msg;

    snprintf(reply, sizeof reply, "%s.%u.%zu", publisher->inbox,
             publisher->session, index);
    if (!item->told && !fits(publisher, item->len))
        cut(publisher, item);
    msg = message_of(publisher, item, reply);
    publisher->counts.again += item->tried && !item->told;
    item->tried = true;
    item->state = NATS_SENT;
    publisher->sent++;
    publisher->sent_bytes += item->len;
    pthread_mutex_unlock(&publisher->link.lock);
    if (msg)
        status = natsConnection_PublishMsg(publisher->link.conn, msg);
    natsMsg_Destroy(msg);
    pthread_mutex_lock(&publisher->link.lock);
    if (status != NATS_OK)
        nats_link_fail(&publisher->link, false, "%s",
                       nats_link_words(status, 0));
}

static void send_some(struct nats_publisher *publisher)
{
    struct nats_batch *batch = publisher->batch;

    while (is_open(publisher) && publisher->next < batch->count &&
           publisher->sent < publisher->window &&
           (!publisher->sent || publisher->sent_bytes < WINDOW_BYTES)) {
        size_t index = publisher->next++;

        if (batch->items[index].state == NATS_WAITS)
            send_item(publisher, index);
    }
}

/* All of it is kept: the loop may have it back. */
static void look_for_end(struct nats_publisher *publisher)
{
    struct nats_batch *batch = publisher->batch;

    while (publisher->first < batch->count &&
           batch->items[publisher->first].state == NATS_KEPT)
        publisher->first++;
    if (publisher->first < batch->count)
        return;
    publisher->batch = NULL;
    publisher->done = true;
    publisher->link.wake(publisher->link.wake_ctx);
}

/* What was sent and not acknowledged is to be sent again. */
static void begin_again(struct nats_publisher *publisher)
{
    struct nats_batch *batch = publisher->batch;

    publisher->session++;
    publisher->sent = publisher->sent_bytes = 0;
    publisher->window = 1;
    publisher->next = publisher->first;
    for (size_t i = publisher->first; batch && i < batch->count; i++)
        if (batch->items[i].state == NATS_SENT)
            batch->items[i].state = NATS_WAITS;
}

/* ---- a session ---- */

static bool subscribe(struct nats_publisher *publisher)
{
    natsInbox *inbox = NULL;
    char all[120];
    natsStatus status = natsInbox_Create(&inbox);

    if (status == NATS_OK) {
        snprintf(publisher->inbox, sizeof publisher->inbox, "%s", inbox);
        snprintf(all, sizeof all, "%s.>", inbox);
        status = natsConnection_Subscribe(&publisher->link.sub,
                                          publisher->link.conn, all, on_answer,
                                          publisher);
    }
    natsInbox_Destroy(inbox);
    return nats_link_subscribed(&publisher->link, status, 0);
}

static bool open_session(struct nats_publisher *publisher)
{
    if (!nats_link_open(&publisher->link) ||
        !nats_stream_open(&publisher->link, true, NULL) ||
        !subscribe(publisher))
        return false;
    publisher->max_payload =
        natsConnection_GetMaxPayload(publisher->link.conn);
    nats_link_up(&publisher->link);
    return true;
}

/* One turn: sends, sees what is done; true while something is awaited. */
static bool turn(struct nats_publisher *publisher)
{
    bool waits;

    pthread_mutex_lock(&publisher->link.lock);
    if (publisher->batch) {
        send_some(publisher);
        look_for_end(publisher);
    }
    waits = publisher->sent > 0;
    pthread_mutex_unlock(&publisher->link.lock);
    return waits;
}

static void run_session(struct nats_publisher *publisher)
{
    struct nats_link *link = &publisher->link;

    pthread_mutex_lock(&link->lock);
    begin_again(publisher);
    pthread_mutex_unlock(&link->lock);
    while (!nats_link_is_over(link)) {
        bool waits = turn(publisher);

        if (nats_link_wait(link, waits ? ANSWER_MS : -1))
            continue;
        pthread_mutex_lock(&link->lock);
        nats_link_fail(link, false, "what was sent is not acknowledged");
        pthread_mutex_unlock(&link->lock);
    }
}

static void *run(void *ctx)
{
    struct nats_publisher *publisher = ctx;
    struct nats_link *link = &publisher->link;

    do {
        uint64_t before = publisher->counts.events;

        if (open_session(publisher))
            run_session(publisher);
        nats_link_close(link); /* no answer comes after that */
        if (publisher->counts.events > before)
            link->step_ms = 0;
        nats_link_rest(link);
    } while (!nats_link_ended(link));
    nats_ReleaseThreadMemory();
    link->wake(link->wake_ctx);
    return NULL;
}

/* ---- from the loop ---- */

struct nats_publisher *nats_publisher_new(const struct nats_settings *settings,
                                          void (*wake)(void *ctx),
                                          void *wake_ctx)
{
    struct nats_publisher *publisher = xcalloc(1, sizeof *publisher);

    nats_link_start(&publisher->link, settings, wake, wake_ctx, run,
                    publisher);
    return publisher;
}

void nats_publisher_send(struct nats_publisher *publisher,
                         struct nats_batch *batch)
{
    pthread_mutex_lock(&publisher->link.lock);
    publisher->batch = batch;
    publisher->session++; /* no answer is taken for one of this batch's */
    publisher->done = false;
    publisher->first = publisher->next = 0;
    pthread_mutex_unlock(&publisher->link.lock);
    nats_link_poke(&publisher->link);
}

bool nats_publisher_done(struct nats_publisher *publisher)
{
    bool done;

    pthread_mutex_lock(&publisher->link.lock);
    done = publisher->done;
    publisher->done = false;
    pthread_mutex_unlock(&publisher->link.lock);
    return done;
}

void nats_publisher_status(struct nats_publisher *publisher,
                           struct nats_published *out)
{
    pthread_mutex_lock(&publisher->link.lock);
    *out = publisher->counts;
    out->link = publisher->link.status;
    pthread_mutex_unlock(&publisher->link.lock);
}

void nats_publisher_stop(struct nats_publisher *publisher)
{
    nats_link_stop(&publisher->link);
}

bool nats_publisher_busy(struct nats_publisher *publisher)
{
    return nats_link_busy(&publisher->link);
}

void nats_publisher_free(struct nats_publisher *publisher)
{
    if (!publisher)
        return;
    if (nats_link_end(&publisher->link))
        free(publisher);
}
