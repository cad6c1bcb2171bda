/* The rig of the book's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/book_rig.h"

#include "base/banned.h"

struct book_report last_report;

struct book *read_book_bytes(const char *csv, size_t len)
{
    struct err err = {{0}};
    struct book *book =
        book_read("dir/accounts.csv", csv, len, &last_report, &err);

    if (!book)
        fail_msg("%s", err.text);
    return book;
}

struct book *read_book(const char *csv)
{
    return read_book_bytes(csv, strlen(csv));
}
