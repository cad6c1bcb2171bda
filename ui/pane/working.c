/* The accounts that are in the product now. It has no cursor and never the
 * focus: a click on a line goes to what the account does. Whoever was quiet
 * for ten minutes stands dim, and goes after half an hour. */
#include "ui/pane/working.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "live/working.h"
#include "ui/pane/drill.h"
#include "ui/pane/labels.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define SHOWN_MAX 32
#define LABEL_CELLS 9 /* of an account, as in the stream */
#define STRIP "Now "
#define MORE_CELLS 8 /* "999 more" */

struct working {
    struct pane pane;
    struct working_account list[SHOWN_MAX]; /* valid until events come */
    char *ids[SHOWN_MAX];                   /* of those, to find them again */
    size_t count;                           /* in all … */
    bool more;                              /* … at least */
};

static const struct working *self_const(const struct pane *pane)
{
    return (const struct working *)(const void *)pane;
}

static size_t listed(const struct working *working)
{
    return working->count < SHOWN_MAX ? working->count : SHOWN_MAX;
}

static void drop_ids(struct working *working)
{
    for (size_t i = 0; i < listed(working); i++)
        free(working->ids[i]);
    working->count = 0;
}

static bool working_update(struct pane *pane)
{
    struct working *working = (struct working *)(void *)pane;
    const struct usage *usage = screen_host(pane->screen)->usage;

    drop_ids(working);
    if (!usage)
        return false;
    working->count = working_accounts(usage, screen_now(pane->screen),
                                      working->list, SHOWN_MAX);
    working->more = working_is_partial(usage, screen_now(pane->screen));
    for (size_t i = 0; i < listed(working); i++)
        working->ids[i] = xstrdup(working->list[i].account->id);
    return false;
}

/* ---- drawing ---- */

/* Of the i-th; by its id, as a click may come when the usage has moved. */
static void add_label(const struct pane *pane, struct buf *out, size_t i)
{
    const char *id = self_const(pane)->ids[i];
    const struct usage_account *account =
        usage_find(screen_host(pane->screen)->usage, id);
    const char *label =
        labels_text(screen_labels(pane->screen), id, LABEL_CELLS);

    if (label)
        buf_adds(out, label);
    else
        name_account(out, id, account ? account->name : NULL, true,
                     LABEL_CELLS);
}

/* "Borealis · Tomás +1" in so many cells: who did something last, and how many
 * more there are. */
static void add_line(const struct pane *pane, struct buf *out, size_t i,
                     int cells)
{
    const struct working_account *line = &self_const(pane)->list[i];
    char more[24] = "";
    int left;

    add_label(pane, out, i);
    if (line->people > 1)
        snprintf(more, sizeof more, " +%zu", line->people - 1);
    left = cells - text_width(out->data) - 3 - text_width(more);
    if (left >= 3) {
        buf_adds(out, " · ");
        name_person(out, line->person->key, line->person->name, left);
    }
    buf_adds(out, more);
}

static enum role role_of(const struct pane *pane,
                         const struct working_account *line)
{
    return screen_now(pane->screen) - line->last_at < WORKING_NOW_MS
               ? ROLE_GOOD
               : ROLE_DIM;
}

static void draw_line_of(const struct pane *pane, struct draw *draw, int y,
                         size_t i)
{
    const struct working_account *line = &self_const(pane)->list[i];
    const struct rect *rect = &pane->rect;
    char age[AGE_SIZE];
    struct buf text;
    int cells;

    age_text(screen_now(pane->screen) - line->last_at, age);
    cells = rect->w - 2 - text_width(age);
    buf_init(&text, LIMIT_TEXT);
    add_line(pane, &text, i, cells);
    draw_cut(draw, rect->y + y, rect->x + 1, cells, role_of(pane, line),
             text.data);
    draw_right(draw, rect->y + y, rect->x + 1, rect->w - 1, ROLE_DIM, age);
    buf_free(&text);
}

/* What the i-th is in the strip, from x on; false: there is no room for it. */
static bool add_to_strip(const struct pane *pane, struct buf *out, size_t i,
                         int x)
{
    bool last = i + 1 == self_const(pane)->count;

    add_label(pane, out, i);
    if (!last)
        buf_adds(out, ", ");
    return x + text_width(out->data) +
               (last ? 0 : MORE_CELLS + self_const(pane)->more) <=
           pane->rect.w - 1;
}

