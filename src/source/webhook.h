/* The webhook source: POST /hook → decode → journal → answer. */
#ifndef TELLTALE_WEBHOOK_H
#define TELLTALE_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/secret.h"
#include "event/decode.h"
#include "journal/journal.h"
#include "net/server.h"

struct webhook;

struct webhook_options {
    struct journal *journal;
    const struct decoder *decoder;
    const struct secret_set *tokens;  /* Bearer, X-Telltale-Token, path */
    const char *token_header;         /* another one for it, or NULL */
    const struct secret_set *signing; /* Standard Webhooks; may be empty */
    bool follow_clock;                /* demo history */
    /* Committed events: the fresh ones of the batch, in order of seq; it lives
     * for the call. */
    void (*on_kept)(void *ctx, const struct event_batch *batch);
    void *ctx;
    void (*wake)(
        void *ctx); /* from a thread: webhook_woken() is to be called */
    void *wake_ctx;
};

struct webhook_stats {
    uint64_t events, duplicates, forgotten, unlisted, hidden, unknown,
        shapeless;
    uint64_t unrendered, not_json, unauthorised, unavailable;
};

struct webhook *webhook_new(const struct webhook_options *options);
void webhook_free(struct webhook *webhook);
/* Adds its two routes (/hook and /hook/<token>) to the server, which it
 * answers by from now on. */
void webhook_serve(struct webhook *webhook, struct server *server);
/* A body larger than LIMIT_DECODE_INLINE is decoded by a worker (base/worker.h).
 * Takes what it has done: after each wake. */
void webhook_woken(struct webhook *webhook);
/* While held, no body is begun by the worker; whether one is under way (then a
 * wake comes). What the decoder points to may only change while none is:
 * webhook_pause() holds it and waits. */
bool webhook_hold(struct webhook *webhook, bool held);
void webhook_pause(struct webhook *webhook);
/* The worker has bodies. */
bool webhook_busy(const struct webhook *webhook);
/* Hands the turn's bodies to the writer: call at the end of each turn. */
void webhook_turn_end(struct webhook *webhook);
struct webhook_stats webhook_stats(const struct webhook *webhook);

#endif
