/* An answer of the query API in any state: what is taken from it are bodies
 * that decode, one event a good row. */
#include <string.h>

#include "base/limits.h"
#include "event/decode.h"
#include "fuzz.h"
#include "posthog/rows.h"
#include "base/banned.h"

static size_t decoded_events(const char *body, size_t len)
{
    static struct catalog *catalog;
    struct event_batch *batch = event_batch_new();
    struct arrival arrival = {.source = SOURCE_POSTHOG, .follow_clock = true};
    struct decoder decoder;
    struct decoded decoded;
    struct err err = {""};
    size_t count;

    if (!catalog)
        catalog = catalog_new();
    decoder = (struct decoder){.catalog = catalog};
    REQUIRE(decode_body(&decoder, &arrival, body, len, batch, &decoded, &err));
    count = batch->count;
    event_batch_free(batch);
    return count;
}

static void require_decoded(const struct row_bodies *bodies,
                            const struct row_page *page)
{
    size_t events = 0;

    for (size_t i = 0; i < bodies->count; i++) {
        size_t len;
        const char *body = row_body(bodies, i, &len);
        size_t of_it = decoded_events(body, len);

        REQUIRE(of_it && of_it <= ROW_BODY_ROWS);
        REQUIRE(len <= ROW_BODY_BYTES + 1 || of_it == 1);
        events += of_it;
    }
    REQUIRE(events == page->rows - page->skipped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct row_page page = {.rows = 0};
    struct row_bodies bodies;
    struct err err = {""};

    if (size > 64 * KIB)
        return 0;
    row_bodies_init(&bodies, MIB);
    if (rows_to_bodies((const char *)data, size, "https://us.posthog.com",
                       &bodies, &page, &err))
        require_decoded(&bodies, &page);
    else
        REQUIRE(*err.text);
    row_bodies_free(&bodies);
    return 0;
}
