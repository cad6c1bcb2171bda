/* The brief inbox. It has no cursor and never the focus: a click on a signal
 * goes to it on its own screen. */
#include "ui/pane/inbox_brief.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/labels.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_order.h"
#include "ui/pane/time_text.h"
#include "ui/pane/wrap.h"

#include "base/banned.h"

#define SHOWN_MAX 32 /* signals that are laid out */
#define INDENT 2
#define WHY_LINES 2
#define WHY_MOST 4     /* where there is room left */
#define LABEL_CELLS 12 /* of an account */

struct inbox_brief {
    struct pane pane;
    struct inbox_key keys[SHOWN_MAX]; /* those that fit, by rank */
    int at[SHOWN_MAX];                /* their first lines */
    int lines[SHOWN_MAX];
    size_t shown;
    size_t open; /* in all */
};

static struct inbox_brief *self(struct pane *pane)
{
    return (struct inbox_brief *)(void *)pane;
}

static const struct inbox_brief *self_const(const struct pane *pane)
{
    return (const struct inbox_brief *)(const void *)pane;
}

static const struct inbox *inbox_of(const struct pane *pane)
{
    return screen_host(pane->screen)->inbox;
}

/* What is new and bad comes first here too; what passes above all. */
static void rank(struct inbox_brief *brief)
{
    struct screen *screen = brief->pane.screen;
    const struct inbox *inbox = inbox_of(&brief->pane);
    size_t count = inbox_count(inbox);
    struct inbox_key *keys = xcalloc(count + 1, sizeof *keys);

    brief->open = 0;
    for (size_t i = 0; i < count; i++)
        if (inbox_is_open(inbox_at(inbox, i), screen_now(screen)))
            keys[brief->open++] = signal_key(screen, inbox_at(inbox, i));
    qsort(keys, brief->open, sizeof *keys, inbox_by_key);
    for (size_t i = 0; i < brief->open && i < SHOWN_MAX; i++)
        brief->keys[i] = keys[i];
    free(keys);
}

/* The reason without what follows ` · `, which is detail. */
static void why_text(const struct inbox_signal *signal, int cells,
                     struct buf *out)
{
    name_sentence(out, signal->sentence ? signal->sentence : "", cells);
}

static int lines_of(const struct pane *pane, const struct inbox_signal *signal,
                    int most)
{
    int cells = pane->rect.w - INDENT - 1, lines;
    struct buf why;

    buf_init(&why, LIMIT_TEXT);
    why_text(signal, cells * most, &why);
    lines = wrap_lines(why.data, cells);
    buf_free(&why);
    return 2 + (lines < most ? lines : most);
}

/* As many as fit, a blank line between; the last line is for how many more. */
static void lay_out(struct inbox_brief *brief)
{
    const struct pane *pane = &brief->pane;
    int y = 0;

    brief->shown = 0;
    while (brief->shown < brief->open && brief->shown < SHOWN_MAX) {
        size_t i = brief->shown;
        const struct inbox_signal *signal =
            inbox_find(inbox_of(pane), brief->keys[i].id);
        bool last = i + 1 == brief->open;
        int lines = lines_of(pane, signal, WHY_LINES);

        if (y + lines > pane->rect.h - (last ? 0 : 2))
            return;
        brief->at[i] = y;
        brief->lines[i] = lines;
        y += lines + 1;
        brief->shown++;
    }
}

/* Lines that no signal has go to those whose reason is cut. */
static void spread(struct inbox_brief *brief)
{
    const struct pane *pane = &brief->pane;
    int room = pane->rect.h - (brief->shown < brief->open ? 2 : 0), moved = 0;

    if (!brief->shown)
        return;
    room -= brief->at[brief->shown - 1] + brief->lines[brief->shown - 1];
    for (size_t i = 0; i < brief->shown; i++) {
        int more =
            lines_of(pane, inbox_find(inbox_of(pane), brief->keys[i].id),
                     WHY_MOST) -
            brief->lines[i];

        if (more > room)
            more = room;
        brief->at[i] += moved;
        brief->lines[i] += more > 0 ? more : 0;
        moved += more > 0 ? more : 0;
        room -= more > 0 ? more : 0;
    }
}

static bool brief_update(struct pane *pane)
{
    rank(self(pane));
    if (pane_shows(pane)) {
        lay_out(self(pane));
        spread(self(pane));
    }
    return false;
}

