/* The table of people. Its rows are numbers of the usage, sorted when it opens
 * or is told to; who comes meanwhile goes to the end. When the usage was
 * filled anew its numbers mean nothing: then it is sorted again, and the
 * cursor looks for its person by key. */
#include "ui/pane/people_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "live/usage.h"
#include "ui/pane/cells.h"
#include "ui/pane/columns.h"
#include "ui/pane/drill.h"
#include "ui/pane/list.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_order.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define SHARE_CELLS 8 /* bars of a share of 100 % */
#define USES 3

enum column_id {
    PERSON,
    ACCOUNT,
    SHARE,
    PERCENT,
    MONTH,
    TREND,
    LAST,
    USES_OF,
    ROLE,
    COLUMNS
};

struct people_table {
    struct pane pane;
    struct list list;
    uint32_t *rows; /* people */
    size_t count;
    size_t known; /* people of the usage, when last looked */
    unsigned fill;
    enum column_id sort;
    char *account_id, *key; /* of the one under the cursor; NULL: none */
};

struct ranked {
    double value;
    uint32_t person;
};

static struct people_table *self(struct pane *pane)
{
    return (struct people_table *)(void *)pane;
}

static const struct people_table *self_const(const struct pane *pane)
{
    return (const struct people_table *)(const void *)pane;
}

static const struct usage *usage_of(const struct pane *pane)
{
    return screen_host(pane->screen)->usage;
}

static const struct usage_account *
account_of(const struct usage *usage, const struct usage_person *person)
{
    return usage_account(usage, person->account);
}

/* ---- order ---- */

/* Who did nothing in 60 days is not shown. */
static bool is_shown(const struct usage_person *person)
{
    return person->month || person->before;
}

static double value_of(const struct people_table *table, uint32_t number)
{
    const struct usage *usage = usage_of(&table->pane);
    const struct usage_person *person = usage_person(usage, number);
    int percent;

    switch (table->sort) {
    case MONTH:
        return person->month;
    case TREND:
        return usage_trend(person->month, usage_month_before(usage, person),
                           &percent)
                   ? -percent
                   : -1e9;
    case LAST:
        return person->last_at == CLOCK_NONE ? 0 : (double)person->last_at;
    default:
        return usage_share_x10(usage, person);
    }
}

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

static void keep_cursor(struct people_table *table)
{
    const struct usage *usage = usage_of(&table->pane);
    const struct usage_person *person;
    const char *id;

    if (!table->count)
        return;
    person = usage_person(usage, table->rows[table->list.cursor]);
    if (!person)
        return;
    id = account_of(usage, person)->id;
    free(table->account_id);
    free(table->key);
    table->account_id = xstrdup(id ? id : "");
    table->key = xstrdup(person->key);
}

/* The one under the cursor, by key; NULL: there is nobody, or no more. */
static const struct usage_person *kept(const struct people_table *table)
{
    const struct usage *usage = usage_of(&table->pane);
    const char *id = table->account_id;
    const struct usage_account *account =
        id ? usage_find(usage, *id ? id : NULL) : NULL;
    const struct usage_person *person =
        account ? usage_person(usage, account->people) : NULL;

    while (person && strcmp(person->key, table->key) != 0)
        person = usage_person(usage, person->next);
    return person;
}

static void find_cursor(struct people_table *table)
{
    const struct usage *usage = usage_of(&table->pane);
    const struct usage_person *person = kept(table);

    for (size_t i = 0; person && i < table->count; i++)
        if (usage_person(usage, table->rows[i]) == person)
            table->list.cursor = i;
}

static void sort(struct people_table *table)
{
    const struct usage *usage = usage_of(&table->pane);
    size_t people = usage_people(usage);
    struct ranked *ranked = xcalloc(people + 1, sizeof *ranked);

    table->count = 0;
    for (uint32_t i = 0; i < people; i++)
        if (is_shown(usage_person(usage, i)))
            ranked[table->count++] = (struct ranked){value_of(table, i), i};
    qsort(ranked, table->count, sizeof *ranked, by_value);
    table->rows = xreallocarray(table->rows, people + 1, sizeof *table->rows);
    for (size_t i = 0; i < table->count; i++)
        table->rows[i] = ranked[i].person;
    free(ranked);
    table->known = people;
    table->fill = usage_fill(usage);
    find_cursor(table);
    list_fit(&table->list, table->count, table->list.height);
}

