/* Which column of a CSV is what: headers as people and CRMs name them.
 * Private to the files of the book. */
#ifndef TELLTALE_BOOK_COLUMNS_H
#define TELLTALE_BOOK_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/csv.h"

#define BOOK_LIST_COLUMNS 8
#define BOOK_NO_COLUMN ((size_t)-1)

/* Columns that add up. */
struct book_column_list {
    size_t at[BOOK_LIST_COLUMNS];
    size_t count;
};

struct book_columns {
    size_t count;                         /* fields of the header */
    size_t id, name, owner, segment, arr; /* BOOK_NO_COLUMN: not there */
    struct book_column_list domains, teams;
    /* The id column is called "id" or the like: it counts only if it holds
     * UUIDs, since a CRM has ids of its own. */
    bool weak_id;
};

/* Understands a header. False when no column can be the organisation id. */
bool columns_read(struct book_columns *columns, const struct csv_row *header);
/* True if the row is no header but data: one of its fields is a UUID. Then
 * columns say which. */
bool columns_guess(struct book_columns *columns, const struct csv_row *row);
/* True for what a header calls the organisation id. */
bool columns_is_id_name(const char *text);

#endif
