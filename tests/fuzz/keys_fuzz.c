/* What a terminal may send, in pieces of any size: the decoder ends, gives
 * only keys there are, and nothing pasted is raw. */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "ui/keys.h"
#include "base/banned.h"

static void take(struct keys *keys, bool late)
{
    struct key key;

    while (keys_next(keys, late, &key)) {
        REQUIRE(key.code <= KEY_CODE_UNKNOWN);
        REQUIRE(key.y >= 0 && key.x >= 0);
        if (key.code != KEY_CODE_PASTE)
            continue;
        REQUIRE(utf8_valid(key.text, strlen(key.text), NULL));
        for (const char *at = key.text; *at; at++)
            REQUIRE((unsigned char)*at >= ' ' && *at != 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keys *keys = keys_new();
    size_t piece = size ? data[0] % 16 + 1u : 1;

    for (size_t at = 0; at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;

        buf_add(keys_buffer(keys), data + at, len);
        take(keys, false);
    }
    take(keys, true);
    keys_free(keys);
    return 0;
}
