/* Shortening of any sanitised text to any number of cells: never wider,
 * never broken. The last byte of the input picks the number, and what it is
 * the name of. */
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "ui/pane/names.h"
#include "base/banned.h"

static void fits(struct buf *out, int cells)
{
    REQUIRE(text_width(out->data) <= cells);
    REQUIRE(utf8_valid(out->data, out->len, NULL));
    buf_clear(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text, out;
    unsigned choice = size ? data[size - 1] : 0;
    int cells = 4 + (int)(choice / 4 % 36);

    if (size > 4096)
        return 0;
    buf_init(&text, 16384);
    buf_init(&out, 16384);
    text_sanitise(&text, (const char *)data, size, 8192);
    if (choice % 4 < 2)
        name_account(&out, NULL, text.data, choice % 4, cells);
    else if (choice % 4 == 2)
        name_person(&out, NULL, text.data, cells);
    else
        name_sentence(&out, text.data, cells);
    fits(&out, cells);
    buf_free(&text);
    buf_free(&out);
    return 0;
}
