/* The rules of HTTP over any bytes: a head found in pieces is the same head,
 * what it says lies within the bytes it came from, and a chunked body
 * decodes to the same whatever the cuts. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "fuzz.h"
#include "net/dechunk.h"
#include "net/http_rules.h"

#include "base/banned.h"

#define MAX_BODY 4096

static void inside(const char *data, size_t size, const char *at, size_t len)
{
    if (len)
        REQUIRE(at >= data && at + len <= data + size);
}

static void check_head(const char *data, size_t size)
{
    static struct http_head head;
    const char *why = NULL;
    int status = http_head_parse(&head, data, size, &why);
    char out[64];

    if (status) {
        REQUIRE(status >= 400 && status < 600 && why);
        return;
    }
    REQUIRE(head.path[0] == '/' || !strcmp(head.path, "*"));
    REQUIRE(strlen(head.path) <= LIMIT_HTTP_TARGET);
    REQUIRE(!head.chunked || head.content_length < 0);
    REQUIRE(head.content_length >= -1);
    inside(data, size, head.query, head.query_len);
    for (size_t i = 0; i < head.field_count; i++) {
        const struct http_field *field = &head.fields[i];

        inside(data, size, field->name, field->name_len);
        inside(data, size, field->value, field->value_len);
        REQUIRE(!memchr(field->value, '\r', field->value_len));
        REQUIRE(!memchr(field->value, '\0', field->value_len));
    }
    if (http_query_param(head.query, head.query_len, "q", out, sizeof out))
        REQUIRE(http_query_has(head.query, head.query_len, "q"));
    http_query_whole(head.query, head.query_len);
    status = http_body_check(&head, MAX_BODY, &why);
    REQUIRE(status || head.content_length <= MAX_BODY);
}

static void check_end(const char *data, size_t size)
{
    size_t at = 0, by_piece = 0;
    long whole = http_head_end(data, size, &at), piece = 0;

    for (size_t len = 0; len <= size && !piece; len += 1 + len / 8)
        piece = http_head_end(data, len, &by_piece);
    if (!piece)
        piece = http_head_end(data, size, &by_piece);
    REQUIRE(whole == piece);
    REQUIRE(whole <= (long)size);
    if (whole > 0)
        check_head(data, (size_t)whole);
}

static void check_chunks(const char *data, size_t size)
{
    struct dechunk once = {0}, twice = {0};
    enum dechunk_result whole, piece = DECHUNK_MORE;
    struct buf a, b;
    size_t used, took = 0;

    buf_init(&a, MAX_BODY);
    buf_init(&b, MAX_BODY);
    whole = dechunk_feed(&once, data, size, &a, &used);
    REQUIRE(used <= size);
    while (took < size && piece == DECHUNK_MORE) {
        size_t step = size - took < 3 ? size - took : 3, some;

        piece = dechunk_feed(&twice, data + took, step, &b, &some);
        took += some;
    }
    REQUIRE(whole == piece || whole == DECHUNK_FULL);
    if (whole == DECHUNK_DONE)
        REQUIRE(took == used && a.len == b.len &&
                !memcmp(a.data, b.data, a.len));
    buf_free(&a);
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An exact copy: a read past the end is seen. */
    char *copy = malloc(size + 1);

    REQUIRE(copy);
    memcpy(copy, data, size);
    copy = realloc(copy, size ? size : 1);
    REQUIRE(copy);
    check_end(copy, size);
    check_chunks(copy, size);
    free(copy);
    return 0;
}
