/* The clipboard. A terminal takes text to copy as OSC 52: not all do, tmux
 * and screen only hand it on if wrapped, and none answers. So whatever went
 * that way is also shown, to be selected by hand. */
#include "ui/clipboard.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/links.h"
#include "ui/screen_internal.h"
#include "ui/term/opener.h"

#include "base/banned.h"

/* xterm takes 100,000 bytes of OSC 52, others fewer: 74,994 of text. */
#define OSC52_MAX 74994
#define SCREEN_PIECE 240 /* GNU screen hands on strings of 256 */
#define LOOK_US 50000
#define PATIENCE_US 2000000 /* then it serves the text, and stays */

struct clipboard {
    struct screen *screen;
    char *text; /* given to a program that has not ended; NULL: none */
    const char *what, *program;
    int64_t until;
};

struct clipboard *clipboard_new(struct screen *screen)
{
    struct clipboard *clipboard = xcalloc(1, sizeof *clipboard);

    clipboard->screen = screen;
    return clipboard;
}

void clipboard_free(struct clipboard *clipboard)
{
    free(clipboard->text);
    free(clipboard);
}

/* ---- by hand ---- */

struct by_hand {
    struct pane pane;
    char *text;
};

static void by_hand_free(struct pane *pane)
{
    free(((struct by_hand *)pane)->text);
    free(pane);
}

static void by_hand_title(const struct pane *pane, struct buf *left,
                          struct buf *right)
{
    (void)pane;
    (void)right;
    buf_adds(left, "Copy");
}

/* From the first column, so that lines selected together are the text. */
static void by_hand_draw(const struct pane *pane, struct draw *draw)
{
    const char *at = ((const struct by_hand *)pane)->text;
    struct rect rect = pane->rect;
    int y = rect.y;

    draw_cut(draw, y++, rect.x + 1, rect.w - 1, ROLE_TEXT,
             "Sent to the terminal, which may not have copied it.");
    draw_cut(draw, y++, rect.x + 1, rect.w - 1, ROLE_DIM,
             "Then select it by hand (% first, or with Shift):");
    for (y++; *at && y < rect.y + rect.h; y++) {
        size_t len = 0, left = strlen(at);
        struct buf line;
        int width = 0;

        while (len < left) {
            struct grapheme next = text_grapheme(at + len, left - len);

            if (width + next.width > rect.w && len)
                break;
            width += next.width;
            len += next.bytes;
        }
        buf_init(&line, LIMIT_TEXT * 2);
        buf_add(&line, at, len);
        draw_text(draw, y, rect.x, rect.w, ROLE_TEXT, line.data);
        buf_free(&line);
        at += len;
    }
}

static void by_hand_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "% mouse off, to select │ Esc back");
}

static void show_by_hand(struct screen *screen, const char *text)
{
    static const struct pane_ops ops = {
        .free = by_hand_free,
        .title = by_hand_title,
        .draw = by_hand_draw,
        .hint = by_hand_hint,
    };
    struct by_hand *by_hand = xcalloc(1, sizeof *by_hand);

    by_hand->pane.ops = &ops;
    by_hand->pane.screen = screen;
    by_hand->pane.where = WHERE_DETAIL;
    by_hand->text = xstrdup(text);
    screen_show(screen, &by_hand->pane);
}

/* ---- by the terminal ---- */

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
static bool send_text(struct screen *screen, const char *text, size_t len)
{
    struct buf out, plain;
    char *base64;

    if (len > OSC52_MAX)
        return false;
    base64 = xmalloc(len / 3 * 4 + 8);
    EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)text,
                    (int)len);
    buf_init(&out, MIB);
    buf_init(&plain, MIB);
    buf_addf(&plain, "\033]52;c;%s\a", base64);
    if (getenv("STY") && !getenv("TMUX"))
        add_for_screen(&out, plain.data, plain.len);
    else
        buf_add(&out, plain.data, plain.len);
    if (getenv("TMUX"))
        buf_addf(&out, "\033Ptmux;\033%s\033\\", plain.data);
    screen_send(screen, out.data, out.len);
    buf_free(&out);
    buf_free(&plain);
    free(base64);
    return true;
}

void clipboard_send(struct clipboard *clipboard, const char *text,
                    const char *what)
{
    size_t len = strlen(text);

    if (!send_text(clipboard->screen, text, len)) {
        screen_message(clipboard->screen,
                       "Not copied: %zu bytes are too many for the terminal.",
                       len);
        return;
    }
    if (strncmp(text, "http", 4)) {
        screen_message(clipboard->screen,
                       "Sent %s to the terminal, which may not have copied "
                       "it.",
                       what);
        return;
    }
    show_by_hand(clipboard->screen, text);
}

/* ---- by a program ---- */

static void look_due(struct screen *screen)
{
    links_look_copy(screen_links(screen));
}

static void forget_text(struct clipboard *clipboard)
{
    free(clipboard->text);
    clipboard->text = NULL;
}

void clipboard_look(struct clipboard *clipboard)
{
    enum opener_end end = opener_clipped();

    if (!clipboard->text)
        return;
    if (end == OPENER_FAILED) {
        clipboard_send(clipboard, clipboard->text, clipboard->what);
    } else if (end == OPENER_RUNS && clock_mono_us() < clipboard->until) {
        screen_later(clipboard->screen, clock_mono_us() + LOOK_US, look_due);
        return;
    } else {
        screen_message(clipboard->screen, "Copied %s (%s).", clipboard->what,
                       clipboard->program);
    }
    forget_text(clipboard);
}

void clipboard_copy(struct clipboard *clipboard, const char *text,
                    const char *what)
{
    const char *program = opener_clipboard();

    forget_text(clipboard);
    if (!program || !opener_clip(program, text, strlen(text), NULL)) {
        clipboard_send(clipboard, text, what);
        return;
    }
    clipboard->text = xstrdup(text);
    clipboard->what = what;
    clipboard->program = program;
    clipboard->until = clock_mono_us() + PATIENCE_US;
    screen_later(clipboard->screen, clock_mono_us() + LOOK_US, look_due);
}
