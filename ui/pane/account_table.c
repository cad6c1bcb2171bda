/* The table of accounts. */
#include "ui/pane/account_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "live/usage.h"
#include "live/working.h"
#include "ui/pane/account_rows.h"
#include "ui/pane/cells.h"
#include "ui/pane/columns.h"
#include "ui/pane/drill.h"
#include "ui/pane/mask.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_order.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define BARS 14
#define NAME_CELLS 20
#define NAME_MOST 32
#define SIGNALS_LEAST 13

enum column_id {
    ACCOUNT,
    LAST,
    DAYS,
    WEEK,
    USUAL,
    TREND,
    PEOPLE,
    OWNER,
    SEGMENT,
    SIGNALS,
    NEW,
    COLUMNS
};

struct account_table {
    struct pane pane;
    struct account_rows rows;
    enum column_id sort;
};

static struct account_table *self(struct pane *pane)
{
    return (struct account_table *)(void *)pane;
}

static const struct account_table *self_const(const struct pane *pane)
{
    return (const struct account_table *)(const void *)pane;
}

static const struct usage *usage_of(const struct screen *screen)
{
    return screen_host(screen)->usage;
}

/* ---- order ---- */

static double week_of(const struct screen *screen,
                      const struct tally_account *account)
{
    const struct usage_account *found =
        usage_find(usage_of(screen), account->id);

    return found ? usage_sum(usage_of(screen), found, 0, USAGE_WEEK) : 0;
}

static double usual_of(const struct screen *screen,
                       const struct tally_account *account)
{
    const struct usage_account *found =
        usage_find(usage_of(screen), account->id);

    return found ? usage_usual(usage_of(screen), found) : 0;
}

/* Who falls stands first: that is what one looks for. */
static double trend_of(const struct screen *screen,
                       const struct tally_account *account)
{
    int percent;

    return usage_trend((uint32_t)week_of(screen, account),
                       (uint32_t)usual_of(screen, account), &percent)
               ? -percent
               : -1e9;
}

static double people_of(const struct screen *screen,
                        const struct tally_account *account)
{
    const struct usage_account *found =
        usage_find(usage_of(screen), account->id);

    return found ? (double)usage_heads(usage_of(screen), found).week : 0;
}

/* The worse the tone, then the more of them. */
static double signals_of(const struct screen *screen,
                         const struct tally_account *account)
{
    size_t open;
    const struct inbox_signal *worst =
        inbox_worst(screen_host(screen)->inbox, account->id,
                    screen_now(screen), &open);

    return worst ? worst->tone * 1000.0 + (double)open : 0;
}

static double unread_of(const struct screen *screen,
                        const struct tally_account *account)
{
    (void)screen;
    return account->unread;
}

static const struct {
    const char *name; /* of the column, and behind :sort */
    account_value *value;
    bool sorts;
} columns_known[COLUMNS] = {
    [ACCOUNT] = {"Account", NULL, false},
    [LAST] = {"Last", NULL, true},
    [DAYS] = {"14 days", NULL, false},
    [WEEK] = {"7 d", week_of, true},
    [USUAL] = {"Usual", usual_of, true},
    [TREND] = {"Trend", trend_of, true},
    [PEOPLE] = {"People", people_of, true},
    [OWNER] = {"Owner", NULL, false},
    [SEGMENT] = {"Segment", NULL, false},
    [SIGNALS] = {"Signals", signals_of, true},
    [NEW] = {"New", unread_of, true},
};

static void sort(struct account_table *table, bool top)
{
    account_rows_sort(&table->rows, table->pane.screen,
                      columns_known[table->sort].value, top);
}

void account_table_open(struct pane *pane)
{
    sort(self(pane), true);
}

static void sort_on(struct account_table *table, int by)
{
    int to = (int)table->sort;

    do
        to = (to + by + COLUMNS) % COLUMNS;
    while (!columns_known[to].sorts);
    table->sort = (enum column_id)to;
    sort(table, false);
    screen_message(table->pane.screen, "Sorted by %s.",
                   columns_known[to].name);
}

const struct tally_account *account_table_selected(const struct pane *pane)
{
    return account_rows_selected(&self_const(pane)->rows, pane->screen);
}

static bool account_table_update(struct pane *pane)
{
    struct account_table *table = self(pane);

    if (!account_rows_fit(&table->rows, pane->screen, pane->rect.h))
        sort(table, false);
    return false;
}

/* ---- columns ---- */

static const struct {
    int from, cells, gap; /* shown from that width on */
} widths[COLUMNS] = {
    [LAST] = {0, 7, 1},     [DAYS] = {80, BARS, 2},   [WEEK] = {56, 4, 1},
    [USUAL] = {100, 5, 2},  [TREND] = {56, 7, 1},     [PEOPLE] = {100, 7, 1},
    [OWNER] = {120, 16, 2}, [SEGMENT] = {120, 10, 2}, [SIGNALS] = {80, 0, 2},
    [NEW] = {20, 4, 0},
};

