/* Names of columns, over their columns. */
#include "ui/pane/columns.h"

#include "base/text.h"

#include "base/banned.h"

static int name_at(const struct column *column)
{
    return column->right
               ? column->at + column->cells - text_width(column->name)
               : column->at;
}

void columns_draw(struct draw *draw, struct rect rule, bool focus,
                  const struct column *columns, int count)
{
    for (int i = 0; i < count; i++) {
        bool first = i == 0;
        enum role role = focus && first ? ROLE_TAB_ON : ROLE_TAB;
        int x;

        if (!columns[i].name)
            continue;
        x = rule.x + name_at(&columns[i]);
        draw_text(draw, rule.y, x - 1, 1, role, focus && first ? "[" : " ");
        x += draw_text(draw, rule.y, x, rule.x + rule.w - x, role,
                       columns[i].name);
        draw_text(draw, rule.y, x, 1, role, focus && first ? "]" : " ");
    }
}
