/* The heat map. The cursor is a cell: a row of accounts and one of the
 * categories that have a key. */
#include "ui/pane/coverage_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "live/usage.h"
#include "ui/pane/account_rows.h"
#include "ui/pane/cells.h"
#include "ui/pane/columns.h"
#include "ui/pane/drill.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define CATEGORIES 10 /* those of the keys 1 … 9, 0 */

struct coverage_table {
    struct pane pane;
    struct account_rows rows;
    int column; /* of the cursor, from 0 */
};

/* How wide cells are, by the width of the pane: shades and numbers, numbers,
 * shades alone. */
struct form {
    int from, name, at, step;
    bool shades, numbers;
};
static const struct form forms[] = {{100, 18, 21, 7, true, true},
                                    {80, 18, 20, 5, false, true},
                                    {60, 12, 14, 4, false, true},
                                    {0, 12, 14, 2, true, false}};

static struct coverage_table *self(struct pane *pane)
{
    return (struct coverage_table *)(void *)pane;
}

static const struct coverage_table *self_const(const struct pane *pane)
{
    return (const struct coverage_table *)(const void *)pane;
}

static const struct usage *usage_of(const struct pane *pane)
{
    return screen_host(pane->screen)->usage;
}

static enum category category_at(int column)
{
    return (enum category)(column + 1);
}

static const struct form *form_of(int w)
{
    const struct form *form = forms;

    while (form->from > w)
        form++;
    return form;
}

void coverage_table_open(struct pane *pane)
{
    account_rows_sort(&self(pane)->rows, pane->screen, NULL, true);
}

const struct tally_account *coverage_table_selected(const struct pane *pane,
                                                    enum category *category)
{
    *category = category_at(self_const(pane)->column);
    return account_rows_selected(&self_const(pane)->rows, pane->screen);
}

/* The lowest row says by how many a category is used. */
static bool coverage_table_update(struct pane *pane)
{
    struct coverage_table *table = self(pane);

    if (!account_rows_fit(&table->rows, pane->screen,
                          pane->rect.h - form_of(pane->rect.w)->numbers))
        account_rows_sort(&table->rows, pane->screen, NULL, false);
    return false;
}

/* ---- what a cell says ---- */

static int level_of(uint32_t events)
{
    return events >= 50 ? 4 : events >= 20 ? 3 : events >= 5 ? 2 : events > 0;
}

/* First used within the last 7 days, by an account that is older. */
static bool is_new(const struct usage *usage,
                   const struct usage_account *account, enum category category)
{
    int32_t since = usage_today(usage) - USAGE_WEEK;
    bool older = false;

    for (int i = 0; i < CATEGORY_COUNT; i++)
        older |= account->first[i].day != USAGE_NEVER &&
                 account->first[i].day <= since;
    return older && usage_complete(usage) &&
           account->first[category].day > since;
}

static void draw_never(struct draw *draw, int y, int x,
                       const struct form *form)
{
    draw_text(draw, y, x, form->numbers ? 2 : 1, ROLE_DIM, "··");
}

static void draw_amount(struct draw *draw, int y, int x,
                        const struct form *form, uint32_t events)
{
    int level = level_of(events);
    enum role role = level ? (enum role)(ROLE_HEAT_1 + level - 1) : ROLE_DIM;
    char text[16];

    if (form->shades)
        for (int i = 0; i < (form->numbers ? 2 : 1) && level; i++)
            draw_shade(draw, y, x + i, role, level);
    if (events < 1000)
        snprintf(text, sizeof text, "%u", events);
    else
        snprintf(text, sizeof text, "%uk", events / 1000);
    if (form->numbers)
        draw_right(draw, y, x + (form->shades ? 2 : 0), 3,
                   level ? ROLE_TEXT : ROLE_DIM, text);
    else if (!events)
        draw_text(draw, y, x, 1, ROLE_DIM, "0");
}

static void draw_cell(const struct pane *pane, struct draw *draw,
                      struct rect rect, int column,
                      const struct usage_account *account)
{
    const struct form *form = form_of(rect.w);
    enum category category = category_at(column);
    int x = rect.x + form->at + column * form->step;

    if (!account || account->first[category].day == USAGE_NEVER) {
        draw_never(draw, rect.y, x, form);
        return;
    }
    draw_amount(draw, rect.y, x, form, usage_category(account, category));
    if (form->numbers && is_new(usage_of(pane), account, category))
        draw_text(draw, rect.y, x - 1, 1, ROLE_UNREAD, "+");
}

