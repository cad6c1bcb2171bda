/* OSC 52, plain or wrapped so that what lies in between hands it on. */
#include "ui/term/osc52.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* xterm takes 100,000 bytes of OSC 52, others fewer: 74,994 of text. */
#define OSC52_MAX 74994
#define SCREEN_PIECE 240 /* GNU screen hands on strings of 256 */

static void add_for_screen(struct buf *out, const char *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += SCREEN_PIECE) {
        buf_adds(out, "\033P");
        buf_add(out, bytes + at,
                len - at < SCREEN_PIECE ? len - at : SCREEN_PIECE);
        buf_adds(out, "\033\\");
    }
}

/* Plain for terminals and for tmux with set-clipboard; wrapped for tmux with
 * allow-passthrough, and for screen. */
bool osc52_write(struct buf *out, const char *text, size_t len)
{
    struct buf plain;
    char *base64;

    if (len > OSC52_MAX)
        return false;
    base64 = xmalloc(len / 3 * 4 + 8);
    EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)text,
                    (int)len);
    buf_init(&plain, MIB);
    buf_addf(&plain, "\033]52;c;%s\a", base64);
    if (getenv("STY") && !getenv("TMUX"))
        add_for_screen(out, plain.data, plain.len);
    else
        buf_add(out, plain.data, plain.len);
    if (getenv("TMUX"))
        buf_addf(out, "\033Ptmux;\033%s\033\\", plain.data);
    buf_free(&plain);
    free(base64);
    return true;
}
