/* What differs between two books. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "event/book_changes.h"

#define HEADER "organization_id,organization_name,owner,domain\n"

static struct book *read(const char *rows)
{
    char text[512];

    snprintf(text, sizeof text, HEADER "%s", rows);
    return book_read("book", text, strlen(text), NULL, NULL);
}

static void note(void *ctx, enum book_change change,
                 const struct account *account, const char *what)
{
    char *text = ctx;
    size_t len = strlen(text);

    snprintf(text + len, 256 - len, "%c%s(%s) ", "+-~"[change],
             account -> name, what);
}

static void expect(const char *before, const char *after, const char *wanted)
{
    struct book *old = read(before), *fresh = read(after);
    char text[256] = "";
    struct book_changes changes = book_compare(old, fresh, note, text);

    assert_string_equal(text, wanted);
    assert_int_equal(book_changes_any(&changes), *wanted != '\0');
    book_free(old);
    book_free(fresh);
}

static void accounts_come_go_and_change(void **state)
{
    (void)state;
    expect("a,Alder,x,a.example\n", "a,Alder,x,a.example\n", "");
    expect("a,Alder,x,a.example\n", "A,Alder,x,a.example\n", "");
    expect("a,Alder,x,\n", "b,Borealis,x,\n", "+Borealis() -Alder() ");
    expect("a,Alder,x,\n", "a,Alder & Finch,x,\n",
           "~Alder & Finch(another name) ");
    expect("a,Alder,x,\n", "a,Alder,y,\n", "~Alder(another owner) ");
    expect("a,Alder,x,a.example\n", "a,Alder,x,\n", "~Alder(other domains) ");
}

static void no_book_is_an_empty_one(void **state)
{
    struct book *book = read("a,Alder,x,\nb,Borealis,x,\n");
    struct book_changes changes = book_compare(NULL, book, NULL, NULL);

    (void)state;
    assert_int_equal(changes.came, 2);
    changes = book_compare(book, NULL, NULL, NULL);
    assert_int_equal(changes.went, 2);
    changes = book_compare(NULL, NULL, NULL, NULL);
    assert_false(book_changes_any(&changes));
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_come_go_and_change),
        cmocka_unit_test(no_book_is_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
