/* The rig of decoding's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/decode_rig.h"

#include "base/banned.h"

static const char book_text[] =
    "organization_id,organization_name,domains\n" BOREALIS
    ",Borealis Freight,borealis.example\n" DUNES ",\"Dunes Health, Inc.\",\n";

int decode_rig_setup(void **state)
{
    struct decode_rig *rig = calloc(1, sizeof *rig);

    rig->catalog = catalog_new();
    rig->book = book_read("accounts.csv", book_text, sizeof book_text - 1,
                          NULL, &rig->err);
    rig->redaction = redaction_new_prompts("");
    rig->decoder = (struct decoder){.catalog = rig->catalog,
                                    .book = rig->book,
                                    .redaction = rig->redaction};
    rig->arrival = (struct arrival){.received_at = NOW};
    rig->batch = event_batch_new();
    *state = rig;
    return rig->book ? 0 : -1;
}

int decode_rig_teardown(void **state)
{
    struct decode_rig *rig = *state;

    event_batch_free(rig->batch);
    redaction_free(rig->redaction);
    book_free(rig->book);
    catalog_free(rig->catalog);
    free(rig);
    return 0;
}

bool decode_bytes(struct decode_rig *rig, const char *body, size_t len)
{
    event_batch_free(rig->batch);
    rig->batch = event_batch_new();
    return decode_body(&rig->decoder, &rig->arrival, body, len, rig->batch,
                       &rig->decoded, &rig->err);
}

bool decode_text(struct decode_rig *rig, const char *body)
{
    return decode_bytes(rig, body, strlen(body));
}

const struct event *decode_one(struct decode_rig *rig, const char *body)
{
    if (!decode_text(rig, body))
        fail_msg("%s: %s", rig->err.text, body);
    assert_int_equal(rig->batch->count, 1);
    assert_int_equal(rig->decoded.events, 1);
    return &rig->batch->events[0];
}

void assert_text(const char *have, const char *want)
{
    if (want)
        assert_string_equal(have ? have : "(null)", want);
    else
        assert_null(have);
}
