/* Reading along: a consumer of our own for each session, which the server
 * forgets with it, from the place behind which the loop wants to go on. The
 * server numbers what it hands over; where a number is missing, or its beats,
 * the session is over and the next begins where this one ended.
 *
 * What waits for the loop is bounded. A callback that finds no room waits,
 * what the server sends is then not confirmed, and it stops sending. */
#include "net/nats_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define BEAT_NS INT64_C(5000000000)
#define IDLE_NS INT64_C(30000000000) /* then the server forgets us */
#define NS_IN_MS 1000000
#define WAITING 4096

struct waiting {
    struct waiting *next;
    struct nats_message message;
};

struct nats_reader {
    struct nats_link link;
    uint64_t handed; /* the consumer's number of the last one; callback */

    /* Under the link's lock. */
    struct waiting *first, **end;
    size_t count, bytes;
};

/* ---- the queue; the lock is held ---- */

static void add(struct nats_reader *reader, const struct nats_message *message)
{
    struct waiting *waiting = xcalloc(1, sizeof *waiting);
    bool was_empty = !reader->first;

    waiting->message = *message;
    *reader->end = waiting;
    reader->end = &waiting->next;
    reader->count++;
    reader->bytes += message->len;
    if (was_empty)
        reader->link.wake(reader->link.wake_ctx);
}

static bool take(struct nats_reader *reader, struct nats_message *out)
{
    struct waiting *waiting = reader->first;
    bool was_full =
        reader->count >= WAITING || reader->bytes >= LIMIT_NATS_WAITING;

    if (!waiting)
        return false;
    *out = waiting->message;
    reader->first = waiting->next;
    if (!reader->first)
        reader->end = &reader->first;
    reader->count--;
    reader->bytes -= out->len;
    free(waiting);
    if (was_full)
        pthread_cond_broadcast(&reader->link.room);
    return true;
}

static void drop_all(struct nats_reader *reader)
{
    struct nats_message message;

    while (take(reader, &message))
        nats_message_free(&message);
}

/* ---- messages, on a thread of libnats ---- */

static uint64_t number_of(natsMsg *msg, const char *header)
{
    const char *text = NULL;

    if (natsMsgHeader_Get(msg, header, &text) != NATS_OK || !text ||
        strlen(text) > 19 || strspn(text, "0123456789") != strlen(text))
        return 0;
    return strtoull(text, NULL, 10);
}

static void read_message(natsMsg *msg, const jsMsgMetaData *meta,
                         struct nats_message *out)
{
    const char *journal = NULL;

    *out = (struct nats_message){.place = meta->Sequence.Stream,
                                 .stored = meta->Timestamp / NS_IN_MS,
                                 .pending = meta->NumPending};
    out->seq = number_of(msg, "Telltale-Seq");
    out->after = number_of(msg, "Telltale-After");
    out->has_journal =
        natsMsgHeader_Get(msg, "Telltale-Journal", &journal) == NATS_OK &&
        journal && uuid_parse(journal, strlen(journal), &out->journal);
    out->len = (size_t)natsMsg_GetDataLength(msg);
    out->data = xmalloc(out->len + 1);
    memcpy(out->data, natsMsg_GetData(msg), out->len);
    out->data[out->len] = '\0';
}

static bool wait_for_room(struct nats_reader *reader)
{
    struct nats_link *link = &reader->link;

    while (!link->session.failed && !link->stopping &&
           (reader->count >= WAITING || reader->bytes >= LIMIT_NATS_WAITING))
        pthread_cond_wait(&link->room, &link->lock);
    return !link->session.failed && !link->stopping;
}

static void on_message(natsConnection *conn, natsSubscription *sub,
                       natsMsg *msg, void *ctx)
{
    struct nats_reader *reader = ctx;
    struct nats_message message;
    jsMsgMetaData *meta = NULL;

    (void)conn;
    (void)sub;
    pthread_mutex_lock(&reader->link.lock);
    if (natsMsg_GetMetaData(&meta, msg) != NATS_OK ||
        meta->Sequence.Consumer != reader->handed + 1) {
        nats_link_fail(&reader->link, false,
                       "something of the stream was not handed over");
    } else if (wait_for_room(reader)) {
        reader->handed++;
        read_message(msg, meta, &message);
        add(reader, &message);
    }
    pthread_mutex_unlock(&reader->link.lock);
    jsMsgMetaData_Destroy(meta);
    natsMsg_Destroy(msg);
}

