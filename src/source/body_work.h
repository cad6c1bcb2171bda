/* What is to be done with the body of a webhook before it can be kept: the
 * signature is checked, and it is decoded. It needs nothing of the loop's:
 * a large one is done by a worker (base/worker.h). */
#ifndef TELLTALE_BODY_WORK_H
#define TELLTALE_BODY_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/worker.h"
#include "config/secret.h"
#include "event/decode.h"

/* What the headers said, until the body is there. */
struct hook_note {
    bool verify; /* only the signature can authenticate it */
    char content_type[128];
    char id[256]; /* webhook-id; also the dedup key of last resort */
    char timestamp[32];
    char signature[1024];
};

enum body_fate {
    BODY_TAKEN,    /* batch has its events */
    BODY_STRANGER, /* the signature is stale or wrong */
    BODY_REFUSED,  /* err says why; the first `kept` bytes may be kept */
};

struct body_work {
    struct worker_item item;
    /* Filled in before. */
    const struct decoder *decoder;    /* as it is once the work begins */
    const struct secret_set *signing; /* may be NULL */
    struct hook_note *note;
    const char *body;
    size_t len;
    int64_t received_at; /* wall ms: now */
    bool follow_clock;
    /* And by body_work_do(). */
    enum body_fate fate;
    struct event_batch *batch;
    size_t kept;
    struct err err;
    /* Of one that is done by a worker: its own, see body_work_own(). */
    struct secret_set secrets;
    struct buf bytes;
    char *peer;
    uint64_t token;
};

/* Is it of somebody who may? Each secret goes over all of the body. */
bool body_work_is_signed(const struct body_work *work);
void body_work_do(struct body_work *work);
/* A copy that outlives the turn; takes the bytes over. */
struct body_work *body_work_own(const struct body_work *work,
                                struct buf *bytes, const char *peer,
                                uint64_t token);
/* With all that it still has. */
void body_work_free(struct body_work *work);

#endif
