/* config/viewers: names and tokens, in memory and in the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/viewers.h"

#include "base/banned.h"

#define MADE INT64_C(1789423200000)
#define SERVICE 61184 /* as systemd numbers them */

static char path[] = "/tmp/telltale-viewers-XXXXXX";
static struct err err;

static bool finds(const struct viewers *viewers, const char *token,
                  const char *name)
{
    struct viewer_token found;

    return viewers_find(viewers, token, strlen(token), &found) &&
           !strcmp(found.name, name) && viewers_hold(viewers, &found);
}

static void a_token_is_its_owners_until_it_is_taken_back(void **state)
{
    struct viewers viewers = {.count = 0};
    struct viewer_token maya;
    char *first, *second, *third;

    (void)state;
    first = viewers_add(&viewers, "maya", MADE, &err);
    second = viewers_add(&viewers, "ben", MADE, &err);
    assert_true(finds(&viewers, first, "maya"));
    assert_true(finds(&viewers, second, "ben"));
    assert_false(finds(&viewers, "", "maya"));
    assert_true(viewers_find(&viewers, first, strlen(first), &maya));
    assert_true(viewers_remove(&viewers, "maya"));
    assert_false(viewers_remove(&viewers, "maya"));
    assert_false(finds(&viewers, first, "maya"));
    assert_true(finds(&viewers, second, "ben"));
    third = viewers_add(&viewers, "maya", MADE, &err);
    assert_string_not_equal(first, third);
    assert_false(viewers_hold(&viewers, &maya));
    secret_free(first);
    secret_free(second);
    secret_free(third);
    viewers_free(&viewers);
}

static void tokens_of_the_settings_have_no_name(void **state)
{
    struct viewers viewers = {.count = 0};

    (void)state;
    assert_true(secret_set_add(&viewers.tokens, "one two", &err));
    assert_true(finds(&viewers, "one", ""));
    assert_true(finds(&viewers, "two", ""));
    assert_false(finds(&viewers, "one two", ""));
    viewers_free(&viewers);
}

static void the_file_holds_hashes_and_reads_back(void **state)
{
    struct viewers viewers = {.count = 0}, read = {.count = 0};
    char *token = viewers_add(&viewers, "maya", MADE, &err);
    char text[512] = "";
    struct stat st;
    FILE *file;

    (void)state;
    assert_true(viewers_write(&viewers, path, &err));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    file = fopen(path, "r");
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_null(strstr(text, token));
    assert_true(viewers_read(&read, path, &err));
    assert_int_equal(read.count, 1);
    assert_int_equal(read.named[0].since_ms, MADE);
    assert_true(finds(&read, token, "maya"));
    secret_free(token);
    viewers_free(&viewers);
    viewers_free(&read);
}

static void what_is_no_line_leaves_those_who_were_there(void **state)
{
    static const char *const bad[] = {"maya\n",
                                      "maya 12 2026-09-14T00:00:00Z\n",
                                      "a b c d\n", "ma/ya 00 now\n"};
    struct viewers viewers = {.count = 0};
    char *token = viewers_add(&viewers, "ben", MADE, &err);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        FILE *file = fopen(path, "w");

        fputs(bad[i], file);
        fclose(file);
        assert_false(viewers_read(&viewers, path, &err));
        assert_non_null(strstr(err.text, ":1: "));
        assert_true(finds(&viewers, token, "ben"));
    }
    secret_free(token);
    viewers_free(&viewers);
}

static void no_file_is_nobody(void **state)
{
    struct viewers viewers = {.count = 0};

    (void)state;
    assert_true(viewers_read(&viewers, "/nowhere/viewers", &err));
    assert_int_equal(viewers.count, 0);
}

/* As with systemd's DynamicUser: root writes, a user without a name reads. */
static void what_root_writes_is_the_services(void **state)
{
    struct viewers viewers = {.count = 0}, read = {.count = 0};
    char folder[] = "/tmp/telltale-viewers-XXXXXX", file[64];
    struct stat st;
    int status = 1;
    pid_t pid;

    (void)state;
    if (geteuid()) {
        printf("# left out: root alone may give files away\n");
        return;
    }
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chown(folder, SERVICE, SERVICE), 0);
    snprintf(file, sizeof file, "%s/viewers", folder);
    for (int i = 0; i < 2; i++) {
        char name[] = {'m', (char)('0' + i), '\0'};

        assert_true(viewers_read(&viewers, file, &err));
        secret_free(viewers_add(&viewers, name, MADE, &err));
        assert_true(viewers_write(&viewers, file, &err));
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_uid, SERVICE);
    }
    pid = fork();
    if (!pid)
        _exit(setuid(SERVICE) || !viewers_read(&read, file, &err));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    unlink(file);
    rmdir(folder);
    viewers_free(&viewers);
}

static void whose_file_it_is_and_what_to_do_is_said(void **state)
{
    struct viewers viewers = {.count = 0};
    int status = 1;
    pid_t pid;

    (void)state;
    if (geteuid()) {
        printf("# left out: root alone may give files away\n");
        return;
    }
    assert_true(viewers_write(&viewers, path, &err)); /* root's, in /tmp */
    pid = fork();
    if (!pid)
        _exit(setuid(SERVICE) || viewers_read(&viewers, path, &err) ||
              !strstr(err.text, ": belongs to user 0, and this is user "
                                "61184: sudo chown 61184 /tmp/"));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_its_owners_until_it_is_taken_back),
        cmocka_unit_test(tokens_of_the_settings_have_no_name),
        cmocka_unit_test(the_file_holds_hashes_and_reads_back),
        cmocka_unit_test(what_is_no_line_leaves_those_who_were_there),
        cmocka_unit_test(no_file_is_nobody),
        cmocka_unit_test(what_root_writes_is_the_services),
        cmocka_unit_test(whose_file_it_is_and_what_to_do_is_said),
    };
    int fd = mkstemp(path), failed;

    if (fd < 0)
        return 1;
    close(fd);
    failed = cmocka_run_group_tests_name("viewers", tests, NULL, NULL);
    unlink(path);
    return failed;
}