/* ---- a session ---- */

static bool wait_for_begin(struct nats_reader *reader, uint64_t *after)
{
    struct nats_link *link = &reader->link;
    bool begun = false;

    while (!begun && !nats_link_is_over(link)) {
        pthread_mutex_lock(&link->lock);
        begun = link->session.begun;
        *after = link->session.after;
        pthread_mutex_unlock(&link->lock);
        if (!begun)
            nats_link_wait(link, -1);
    }
    return begun;
}

static bool subscribe(struct nats_reader *reader, uint64_t after)
{
    const struct nats_settings *settings = reader->link.settings;
    char all[LIMIT_NATS_SUBJECTS + 3];
    jsErrCode code = 0;
    jsSubOptions options;
    natsStatus status;

    snprintf(all, sizeof all, "%s.>", settings->subjects);
    jsSubOptions_Init(&options);
    options.Stream = settings->url.stream;
    options.ManualAck = true; /* there is nothing to acknowledge */
    options.Config.AckPolicy = js_AckNone;
    options.Config.DeliverPolicy = js_DeliverByStartSequence;
    options.Config.OptStartSeq = after + 1;
    options.Config.FlowControl = true;
    options.Config.Heartbeat = BEAT_NS;
    options.Config.InactiveThreshold = IDLE_NS;
    options.Config.MemoryStorage = true;
    options.Config.Replicas = 1;
    reader->handed = 0;
    status = js_Subscribe(&reader->link.sub, reader->link.js, all, on_message,
                          reader, NULL, &options, &code);
    return nats_link_subscribed(&reader->link, status, code);
}

static bool open_session(struct nats_reader *reader)
{
    struct nats_message hello;
    uint64_t after;

    if (!nats_link_open(&reader->link) ||
        !nats_stream_open(&reader->link, false, &hello))
        return false;
    pthread_mutex_lock(&reader->link.lock);
    hello.session = reader->link.session.number;
    add(reader, &hello);
    pthread_mutex_unlock(&reader->link.lock);
    if (!wait_for_begin(reader, &after) || !subscribe(reader, after))
        return false;
    nats_link_up(&reader->link);
    return true;
}

static void *run(void *ctx)
{
    struct nats_reader *reader = ctx;
    struct nats_link *link = &reader->link;

    do {
        if (open_session(reader)) {
            link->step_ms = 0;
            while (!nats_link_is_over(link))
                nats_link_wait(link, -1);
        }
        nats_link_close(link);
        nats_link_rest(link);
    } while (!nats_link_ended(link));
    nats_ReleaseThreadMemory();
    link->wake(link->wake_ctx);
    return NULL;
}

/* ---- from the loop ---- */

struct nats_reader *nats_reader_new(const struct nats_settings *settings,
                                    void (*wake)(void *ctx), void *wake_ctx)
{
    struct nats_reader *reader = xcalloc(1, sizeof *reader);

    reader->end = &reader->first;
    nats_link_start(&reader->link, settings, wake, wake_ctx, run, reader);
    return reader;
}

void nats_reader_begin(struct nats_reader *reader,
                       const struct nats_message *hello, uint64_t after)
{
    pthread_mutex_lock(&reader->link.lock);
    nats_session_begin(&reader->link.session, hello->session, after);
    pthread_mutex_unlock(&reader->link.lock);
    nats_link_poke(&reader->link);
}

void nats_reader_again(struct nats_reader *reader)
{
    pthread_mutex_lock(&reader->link.lock);
    drop_all(reader);
    nats_link_fail(&reader->link, false, "the journal here cannot be written");
    pthread_mutex_unlock(&reader->link.lock);
}

bool nats_reader_take(struct nats_reader *reader, struct nats_message *out)
{
    bool taken;

    pthread_mutex_lock(&reader->link.lock);
    taken = take(reader, out);
    pthread_mutex_unlock(&reader->link.lock);
    return taken;
}

void nats_reader_status(struct nats_reader *reader, struct nats_status *out)
{
    nats_link_status(&reader->link, out);
}

void nats_reader_stop(struct nats_reader *reader)
{
    nats_link_stop(&reader->link);
}

bool nats_reader_busy(struct nats_reader *reader)
{
    return nats_link_busy(&reader->link);
}

void nats_reader_free(struct nats_reader *reader)
{
    if (!reader)
        return;
    if (!nats_link_end(&reader->link))
        return;
    drop_all(reader);
    free(reader);
}
