/* Hyperlinks on cells, as their files share them: hyper.c (which cell has which
 * link, and reading what curses writes), hyper_cells.c (what it does to cells
 * and cursor). */
#ifndef TELLTALE_HYPER_INTERNAL_H
#define TELLTALE_HYPER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define HYPER_LINKS_MAX 1024
#define HYPER_NUMBERS 4

struct hyper {
    int rows, cols;
    uint16_t *wanted, *shown;     /* by cell: a link's number, 0: none */
    char *links[HYPER_LINKS_MAX]; /* by number; with a sum of each */
    uint32_t sums[HYPER_LINKS_MAX];
    unsigned next;   /* where a free number is looked for */
    int y, x;        /* where the next letter goes */
    int top, bottom; /* rows that scroll */
    int saved_y, saved_x;
    bool inserts, lost; /* lost: there are no links any more */
    uint16_t open;      /* the link that what is written gets */
    struct buf *out;
    char last[8]; /* the last letter, which may be repeated */
    size_t last_len;
};

/* What stands between "\033[" and its final letter. */
struct hyper_sequence {
    char mark; /* '?', '>', '!' or 0 */
    int numbers[HYPER_NUMBERS];
    int count;
    char final;
};

uint16_t *hyper_row(const struct hyper *hyper, uint16_t *cells, int y);
void hyper_fill(uint16_t *cells, int count, uint16_t with);

/* A letter so wide is put where the cursor is, which goes on. It begins
 * another row first where there is no room: hyper_make_room(). */
void hyper_make_room(struct hyper *hyper, int width);
void hyper_put(struct hyper *hyper, int width, uint16_t link);

/* Each does what that does to cells and cursor; false: it is not known. */
bool hyper_control(struct hyper *hyper, char c);
bool hyper_escape(struct hyper *hyper, char c); /* of one letter */
bool hyper_obey(struct hyper *hyper, const struct hyper_sequence *sequence);

#endif
