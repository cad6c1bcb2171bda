/* decode_context: what decoding needs, read again when the book's file is
 * another. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/decode_context.h"

#define HEADER "organization_id,organization_name\n"
#define ALDER "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder\n"
#define BOREALIS "becccfc8-9252-4f2f-983e-4eeaaac45350,Borealis\n"
#define CYGNUSIM "becccfc8-9252-4f2f-983e-4eeaaac45350,Cygnusim\n"

static char directory[64], path[128];
static struct decode_context context;

static struct config *configured(const char *text)
{
    struct err err = {""};
    struct config *config =
        config_read("config.ini", text, strlen(text), &err);

    assert_string_equal(err.text, "");
    return config;
}

static struct config *with_book(void)
{
    char text[256];

    snprintf(text, sizeof text, "accounts = %s\n", path);
    return configured(text);
}

static void write_book(const char *text)
{
    assert_true(config_write_file(path, text, strlen(text), NULL));
}

static bool read_again(struct book **old_book, struct err *err)
{
    struct decode_fresh fresh;

    decode_context_read(&context, &fresh, NULL);
    return decode_context_take(&context, &fresh, old_book, err);
}

static void a_changed_book_is_noticed_and_read(void **state)
{
    struct config *config = with_book();
    struct err err = {""};
    struct book *old;

    (void)state;
    write_book(HEADER ALDER);
    assert_true(decode_context_open(&context, config, NULL, &err));
    assert_int_equal(book_count(context.decoder.book), 1);
    assert_false(decode_context_book_changed(&context));
    write_book(HEADER ALDER BOREALIS);
    assert_true(decode_context_book_changed(&context));
    assert_true(read_again(&old, &err));
    assert_int_equal(book_count(old), 1);
    assert_int_equal(book_count(context.decoder.book), 2);
    assert_false(decode_context_book_changed(&context));
    book_free(old);
    decode_context_close(&context);
    config_free(config);
}

/* A text in a file that was written at that second. */
static void write_at(const char *name, const char *text, time_t second)
{
    struct timespec times[2] = {{.tv_sec = second}, {.tv_sec = second}};
    FILE *file = fopen(name, "w");

    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static void assert_read_again(const char *name)
{
    struct err err = {""};
    struct book *old;

    assert_true(decode_context_book_changed(&context));
    assert_true(read_again(&old, &err));
    assert_string_equal(book_at(context.decoder.book, 0)->name, name);
    assert_false(decode_context_book_changed(&context));
    book_free(old);
}

static void its_size_its_time_or_its_file_make_it_another(void **state)
{
    struct config *config = with_book();
    struct err err = {""};
    char other[160];

    (void)state;
    snprintf(other, sizeof other, "%s.other", path);
    write_at(path, HEADER ALDER, 1000000);
    assert_true(decode_context_open(&context, config, NULL, &err));
    write_at(path, HEADER BOREALIS, 1000000);
    assert_read_again("Borealis");
    write_at(path, HEADER CYGNUSIM, 1000001);
    assert_read_again("Cygnusim");
    write_at(other, HEADER BOREALIS, 1000001);
    assert_int_equal(rename(other, path), 0);
    assert_read_again("Borealis");
    decode_context_close(&context);
    config_free(config);
}

static void a_book_that_cannot_be_read_leaves_the_old_one(void **state)
{
    struct config *config = with_book();
    struct err err = {""};
    struct book *old;

    (void)state;
    write_book(HEADER ALDER);
    assert_true(decode_context_open(&context, config, NULL, &err));
    write_book("no,such,columns\n");
    assert_false(read_again(&old, &err));
    assert_null(old);
    assert_int_equal(book_count(context.decoder.book), 1);
    decode_context_close(&context);
    config_free(config);
}

static void a_book_that_turns_bad_leaves_the_old_one(void **state)
{
    static const char *const bad[] = {
        HEADER, HEADER "n/a,A\n-,B\n",
        HEADER "n/a,A\n-,B\n77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,C\n"};
    struct config *config = with_book();
    struct err err = {""};
    struct book *old;

    (void)state;
    write_book(HEADER ALDER BOREALIS);
    assert_true(decode_context_open(&context, config, NULL, &err));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_book(bad[i]);
        assert_false(read_again(&old, &err));
        assert_null(old);
        assert_non_null(strstr(err.text, "the 2 accounts of before stay"));
        assert_int_equal(book_count(context.decoder.book), 2);
    }
    write_book(HEADER BOREALIS);
    assert_true(read_again(&old, &err));
    assert_int_equal(book_count(context.decoder.book), 1);
    book_free(old);
    decode_context_close(&context);
    config_free(config);
}