/* "Now Borealis, Cobalt, 2 more" */
static void draw_strip(const struct pane *pane, struct draw *draw)
{
    const struct working *working = self_const(pane);
    const struct rect *rect = &pane->rect;
    bool fits = true;
    size_t i = 0;
    int x = 1;

    x += draw_text(draw, rect->y, rect->x + x, rect->w - 2, ROLE_DIM, STRIP);
    while (fits && i < listed(working)) {
        struct buf text;

        buf_init(&text, LIMIT_TEXT);
        fits = add_to_strip(pane, &text, i, x);
        if (fits) {
            x += draw_text(draw, rect->y, rect->x + x, text_width(text.data),
                           role_of(pane, &working->list[i]), text.data);
            i++;
        }
        buf_free(&text);
    }
    if (i < working->count) {
        char number[NUMBER_SIZE];

        counted_text(working->count - i, working->more, number);
        draw_format(draw, rect->y, rect->x + x, rect->w - 1 - x, ROLE_DIM,
                    "%s more", number);
    }
}

/* Whose name stands in that column of the strip; false: none, and *i is how
 * many there is room for. */
static bool strip_at(const struct pane *pane, int col, size_t *i)
{
    int x = 1 + text_width(STRIP);

    for (*i = 0; *i < listed(self_const(pane)); (*i)++) {
        struct buf text;
        bool fits;

        buf_init(&text, LIMIT_TEXT);
        fits = add_to_strip(pane, &text, *i, x);
        x += text_width(text.data);
        buf_free(&text);
        if (!fits || col < x)
            return fits;
    }
    return false;
}

/* The last line says how many more there are, if they are more. */
static size_t shown_lines(const struct pane *pane)
{
    size_t room = (size_t)pane->rect.h, count = self_const(pane)->count;

    if (count > room)
        return room - 1;
    return listed(self_const(pane));
}

static void working_draw(const struct pane *pane, struct draw *draw)
{
    const struct working *working = self_const(pane);
    const struct rect *rect = &pane->rect;
    size_t shown = shown_lines(pane);

    if (pane->bare && working->count) {
        draw_strip(pane, draw);
        return;
    }
    for (size_t i = 0; i < shown; i++)
        draw_line_of(pane, draw, (int)i, i);
    if (working->count > shown) {
        char number[NUMBER_SIZE];

        counted_text(working->count - shown, working->more, number);
        draw_format(draw, rect->y + (int)shown, rect->x + 1, rect->w - 2,
                    ROLE_DIM, "%s more: A", number);
    }
}

static void working_title(const struct pane *pane, struct buf *left,
                          struct buf *right)
{
    char number[NUMBER_SIZE];

    counted_text(self_const(pane)->count, self_const(pane)->more, number);
    buf_adds(left, "Working now");
    buf_adds(right, number);
}

/* Of the account that was drawn there: others may stand first by now. */
static void drill_in(const struct pane *pane, size_t i)
{
    const struct usage_account *account =
        usage_find(screen_host(pane->screen)->usage, self_const(pane)->ids[i]);

    if (account)
        drill_into(pane->screen,
                   &(struct drill){.id = account->id,
                                   .name = account->name,
                                   .category = INBOX_NO_CATEGORY});
}

/* "2 more" is where A goes; behind all of them is nothing. */
static void working_click(struct pane *pane, int line, int col)
{
    size_t i = (size_t)line;
    bool one = pane->bare ? strip_at(pane, col, &i) : i < shown_lines(pane);

    if (one)
        drill_in(pane, i);
    else if (i < self_const(pane)->count)
        screen_run(pane->screen, "accounts");
}

static size_t working_rows(const struct pane *pane)
{
    return self_const(pane)->count;
}

static void working_free(struct pane *pane)
{
    drop_ids((struct working *)(void *)pane);
    free(pane);
}

int64_t working_next(const struct pane *pane, int64_t now)
{
    const struct working *working = self_const(pane);
    int64_t next = CLOCK_NONE;

    for (size_t i = 0; pane_shows(pane) && i < listed(working); i++) {
        int64_t at = now + age_next(now - working->list[i].last_at);

        if (next == CLOCK_NONE || at < next)
            next = at;
    }
    return next;
}

struct pane *working_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = working_free,
        .title = working_title,
        .draw = working_draw,
        .click = working_click,
        .update = working_update,
        .rows = working_rows,
    };
    struct working *working = xcalloc(1, sizeof *working);

    working->pane.ops = &ops;
    working->pane.screen = screen;
    return &working->pane;
}