/* "[ ▓▓ 31]" */
static void draw_brackets(struct draw *draw, struct rect rect, int column)
{
    const struct form *form = form_of(rect.w);
    int x = rect.x + form->at + column * form->step;
    bool wide = form->shades && form->numbers;

    draw_text(draw, rect.y, x - (wide ? 2 : 1), 1, ROLE_KEY, "[");
    draw_text(draw, rect.y,
              x + (wide            ? 5
                   : form->numbers ? 3
                                   : 1),
              1, ROLE_KEY, "]");
}

/* Where the sum of the row stands. */
static struct column sum_column(int w)
{
    const struct form *form = form_of(w);
    int at = form->at + CATEGORIES * form->step + (form->from == 100);

    return (struct column){"30 d", at, 4, true, false};
}

static void draw_row(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    const struct coverage_table *table = self_const(pane);
    const struct tally_account *account =
        account_rows_at(&table->rows, pane->screen, row);
    const struct usage_account *usage =
        account ? usage_find(usage_of(pane), account->id) : NULL;
    struct column name = {"Account", 1, form_of(rect.w)->name, false, false};
    struct column sum = sum_column(rect.w);

    if (!account)
        return;
    cells_account(draw, rect, &name, pane->screen, account);
    for (int column = 0; column < CATEGORIES; column++)
        draw_cell(pane, draw, rect, column, usage);
    if (usage)
        cells_number(draw, rect, &sum,
                     usage_sum(usage_of(pane), usage, 0, USAGE_MONTH));
    if (pane->focus && row == table->rows.list.cursor)
        draw_brackets(draw, rect, table->column);
}

/* ---- the frame around the cells ---- */

static void coverage_table_rule(const struct pane *pane, struct draw *draw,
                                struct rect rule)
{
    const struct form *form = form_of(rule.w);
    struct column columns[] = {{"Account", 2, 0, false, false},
                               sum_column(rule.w)};

    columns_draw(draw, rule, pane->focus, columns, 2);
    for (int i = 0; i < CATEGORIES; i++) {
        enum category category = category_at(i);
        int x = rule.x + form->at + i * form->step;

        draw_text(draw, rule.y, x - 1, form->step, ROLE_TAB, "       ");
        if (form->step != 5 && form->step != 4)
            draw_glyph(draw, rule.y, x, ROLE_CATEGORY(category), category);
        if (form->numbers)
            draw_text(draw, rule.y, x + (form->step == 7 ? 2 : 0), 3, ROLE_TAB,
                      category_label(category));
    }
}

static void draw_in_use(const struct pane *pane, struct draw *draw,
                        struct rect rect)
{
    const struct form *form = form_of(rect.w);
    const struct coverage_table *table = self_const(pane);

    draw_text(draw, rect.y, rect.x + 1, form->name, ROLE_DIM, "in use by");
    for (int i = 0; i < CATEGORIES; i++) {
        unsigned used = 0;
        char text[24];

        for (size_t row = 0; row < table->rows.count; row++) {
            const struct usage_account *account =
                usage_find(usage_of(pane), table->rows.ids[row]);

            used += account && usage_category(account, category_at(i)) > 0;
        }
        if (form->step == 7)
            snprintf(text, sizeof text, "%u/%zu", used, table->rows.count);
        else
            snprintf(text, sizeof text, "%u", used);
        draw_right(draw, rect.y, rect.x + form->at + i * form->step - 1,
                   form->step == 7 ? 6 : 4, ROLE_DIM, text);
    }
}

static void coverage_table_draw(const struct pane *pane, struct draw *draw)
{
    const struct list *list = &self_const(pane)->rows.list;
    struct rect rect = pane->rect;
    int rows =
        (int)list->count < list->height ? (int)list->count : list->height;

    if (!list->count) {
        list_draw_none(
            pane, draw,
            "No accounts yet: telltale accounts pull brings the book.");
        return;
    }
    list_draw(list, pane, draw, draw_row);
    if (form_of(rect.w)->numbers)
        draw_in_use(pane, draw,
                    (struct rect){rect.y + rows, rect.x, 1, rect.w});
}