static void who_can_do_without_a_book_hears_why_it_is_not_read(void **state)
{
    struct config *config = with_book();
    struct err err = {""}, no_book;

    (void)state;
    write_book("no,such,columns\n");
    assert_true(
        decode_context_open_bookless(&context, config, &no_book, &err));
    assert_non_null(strstr(no_book.text, "no column with organisation ids"));
    assert_null(context.decoder.book);
    assert_non_null(context.decoder.catalog);
    decode_context_close(&context);
    write_book(HEADER ALDER);
    assert_true(
        decode_context_open_bookless(&context, config, &no_book, &err));
    assert_string_equal(no_book.text, "");
    assert_int_equal(book_count(context.decoder.book), 1);
    decode_context_close(&context);
    config_free(config);
}

static void a_named_book_must_be_there_a_default_one_need_not(void **state)
{
    struct config *config = with_book();
    struct err err = {""};

    (void)state;
    unlink(path);
    assert_false(decode_context_open(&context, config, NULL, &err));
    assert_non_null(strstr(err.text, path));
    config_free(config);
    config = configured("");
    assert_true(decode_context_open(&context, config, NULL, &err));
    assert_null(context.decoder.book);
    decode_context_close(&context);
    config_free(config);
}

static void a_book_in_memory_stands_in_for_the_file(void **state)
{
    struct config *config = with_book();
    struct err err = {""};

    (void)state;
    assert_true(decode_context_open(&context, config, HEADER BOREALIS, &err));
    assert_string_equal(book_at(context.decoder.book, 0)->name, "Borealis");
    assert_false(decode_context_book_changed(&context));
    decode_context_close(&context);
    config_free(config);
}

static void a_wrong_payload_path_is_told_with_its_line(void **state)
{
    struct config *config =
        configured("[payload]\nperson_email = user.mail\nnonsense = a.b\n");
    struct err err = {""};

    (void)state;
    assert_false(decode_context_open(&context, config, NULL, &err));
    assert_ptr_equal(strstr(err.text, "config.ini:3: "), err.text);
    config_free(config);
}

#define ALDER_ID "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8"
#define BOREALIS_ID "becccfc8-9252-4f2f-983e-4eeaaac45350"

static void projects_of_the_book_and_of_the_file_add_up(void **state)
{
    char text[512], projects[128];
    struct err err = {""};
    struct config *config;
    struct book *old;

    (void)state;
    snprintf(projects, sizeof projects, "%s/teams.csv", directory);
    snprintf(text, sizeof text, "accounts = %s\n[accounts]\nteams = %s\n",
             path, projects);
    config = configured(text);
    write_book("organization_id,team_ids\n" ALDER_ID ",71;72\n");
    assert_true(config_write_file(projects, "72, " BOREALIS_ID " \n9,x\n",
                                  strlen("72, " BOREALIS_ID " \n9,x\n"),
                                  NULL));
    assert_true(decode_context_open(&context, config, NULL, &err));
    assert_int_equal(teams_count(context.decoder.teams), 3);
    assert_string_equal(teams_account(context.decoder.teams, 71), ALDER_ID);
    assert_string_equal(teams_account(context.decoder.teams, 72), BOREALIS_ID);
    assert_string_equal(teams_account(context.decoder.teams, 9), "x");
    write_book("organization_id,team_ids\n" ALDER_ID ",73\n");
    assert_true(read_again(&old, &err));
    assert_null(teams_account(context.decoder.teams, 71));
    assert_string_equal(teams_account(context.decoder.teams, 73), ALDER_ID);
    book_free(old);
    decode_context_close(&context);
    config_free(config);
    unlink(projects);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/telltale-test-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/book.csv", directory);
    setenv("HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_book_is_noticed_and_read),
        cmocka_unit_test(its_size_its_time_or_its_file_make_it_another),
        cmocka_unit_test(a_book_that_cannot_be_read_leaves_the_old_one),
        cmocka_unit_test(a_book_that_turns_bad_leaves_the_old_one),
        cmocka_unit_test(who_can_do_without_a_book_hears_why_it_is_not_read),
        cmocka_unit_test(a_named_book_must_be_there_a_default_one_need_not),
        cmocka_unit_test(a_book_in_memory_stands_in_for_the_file),
        cmocka_unit_test(projects_of_the_book_and_of_the_file_add_up),
        cmocka_unit_test(a_wrong_payload_path_is_told_with_its_line),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
