/* Books that people reported as not loading: tests/cases/books.tsv says what
 * must come of each. Prints how many do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "event/accounts.h"

#define COLUMNS 5

static void path_of(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/tests/cases/%s", getenv("TESTS_SRC"), name);
}

static void add(struct buf *out, const char *text)
{
    buf_addf(out, "%s%s", out->len ? "|" : "", text ? text : "-");
}

static bool says(const char *what, const char *got, const char *wanted)
{
    if (strcmp(got, wanted) == 0)
        return true;
    print_message("# %s: %s instead of %s\n", what, got, wanted);
    return false;
}

/* What the table says of a book: "accounts left-out first-account". */
static bool fits(char *columns[COLUMNS], const struct book *book,
                 const struct book_report *report)
{
    const struct account *first = book_count(book) ? book_at(book, 0) : NULL;
    char counts[64], wanted[64];
    struct buf text;
    bool ok;

    buf_init(&text, 4096);
    if (first) {
        add(&text, first->id);
        add(&text, first->name);
        add(&text, first->owner);
        add(&text, first->segment);
        add(&text, first->domains);
    }
    snprintf(counts, sizeof counts, "%zu accounts, %zu left out",
             book_count(book), report->bad_rows + report->duplicates);
    snprintf(wanted, sizeof wanted, "%s accounts, %s left out", columns[1],
             columns[2]);
    ok = says(columns[0], counts, wanted) &&
         says(columns[0], text.len ? text.data : "", columns[3]);
    buf_free(&text);
    return ok;
}

static bool case_holds(char *columns[COLUMNS])
{
    struct book_report report;
    struct err err = {""};
    char path[4096];
    struct book *book;
    bool ok;

    path_of(path, sizeof path, columns[0]);
    book = book_load(path, &report, &err);
    if (!book) {
        print_message("# %s\n", err.text);
        return false;
    }
    ok = fits(columns, book, &report);
    book_free(book);
    return ok;
}

static bool split(char *line, char *columns[COLUMNS])
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        line += strcspn(line, "\t");
        if (!*line)
            return i == COLUMNS - 1;
        *line++ = '\0';
    }
    return false;
}

static void every_reported_book_loads(void **state)
{
    char path[4096], line[1024], *columns[COLUMNS];
    unsigned cases = 0, good = 0;
    FILE *table;

    (void)state;
    path_of(path, sizeof path, "books.tsv");
    table = fopen(path, "r");
    assert_non_null(table);
    while (fgets(line, sizeof line, table)) {
        if (*line == '#')
            continue;
        assert_true(split(line, columns));
        cases++;
        good += case_holds(columns);
    }
    fclose(table);
    print_message("# %u of %u\n", good, cases);
    assert_true(cases > 10);
    assert_int_equal(good, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reported_book_loads),
    };

    return cmocka_run_group_tests_name("book_cases", tests, NULL, NULL);
}
