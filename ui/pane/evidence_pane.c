/* The list of a signal's events. */
#include "ui/pane/evidence_pane.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/pane/detail.h"
#include "ui/pane/evidence.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_order.h"

#include "base/banned.h"

struct evidence_list {
    struct pane pane;
    struct list list;
    struct evidence evidence;
    char *title;                /* "working now" */
    char *account_id, *account; /* NULL: of none */
};

static struct evidence_list *self(struct pane *pane)
{
    return (struct evidence_list *)(void *)pane;
}

static const struct evidence_list *self_const(const struct pane *pane)
{
    return (const struct evidence_list *)(const void *)pane;
}

static void pane_free(struct pane *pane)
{
    evidence_clear(&self(pane)->evidence);
    free(self(pane)->title);
    free(self(pane)->account_id);
    free(self(pane)->account);
    free(pane);
}

static void pane_title(const struct pane *pane, struct buf *left,
                       struct buf *right)
{
    const struct evidence_list *list = self_const(pane);

    buf_addf(left, "Events: %s", list->title);
    if (list->account)
        buf_addf(left, " · %s",
                 mask_account(list->account_id, list->account,
                              MASK_ANY_CELLS));
    buf_addf(right, "%zu", evidence_rows(&list->evidence));
}

static void draw_row(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    rect.x += 1;
    rect.w -= 1;
    evidence_draw(&self_const(pane)->evidence, draw, rect, row, true);
}

static void pane_draw(const struct pane *pane, struct draw *draw)
{
    struct rect rect = pane->rect;

    if (!self_const(pane)->list.count)
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                 "It comes of days that passed, not of single events.");
    list_draw(&self_const(pane)->list, pane, draw, draw_row);
}

static bool pane_update(struct pane *pane)
{
    list_fit(&self(pane)->list, evidence_rows(&self(pane)->evidence),
             pane->rect.h);
    return false;
}

static const struct evidence_item *item_at(const struct pane *pane)
{
    return evidence_row(&self_const(pane)->evidence,
                        self_const(pane)->list.cursor);
}

static void open_one(struct pane *pane)
{
    const struct evidence_item *item = item_at(pane);

    if (item && item->sentence)
        screen_show(pane->screen, detail_of(pane->screen, item->seq));
}

static bool pane_action(struct pane *pane, enum action action, const char *arg)
{
    (void)arg;
    if (action == ACTION_open)
        open_one(pane);
    else
        return list_action(&self(pane)->list, action);
    return true;
}

static void pane_click(struct pane *pane, int line, int col)
{
    size_t row;

    (void)col;
    if (!list_at(&self(pane)->list, line, &row))
        return;
    if (row == self(pane)->list.cursor)
        open_one(pane);
    else
        list_go(&self(pane)->list, row);
}

static uint64_t pane_selected(const struct pane *pane)
{
    const struct evidence_item *item = item_at(pane);

    return item && item->sentence ? item->seq : 0;
}

static const char *pane_account(const struct pane *pane)
{
    const struct evidence_item *item = item_at(pane);

    return item ? item->account_id : NULL;
}

static void pane_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "Enter opens the event │ o its replay │ Esc back");
}

struct pane *evidence_pane(struct screen *screen,
                           const struct inbox_signal *signal)
{
    static const struct pane_ops ops = {
        .free = pane_free,
        .title = pane_title,
        .draw = pane_draw,
        .action = pane_action,
        .click = pane_click,
        .update = pane_update,
        .selected = pane_selected,
        .account = pane_account,
        .hint = pane_hint,
    };
    struct evidence_list *list = xcalloc(1, sizeof *list);

    list->pane.ops = &ops;
    list->pane.screen = screen;
    list->pane.where = WHERE_LIST;
    list->title = xstrdup(signal_called(screen, signal));
    if (signal->account_id && signal->account) {
        list->account_id = xstrdup(signal->account_id);
        list->account = xstrdup(signal->account);
    }
    evidence_load(&list->evidence, screen, signal->evidence,
                  signal->evidence_count);
    list_fit(&list->list, evidence_rows(&list->evidence), 0);
    list->list.cursor = list->list.count ? list->list.count - 1 : 0;
    return &list->pane;
}
