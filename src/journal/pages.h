/* Rows out of a damaged database: no b-tree is walked and no schema is read.
 * Every page that looks like one with rows is taken for itself, with the
 * newest version that the log has of it, as far as the log's sums hold; which
 * table a row is of shows from its columns. Reads a file that SQLite has not
 * open in this process. The format: https://www.sqlite.org/fileformat2.html */
#ifndef TELLTALE_PAGES_H
#define TELLTALE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PAGES_COLUMNS 24

enum pages_kind { PAGES_NULL, PAGES_INTEGER, PAGES_BLOB, PAGES_TEXT };

/* Valid during the call. */
struct pages_value {
    enum pages_kind kind;
    int64_t number;
    const unsigned char *bytes;
    size_t len;
};

struct row {
    bool keyed; /* has a rowid: the first column, which is stored as NULL */
    int64_t rowid;
    struct pages_value values[PAGES_COLUMNS];
    size_t count;
};

struct pages_report {
    uint64_t pages, torn; /* torn: rows that could not be read to their end */
};

/* Calls take for every row. False with err: the file cannot be read, or take
 * said no. */
bool pages_rows(const char *path,
                bool (*take)(void *ctx, const struct row *row,
                             struct err *err),
                void *ctx, struct pages_report *report, struct err *err);

/* True when frames of the log cannot be what was written, and what came after
 * them was committed: a start would end before them and lose that, in silence.
 * A last commit that a crash tore is no such thing. */
bool pages_log_is_torn(const char *path);

#endif
