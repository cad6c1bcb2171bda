/* The book of business: finding an account by its id, a project of its, or an
 * address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/book_rig.h"

#include "base/banned.h"

static void ids_match_in_any_case_and_padded(void **state)
{
    struct book *book =
        read_book("organization_id,name\n"
                  "\" 77FB2C0A-9F29-478F-BCD7-FB5E6967D9E8 \",A\n"
                  "Acme-Org,B\n");

    (void)state;
    assert_string_equal(book_find(book, ALDER)->id, ALDER);
    assert_non_null(book_find(book, "  " ALDER "\n"));
    assert_non_null(book_find(book, "ACME-ORG"));
    assert_null(book_find(book, "acme"));
    assert_null(book_find(book, ""));
    assert_null(book_find(book, NULL));
    assert_null(book_find(NULL, ALDER));
    book_free(book);
}

static const char *team_of(const struct book *book, int64_t wanted)
{
    const struct account *account;
    size_t cursor = 0;
    int64_t id;

    while (book_next_team(book, &cursor, &id, &account))
        if (id == wanted)
            return account->name;
    return NULL;
}

static void projects_are_of_one_account_or_none(void **state)
{
    struct book *book =
        read_book("organization_id,name,PostHog Team ID,project_ids__c\n" ALDER
                  ",A,71.0,\"[72, 0073]\"\n"         //
                  BOREALIS ",B,,74|75;72\n"          //
                  COBALT ",C,#76,\"none, 12,345\"\n" //
                  ALDER ",A,77,\n");

    (void)state;
    assert_string_equal(team_of(book, 71), "A");
    assert_null(team_of(book, 72));
    assert_string_equal(team_of(book, 73), "A");
    assert_string_equal(team_of(book, 74), "B");
    assert_string_equal(team_of(book, 75), "B");
    assert_string_equal(team_of(book, 76), "C");
    assert_string_equal(team_of(book, 77), "A");
    assert_null(team_of(book, 12));
    assert_null(team_of(book, 345));
    assert_int_equal(last_report.bad_rows, 0);
    assert_int_equal(last_report.problem_count, 4);
    assert_string_equal(
        last_report.problems[0],
        "accounts.csv:3: project 72 is in line 2 too: of neither account");
    assert_string_equal(last_report.problems[1],
                        "accounts.csv:4: \"none\" is no project's number");
    assert_string_equal(last_report.problems[2],
                        "accounts.csv:4: \"12,345\" is one project or two: "
                        "write them with ;");
    book_free(book);
}

static void projects_beyond_the_most_are_told_once(void **state)
{
    struct book *book;
    struct buf csv;
    size_t cursor = 0, count = 0;
    const struct account *account;
    int64_t id;

    (void)state;
    buf_init(&csv, 1 << 20);
    buf_adds(&csv, "organization_id,team_ids\n" ALDER ",");
    for (int i = 0; i < LIMIT_TEAMS + 5; i++)
        buf_addf(&csv, "%d;", 1000 + i);
    buf_adds(&csv, "\n" BOREALIS ",\"");
    for (int i = 0; i < LIMIT_TEAMS + 5; i++)
        buf_addf(&csv, "%d;", 5000 + i);
    buf_adds(&csv, "\"\n");
    book = read_book(csv.data);
    while (book_next_team(book, &cursor, &id, &account))
        count++;
    assert_int_equal(count, LIMIT_TEAMS);
    assert_int_equal(last_report.problem_count, 1);
    buf_free(&csv);
    book_free(book);
}

static void domains_lead_to_one_account_or_none(void **state)
{
    struct book *book = read_book(
        "organization_id,name,website,email domains\n" ALDER
        ",A,https://www.Alder.example/en,\"finch.example; gmail.com\"\n" //
        BOREALIS ",B,both.example,@borealis.example\n" COBALT
        ",C,both.example,\n");

    (void)state;
    assert_string_equal(book_at(book, 0)->domains,
                        "alder.example finch.example");
    assert_string_equal(book_find_email(book, "jo@ALDER.example")->name, "A");
    assert_string_equal(book_find_email(book, "jo@eu.finch.example")->name,
                        "A");
    assert_string_equal(book_find_email(book, "x@borealis.example ")->name,
                        "B");
    assert_null(book_find_email(book, "jo@gmail.com"));
    assert_null(book_find_email(book, "jo@notalder.example"));
    assert_null(book_find_email(book, "jo@both.example"));
    assert_null(book_find_email(book, "jo@example"));
    assert_null(book_find_email(book, "alder.example"));
    assert_null(book_find_email(book, NULL));
    assert_int_equal(last_report.bad_rows, 0);
    assert_string_equal(last_report.problems[0],
                        "accounts.csv:4: both.example is in line 3 too: not "
                        "used to find accounts");
    book_free(book);
}

static void free_mail_is_known_in_every_country(void **state)
{
    (void)state;
    assert_true(accounts_free_mail("gmail.com"));
    assert_true(accounts_free_mail("GMail.com"));
    assert_true(accounts_free_mail("yahoo.co.uk"));
    assert_true(accounts_free_mail("hotmail.fr"));
    assert_true(accounts_free_mail("qq.com"));
    assert_false(accounts_free_mail("alderfinch.example"));
    assert_false(accounts_free_mail("mygmail.com"));
    assert_false(accounts_free_mail("live.concerts.example"));
}

static void a_large_book_is_found_whole(void **state)
{
    struct book *book;
    struct buf csv;
    char id[32];

    (void)state;
    buf_init(&csv, 1 << 20);
    buf_adds(&csv, "organization_id,domain\n");
    for (int i = 0; i < 2000; i++)
        buf_addf(&csv, "org-%d,d%d.example\n", i, i);
    book = read_book_bytes(csv.data, csv.len);
    assert_int_equal(book_count(book), 2000);
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(id, sizeof id, "ORG-%u", i);
        assert_int_equal(book_find(book, id)->line, i + 2);
        snprintf(id, sizeof id, "jo@d%u.example", i);
        assert_int_equal(book_find_email(book, id)->line, i + 2);
    }
    book_free(book);
    buf_free(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_match_in_any_case_and_padded),
        cmocka_unit_test(projects_are_of_one_account_or_none),
        cmocka_unit_test(projects_beyond_the_most_are_told_once),
        cmocka_unit_test(domains_lead_to_one_account_or_none),
        cmocka_unit_test(free_mail_is_known_in_every_country),
        cmocka_unit_test(a_large_book_is_found_whole),
    };

    return cmocka_run_group_tests_name("book find", tests, NULL, NULL);
}
