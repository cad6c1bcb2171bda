/* The sanitiser: whatever comes in, what goes out is valid, harmless, within
 * its limit, and stays as it is when sanitised again. The first byte of the
 * input picks the limit. */
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

static int is_harmful(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad ||
           code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfe00 && code <= 0xfe0f) ||
           (code >= 0x1f3fb && code <= 0x1f3ff) ||
           (code >= 0xe0000 && code <= 0xe0fff);
}

static void check_output(const char *text, size_t len)
{
    size_t at = 0;
    uint32_t code;
    int n, width = 0;

    REQUIRE(utf8_valid(text, len, NULL));
    for (; (n = utf8_decode(text + at, len - at, &code)) != 0; at += (size_t)n)
        REQUIRE(n > 0 && !is_harmful(code));
    for (at = 0; at < len;) {
        struct grapheme g = text_grapheme(text + at, len - at);

        REQUIRE(g.bytes > 0 && (g.width == 1 || g.width == 2));
        REQUIRE(text[at] != ' ' || g.bytes == 1); /* carries no mark */
        width += g.width;
        at += g.bytes;
    }
    REQUIRE(at == len && width == text_width_n(text, len));
}

static void check_cut(const char *text, int cells)
{
    struct buf cut;

    buf_init(&cut, 1 << 20);
    REQUIRE(text_cut(&cut, text, cells, NULL) == text_width(cut.data));
    REQUIRE(text_width(cut.data) <= cells);
    buf_free(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t max = size && data[0] < 128 ? data[0] : 1 << 20;
    struct buf once, twice;
    char *folded;

    if (size > 65536)
        return 0;
    buf_init(&once, 1 << 20);
    buf_init(&twice, 1 << 20);
    text_sanitise(&once, (const char *)data, size, max);
    REQUIRE(once.len <= max);
    REQUIRE(memchr(once.data, '\0', once.len) == NULL);
    check_output(once.data, once.len);
    text_sanitise(&twice, once.data, once.len, max);
    REQUIRE(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
    check_cut(once.data, size ? data[size - 1] % 40 : 0);
    folded = text_fold(once.data);
    REQUIRE(text_contains_folded(once.data, folded));
    free(folded);
    buf_free(&once);
    buf_free(&twice);
    return 0;
}
