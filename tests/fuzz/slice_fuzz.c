/* The strict scanner and the tree against cJSON and against each other: what
 * passes is JSON for all, and every range is a whole value. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "event/json_tree.h"
#include "event/slice.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define MANY ((size_t)1 << 24)

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void is_same(const cJSON *ours, const cJSON *theirs)
{
    for (; ours && theirs; ours = ours->next, theirs = theirs->next) {
        REQUIRE(ours->type == theirs->type);
        REQUIRE(same_text(ours->string, theirs->string));
        REQUIRE(same_text(ours->valuestring, theirs->valuestring));
        REQUIRE(memcmp(&ours->valuedouble, &theirs->valuedouble,
                       sizeof ours->valuedouble) == 0);
        REQUIRE(ours->valueint == theirs->valueint);
        is_same(ours->child, theirs->child);
    }
    REQUIRE(!ours && !theirs);
}

/* Nodes come in order, each where a value stands. */
static void is_in_place(const cJSON *node, const char *text)
{
    const char *before = text;
    struct slice raw;
    struct buf plain;

    for (; node; node = json_after(node)) {
        raw = json_raw(node);
        REQUIRE(raw.at >= before && slice_check(raw.at, raw.len, NULL));
        REQUIRE(slice_trim(raw.at, raw.len).len == raw.len);
        before = raw.at + 1;
        if (!cJSON_IsString(node))
            continue;
        buf_init(&plain, MANY);
        REQUIRE(slice_string(raw, &plain));
        REQUIRE(strcmp(plain.data, node->valuestring) == 0);
        buf_free(&plain);
    }
}

/* cJSON cuts strings at \\u0000, and fails for lone surrogates and numbers of
 * more than 63 characters; in all else both trees are the same. */
static void grows(const char *text, size_t len)
{
    struct arena arena = ARENA_INIT;
    const cJSON *root = json_tree((struct slice){text, len}, &arena, NULL);
    char *copy = xstrndup(text, len);
    cJSON *theirs = cJSON_Parse(copy);

    if (theirs && !strstr(copy, "\\u0000"))
        is_same(root, theirs);
    is_in_place(root, text);
    cJSON_Delete(theirs);
    free(copy);
    arena_free(&arena);
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
    grows(text, size);
    compacts(value);
    steps(value, 3);
    while (slice_next_string(value, &cursor, &found))
        REQUIRE(*found.at == '"');
    slice_path(value, "event.properties.$groups.0.organization", &found);
    return 0;
}
