/* What people of the demo do, each with what PostHog would report of it, and
 * the webhook's body that says so. */
#ifndef TELLTALE_DEMO_DEED_H
#define TELLTALE_DEMO_DEED_H

#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "command/demo_book.h"

enum deed {
    INSIGHT,
    FUNNEL,
    DASHBOARD,
    COHORT,
    REPLAY,
    FLAG,
    FLAG_VARIANTS,
    EXPERIMENT,
    LAUNCH,
    SURVEY,
    ASK_AI,
    AI_ANSWER,
    AI_SQL,
    EXPORT_FILE,
    BATCH_EXPORT,
    PERSON,
    INVITE,
    DOCS_FLAGS,
    DOCS_FLAG_CODE,
    DOCS_REPLAY,
    DOCS_EXPERIMENTS,
    DOCS_FUNNELS,
    ERROR_ISSUE,
    PAYMENT_FAILED,
    PAID,
    LIMIT_HIT,
    LOSING,
    CREDIT,
    DEED_COUNT
};

/* Somebody did that, then: wall ms. */
struct moment {
    int64_t at;
    const struct demo_person *who;
    enum deed deed;
};

/* Appends it as a JSON object; uuid is the event's. */
void deed_write(const struct moment *moment, const struct uuid *uuid,
                struct buf *out);

#endif
