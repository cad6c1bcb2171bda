/* One text as lines of the screen, under what is to be said of it. */
#include "ui/pane/by_hand.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/mask.h"
#include "ui/pane/pane.h"
#include "ui/pane/screen.h"
#include "ui/pane/wrap.h"

#include "base/banned.h"

struct by_hand {
    struct pane pane;
    char *text;
    const struct by_hand_words *words;
};

static const struct by_hand *self(const struct pane *pane)
{
    return (const struct by_hand *)(const void *)pane;
}

static void by_hand_free(struct pane *pane)
{
    free(((struct by_hand *)pane)->text);
    free(pane);
}

static void by_hand_title(const struct pane *pane, struct buf *left,
                          struct buf *right)
{
    (void)right;
    buf_adds(left, self(pane)->words->title);
}

/* Bytes of the next line, which is cut anywhere. */
static size_t line_bytes(const char *at, int cells)
{
    size_t len = 0, left = strlen(at);
    int width = 0;

    while (len < left) {
        struct grapheme next = text_grapheme(at + len, left - len);

        if (width + next.width > cells && len)
            break;
        width += next.width;
        len += next.bytes;
    }
    return len;
}

static int text_rows(const char *at, int cells)
{
    int rows = 0;

    for (; *at; rows++)
        at += line_bytes(at, cells);
    return rows;
}

/* What is said of the text, in at most so many rows, but one; returns how many
 * it took. */
static int put_words(const struct pane *pane, struct draw *draw, int y,
                     int most, enum role role, const char *words)
{
    struct rect rect = {y, pane->rect.x + 1, most > 1 ? most : 1,
                        pane->rect.w - 2};

    return wrap_draw(draw, rect, role, words);
}

/* From the first column, so that lines selected together are the text; it has
 * its rows before what is said of it. */
static void by_hand_draw(const struct pane *pane, struct draw *draw)
{
    const struct by_hand_words *words = self(pane)->words;
    struct rect rect = pane->rect;
    struct buf shown;
    const char *at;
    int y = rect.y, spare;

    buf_init(&shown, LIMIT_BODY);
    mask_add(&shown, self(pane)->text);
    at = shown.data;
    spare = rect.h - 1 - text_rows(at, rect.w);
    y += put_words(pane, draw, y, spare - 1, ROLE_TEXT, words->first);
    y += put_words(pane, draw, y, rect.y + spare - y, ROLE_DIM, words->second);
    for (y++; *at && y < rect.y + rect.h; y++) {
        size_t len = line_bytes(at, rect.w);
        struct buf line;

        buf_init(&line, LIMIT_TEXT * 2);
        buf_add(&line, at, len);
        draw_text(draw, y, rect.x, rect.w, ROLE_TEXT, line.data);
        buf_free(&line);
        at += len;
    }
    buf_free(&shown);
}

static void by_hand_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "% mouse off, to select │ Esc back");
}

static bool by_hand_action(struct pane *pane, enum action action,
                           const char *arg)
{
    const struct by_hand *by_hand = self(pane);

    (void)arg;
    if (action != ACTION_copy)
        return false;
    screen_copy(pane->screen, by_hand->text, by_hand->words->what);
    return true;
}

struct pane *by_hand_new(struct screen *screen, const char *text,
                         const struct by_hand_words *words)
{
    static const struct pane_ops ops = {
        .free = by_hand_free,
        .title = by_hand_title,
        .draw = by_hand_draw,
        .hint = by_hand_hint,
        .action = by_hand_action,
    };
    struct by_hand *by_hand = xcalloc(1, sizeof *by_hand);

    by_hand->pane.ops = &ops;
    by_hand->pane.screen = screen;
    by_hand->pane.where = WHERE_LIST;
    by_hand->text = xstrdup(text);
    by_hand->words = words;
    return &by_hand->pane;
}
