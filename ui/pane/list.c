/* Lists. Rows are numbers from 0; whoever shows something that moves keeps
 * what the cursor stands for, and says its row before list_fit(). */
#include "ui/pane/list.h"

#include <stdint.h>

#include "ui/pane/wrap.h"

#include "base/banned.h"

static size_t rows_in_sight(const struct list *list)
{
    return list->height > 0 ? (size_t)list->height : 0;
}

static void keep_in_sight(struct list *list)
{
    size_t height = rows_in_sight(list);

    if (list->top + height > list->count)
        list->top = list->count > height ? list->count - height : 0;
    if (list->cursor < list->top)
        list->top = list->cursor;
    else if (height && list->cursor >= list->top + height)
        list->top = list->cursor - height + 1;
}

void list_fit(struct list *list, size_t count, int height)
{
    list->count = count;
    list->height = height;
    list_go(list, list->cursor);
}

void list_go(struct list *list, size_t row)
{
    if (row >= list->count)
        row = list->count ? list->count - 1 : 0;
    list->cursor = row;
    keep_in_sight(list);
}

void list_move(struct list *list, long by)
{
    size_t up = by < 0 ? (size_t)-by : 0;

    if (by < 0)
        list_go(list, list->cursor > up ? list->cursor - up : 0);
    else
        list_go(list, list->cursor + (size_t)by);
}

long list_steps(int height, enum action action)
{
    long page = height > 2 ? height - 1 : 1;

    switch (action) {
    case ACTION_up:
        return -1;
    case ACTION_down:
        return 1;
    case ACTION_page_up:
        return -page;
    case ACTION_page_down:
        return page;
    case ACTION_half_up:
        return -(page / 2 + 1);
    case ACTION_half_down:
        return page / 2 + 1;
    default:
        return 0;
    }
}

bool list_action(struct list *list, enum action action)
{
    long steps = list_steps(list->height, action);

    if (steps)
        list_move(list, steps);
    else if (action == ACTION_oldest)
        list_go(list, 0);
    else if (action == ACTION_newest)
        list_go(list, SIZE_MAX);
    else
        return false;
    return true;
}

bool list_at(const struct list *list, int line, size_t *row)
{
    if (line < 0 || (size_t)line >= rows_in_sight(list) ||
        list->top + (size_t)line >= list->count)
        return false;
    *row = list->top + (size_t)line;
    return true;
}

void list_click(struct list *list, int line)
{
    size_t row;

    if (list_at(list, line, &row))
        list_go(list, row);
}

void list_draw_none(const struct pane *pane, struct draw *draw,
                    const char *text)
{
    struct rect rect = pane->rect;

    wrap_draw(draw, (struct rect){rect.y, rect.x + 1, rect.h, rect.w - 2},
              ROLE_DIM, text);
}

void list_draw_cursor(struct draw *draw, struct rect rect)
{
    draw_under(draw, ROLE_CURSOR);
    draw_blank(draw, rect, ROLE_TEXT);
    draw_text(draw, rect.y, rect.x, 1, ROLE_KEY, ">");
}

void list_draw(const struct list *list, const struct pane *pane,
               struct draw *draw,
               void (*draw_row)(const struct pane *pane, struct draw *draw,
                                struct rect rect, size_t row))
{
    size_t row;

    for (int line = 0; list_at(list, line, &row); line++) {
        struct rect rect = {pane->rect.y + line, pane->rect.x, 1,
                            pane->rect.w};

        if (pane->focus && row == list->cursor)
            list_draw_cursor(draw, rect);
        draw_row(pane, draw, rect, row);
        draw_under(draw, ROLE_TEXT);
    }
}
