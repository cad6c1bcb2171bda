/* The clipboard. A terminal takes text to copy as OSC 52: not all do, tmux
 * and screen only hand it on if wrapped, and none answers. So whatever went
 * that way is also shown, to be selected by hand. */
#include "ui/clipboard.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ui/pane/by_hand.h"
#include "ui/screen_internal.h"
#include "ui/term/launcher.h"
#include "ui/term/osc52.h"

#include "base/banned.h"

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
    if (clipboard)
        free(clipboard->text);
    free(clipboard);
}

/* ---- by the terminal ---- */

void clipboard_send(struct clipboard *clipboard, const char *text,
                    const char *what)
{
    static const struct by_hand_words words = {
        "Copy",
        "Sent to the terminal, which may not have copied it.",
        "If it did not arrive, select it by hand: press % first, or hold "
        "Shift.",
        "the text",
    };
    size_t len = strlen(text);
    struct buf bytes;

    buf_init(&bytes, MIB);
    if (!osc52_write(&bytes, text, len)) {
        screen_message(clipboard->screen,
                       "Not copied: %zu bytes are too many for the terminal.",
                       len);
        return;
    }
    screen_send(clipboard->screen, bytes.data, bytes.len);
    buf_free(&bytes);
    if (strncmp(text, "http", 4))
        screen_message(clipboard->screen,
                       "Sent %s to the terminal, which may not have copied "
                       "it.",
                       what);
    else
        screen_show(clipboard->screen,
                    by_hand_new(clipboard->screen, text, &words));
}

/* ---- by a program ---- */

static void look_due(struct screen *screen);

static void forget_text(struct clipboard *clipboard)
{
    free(clipboard->text);
    clipboard->text = NULL;
}

/* Looks after the program that was started. */
static void look(struct clipboard *clipboard)
{
    enum launcher_end end = launcher_clipped();

    if (!clipboard->text)
        return;
    if (end == LAUNCHER_FAILED) {
        clipboard_send(clipboard, clipboard->text, clipboard->what);
    } else if (end == LAUNCHER_RUNS && clock_mono_us() < clipboard->until) {
        screen_later(clipboard->screen, clock_mono_us() + LOOK_US, look_due);
        return;
    } else {
        screen_message(clipboard->screen, "Copied %s (%s).", clipboard->what,
                       clipboard->program);
    }
    forget_text(clipboard);
}

static void look_due(struct screen *screen)
{
    look(screen->clipboard);
}

void clipboard_copy(struct clipboard *clipboard, const char *text,
                    const char *what)
{
    const char *program = launcher_clipboard();

    forget_text(clipboard);
    if (!program || !launcher_clip(program, text, strlen(text), NULL)) {
        clipboard_send(clipboard, text, what);
        return;
    }
    clipboard->text = xstrdup(text);
    clipboard->what = what;
    clipboard->program = program;
    clipboard->until = clock_mono_us() + PATIENCE_US;
    screen_later(clipboard->screen, clock_mono_us() + LOOK_US, look_due);
}