static void draw_head(const struct pane *pane, struct draw *draw, int y,
                      const struct inbox_signal *signal)
{
    const struct rect *rect = &pane->rect;
    enum role role = signal_role(signal);
    char age[AGE_SIZE];

    age_text(screen_now(pane->screen) - signal->fired_at, age);
    draw_text(draw, y, rect->x, 1, role, signal_mark(signal));
    draw_cut(draw, y, rect->x + INDENT, rect->w - INDENT - text_width(age) - 1,
             role, signal_called(pane->screen, signal));
    draw_right(draw, y, rect->x + INDENT, rect->w - INDENT, ROLE_DIM, age);
}

/* "Borealis · Tomás": the account as the list above calls it. */
static void draw_whom(const struct pane *pane, struct draw *draw, int y,
                      const struct inbox_signal *signal)
{
    int cells = pane->rect.w - INDENT - 1, left;
    const char *label = labels_text(screen_labels(pane->screen),
                                    signal->account_id, LABEL_CELLS);
    struct buf text;

    buf_init(&text, LIMIT_TEXT);
    if (label)
        buf_adds(&text, label);
    else
        name_account(&text, signal->account_id, signal->account, true,
                     LABEL_CELLS);
    left = cells - text_width(text.data) - 3;
    if (signal->person && left > 3) {
        buf_adds(&text, " · ");
        name_person(&text, signal->person_id, signal->person, left);
    }
    draw_cut(draw, y, pane->rect.x + INDENT, cells, ROLE_TEXT, text.data);
    buf_free(&text);
}

static void draw_signal(const struct pane *pane, struct draw *draw, size_t i)
{
    const struct inbox_brief *brief = self_const(pane);
    const struct inbox_signal *signal =
        inbox_find(inbox_of(pane), brief->keys[i].id);
    struct rect why = {pane->rect.y + brief->at[i] + 2, pane->rect.x + INDENT,
                       brief->lines[i] - 2, pane->rect.w - INDENT - 1};
    struct buf text;

    if (!signal)
        return;
    draw_head(pane, draw, why.y - 2, signal);
    draw_whom(pane, draw, why.y - 1, signal);
    buf_init(&text, LIMIT_TEXT);
    why_text(signal, why.w * why.h, &text);
    wrap_draw(draw, why, ROLE_DIM, text.data);
    buf_free(&text);
}

static void brief_draw(const struct pane *pane, struct draw *draw)
{
    const struct inbox_brief *brief = self_const(pane);
    const struct rect *rect = &pane->rect;
    char number[NUMBER_SIZE];

    for (size_t i = 0; i < brief->shown; i++)
        draw_signal(pane, draw, i);
    counted_text(brief->open - brief->shown,
                 inbox_totals(inbox_of(pane), screen_now(pane->screen)).more,
                 number);
    if (brief->open > brief->shown)
        draw_format(draw, rect->y + rect->h - 1, rect->x + INDENT,
                    rect->w - INDENT, ROLE_DIM, "%s more: S", number);
    else if (!brief->open)
        draw_cut(draw, rect->y, rect->x + 1, rect->w - 2, ROLE_DIM,
                 "Nothing waits.");
}

static void brief_title(const struct pane *pane, struct buf *left,
                        struct buf *right)
{
    struct inbox_totals totals =
        inbox_totals(inbox_of(pane), screen_now(pane->screen));
    char number[NUMBER_SIZE];

    counted_text(totals.fresh, totals.more, number);
    buf_adds(left, "Signals");
    if (totals.fresh)
        buf_addf(right, "%s new", number);
}

static void brief_click(struct pane *pane, int line, int col)
{
    const struct inbox_brief *brief = self_const(pane);
    int64_t id = 0;

    (void)col;
    for (size_t i = 0; i < brief->shown; i++)
        if (line >= brief->at[i])
            id = brief->keys[i].id;
    if (line == pane->rect.h - 1 && brief->open > brief->shown)
        id = 0;
    screen_to_signal(pane->screen, id);
}

static size_t brief_rows(const struct pane *pane)
{
    struct inbox_totals totals =
        inbox_totals(inbox_of(pane), screen_now(pane->screen));

    return totals.fresh + totals.open;
}

static void brief_free(struct pane *pane)
{
    free(pane);
}

struct pane *inbox_brief_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = brief_free,
        .title = brief_title,
        .draw = brief_draw,
        .click = brief_click,
        .update = brief_update,
        .rows = brief_rows,
    };
    struct inbox_brief *brief = xcalloc(1, sizeof *brief);

    brief->pane.ops = &ops;
    brief->pane.screen = screen;
    return &brief->pane;
}
