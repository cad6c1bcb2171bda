/* The book of business: CSVs as people and CRMs really write them. Finding an
 * account in it is book_find_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tests/unit/book_rig.h"

#include "base/banned.h"

static void refused(const char *csv, const char *why)
{
    struct err err = {{0}};

    assert_null(
        book_read("dir/accounts.csv", csv, strlen(csv), &last_report, &err));
    assert_string_equal(err.text, why);
}

static struct book *fixture(const char *name)
{
    char path[4096];
    struct err err = {{0}};
    struct book *book;

    snprintf(path, sizeof path, "%s/tests/fixtures/%s", getenv("TESTS_SRC"),
             name);
    book = book_load(path, &last_report, &err);
    if (!book)
        fail_msg("%s", err.text);
    return book;
}

static void the_plain_file_gives_every_field(void **state)
{
    struct book *book = fixture("accounts.csv");
    const struct account *account = book_at(book, 3);

    (void)state;
    assert_int_equal(book_count(book), 6);
    assert_int_equal(last_report.accounts, 6);
    assert_int_equal(last_report.problem_count, 0);
    assert_string_equal(account->name, "Dunes Health, Inc.");
    assert_string_equal(account->owner, "csm@team.example");
    assert_string_equal(account->segment, "enterprise");
    assert_string_equal(account->arr, "144000");
    assert_null(account->domains);
    assert_int_equal(account->line, 5);
    assert_string_equal(book_at(book, 5)->name, "株式会社ひばり不動産");
    book_free(book);
}

static void salesforce_names_are_understood(void **state)
{
    struct book *book = fixture("accounts_salesforce.csv");

    (void)state;
    assert_int_equal(book_count(book), 6);
    assert_string_equal(book_find(book, ALDER)->name, "Alder & Finch Labs");
    assert_null(book_find(book, ALDER)->owner); /* an id says nothing */
    assert_null(book_find(book, "0015eMRZywi8Mo7ViT"));
    assert_int_equal(last_report.bad_rows, 1);
    assert_string_equal(last_report.problems[0],
                        "accounts_salesforce.csv:8: no organisation id");
    book_free(book);
}

static void salesforce_reports_and_vitally_exports_too(void **state)
{
    struct book *book =
        read_book("\"Account Name\",\"PostHog Org ID\",\"Account Owner\","
                  "\"Domain__c\"\n\"Alder\"," ALDER ",Jo Doe,alder.example\n");

    (void)state;
    assert_string_equal(book_find(book, ALDER)->name, "Alder");
    assert_string_equal(book_find(book, ALDER)->owner, "Jo Doe");
    assert_string_equal(book_find(book, ALDER)->domains, "alder.example");
    book_free(book);
    book = read_book("id,externalId,name,csm.email,traits.tier\n"
                     "v1," BOREALIS ",Borealis,csm@team.example,scale\n");
    assert_string_equal(book_find(book, BOREALIS)->name, "Borealis");
    assert_string_equal(book_find(book, BOREALIS)->owner, "csm@team.example");
    assert_string_equal(book_find(book, BOREALIS)->segment, "scale");
    book_free(book);
}

static void delimiters_boms_and_line_ends_do_not_matter(void **state)
{
    static const char *const files[] = {
        "\xef\xbb\xbfname;organization_id\r\nA, B;" ALDER "\r\n",
        "name\torganization_id\nA, B\t" ALDER "\n",
        "name,organization_id\r\"A, B\"," ALDER "\r",
        "organization_id,name\n\n\n" ALDER ",\"A, B\"",
        "organization_id|name\n  " ALDER "  | A, B ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct book *book = read_book(files[i]);

        assert_int_equal(book_count(book), 1);
        assert_string_equal(book_find(book, ALDER)->name, "A, B");
        book_free(book);
    }
}

static void quotes_may_hold_quotes_and_newlines(void **state)
{
    struct book *book = read_book("organization_id,name,segment\n" ALDER
                                  ",\"Alder \"\"and\"\"\nFinch\",a\n" BOREALIS
                                  ",B,b\nx y,C,c\n");

    (void)state;
    assert_string_equal(book_find(book, ALDER)->name, "Alder \"and\" Finch");
    assert_int_equal(book_find(book, BOREALIS)->line, 4);
    assert_string_equal(last_report.problems[0],
                        "accounts.csv:5: this is no organisation id");
    book_free(book);
}

