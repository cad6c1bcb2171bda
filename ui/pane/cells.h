/* Cells of a table: what stands in a column of a row. A column that is not
 * there draws nothing, nor does a number that is 0. */
#ifndef TELLTALE_CELLS_H
#define TELLTALE_CELLS_H

#include <stdint.h>

#include "live/tally.h"
#include "ui/pane/columns.h"
#include "ui/term/draw.h"

struct screen;

void cells_text(struct draw *draw, struct rect row,
                const struct column *column, enum role role, const char *text);
void cells_number(struct draw *draw, struct rect row,
                  const struct column *column, uint64_t number);
/* Bars of their own scale, one a cell. */
void cells_bars(struct draw *draw, struct rect row,
                const struct column *column, const uint32_t *values,
                int count);
/* "▴ 81 %", "▴>999 %" */
void cells_trend(struct draw *draw, struct rect row,
                 const struct column *column, uint32_t now, uint32_t before);
void cells_unread(struct draw *draw, struct rect row,
                  const struct column *column, unsigned unread);
/* The account's name, told apart from others. */
void cells_account(struct draw *draw, struct rect row,
                   const struct column *column, const struct screen *screen,
                   const struct tally_account *account);

#endif
