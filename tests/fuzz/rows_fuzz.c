/* An answer of the query API in any state: what is taken from it is a body
 * that decodes, one event a good row. */
#include <string.h>

#include "base/limits.h"
#include "event/decode.h"
#include "fuzz.h"
#include "posthog/rows.h"
#include "base/banned.h"

static void require_decoded(const struct buf *body,
                            const struct row_page *page)
{
    static struct catalog *catalog;
    struct event_batch *batch = event_batch_new();
    struct arrival arrival = {.source = SOURCE_POSTHOG, .follow_clock = true};
    struct decoder decoder;
    struct decoded decoded;
    struct err err = {""};

    if (!catalog)
        catalog = catalog_new();
    decoder = (struct decoder){.catalog = catalog};
    REQUIRE(decode_body(&decoder, &arrival, body->data, body->len, batch,
                        &decoded, &err));
    REQUIRE(batch->count == page->rows - page->skipped);
    event_batch_free(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct row_page page = {.rows = 0};
    struct err err = {""};
    struct buf body;

    if (size > 64 * KIB)
        return 0;
    buf_init(&body, MIB);
    if (rows_to_body((const char *)data, size, "https://us.posthog.com", &body,
                     &page, &err))
        require_decoded(&body, &page);
    else
        REQUIRE(*err.text);
    buf_free(&body);
    return 0;
}