/* What is left for the name and the signals. */
static int room_of(int w)
{
    int room = w - 2;

    for (int i = LAST; i < COLUMNS; i++)
        if (w >= widths[i].from)
            room -= widths[i].cells + widths[i].gap;
    return room;
}

static void place_columns(const struct account_table *table, int w,
                          struct column columns[COLUMNS])
{
    bool signals = w >= widths[SIGNALS].from;
    int room = room_of(w), x = 1, name = signals ? NAME_CELLS : room;

    if (signals && room - SIGNALS_LEAST > NAME_CELLS + 14)
        name = NAME_MOST;
    memset(columns, 0, COLUMNS * sizeof *columns);
    columns[ACCOUNT] =
        (struct column){columns_known[ACCOUNT].name, x, name, false, false};
    x += name;
    for (int i = LAST; i < COLUMNS; i++) {
        int cells = i == SIGNALS ? room - name : widths[i].cells;

        if (w < widths[i].from)
            continue;
        columns[i] =
            (struct column){columns_known[i].name, x + widths[i].gap, cells,
                            i != DAYS && i != OWNER && i != SEGMENT &&
                                i != SIGNALS,
                            i == (int)table->sort};
        x += widths[i].gap + cells;
    }
}

static void account_table_rule(const struct pane *pane, struct draw *draw,
                               struct rect rule)
{
    struct column columns[COLUMNS];

    place_columns(self_const(pane), rule.w, columns);
    columns[ACCOUNT].at = 2;
    columns_draw(draw, rule, pane->focus, columns, COLUMNS);
}

/* ---- drawing a row ---- */

struct row_pen {
    const struct pane *pane;
    struct draw *draw;
    struct rect rect;
    const struct column *columns;
    const struct tally_account *account;
    const struct usage_account *usage; /* NULL: nothing is known */
};

/* Somebody works there now: told by a mark, as the colour says how lately. */
static void put_working(const struct row_pen *pen, int64_t now)
{
    const struct usage_person *person =
        pen->usage && pen->account->id
            ? working_person(usage_of(pen->pane->screen), pen->usage, now, 0)
            : NULL;

    if (person)
        draw_mark(pen->draw, pen->rect.y,
                  pen->rect.x + pen->columns[LAST].at - 1,
                  now - person->last_at < WORKING_NOW_MS ? ROLE_GOOD
                                                         : ROLE_DIM,
                  MARK_BULLET);
}

static void put_last(const struct row_pen *pen)
{
    int64_t now = screen_now(pen->pane->screen);
    char age[AGE_SIZE];

    put_working(pen, now);

    if (pen->account->last_at == CLOCK_NONE)
        return;
    age_text(now - pen->account->last_at, age);
    cells_text(pen->draw, pen->rect, &pen->columns[LAST],
               account_works_now(pen->account, now) ? ROLE_GOOD : ROLE_DIM,
               age);
}

static void put_days(const struct row_pen *pen)
{
    const struct usage *usage = usage_of(pen->pane->screen);
    uint32_t days[BARS];

    for (int i = 0; i < BARS; i++)
        days[i] = usage_on(usage, pen->usage, BARS - 1 - i);
    cells_bars(pen->draw, pen->rect, &pen->columns[DAYS], days, BARS);
}

static void put_numbers(const struct row_pen *pen)
{
    const struct usage *usage = usage_of(pen->pane->screen);
    uint32_t week = usage_sum(usage, pen->usage, 0, USAGE_WEEK);
    uint32_t usual = usage_usual(usage, pen->usage);
    struct usage_heads heads = usage_heads(usage, pen->usage);
    char text[48];

    cells_number(pen->draw, pen->rect, &pen->columns[WEEK], week);
    cells_number(pen->draw, pen->rect, &pen->columns[USUAL], usual);
    cells_trend(pen->draw, pen->rect, &pen->columns[TREND], week, usual);
    if (!heads.month || !pen->account->id)
        return;
    snprintf(text, sizeof text, "%zu of %zu", heads.week, heads.month);
    if (strlen(text) > (size_t)pen->columns[PEOPLE].cells)
        snprintf(text, sizeof text, "%zu/%zu", heads.week, heads.month);
    cells_text(pen->draw, pen->rect, &pen->columns[PEOPLE], ROLE_TEXT, text);
}

static void put_book(const struct row_pen *pen)
{
    const struct display_host *host = screen_host(pen->pane->screen);
    const struct account *account =
        pen->account->id ? book_find(host->book(host->ctx), pen->account->id)
                         : NULL;

    if (!account)
        return;
    cells_text(pen->draw, pen->rect, &pen->columns[OWNER], ROLE_DIM,
               account->owner
                   ? mask_owner(account->owner, pen->columns[OWNER].cells)
                   : "-");
    cells_text(pen->draw, pen->rect, &pen->columns[SEGMENT], ROLE_DIM,
               account->segment ? account->segment : "-");
}

