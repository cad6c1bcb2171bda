/* `telltale tail --source WHERE`: what is there goes into a journal that goes
 * when the command ends, by the way that everything goes which is received;
 * then it is printed from there. */
#ifndef TELLTALE_TAIL_SOURCE_H
#define TELLTALE_TAIL_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/decode_context.h"
#include "base/err.h"
#include "config/config.h"

/* Where the flag was given, its value; NULL: the journal here is asked. */
const char *tail_source_asked(const struct config *config);

struct tail_source {
    struct config *config; /* its journal is another from now on */
    const char *where;
    int64_t since_ms; /* of PostHog; 0: an hour */
    bool follow;
    /* All that is there is in the journal at that path. False with err. */
    bool (*settled)(void *ctx, const char *path, struct err *err);
    /* And that came then: of a stream only. False with err. */
    bool (*came)(void *ctx, struct event_batch *batch, struct err *err);
    void *ctx;
};
/* An exit code, errors printed. */
int tail_source(const struct tail_source *source);

/* tail_stream.c: the same of nats://…, into a journal at that path. */
int tail_stream(const struct tail_source *source, const char *path);

#endif