static void a_quote_nobody_closed_costs_one_row(void **state)
{
    struct book *book =
        read_book("organization_id,name\n" ALDER ",\"Alder\n" //
                  BOREALIS ",\"Borealis\"\n" COBALT ",Cobalt\n");

    (void)state;
    assert_int_equal(book_count(book), 2);
    assert_null(book_find(book, ALDER));
    assert_string_equal(book_find(book, BOREALIS)->name, "Borealis");
    assert_int_equal(last_report.bad_rows, 1);
    assert_string_equal(last_report.problems[0],
                        "accounts.csv:2: a quote is opened and never closed");
    book_free(book);
}

static void quotes_in_the_middle_stay(void **state)
{
    struct book *book =
        read_book("organization_id,name,owner\n" ALDER
                  ",Alder \"and\" Finch,\"Jo\" Doe\n" BOREALIS ",B,c\n");

    (void)state;
    assert_string_equal(book_find(book, ALDER)->name, "Alder \"and\" Finch");
    assert_int_equal(book_count(book), 2);
    assert_int_equal(last_report.bad_rows, 0);
    book_free(book);
}

static void bad_rows_are_named_and_good_ones_kept(void **state)
{
    struct book *book =
        read_book("organization_id,name\n" ALDER ",A\n,B\nn/a,C\n" BOREALIS
                  ",D, Inc.\n59973a93-bdfe-47ce-8063-bb62d4ca91d,E\n" COBALT
                  "\n" ALDER ",F\n");

    (void)state;
    assert_int_equal(book_count(book), 2);
    assert_string_equal(book_find(book, COBALT)->name, COBALT);
    assert_int_equal(last_report.bad_rows, 4);
    assert_int_equal(last_report.duplicates, 1);
    assert_int_equal(last_report.problem_count, 5);
    assert_string_equal(last_report.problems[0],
                        "accounts.csv:3: no organisation id");
    assert_string_equal(last_report.problems[1],
                        "accounts.csv:4: no organisation id");
    assert_string_equal(last_report.problems[2],
                        "accounts.csv:5: more fields than the header; quote "
                        "values with commas");
    assert_string_equal(last_report.problems[3],
                        "accounts.csv:6: the organisation id is no UUID");
    assert_string_equal(last_report.problems[4],
                        "accounts.csv:8: the organisation id of line 2 "
                        "again");
    assert_string_equal(book_find(book, ALDER)->name, "A");
    book_free(book);
}

static void names_are_sanitised(void **state)
{
    struct book *book =
        read_book("organization_id,name\n" ALDER ",A\033[31m\xe2\x80\xae\n" //
                  BOREALIS ",\xc9meraude\n");

    (void)state;
    assert_string_equal(book_find(book, ALDER)->name, "A\xef\xbf\xbd[31m");
    assert_string_equal(book_find(book, BOREALIS)->name, "Émeraude");
    book_free(book);
    book = read_book_bytes("organization_id,name\n" ALDER ",A\0B\n", 63);
    assert_string_equal(book_find(book, ALDER)->name, "AB");
    book_free(book);
}

static void a_bare_list_of_ids_is_a_book_too(void **state)
{
    struct book *book = read_book(ALDER "\n" BOREALIS "\n");

    (void)state;
    assert_int_equal(book_count(book), 2);
    book_free(book);
    book = read_book("Alder," ALDER "\nBorealis," BOREALIS "\n");
    assert_string_equal(book_find(book, BOREALIS)->name, "Borealis");
    assert_int_equal(last_report.bad_rows, 0);
    book_free(book);
}

static void files_without_ids_are_refused(void **state)
{
    struct err err = {{0}};

    (void)state;
    refused("", "dir/accounts.csv:1: no column with organisation ids "
                "(organization_id, Posthog_Org_ID__c …)");
    refused("name,owner\nA,b\n",
            "dir/accounts.csv:1: no column with organisation ids "
            "(organization_id, Posthog_Org_ID__c …)");
    refused("Id,Name\n0015eMRZywi8Mo7ViT,A\n",
            "dir/accounts.csv:1: no column with organisation ids: those "
            "there are no UUIDs; call it organization_id");
    assert_null(book_load("/dev/null/a.csv", NULL, &err));
    assert_string_equal(err.text, "/dev/null/a.csv: Not a directory");
}

/* UTF-16 of Latin-1 text; order: 'l' or 'b', a BOM or none. */
static struct book *read_utf16(const char *text, char order, bool mark)
{
    struct buf wide;
    struct book *book;

