/* What decoding needs to know, and what is known of a body's arrival. */
#ifndef TELLTALE_DECODER_H
#define TELLTALE_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include "event/accounts.h"
#include "event/catalog.h"
#include "event/event.h"
#include "event/links.h"
#include "event/payload.h"
#include "event/redact.h"
#include "event/teams.h"

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

#endif
