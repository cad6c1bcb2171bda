/* What the tests of the book share: three organisations, and a book read from
 * text. */
#ifndef TELLTALE_BOOK_RIG_H
#define TELLTALE_BOOK_RIG_H

#include "event/accounts.h"

#define ALDER "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8"
#define BOREALIS "becccfc8-9252-4f2f-983e-4eeaaac45350"
#define COBALT "59973a93-bdfe-47ce-8063-bb62d4ca91d7"

/* What reading the last one told. */
extern struct book_report last_report;

/* Reads a CSV that must be a book, named accounts.csv; freed by book_free(). */
struct book *read_book(const char *csv);
struct book *read_book_bytes(const char *csv, size_t len);

#endif