    buf_init(&wide, 4096);
    if (mark)
        buf_add(&wide, order == 'l' ? "\xff\xfe" : "\xfe\xff", 2);
    for (; *text; text++)
        buf_add(&wide, order == 'l' ? (char[]){*text, 0} : (char[]){0, *text},
                2);
    book = read_book_bytes(wide.data, wide.len);
    buf_free(&wide);
    return book;
}

static void utf16_is_read_in_both_orders(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct book *book = read_utf16("organization_id\tname\r\n" ALDER
                                       "\t\xc9meraude, Inc.\r\n",
                                       i & 1 ? 'l' : 'b', i & 2);

        assert_int_equal(book_count(book), 1);
        assert_string_equal(book_find(book, ALDER)->name, "Émeraude, Inc.");
        book_free(book);
    }
}

static void surrogates_of_utf16_are_joined(void **state)
{
    static const char text[] = "\xff\xfeo\0r\0g\0i\0d\0,\0n\0a\0m\0e\0\n\0"
                               "a\0,\0\x3d\xd8\0\xde!\0\n\0b\0,\0\0\xd8";
    struct book *book = read_book_bytes(text, sizeof text - 1);

    (void)state;
    assert_string_equal(book_find(book, "a")->name, "\xf0\x9f\x98\x80!");
    assert_string_equal(book_find(book, "b")->name, "\xef\xbf\xbd");
    book_free(book);
}

static void windows_1252_is_read(void **state)
{
    struct book *book = read_book("organization_id,name\n" ALDER
                                  ",\x93Joe\x92s\x94 \x96 Caf\xe9 \x80\n");

    (void)state;
    assert_string_equal(book_find(book, ALDER)->name, "“Joe’s” – Café €");
    book_free(book);
}

/* One row under a header; what the book says of it, "-" for nothing. */
static void columns_are(const char *header, const char *row,
                        const char *wanted)
{
    struct buf csv, got;
    struct book *book;
    const struct account *account;

    buf_init(&csv, 4096);
    buf_init(&got, 4096);
    buf_addf(&csv, "%s\n%s\n", header, row);
    book = read_book(csv.data);
    assert_int_equal(book_count(book), 1);
    account = book_at(book, 0);
    assert_string_equal(account->id, ALDER);
    buf_addf(&got, "%s|%s|%s|%s|%s", account->name,
             account->owner ? account->owner : "-",
             account->segment ? account->segment : "-",
             account->arr ? account->arr : "-",
             account->domains ? account->domains : "-");
    if (strcmp(got.data, wanted) != 0)
        fail_msg("%s: %s instead of %s", header, got.data, wanted);
    book_free(book);
    buf_free(&csv);
    buf_free(&got);
}

static void every_tool_names_columns_its_own_way(void **state)
{
    (void)state;
    columns_are("Id,Name,Owner.Name,Parent.Name,Posthog_Org_ID__c,Tier__c",
                "001,Alder,Cy Em,Parent," ALDER ",ent", "Alder|Cy Em|ent|-|-");
    columns_are("NAME,PARENT__R.NAME,OWNER__R.EMAIL,ACME__POSTHOG_ORG_ID__C,"
                "ACME__ARR__C",
                "Alder,Parent,cy@team.example," ALDER ",5",
                "Alder|cy@team.example|-|5|-");
    columns_are("Account Owner: Full Name,Account: Account Name,"
                "Account: PostHog Org ID,Account: Website",
                "Cy Em,Alder," ALDER ",www.alder.example",
                "Alder|Cy Em|-|-|alder.example");
    columns_are("Parent Account: Account Name,Account Name,Account ID,"
                "External ID",
                "Parent,Alder,0015eMRZywi8Mo7ViT," ALDER, "Alder|-|-|-|-");
    columns_are("Record ID,Company name,Company owner,Company Domain Name,"
                "PostHog Organization ID,Annual Revenue",
                "123,Alder,Cy Em,alder.example," ALDER ",9",
                "Alder|Cy Em|-|9|alder.example");
    columns_are("vitally.externalId,vitally.name,CSM,Segments,"
                "vitally.custom.arr",
                ALDER ",Alder,Cy Em,ent,7", "Alder|Cy Em|ent|7|-");
    columns_are("sfdc.Posthog_Org_ID__c,Organization Name,CSM Email",
                ALDER ",Alder,cy@team.example", "Alder|cy@team.example|-|-|-");
    columns_are("ORGANIZATION-ID;Organization.Name;Email Domains", //
                ALDER ";Alder, Finch, Inc.;alder.example,finch.example",
                "Alder, Finch, Inc.|-|-|-|alder.example finch.example");
}