void people_table_open(struct pane *pane)
{
    sort(self(pane));
    list_go(&self(pane)->list, 0);
    keep_cursor(self(pane));
}

static void take_new(struct people_table *table)
{
    size_t people = usage_people(usage_of(&table->pane));

    if (people == table->known)
        return;
    table->rows = xreallocarray(table->rows, people + 1, sizeof *table->rows);
    for (uint32_t i = (uint32_t)table->known; i < people; i++)
        table->rows[table->count++] = i;
    table->known = people;
}

/* Are the rows numbers of a usage that is no more? */
static bool is_stale(const struct people_table *table)
{
    return table->fill != usage_fill(usage_of(&table->pane));
}

/* Before rows are used for anything: between two frames, too. */
static void catch_up(struct people_table *table)
{
    if (!is_stale(table))
        return;
    sort(table);
    if (!kept(table))
        keep_cursor(table);
}

static bool people_table_update(struct pane *pane)
{
    struct people_table *table = self(pane);

    catch_up(table);
    take_new(table);
    list_fit(&table->list, table->count, pane->rect.h);
    if (!table->key)
        keep_cursor(table);
    return false;
}

static const struct usage_person *selected(const struct pane *pane)
{
    const struct people_table *table = self_const(pane);

    if (is_stale(table))
        return kept(table);
    return table->list.cursor < table->count
               ? usage_person(usage_of(pane), table->rows[table->list.cursor])
               : NULL;
}

/* ---- columns ---- */

static const struct {
    const char *name;
    int from, cells, gap;
    bool right, sorts;
} known[COLUMNS] = {
    [PERSON] = {"Person", 0, 16, 0, false, false},
    [ACCOUNT] = {"Account", 0, 9, 1, false, false},
    [SHARE] = {"Share", 80, SHARE_CELLS, 1, false, true},
    [PERCENT] = {"", 0, 5, 0, true, false},
    [MONTH] = {"30 d", 56, 4, 1, true, true},
    [TREND] = {"Trend", 56, 7, 1, true, true},
    [LAST] = {"Last", 0, 6, 1, true, true},
    [USES_OF] = {"Uses", 70, 4, 2, false, false},
    [ROLE] = {"Role", 80, 9, 1, false, false},
};

static int cells_of(int column, int w)
{
    if (column == PERSON)
        return w >= 150 ? 45 : w >= 120 ? 26 : known[PERSON].cells;
    if (column == ACCOUNT)
        return w >= 150 ? 36 : w >= 120 ? 24 : known[ACCOUNT].cells;
    return known[column].cells;
}

static void place_columns(const struct people_table *table, int w,
                          struct column columns[COLUMNS])
{
    int x = 1;

    memset(columns, 0, COLUMNS * sizeof *columns);
    for (int i = 0; i < COLUMNS; i++) {
        if (w < known[i].from)
            continue;
        columns[i] =
            (struct column){known[i].name, x + known[i].gap, cells_of(i, w),
                            known[i].right, i == (int)table->sort};
        x += known[i].gap + cells_of(i, w);
    }
}

static void people_table_rule(const struct pane *pane, struct draw *draw,
                              struct rect rule)
{
    struct column columns[COLUMNS];

    place_columns(self_const(pane), rule.w, columns);
    columns[PERSON].at = 2;
    columns[PERCENT].name = NULL; /* under Share */
    columns_draw(draw, rule, pane->focus, columns, COLUMNS);
}

/* ---- drawing ---- */

