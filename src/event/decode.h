/* A body of any shape → events. Knows nothing of HTTP, files or the journal:
 * bytes and what is known of their arrival go in, a batch comes out.
 *
 * Finding a field is a table of paths tried in order, per shape; [payload]
 * in the configuration adds paths in front. */
#ifndef TELLTALE_DECODE_H
#define TELLTALE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "event/accounts.h"
#include "event/catalog.h"
#include "event/event.h"
#include "event/links.h"
#include "event/redact.h"
#include "event/teams.h"

struct payload_paths; /* [payload]: field → extra paths */

/* What decoding needs to know. Everything is borrowed: it must outlive the
 * decoder and may be swapped between two calls (the book is reread). */
struct decoder {
    const struct catalog *catalog;
    const struct book *book;   /* NULL: no accounts known */
    const struct teams *teams; /* NULL: no project is known */
    const struct link_policy *links;
    const struct redaction *redaction; /* NULL: drop nothing */
    const struct hide_rules *hide;     /* NULL: hide nobody */
    const struct payload_paths *paths; /* NULL: only the built-in ones */
    bool quote_prompts; /* sentences of AI events end with what was asked */
};

struct arrival {
    enum source source;
    int64_t received_at;
    const char *content_type; /* as sent, or NULL */
    const char *webhook_id;   /* Standard Webhooks message id, or NULL */
    bool follow_clock;        /* demo history: received_at := occurred_at */
};

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
/* Labels an event again after the book changed: account name and listed. */
void decode_relabel(const struct book *book, struct event *event,
                    struct arena *arena);

struct payload_paths *payload_paths_new(void);
void payload_paths_free(struct payload_paths *paths);
/* field is one of the names decode.c lists ("event", "uuid", "timestamp",
 * "account_id", "account_name", "person_email", …); paths are separated by
 * blanks. Unknown field or bad path: false with err. */
bool payload_paths_add(struct payload_paths *paths, const char *field,
                       const char *list, struct err *err);

#endif
