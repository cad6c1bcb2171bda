/* Drawing cells of a table. */
#include "ui/pane/cells.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "live/usage.h"
#include "ui/pane/labels.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define TREND_MOST 999 /* percent: more than that is no measure, and cut */

void cells_text(struct draw *draw, struct rect row,
                const struct column *column, enum role role, const char *text)
{
    int x = row.x + column->at;

    if (!column->name)
        return;
    if (column->right && text_width(text) <= column->cells)
        draw_right(draw, row.y, x, column->cells, role, text);
    else
        draw_cut(draw, row.y, x, column->cells, role, text);
}

void cells_number(struct draw *draw, struct rect row,
                  const struct column *column, uint64_t number)
{
    char text[NUMBER_SIZE];

    if (!number)
        return;
    number_text(number, text);
    if (text_width(text) > column->cells)
        snprintf(text, sizeof text, "%lluk",
                 (unsigned long long)(number / 1000));
    cells_text(draw, row, column, ROLE_TEXT, text);
}

void cells_bars(struct draw *draw, struct rect row,
                const struct column *column, const uint32_t *values, int count)
{
    uint32_t scale = 1;

    if (!column->name)
        return;
    for (int i = 0; i < count; i++)
        if (values[i] > scale)
            scale = values[i];
    for (int i = 0; i < count && i < column->cells; i++)
        draw_bar(draw, row.y, row.x + column->at + i, ROLE_SPARK,
                 (int)(((uint64_t)values[i] * 8 + scale - 1) / scale));
}

void cells_trend(struct draw *draw, struct rect row,
                 const struct column *column, uint32_t now, uint32_t before)
{
    char text[32];
    int percent;

    if (!usage_trend(now, before, &percent))
        return;
    if (percent > TREND_MOST)
        snprintf(text, sizeof text, "%s>%d %%", draw_mark_text(draw, MARK_UP),
                 TREND_MOST);
    else if (percent)
        snprintf(text, sizeof text, "%s %d %%",
                 draw_mark_text(draw, percent < 0 ? MARK_DOWN : MARK_UP),
                 abs(percent));
    else
        snprintf(text, sizeof text, "0 %%");
    cells_text(draw, row, column,
               percent <= -50  ? ROLE_WARN
               : percent >= 50 ? ROLE_GOOD
                               : ROLE_DIM,
               text);
}

void cells_unread(struct draw *draw, struct rect row,
                  const struct column *column, unsigned unread)
{
    char text[NUMBER_SIZE];

    if (unread < 1000)
        snprintf(text, sizeof text, "%u", unread);
    else
        snprintf(text, sizeof text, "%uk", unread / 1000);
    cells_text(draw, row, column, ROLE_UNREAD, text);
}

void cells_account(struct draw *draw, struct rect row,
                   const struct column *column, const struct screen *screen,
                   const struct tally_account *account)
{
    const char *label =
        labels_text(screen_labels(screen), account->id, column->cells);
    struct buf name;

    buf_init(&name, LIMIT_TEXT);
    if (label)
        buf_adds(&name, label);
    else if (account->id)
        name_account(&name, account->id,
                     account->name ? account->name : account->id,
                     account->listed, column->cells);
    else
        buf_adds(&name, "no account");
    cells_text(draw, row, column,
               account->last_at == CLOCK_NONE ? ROLE_DIM
                                              : theme_account(account->id),
               name.data);
    buf_free(&name);
}
