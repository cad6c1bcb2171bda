/* A body of any shape → events. Knows nothing of HTTP, files or the journal:
 * bytes and what is known of their arrival go in, a batch comes out. */
#ifndef TELLTALE_DECODE_H
#define TELLTALE_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "event/decode_relabel.h"
#include "event/decoder.h"

/* What came out, for the counters and the answer. */
struct decoded {
    unsigned events, unlisted, hidden, unknown, shapeless, unrendered;
};

/* Decodes len bytes at body into batch (empty, from event_batch_new()).
 * Returns false when the body is none we keep: not JSON (nor NDJSON, nor a
 * form), empty, invalid UTF-8, nested too deep; err then says what and at
 * which byte, and the batch stays empty. JSON of an unknown shape is one
 * event of category other. The events are classified, linked, redacted and
 * sanitised; seq is 0. */
bool decode_body(const struct decoder *decoder, const struct arrival *arrival,
                 const char *body, size_t len, struct event_batch *batch,
                 struct decoded *decoded, struct err *err);

#endif
