/* Filling a pane with lines. It moves no cursor and draws nothing. */
#include "ui/pane/sheet.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/pane/row.h"
#include "base/banned.h"

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

/* Another day than the row before it. */
static bool begins_day(const struct sheet *sheet, size_t row)
{
    struct view_row found;
    const struct record *record = sheet_record(sheet, row, &found);
    const struct record *before = sheet_record(sheet, row - 1, &found);

    return record && before &&
           clock_day(row_time(record)) > clock_day(row_time(before));
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
    return !row && sheet->all_rules && ring_evicted(sheet->ring) > 0;
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

void sheet_up(struct sheet *sheet, size_t row)
{
    sheet->count = 0;
    for (;;) {
        put(sheet, LINE_EVENT, row);
        if (is_cut_off(sheet, row))
            put(sheet, LINE_OLDER, row);
        if (!row)
            break;
        if (begins_news(sheet, row))
            put(sheet, LINE_NEW, row);
        if (begins_day(sheet, row))
            put(sheet, LINE_DAY, row);
        if (sheet->count >= sheet->room)
            break;
        row--;
    }
    reverse(sheet);
}

void sheet_down(struct sheet *sheet, size_t row)
{
    size_t rows = view_rows(sheet->view);
    size_t first = row;

    sheet->count = 0;
    if (is_cut_off(sheet, row))
        put(sheet, LINE_OLDER, row);
    for (; row < rows && sheet->count < sheet->room; row++) {
        if (row > first && begins_day(sheet, row))
            put(sheet, LINE_DAY, row);
        if (row > first && begins_news(sheet, row))
            put(sheet, LINE_NEW, row);
        put(sheet, LINE_EVENT, row);
    }
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