static void values_with_commas_do_not_make_them_the_delimiter(void **state)
{
    struct book *book = read_book("organization_id;name, in full\n" ALDER
                                  ";Alder, Finch, Co\n");

    (void)state;
    assert_int_equal(book_count(book), 1);
    assert_int_equal(last_report.bad_rows, 0);
    book_free(book);
    book = read_book(ALDER ";Alder, Finch, Co, Ltd\n");
    assert_string_equal(book_find(book, ALDER)->name, "Alder, Finch, Co, Ltd");
    book_free(book);
}

static void ids_are_cleaned_of_what_is_around_them(void **state)
{
    static const char *const cells[] = {
        "\xc2\xa0" ALDER "\xe2\x80\x8b",
        "\xef\xbb\xbf" ALDER "\xe3\x80\x80",
        "{" ALDER "}",
        "\"=\"\"" ALDER "\"\"\"",
        "'" ALDER,
        "77fb2c0a9f29478fbcd7fb5e6967d9e8",
        "77FB2C0A\xe2\x80\x93"
        "9f29-478f-bcd7-fb5e6967d9e8",
        "urn:uuid:" ALDER,
        "\"77fb2c0a-9f29-\n478f-bcd7-fb5e6967d9e8\"",
        "\xe2\x80\x9c" ALDER "\xe2\x80\x9d",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char csv[256];
        struct book *book;

        snprintf(csv, sizeof csv, "organization_id,name\n%s,A\n", cells[i]);
        book = read_book(csv);
        if (last_report.bad_rows || book_count(book) != 1)
            fail_msg("%s: %s", cells[i], last_report.problems[0]);
        assert_string_equal(book_at(book, 0)->id, ALDER);
        assert_non_null(book_find(book, "77fb2c0a9f29478fbcd7fb5e6967d9e8"));
        book_free(book);
    }
}

static void what_is_no_account_is_told_and_left_out(void **state)
{
    struct book *book = read_book(
        "Posthog Org ID,Account Name,ARR\n" ALDER ",A,1\n" BOREALIS
        ",B,2\n" COBALT ",C,3\n"
        "Subtotal,,6\nGrand Totals (3 records),,6\nSumme,,6\n#NAME?,D,\n"
        "acme,E,1\nPosthog Org ID,Account Name,ARR\n"
        "\"Copyright (c) 2000-2026 salesforce.com, inc.\"\n"
        "Confidential Information - Do Not Distribute\n");

    (void)state;
    assert_int_equal(book_count(book), 3);
    assert_int_equal(last_report.bad_rows, 8);
    assert_string_equal(last_report.problems[0], "accounts.csv:5: a sum, no "
                                                 "account");
    assert_string_equal(last_report.problems[2],
                        "accounts.csv:7: the organisation id is no UUID, as "
                        "most are");
    assert_string_equal(last_report.problems[3],
                        "accounts.csv:8: no organisation id");
    book_free(book);
    book =
        read_book("organization_id,name\n1001,A\n1002,B\n1003,C\nGesamt,3\n");
    assert_int_equal(book_count(book), 3);
    assert_string_equal(last_report.problems[0],
                        "accounts.csv:5: the organisation id is no number, as "
                        "most are");
    book_free(book);
    book = read_book("organization_id,name\n" ALDER ",A\nSomme,\nacme,Acme\n");
    assert_int_equal(book_count(book), 2);
    assert_non_null(book_find(book, "acme"));
    book_free(book);
}

static void a_line_that_adds_up_is_no_account_a_name_like_it_is(void **state)
{
    static const char *const sums[] = {"Total",    "Total:", "TOTALS",
                                       "Rows (3)", "Sum 12", "Grand total: 3"};
    static const char *const ids[] = {"totalview", "summit", "countess"};
    char csv[256];

    (void)state;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        struct book *book;

        snprintf(csv, sizeof csv, "organization_id,name\nacme,A\n%s,B\n",
                 sums[i]);
        book = read_book(csv);
        assert_int_equal(book_count(book), 1);
        assert_string_equal(last_report.problems[0],
                            "accounts.csv:3: a sum, no account");
        book_free(book);
    }
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct book *book;

        snprintf(csv, sizeof csv, "organization_id,name\nacme,A\n%s,B\n",
                 ids[i]);
        book = read_book(csv);
        assert_non_null(book_find(book, ids[i]));
        book_free(book);
    }
}