/* The worst open signal about the person, or of the account as a whole. */
static const struct inbox_signal *signal_of(const struct pane *pane,
                                            const struct usage_person *person)
{
    const struct inbox *inbox = screen_host(pane->screen)->inbox;
    const char *id = account_of(usage_of(pane), person)->id;
    const struct inbox_signal *worst = NULL;

    for (size_t i = 0; id && i < inbox_count(inbox); i++) {
        const struct inbox_signal *signal = inbox_at(inbox, i);

        if (!signal->account_id || strcmp(signal->account_id, id) ||
            signal->tone < TONE_WARN ||
            (signal->person_id && strcmp(signal->person_id, person->key)) ||
            !inbox_is_open(signal, screen_now(pane->screen)))
            continue;
        if (!worst || signal->tone > worst->tone)
            worst = signal;
    }
    return worst;
}

static void draw_share(struct draw *draw, struct rect rect,
                       const struct column *column, uint32_t share_x10)
{
    int eighths = (int)((share_x10 * SHARE_CELLS * 8 + 500) / 1000);

    if (!column->name)
        return;
    for (int i = 0; i < SHARE_CELLS && eighths > 0; i++, eighths -= 8)
        draw_part(draw, rect.y, rect.x + column->at + i, ROLE_SHARE,
                  eighths < 8 ? eighths : 8);
}

/* Up to three categories, those most used first. */
static void draw_uses(struct draw *draw, struct rect rect,
                      const struct column *column,
                      const struct usage_person *person)
{
    unsigned drawn = 0;

    for (int i = 0; column->name && i < USES; i++) {
        int most = -1;

        for (int category = 0; category < CATEGORY_COUNT; category++)
            if (!(drawn & 1u << category) && person->by_category[category] &&
                category != CATEGORY_OTHER &&
                (most < 0 ||
                 person->by_category[category] > person->by_category[most]))
                most = category;
        if (most < 0)
            return;
        drawn |= 1u << most;
        draw_glyph(draw, rect.y, rect.x + column->at + i, ROLE_CATEGORY(most),
                   (enum category)most);
    }
}

static void draw_names(const struct pane *pane, struct draw *draw,
                       struct rect rect, const struct column *columns,
                       const struct usage_person *person)
{
    const char *id = account_of(usage_of(pane), person)->id;
    const struct tally_account *account =
        tally_find(screen_host(pane->screen)->tally, id);
    struct buf text;

    buf_init(&text, 4096);
    name_person(&text, person->key, person->name ? person->name : person->key,
                columns[PERSON].cells);
    cells_text(draw, rect, &columns[PERSON], ROLE_TEXT, text.data);
    buf_free(&text);
    if (account)
        cells_account(draw, rect, &columns[ACCOUNT], pane->screen, account);
}

static void draw_numbers(const struct pane *pane, struct draw *draw,
                         struct rect rect, const struct column *columns,
                         const struct usage_person *person)
{
    uint32_t share = usage_share_x10(usage_of(pane), person);
    char text[AGE_SIZE];

    draw_share(draw, rect, &columns[SHARE], share);
    snprintf(text, sizeof text, "%u %%", (share + 5) / 10);
    if (person->month)
        cells_text(draw, rect, &columns[PERCENT], ROLE_TEXT, text);
    cells_number(draw, rect, &columns[MONTH], person->month);
    cells_trend(draw, rect, &columns[TREND], person->month,
                usage_month_before(usage_of(pane), person));
    if (person->last_at == CLOCK_NONE)
        return;
    age_text(screen_now(pane->screen) - person->last_at, text);
    cells_text(draw, rect, &columns[LAST], ROLE_DIM, text);
}

static void draw_row(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    const struct people_table *table = self_const(pane);
    const struct usage_person *person =
        usage_person(usage_of(pane), table->rows[row]);
    const struct inbox_signal *signal;
    struct column columns[COLUMNS];

    if (!person)
        return;
    signal = signal_of(pane, person);
    if (signal && (!pane->focus || row != table->list.cursor))
        draw_text(draw, rect.y, rect.x, 1, signal_role(signal),
                  signal_mark(signal));
    place_columns(table, rect.w, columns);
    draw_names(pane, draw, rect, columns, person);
    draw_numbers(pane, draw, rect, columns, person);
    draw_uses(draw, rect, &columns[USES_OF], person);
    if (usage_is_champion(usage_of(pane), table->rows[row]))
        cells_text(draw, rect, &columns[ROLE], ROLE_GOOD, "champion");
}

