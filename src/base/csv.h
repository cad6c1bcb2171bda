/* Comma-separated values as spreadsheets and CRMs write them: a BOM or none,
 * quotes with delimiters and newlines in them, any line ending, UTF-8 or
 * Windows-1252. Rows come with the line they begin in. What is a header, and
 * so what delimits, is the caller's. */
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
    const char *tail; /* the lines it goes on in, as they are; or NULL */
    size_t tail_len;
};

/* What the caller makes of a row. */
enum csv_verdict {
    CSV_TAKEN,
    CSV_STOP, /* no more are wanted */
    /* A row of several lines holds rows that a quote left open swallowed: it
     * comes again as open_quote, and then they do. */
    CSV_OPEN_QUOTE,
};
/* Pointers are valid during the call. */
typedef enum csv_verdict csv_each(void *ctx, const struct csv_row *row);

/* Calls each for every row that is not blank, the header too. A quote that is
 * never closed swallows nothing: its row is handed out as open_quote and
 * reading goes on in the next line. Whether a row of several lines is one the
 * caller says, who knows what a row looks like. Fields that are not UTF-8 are
 * taken for Windows-1252. NUL bytes are dropped. Returns false if there were
 * more unclosed quotes than could be mended in a reasonable time; the rows
 * after them are missing then. */
bool csv_read(const char *text, size_t len, char delimiter, csv_each *each,
              void *ctx);

#endif
