/* Shortening of any sanitised text to any number of cells: never wider,
 * never broken. */
#include <string.h>

#include "base/text.h"
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

    if (size > 4096)
        return 0;
    buf_init(&text, 16384);
    buf_init(&out, 16384);
    text_sanitise(&text, (const char *)data, size, 8192);
    for (int cells = 4; cells < 40; cells += 5) {
        name_account(&out, NULL, text.data, true, cells);
        fits(&out, cells);
        name_account(&out, NULL, text.data, false, cells);
        fits(&out, cells);
        name_person(&out, NULL, text.data, cells);
        fits(&out, cells);
        name_sentence(&out, text.data, cells);
        fits(&out, cells);
    }
    buf_free(&text);
    buf_free(&out);
    return 0;
}