static void people_table_draw(const struct pane *pane, struct draw *draw)
{
    if (!self_const(pane)->count)
        list_draw_none(pane, draw,
                       "Nobody yet: people come with their first event.");
    list_draw(&self_const(pane)->list, pane, draw, draw_row);
}

/* ---- the rest of a pane ---- */

static void people_table_title(const struct pane *pane, struct buf *left,
                               struct buf *right)
{
    const struct display_host *host = screen_host(pane->screen);
    size_t accounts = book_count(host->book(host->ctx));
    char number[NUMBER_SIZE];

    buf_adds(left, "People");
    number_text(accounts, number);
    if (accounts)
        buf_addf(right, "%s account%s · ", number, plural_text(accounts));
    number_text(self_const(pane)->count, number);
    buf_addf(right, "%s %s%s", number,
             self_const(pane)->count == 1 ? "person" : "people",
             usage_partial(usage_of(pane)) ? " and more" : "");
}

static void drill_in(struct pane *pane)
{
    const struct usage_person *person = selected(pane);
    const struct usage_account *account =
        person ? account_of(usage_of(pane), person) : NULL;

    if (person)
        drill_into(pane->screen,
                   &(struct drill){.id = account->id,
                                   .name = account->name,
                                   .person = person->name ? person->name
                                                          : person->key,
                                   .category = INBOX_NO_CATEGORY});
}

static void sort_on(struct people_table *table, int by)
{
    int to = (int)table->sort;

    do
        to = (to + by + COLUMNS) % COLUMNS;
    while (!known[to].sorts);
    table->sort = (enum column_id)to;
    sort(table);
    screen_message(table->pane.screen, "Sorted by %s.", known[to].name);
}

static bool people_table_action(struct pane *pane, enum action action,
                                const char *arg)
{
    struct people_table *table = self(pane);

    (void)arg;
    if (action == ACTION_open) {
        drill_in(pane);
        return true;
    }
    catch_up(table);
    if (action == ACTION_sort_right || action == ACTION_sort_left)
        sort_on(table, action == ACTION_sort_right ? 1 : -1);
    else if (list_action(&table->list, action))
        keep_cursor(table);
    else
        return false;
    return true;
}

static void people_table_click(struct pane *pane, int line, int col)
{
    struct people_table *table = self(pane);
    size_t row;

    (void)col;
    if (!list_at(&table->list, line, &row))
        return;
    if (row == table->list.cursor) {
        drill_in(pane);
        return;
    }
    catch_up(table);
    list_go(&table->list, row);
    keep_cursor(table);
}

static const char *people_table_account(const struct pane *pane)
{
    const struct usage_person *person = selected(pane);

    return person ? account_of(usage_of(pane), person)->id : NULL;
}

static uint64_t people_table_event(const struct pane *pane)
{
    (void)pane;
    return 0; /* a person is not an event */
}

static size_t people_table_rows(const struct pane *pane)
{
    return self_const(pane)->count;
}

static void people_table_advice(const struct pane *pane, struct buf *out)
{
    if (self_const(pane)->count)
        buf_adds(out, "Enter shows the events │ < > sort");
}

static void people_table_free(struct pane *pane)
{
    free(self(pane)->rows);
    free(self(pane)->account_id);
    free(self(pane)->key);
    free(pane);
}

struct pane *people_table_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = people_table_free,
        .title = people_table_title,
        .rule = people_table_rule,
        .draw = people_table_draw,
        .action = people_table_action,
        .click = people_table_click,
        .update = people_table_update,
        .selected = people_table_event,
        .account = people_table_account,
        .rows = people_table_rows,
        .advice = people_table_advice,
    };
    struct people_table *table = xcalloc(1, sizeof *table);

    table->pane.ops = &ops;
    table->pane.screen = screen;
    table->pane.where = WHERE_PEOPLE;
    table->sort = SHARE;
    return &table->pane;
}