static void coverage_table_head(const struct pane *pane, struct draw *draw,
                                struct rect row)
{
    static const char *const amounts[] = {"1", "5", "20", "50"};
    int x = row.x + 1, end = row.x + row.w;

    (void)pane;
    x += draw_cut(draw, row.y, x, end - x, ROLE_DIM,
                  " events in 30 days   ·· never   0 before, not now ");
    for (int level = 1; level <= 4 && x + 10 < end; level++) {
        enum role role = (enum role)(ROLE_HEAT_1 + level - 1);

        draw_shade(draw, row.y, x + 2, role, level);
        draw_shade(draw, row.y, x + 3, role, level);
        x +=
            5 + draw_text(draw, row.y, x + 5, 3, ROLE_DIM, amounts[level - 1]);
    }
    if (x + 20 < end)
        draw_text(draw, row.y, x + 3, end - x - 3, ROLE_DIM,
                  "+ new in 7 days");
}

static void coverage_table_title(const struct pane *pane, struct buf *left,
                                 struct buf *right)
{
    char day[AGE_SIZE];

    buf_adds(left, "Coverage");
    time_day(screen_now(pane->screen), day);
    buf_addf(right, "%d days to %s", USAGE_MONTH, day);
}

/* ---- what is done with a cell ---- */

static void drill_in(struct pane *pane)
{
    enum category category;
    const struct tally_account *account =
        coverage_table_selected(pane, &category);

    if (account)
        drill_into(pane->screen, &(struct drill){.id = account->id,
                                                 .name = account->name,
                                                 .category = category});
}

static void move_column(struct coverage_table *table, int by)
{
    int to = table->column + by;

    if (to >= 0 && to < CATEGORIES)
        table->column = to;
}

static bool coverage_table_action(struct pane *pane, enum action action,
                                  const char *arg)
{
    struct coverage_table *table = self(pane);

    (void)arg;
    if (action == ACTION_open)
        drill_in(pane);
    else if (action == ACTION_left || action == ACTION_right)
        move_column(table, action == ACTION_right ? 1 : -1);
    else if (list_action(&table->rows.list, action))
        account_rows_keep(&table->rows);
    else
        return false;
    return true;
}

static void coverage_table_click(struct pane *pane, int line, int col)
{
    struct coverage_table *table = self(pane);
    const struct form *form = form_of(pane->rect.w);
    int column = (col - form->at + 1) / form->step;
    size_t row;

    if (!list_at(&table->rows.list, line, &row))
        return;
    if (col < form->at - 1 || column >= CATEGORIES)
        column = table->column;
    if (row == table->rows.list.cursor && column == table->column) {
        drill_in(pane);
        return;
    }
    table->column = column;
    list_go(&table->rows.list, row);
    account_rows_keep(&table->rows);
}

static uint64_t coverage_table_event(const struct pane *pane)
{
    (void)pane;
    return 0; /* a cell is not an event */
}

static const char *coverage_table_account(const struct pane *pane)
{
    enum category category;
    const struct tally_account *account =
        coverage_table_selected(pane, &category);

    return account ? account->id : NULL;
}

static size_t coverage_table_rows(const struct pane *pane)
{
    size_t count = self_const(pane)->rows.count;

    return count ? count + 1 : 0; /* "in use by" */
}

static void coverage_table_advice(const struct pane *pane, struct buf *out)
{
    if (self_const(pane)->rows.count)
        buf_adds(out, "Enter shows the events");
}

static void coverage_table_free(struct pane *pane)
{
    account_rows_free(&self(pane)->rows);
    free(pane);
}

struct pane *coverage_table_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = coverage_table_free,
        .title = coverage_table_title,
        .rule = coverage_table_rule,
        .draw = coverage_table_draw,
        .action = coverage_table_action,
        .click = coverage_table_click,
        .update = coverage_table_update,
        .selected = coverage_table_event,
        .account = coverage_table_account,
        .head = coverage_table_head,
        .rows = coverage_table_rows,
        .advice = coverage_table_advice,
    };
    struct coverage_table *table = xcalloc(1, sizeof *table);

    table->pane.ops = &ops;
    table->pane.screen = screen;
    table->pane.where = WHERE_COVERAGE;
    table->rows.named_only = true;
    return &table->pane;
}
