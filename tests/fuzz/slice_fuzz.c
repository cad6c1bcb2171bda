/* The strict scanner against cJSON and against itself: what it passes is
 * JSON for both, and every range it gives is a whole value. */
#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/mem.h"
#include "base/text.h"
#include "event/slice.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define MANY ((size_t)1 << 24)

/* cJSON takes all that passes, once defused. */
static void parses(const char *text, size_t len)
{
    char *defused = xmalloc(len + 1);
    cJSON *root;

    slice_defuse(text, len, defused);
    defused[len] = '\0';
    REQUIRE(slice_check(defused, len, NULL));
    root = cJSON_ParseWithLength(defused, len + 1);
    REQUIRE(root);
    cJSON_Delete(root);
    free(defused);
}

/* Compact text is JSON, and compacting it again changes nothing. */
static void compacts(struct slice value)
{
    struct buf once, twice;

    buf_init(&once, MANY);
    buf_init(&twice, MANY);
    REQUIRE(slice_compact(&once, value));
    REQUIRE(slice_check(once.data, once.len, NULL));
    REQUIRE(slice_compact(&twice, (struct slice){once.data, once.len}));
    REQUIRE(strcmp(once.data, twice.data) == 0);
    buf_free(&once);
    buf_free(&twice);
}

static void steps(struct slice value, int depth)
{
    struct slice key, child;
    const char *cursor = NULL;
    struct buf plain;

    REQUIRE(slice_check(value.at, value.len, NULL));
    buf_init(&plain, MANY);
    if (slice_string(value, &plain))
        REQUIRE(utf8_valid(plain.data, plain.len, NULL) &&
                strlen(plain.data) == plain.len);
    buf_free(&plain);
    while (depth && slice_next(value, &cursor, &key, &child))
        steps(child, depth - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct slice value, found;
    const char *cursor = NULL;
    struct err err;

    if (!slice_check(text, size, &err)) {
        REQUIRE(*err.text);
        return 0;
    }
    value = slice_value(text, text + size);
    parses(text, size);
    compacts(value);
    steps(value, 3);
    while (slice_next_string(value, &cursor, &found))
        REQUIRE(*found.at == '"');
    slice_path(value, "event.properties.$groups.0.organization", &found);
    return 0;
}
