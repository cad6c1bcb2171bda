/* Names of columns, over their columns. */
#include "ui/pane/columns.h"

#include "base/text.h"

#include "base/banned.h"

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
