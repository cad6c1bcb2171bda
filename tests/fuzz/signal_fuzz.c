/* A signal of another telltale's: what is read of it is harmless, and what is
 * written anew reads back the same. */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "signal/table.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

static void is_clean(const char *text)
{
    struct buf again;

    if (!text)
        return;
    buf_init(&again, 4 * strlen(text) + 16);
    REQUIRE(text_sanitise(&again, text, strlen(text), 4 * strlen(text) + 16));
    REQUIRE(again.len == strlen(text) && !memcmp(again.data, text, again.len));
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct signal_row row, again;
    struct buf once, twice;
    struct err err;

    buf_init(&once, 16 * size + MIB);
    buf_init(&twice, 16 * size + MIB);
    if (signal_row_read((const char *)data, size, &arena, &row, &err)) {
        is_clean(row.account_id);
        is_clean(row.account_name);
        is_clean(row.person_id);
        is_clean(row.person_name);
        is_clean(row.sentence);
        is_clean(row.opener);
        is_clean(row.note);
        REQUIRE(signal_to_json(&once, &row));
        REQUIRE(signal_row_read(once.data, once.len, &arena, &again, &err));
        REQUIRE(signal_to_json(&twice, &again));
        REQUIRE(once.len == twice.len &&
                !memcmp(once.data, twice.data, once.len));
    }
    buf_free(&once);
    buf_free(&twice);
    arena_free(&arena);
    return 0;
}