static void count_told(void *ctx, const char *problem)
{
    size_t *count = ctx;

    assert_non_null(strstr(problem, ": no organisation id"));
    ++*count;
}

static void every_row_that_is_left_out_can_be_told(void **state)
{
    char path[] = "/tmp/telltale-book-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    struct err err = {""};
    struct book *book;
    size_t told = 0;

    (void)state;
    assert_non_null(file);
    fputs("organization_id,name\n" ALDER ",A\n", file);
    for (int i = 0; i < 500; i++)
        fputs("n/a,B\n", file);
    fclose(file);
    book = book_load_told(path, &last_report, count_told, &told, &err);
    remove(path);
    assert_int_equal(book_count(book), 1);
    assert_int_equal(last_report.bad_rows, 500);
    assert_int_equal(last_report.problem_count, 20);
    assert_int_equal(told, 500);
    book_free(book);
}

static void a_book_that_nobody_waits_for_is_given_up(void **state)
{
    char path[] = "/tmp/telltale-book-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    atomic_bool abandoned = false;
    struct err err = {""};
    struct book *book;

    (void)state;
    assert_non_null(file);
    fputs("organization_id,name\n", file);
    for (int i = 0; i < 10000; i++)
        fprintf(file, "org-%d,A\n", i);
    fclose(file);
    book = book_load_unless(path, &last_report, &abandoned, &err);
    assert_int_equal(book_count(book), 10000);
    book_free(book);
    atomic_store(&abandoned, true);
    assert_null(book_load_unless(path, &last_report, &abandoned, &err));
    assert_non_null(strstr(err.text, ": given up"));
    remove(path);
}

static void line_breaks_in_quotes_are_told_from_open_quotes(void **state)
{
    struct book *book =
        read_book("organization_id,name,address,city,notes\n" ALDER
                  ",A,\"1 Main St\nTown, CA, 94110, US\"\n" BOREALIS
                  ",B,\"12\"\n\n" COBALT ",C,\"x,y\n"
                  "48e0171f-a6de-4477-8b9f-45a630e909c7,D,5\",z,z\n");

    (void)state;
    assert_non_null(book_find(book, ALDER));
    assert_non_null(book_find(book, BOREALIS));
    assert_null(book_find(book, COBALT));
    assert_non_null(book_find(book, "48e0171f-a6de-4477-8b9f-45a630e909c7"));
    assert_int_equal(last_report.bad_rows, 1);
    assert_string_equal(last_report.problems[0], "accounts.csv:6: a quote is "
                                                 "opened and never closed");
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plain_file_gives_every_field),
        cmocka_unit_test(salesforce_names_are_understood),
        cmocka_unit_test(salesforce_reports_and_vitally_exports_too),
        cmocka_unit_test(delimiters_boms_and_line_ends_do_not_matter),
        cmocka_unit_test(quotes_may_hold_quotes_and_newlines),
        cmocka_unit_test(a_quote_nobody_closed_costs_one_row),
        cmocka_unit_test(quotes_in_the_middle_stay),
        cmocka_unit_test(bad_rows_are_named_and_good_ones_kept),
        cmocka_unit_test(names_are_sanitised),
        cmocka_unit_test(a_bare_list_of_ids_is_a_book_too),
        cmocka_unit_test(files_without_ids_are_refused),
        cmocka_unit_test(utf16_is_read_in_both_orders),
        cmocka_unit_test(surrogates_of_utf16_are_joined),
        cmocka_unit_test(windows_1252_is_read),
        cmocka_unit_test(every_tool_names_columns_its_own_way),
        cmocka_unit_test(values_with_commas_do_not_make_them_the_delimiter),
        cmocka_unit_test(ids_are_cleaned_of_what_is_around_them),
        cmocka_unit_test(what_is_no_account_is_told_and_left_out),
        cmocka_unit_test(a_line_that_adds_up_is_no_account_a_name_like_it_is),
        cmocka_unit_test(every_row_that_is_left_out_can_be_told),
        cmocka_unit_test(a_book_that_nobody_waits_for_is_given_up),
        cmocka_unit_test(line_breaks_in_quotes_are_told_from_open_quotes),
    };

    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