/* Where there is no room for words, the sign alone, in the gutter. */
static void put_signals(const struct row_pen *pen, bool cursor)
{
    const struct screen *screen = pen->pane->screen;
    const struct column *column = &pen->columns[SIGNALS];
    size_t open;
    const struct inbox_signal *worst =
        inbox_worst(screen_host(screen)->inbox, pen->account->id,
                    screen_now(screen), &open);

    if (worst && !column->name && !cursor)
        draw_text(pen->draw, pen->rect.y, pen->rect.x, 1, signal_role(worst),
                  signal_mark(worst));
    if (column->name)
        signal_draw_open(screen, pen->draw,
                         (struct rect){pen->rect.y, pen->rect.x + column->at,
                                       1, column->cells},
                         pen->account->id);
}

static void draw_row(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    const struct account_table *table = self_const(pane);
    struct column columns[COLUMNS];
    struct row_pen pen = {.pane = pane,
                          .draw = draw,
                          .rect = rect,
                          .columns = columns,
                          .account = account_rows_at(&table->rows,
                                                     pane->screen, row)};

    if (!pen.account)
        return;
    pen.usage = usage_find(usage_of(pane->screen), pen.account->id);
    place_columns(table, rect.w, columns);
    cells_account(draw, rect, &columns[ACCOUNT], pane->screen, pen.account);
    put_last(&pen);
    if (pen.usage) {
        put_days(&pen);
        put_numbers(&pen);
    }
    put_book(&pen);
    put_signals(&pen, pane->focus && row == table->rows.list.cursor);
    if (columns[NEW].name && pen.account->unread)
        cells_unread(draw, rect, &columns[NEW], pen.account->unread);
}

static void account_table_draw(const struct pane *pane, struct draw *draw)
{
    if (!self_const(pane)->rows.count)
        list_draw_none(pane, draw,
                       "No accounts yet: telltale accounts pull, or a CSV "
                       "with organization_id and organization_name.");
    list_draw(&self_const(pane)->rows.list, pane, draw, draw_row);
}

/* ---- the rest of a pane ---- */

static void account_table_title(const struct pane *pane, struct buf *left,
                                struct buf *right)
{
    const struct display_host *host = screen_host(pane->screen);
    size_t accounts = book_count(host->book(host->ctx));
    unsigned today = tally_today(host->tally);
    char number[NUMBER_SIZE];

    buf_adds(left, "Accounts");
    number_text(accounts, number);
    if (accounts && pane->rect.w >= 100)
        buf_addf(right, "%s account%s · ", number, plural_text(accounts));
    number_text(today, number);
    buf_addf(right, "%s event%s today", number, plural_text(today));
}

static void drill_in(struct pane *pane)
{
    const struct tally_account *account = account_table_selected(pane);

    if (account)
        drill_into(pane->screen,
                   &(struct drill){.id = account->id,
                                   .name = account->name,
                                   .category = INBOX_NO_CATEGORY});
}

static bool account_table_action(struct pane *pane, enum action action,
                                 const char *arg)
{
    struct account_table *table = self(pane);

    (void)arg;
    if (action == ACTION_open)
        drill_in(pane);
    else if (action == ACTION_sort_right || action == ACTION_sort_left)
        sort_on(table, action == ACTION_sort_right ? 1 : -1);
    else if (list_action(&table->rows.list, action))
        account_rows_keep(&table->rows);
    else
        return false;
    return true;
}

static void account_table_click(struct pane *pane, int line, int col)
{
    struct account_table *table = self(pane);
    size_t row;

    (void)col;
    if (!list_at(&table->rows.list, line, &row))
        return;
    if (row == table->rows.list.cursor) {
        drill_in(pane);
        return;
    }
    list_go(&table->rows.list, row);
    account_rows_keep(&table->rows);
}

static uint64_t account_table_event(const struct pane *pane)
{
    const struct tally_account *account = account_table_selected(pane);

    return account ? account->last_seq : 0;
}

static const char *account_table_account(const struct pane *pane)
{
    const struct tally_account *account = account_table_selected(pane);

    return account ? account->id : NULL;
}

static size_t account_table_rows(const struct pane *pane)
{
    return self_const(pane)->rows.count;
}

static void account_table_advice(const struct pane *pane, struct buf *out)
{
    if (self_const(pane)->rows.count)
        buf_adds(out, "Enter shows the events │ < > sort");
}

static void account_table_free(struct pane *pane)
{
    account_rows_free(&self(pane)->rows);
    free(pane);
}

struct pane *account_table_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = account_table_free,
        .title = account_table_title,
        .rule = account_table_rule,
        .draw = account_table_draw,
        .action = account_table_action,
        .click = account_table_click,
        .update = account_table_update,
        .selected = account_table_event,
        .account = account_table_account,
        .rows = account_table_rows,
        .advice = account_table_advice,
    };
    struct account_table *table = xcalloc(1, sizeof *table);

    table->pane.ops = &ops;
    table->pane.screen = screen;
    table->pane.where = WHERE_ACCOUNTS;
    table->sort = LAST;
    return &table->pane;
}
