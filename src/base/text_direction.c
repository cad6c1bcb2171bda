/* Text that is written from right to left, beside text that is not. */
#include "base/text.h"

#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"

#include "base/banned.h"

#define FSI "\xe2\x81\xa8" /* U+2068: what follows is apart from the rest … */
#define PDI "\xe2\x81\xa9" /* U+2069: … up to here */

bool text_is_rtl(const char *text)
{
    size_t len = strlen(text);
    uint32_t code;
    int took;

    for (; (took = utf8_decode(text, len, &code)) != 0;
         text += took < 0 ? 1 : took, len -= took < 0 ? 1 : (size_t)took) {
        utf8proc_propval_t class;

        if (code < 0x590)
            continue;
        class = utf8proc_get_property((utf8proc_int32_t)code)->bidi_class;
        if (class == UTF8PROC_BIDI_CLASS_R || class == UTF8PROC_BIDI_CLASS_AL)
            return true;
    }
    return false;
}

bool text_add_isolated(struct buf *out, const char *text)
{
    bool apart = text_is_rtl(text);

    return buf_addf(out, "%s%s%s", apart ? FSI : "", text, apart ? PDI : "");
}
