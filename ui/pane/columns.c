/* Names of columns, over their columns. */
#include "ui/pane/columns.h"

#include "base/text.h"

#include "base/banned.h"

#define GUTTER 1

/* What they need at least, with the blanks between them. */
static int needed(const struct column *columns,
                  const struct column_need *needs, int count)
{
    int cells = GUTTER - 1;

    for (int i = 0; i < count; i++)
        cells += columns[i].cells ? needs[i].least + 1 : 0;
    return cells;
}

/* The next one to go; -1: all that are left stay. */
static int first_to_leave(const struct column *columns,
                          const struct column_need *needs, int count)
{
    int found = -1;

    for (int i = 0; i < count; i++)
        if (columns[i].cells && needs[i].leaves &&
            (found < 0 || needs[i].leaves < needs[found].leaves))
            found = i;
    return found;
}

/* A share each, again and again. */
static void give(struct column *columns, const struct column_need *needs,
                 int count, int cells)
{
    bool any = true;

    while (any && cells > 0) {
        any = false;
        for (int i = 0; i < count; i++) {
            int more = needs[i].most - columns[i].cells;

            if (!columns[i].cells)
                continue;
            more = more < needs[i].share ? more : needs[i].share;
            more = more < cells ? more : cells;
            columns[i].cells += more;
            cells -= more;
            any |= more > 0;
        }
    }
}

void columns_fit(struct column *columns, const struct column_need *needs,
                 int count, int cells)
{
    int at = GUTTER, leaving;

    for (int i = 0; i < count; i++)
        columns[i].cells = needs[i].least;
    while (needed(columns, needs, count) > cells &&
           (leaving = first_to_leave(columns, needs, count)) >= 0)
        columns[leaving].cells = 0;
    give(columns, needs, count, cells - needed(columns, needs, count));
    for (int i = 0; i < count; i++) {
        columns[i].at = at;
        at += columns[i].cells ? columns[i].cells + 1 : 0;
    }
}

static int width_of(const struct draw *draw, const struct column *column)
{
    return text_width(column->name) +
           (column->sorted ? 1 + text_width(draw_mark_text(draw, MARK_DOWN))
                           : 0);
}

/* A name that is wider than its column reaches to the left. */
static int name_at(const struct draw *draw, const struct column *column)
{
    return column->right ? column->at + column->cells - width_of(draw, column)
                         : column->at;
}

static void draw_name(struct draw *draw, struct rect rule,
                      const struct column *column, enum role role, bool focus)
{
    int x = rule.x + name_at(draw, column), end = rule.x + rule.w;

    draw_text(draw, rule.y, x - 1, 1, role, focus ? "[" : " ");
    x += draw_text(draw, rule.y, x, end - x, role, column->name);
    if (column->sorted) {
        x += draw_text(draw, rule.y, x, end - x, role, " ");
        x += draw_text(draw, rule.y, x, end - x, role,
                       draw_mark_text(draw, MARK_DOWN));
    }
    draw_text(draw, rule.y, x, 1, role, focus ? "]" : " ");
}

void columns_draw(struct draw *draw, struct rect rule, bool focus,
                  const struct column *columns, int count)
{
    for (int i = 0; i < count; i++)
        if (columns[i].name)
            draw_name(draw, rule, &columns[i],
                      focus && i == 0 ? ROLE_TAB_ON : ROLE_TAB,
                      focus && i == 0);
}
