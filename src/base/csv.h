/* Comma-separated values as spreadsheets and CRMs write them: a BOM or none,
 * comma, semicolon or tab, quotes with delimiters and newlines in them, any
 * line ending. Rows come with the line they begin in. */
#ifndef TELLTALE_CSV_H
#define TELLTALE_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv_row {
    unsigned line; /* where it begins, from 1 */
    size_t count;
    const char *const *fields; /* NUL-terminated UTF-8, not sanitised; blanks
                                  around unquoted ones are gone */
    bool open_quote;           /* a quote in it is never closed; no fields */
};
/* Pointers are valid during the call. */
typedef void csv_each(void *ctx, const struct csv_row *row);

/* Calls each for every row that is not blank, the header too. The delimiter
 * is what the first line has most of. A row whose quote is not closed
 * swallows nothing: it is handed out as open_quote and reading goes on in
 * the next line. Text that is not UTF-8 is taken for Latin-1. NUL bytes are
 * dropped. Returns false if there were more unclosed quotes than could be
 * mended in a reasonable time; the rows after them are missing then. */
bool csv_read(const char *text, size_t len, csv_each *each, void *ctx);

#endif
