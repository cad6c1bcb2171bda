/* What a row of a CSV says of an account. Private to the files of the book. */
#ifndef TELLTALE_BOOK_ROW_H
#define TELLTALE_BOOK_ROW_H

#include "base/csv.h"
#include "base/mem.h"
#include "event/accounts.h"
#include "event/book_columns.h"

/* Fills account from row; its text goes into arena, its name stays NULL when
 * there is none. NULL, or what is wrong with the row, in words. */
const char *row_read(const struct book_columns *columns,
                     const struct csv_row *row, struct account *account,
                     struct arena *arena);

#endif
