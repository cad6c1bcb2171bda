/* Accounts as rows, by their ids. */
#include "ui/pane/account_rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

struct ranked {
    double value;
    size_t index;
};

static const struct tally *tally_of(const struct screen *screen)
{
    return screen_host(screen)->tally;
}

static void drop_rows(struct account_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->ids[i]);
    rows->count = 0;
}

void account_rows_free(struct account_rows *rows)
{
    drop_rows(rows);
    free(rows->ids);
    free(rows->cursor);
}

static bool is_shown(const struct account_rows *rows,
                     const struct tally_account *account)
{
    return account->id || !rows->named_only;
}

static void put_row(struct account_rows *rows, const char *id)
{
    if (rows->count == rows->room) {
        rows->room = rows->room ? rows->room * 2 : 32;
        rows->ids = xreallocarray(rows->ids, rows->room, sizeof *rows->ids);
    }
    rows->ids[rows->count++] = xstrdup(id ? id : "");
}

static size_t row_of(const struct account_rows *rows, const char *id)
{
    for (size_t i = 0; i < rows->count; i++)
        if (!strcmp(rows->ids[i], id ? id : ""))
            return i;
    return SIZE_MAX;
}

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

void account_rows_sort(struct account_rows *rows, const struct screen *screen,
                       account_value *value, bool top)
{
    const struct tally *tally = tally_of(screen);
    size_t count = tally_accounts(tally);
    struct ranked *ranked = xcalloc(count + 1, sizeof *ranked);

    for (size_t i = 0; i < count; i++)
        ranked[i] =
            (struct ranked){value ? value(screen, tally_account(tally, i)) : 0,
                            i};
    if (value)
        qsort(ranked, count, sizeof *ranked, by_value);
    drop_rows(rows);
    for (size_t i = 0; i < count; i++)
        if (is_shown(rows, tally_account(tally, ranked[i].index)))
            put_row(rows, tally_account(tally, ranked[i].index)->id);
    free(ranked);
    rows->changes = tally_changes(tally);
    list_fit(&rows->list, rows->count, rows->list.height);
    if (top) {
        list_go(&rows->list, 0);
        account_rows_keep(rows);
    }
}

static int by_id(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Only when something came or went: there may be thousands of rows, and each
 * is looked for. */
bool account_rows_take(struct account_rows *rows, const struct screen *screen)
{
    const struct tally *tally = tally_of(screen);
    size_t before = rows->count, shown = 0;
    char **sorted;

    if (rows->changes == tally_changes(tally))
        return true;
    sorted = xcalloc(before + 1, sizeof *sorted);
    for (size_t i = 0; i < before; i++)
        sorted[i] = rows->ids[i];
    qsort(sorted, before, sizeof *sorted, by_id);
    for (size_t i = 0; i < tally_accounts(tally); i++) {
        const struct tally_account *account = tally_account(tally, i);
        const char *id = account->id ? account->id : "";

        if (!is_shown(rows, account))
            continue;
        shown++;
        if (!bsearch(&id, sorted, before, sizeof *sorted, by_id))
            put_row(rows, id);
    }
    free(sorted);
    rows->changes = tally_changes(tally);
    return rows->count == shown;
}

size_t account_rows_cursor(const struct account_rows *rows)
{
    return rows->cursor ? row_of(rows, rows->cursor) : SIZE_MAX;
}

bool account_rows_fit(struct account_rows *rows, const struct screen *screen,
                      int height)
{
    bool all = account_rows_take(rows, screen);
    size_t row = account_rows_cursor(rows);

    if (row != SIZE_MAX)
        rows->list.cursor = row;
    list_fit(&rows->list, rows->count, height);
    account_rows_keep(rows);
    return all;
}

const struct tally_account *account_rows_at(const struct account_rows *rows,
                                            const struct screen *screen,
                                            size_t row)
{
    const char *id;

    if (row >= rows->count)
        return NULL;
    id = rows->ids[row];
    return tally_find(tally_of(screen), *id ? id : NULL);
}

const struct tally_account *
account_rows_selected(const struct account_rows *rows,
                      const struct screen *screen)
{
    return account_rows_at(rows, screen, rows->list.cursor);
}

void account_rows_keep(struct account_rows *rows)
{
    if (!rows->count ||
        (rows->cursor && !strcmp(rows->cursor, rows->ids[rows->list.cursor])))
        return;
    free(rows->cursor);
    rows->cursor = xstrdup(rows->ids[rows->list.cursor]);
}
