/* Matching events in order, growing at both ends, in blocks that know how
 * many of their events are shown: a row's number is found without counting
 * from the start. Private to the view. */
#ifndef TELLTALE_ROWS_H
#define TELLTALE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One event. It is a row if times is not 0; else a newer event of its fold
 * stands for it, and other says which (or one on the way to it). */
struct rows_item {
    uint32_t number; /* in the ring, less rows.base */
    uint32_t other;  /* a row: the oldest event of its fold; less base */
    uint32_t older;  /* the next older event of its fold, or itself */
    uint32_t times : 30;
    uint32_t tone : 2; /* a row: the worst of its fold */
};

struct rows {
    uint64_t base; /* numbers are kept as 32 bits above this */
    struct rows_place {
        struct rows_item *items;
        uint32_t shown;
    } * places;
    size_t place_cap, first, used; /* blocks: first … first + used */
    size_t from;  /* items not there at the start of the first block */
    size_t count; /* items */
    size_t shown; /* of them rows */
};

/* near is any number about to be added. */
void rows_init(struct rows *rows, uint64_t near);
void rows_free(struct rows *rows);
/* False for a number too far from the first ones to be kept: begin again. */
bool rows_can_hold(const struct rows *rows, uint64_t number);

/* Adds a row of one event, newer or older than all there. Tones are those of
 * enum tone: the higher the worse. */
void rows_append(struct rows *rows, uint64_t number, unsigned tone);
void rows_prepend(struct rows *rows, uint64_t number, unsigned tone);
void rows_drop_first(struct rows *rows);
void rows_drop_last(struct rows *rows);

struct rows_item *rows_at(const struct rows *rows, size_t index);
uint64_t rows_number(const struct rows *rows, size_t index);
/* Index of the first item with that number or a greater one. */
size_t rows_index(const struct rows *rows, uint64_t number);
/* The index of the row that stands for the item at index. */
size_t rows_stands_for(const struct rows *rows, size_t index);

/* Item index of row number row (below rows->shown), and back: how many rows
 * there are before an item. */
size_t rows_select(const struct rows *rows, size_t row);
size_t rows_rank(const struct rows *rows, size_t index);

/* The events that the row at index stands for, newest first: up to max of
 * their numbers, less what was dropped. */
size_t rows_members(const struct rows *rows, size_t index, uint64_t *numbers,
                    size_t max);

/* Makes the row at newer stand for all that the row at older does. */
void rows_join(struct rows *rows, size_t older, size_t newer);

#endif
