/* Filling a pane with lines. It moves no cursor and draws nothing. */
#include "ui/pane/sheet.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/pane/row.h"
#include "base/banned.h"

#define DAY_ROOM 4 /* rows from which one may be spent on the day */

const struct record *sheet_record(const struct sheet *sheet, size_t row,
                                  struct view_row *found)
{
    if (!view_row(sheet->view, row, found))
        return NULL;
    return ring_get(sheet->ring, found->number);
}

static uint64_t number_at(const struct sheet *sheet, size_t row)
{
    struct view_row found;

    return view_row(sheet->view, row, &found) ? found.number : 0;
}

/* Of the rule it stands under: what comes days late makes no day begin. */
static int32_t day_of(const struct record *record)
{
    return clock_day(row_place(record));
}

/* Another day than the row before it; the very first, than today. */
static bool begins_day(const struct sheet *sheet, size_t row)
{
    struct view_row found;
    const struct record *record = sheet_record(sheet, row, &found);
    const struct record *before =
        row ? sheet_record(sheet, row - 1, &found) : NULL;

    if (!record || (row && !before))
        return false;
    return before ? day_of(record) > day_of(before)
                  : day_of(record) != sheet->today;
}

/* Must the highest row say its day, though none begins there? */
static bool needs_day(const struct sheet *sheet, size_t row)
{
    struct view_row found;
    const struct record *record = sheet_record(sheet, row, &found);

    return record && day_of(record) != sheet->today;
}

/* The first since the user looked. */
static bool begins_news(const struct sheet *sheet, size_t row)
{
    return sheet->all_rules && sheet->looked_number &&
           number_at(sheet, row) > sheet->looked_number &&
           number_at(sheet, row - 1) <= sheet->looked_number;
}

/* What left memory is said above the oldest row that is still there. */
static bool is_cut_off(const struct sheet *sheet, size_t row)
{
    return !row && sheet->all_rules && sheet->above;
}

static void put(struct sheet *sheet, enum line_kind kind, size_t row)
{
    if (sheet->count < sheet->room)
        sheet->list[sheet->count++] = (struct line){kind, row};
}

static void reverse(struct sheet *sheet)
{
    for (int i = 0, j = sheet->count - 1; i < j; i++, j--) {
        struct line kept = sheet->list[i];

        sheet->list[i] = sheet->list[j];
        sheet->list[j] = kept;
    }
}

/* A list that was cut off in the middle of a day gives its highest row to the
 * name of the day. */
static void say_day(struct sheet *sheet)
{
    struct line *top = sheet->list;

    if (sheet->room < DAY_ROOM || sheet->count < sheet->room ||
        top->kind != LINE_EVENT || top[1].kind != LINE_EVENT ||
        !needs_day(sheet, top[1].row))
        return;
    *top = (struct line){LINE_DAY, top[1].row};
}

void sheet_up(struct sheet *sheet, size_t row)
{
    sheet->count = 0;
    for (;;) {
        put(sheet, LINE_EVENT, row);
        if (row && begins_news(sheet, row))
            put(sheet, LINE_NEW, row);
        if (begins_day(sheet, row))
            put(sheet, LINE_DAY, row);
        if (is_cut_off(sheet, row))
            put(sheet, LINE_OLDER, row);
        if (!row || sheet->count >= sheet->room)
            break;
        row--;
    }
    reverse(sheet);
    say_day(sheet);
}

void sheet_down(struct sheet *sheet, size_t row)
{
    size_t rows = view_rows(sheet->view);
    size_t first = row;

    sheet->count = 0;
    if (is_cut_off(sheet, row))
        put(sheet, LINE_OLDER, row);
    for (; row < rows && sheet->count < sheet->room; row++) {
        if (row > first || !row
                ? begins_day(sheet, row)
                : sheet->room >= DAY_ROOM && needs_day(sheet, row))
            put(sheet, LINE_DAY, row);
        if (row > first && begins_news(sheet, row))
            put(sheet, LINE_NEW, row);
        put(sheet, LINE_EVENT, row);
    }
}

bool sheet_hides_day(const struct sheet *sheet, int line)
{
    const struct line *of = &sheet->list[line];
    struct view_row found;
    const struct record *record = sheet_record(sheet, of->row, &found);

    return of->kind == LINE_EVENT && record &&
           ((!line && needs_day(sheet, of->row)) ||
            day_of(record) != clock_day(row_time(record)));
}

void sheet_room(struct sheet *sheet, int room)
{
    if (room < 0)
        room = 0;
    sheet->count = 0;
    if (room == sheet->room)
        return;
    free(sheet->list);
    sheet->list = room ? xcalloc((size_t)room, sizeof *sheet->list) : NULL;
    sheet->room = room;
}

void sheet_free(struct sheet *sheet)
{
    free(sheet->list);
}
