/* Matching events in blocks. Only the first block may lack items at its
 * start and the last at its end, so an index leads to its place by division;
 * rows are numbered by adding up what each block shows. */
#include "live/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "base/banned.h"

#define BLOCK 512

void rows_init(struct rows *rows, uint64_t near)
{
    *rows = (struct rows){.base = near > UINT32_MAX / 2 ? near - UINT32_MAX / 2
                                                        : 0};
}

void rows_free(struct rows *rows)
{
    size_t i;

    for (i = 0; i < rows->used; i++)
        free(rows->places[rows->first + i].items);
    free(rows->places);
    rows_init(rows, 0);
}

bool rows_can_hold(const struct rows *rows, uint64_t number)
{
    return number >= rows->base && number - rows->base <= UINT32_MAX;
}

static struct rows_place *place_of(const struct rows *rows, size_t index)
{
    return &rows->places[rows->first + (rows->from + index) / BLOCK];
}

struct rows_item *rows_at(const struct rows *rows, size_t index)
{
    return &place_of(rows, index)->items[(rows->from + index) % BLOCK];
}

uint64_t rows_number(const struct rows *rows, size_t index)
{
    return rows->base + rows_at(rows, index)->number;
}

/* Makes room for a block at either end of the places. */
static void grow_places(struct rows *rows)
{
    size_t cap = rows->used * 2 + 8, first = (cap - rows->used) / 2;
    struct rows_place *places = xcalloc(cap, sizeof *places);

    if (rows->used)
        memcpy(places + first, rows->places + rows->first,
               rows->used * sizeof *places);
    free(rows->places);
    rows->places = places;
    rows->place_cap = cap;
    rows->first = first;
}

static void fill_place(struct rows_place *place)
{
    place->items = xmalloc(BLOCK * sizeof *place->items);
    place->shown = 0;
}

static void add(struct rows *rows, size_t index, uint64_t number,
                unsigned tone)
{
    struct rows_item *item = rows_at(rows, index);

    item->number = item->other = item->older = (uint32_t)(number - rows->base);
    item->times = 1;
    item->tone = tone & 3;
    place_of(rows, index)->shown++;
    rows->shown++;
}

void rows_append(struct rows *rows, uint64_t number, unsigned tone)
{
    if (rows->from + rows->count == rows->used * BLOCK) {
        if (rows->first + rows->used == rows->place_cap)
            grow_places(rows);
        fill_place(&rows->places[rows->first + rows->used++]);
    }
    rows->count++;
    add(rows, rows->count - 1, number, tone);
}

void rows_prepend(struct rows *rows, uint64_t number, unsigned tone)
{
    if (rows->from == 0) {
        if (rows->first == 0 || !rows->places)
            grow_places(rows);
        fill_place(&rows->places[--rows->first]);
        rows->used++;
        rows->from = BLOCK;
    }
    rows->from--;
    rows->count++;
    add(rows, 0, number, tone);
}

static void hide(struct rows *rows, size_t index)
{
    struct rows_item *item = rows_at(rows, index);

    if (!item->times)
        return;
    item->times = 0;
    place_of(rows, index)->shown--;
    rows->shown--;
}

void rows_drop_first(struct rows *rows)
{
    hide(rows, 0);
    rows->from++;
    rows->count--;
    if (rows->from < BLOCK)
        return;
    free(rows->places[rows->first].items);
    rows->first++;
    rows->used--;
    rows->from = 0;
}

void rows_drop_last(struct rows *rows)
{
    hide(rows, rows->count - 1);
    rows->count--;
    if (rows->from + rows->count > (rows->used - 1) * BLOCK)
        return;
    free(rows->places[rows->first + --rows->used].items);
    if (!rows->used)
        rows->from = 0;
}

size_t rows_index(const struct rows *rows, uint64_t number)
{
    size_t low = 0, high = rows->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (rows_number(rows, middle) < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t rows_stands_for(const struct rows *rows, size_t index)
{
    size_t row = index, next;

    while (!rows_at(rows, row)->times)
        row = rows_index(rows, rows->base + rows_at(rows, row)->other);
    /* the next time it is one step */
    while (index != row) {
        struct rows_item *item = rows_at(rows, index);

        next = rows_index(rows, rows->base + item->other);
        item->other = rows_at(rows, row)->number;
        index = next;
    }
    return row;
}

size_t rows_select(const struct rows *rows, size_t row)
{
    size_t place, at;
    const struct rows_item *items;

    if (row >= rows->shown / 2) {
        size_t left = rows->shown;

        place = rows->used;
        do
            left -= rows->places[rows->first + --place].shown;
        while (left > row);
        row -= left;
    } else {
        for (place = 0; rows->places[rows->first + place].shown <= row;
             place++)
            row -= rows->places[rows->first + place].shown;
    }
    items = rows->places[rows->first + place].items;
    for (at = place ? 0 : rows->from;; at++)
        if (items[at].times && row-- == 0)
            return place * BLOCK + at - rows->from;
}

size_t rows_rank(const struct rows *rows, size_t index)
{
    size_t place = (rows->from + index) / BLOCK, rank = 0, i;

    if (place < rows->used / 2) {
        for (i = 0; i < place; i++)
            rank += rows->places[rows->first + i].shown;
    } else {
        rank = rows->shown;
        for (i = place; i < rows->used; i++)
            rank -= rows->places[rows->first + i].shown;
    }
    for (i = place ? place * BLOCK - rows->from : 0; i < index; i++)
        rank += rows_at(rows, i)->times != 0;
    return rank;
}

/* The item of that number, less base; NULL: it was dropped. */
static struct rows_item *find(const struct rows *rows, uint32_t number)
{
    size_t index = rows_index(rows, rows->base + number);

    if (index >= rows->count || rows_at(rows, index)->number != number)
        return NULL;
    return rows_at(rows, index);
}

size_t rows_members(const struct rows *rows, size_t index, uint64_t *numbers,
                    size_t max)
{
    const struct rows_item *item = rows_at(rows, index);
    size_t count = 0;

    while (item && count < max) {
        numbers[count++] = rows->base + item->number;
        item = item->older == item->number ? NULL : find(rows, item->older);
    }
    return count;
}

void rows_join(struct rows *rows, size_t older, size_t newer)
{
    struct rows_item *old = rows_at(rows, older);
    struct rows_item *row = rows_at(rows, newer);
    struct rows_item *last = find(rows, row->other);

    if (last)
        last->older = old->number;
    if (old->tone > row->tone)
        row->tone = old->tone;
    row->times += old->times;
    row->other = old->other;
    hide(rows, older);
    old->other = row->number;
}
