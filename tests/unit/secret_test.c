/* secret: files, commands, the first token, comparing, signatures. */
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

#include "base/buf.h"
#include "config/config.h"
#include "config/secret.h"

/* The vector that Standard Webhooks publishes. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define STAMP "1614265330"
#define BODY "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define NOW (INT64_C(1614265330) * 1000)

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/telltale-test-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    return system(command);
}

static const char *file_with(const char *text, mode_t mode)
{
    static char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/secret", directory);
    unlink(path);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path, mode);
    return path;
}

static bool verify(const char *secrets, const char *header, int64_t now)
{
    struct secret_set set = {.count = 0};
    bool good;

    assert_true(secret_set_add(&set, secrets, NULL));
    good = secret_verify(&set, ID, STAMP, header, BODY, strlen(BODY), now);
    secret_set_free(&set);
    return good;
}

static void the_published_signature_is_good(void **state)
{
    (void)state;
    assert_true(verify(SECRET, SIGNATURE, NOW));
    assert_true(verify(&SECRET[6], SIGNATURE, NOW));
}

static void one_good_signature_among_several_is_enough(void **state)
{
    (void)state;
    assert_true(
        verify("whsec_cG9zdGhvZy1hY3Rpdml0eS1maXh0dXJlLXNlY3JldCE= " SECRET,
               "v1a,xyz v1,AAAA " SIGNATURE, NOW));
}

static void another_secret_body_or_version_is_refused(void **state)
{
    struct secret_set set = {.count = 0};

    (void)state;
    assert_false(verify("whsec_cG9zdGhvZy1hY3Rpdml0eS1maXh0dXJlLXNlY3JldCE=",
                        SIGNATURE, NOW));
    assert_false(verify(SECRET, &SIGNATURE[1], NOW));
    assert_false(verify(SECRET, "", NOW));
    assert_true(secret_set_add(&set, SECRET, NULL));
    assert_false(secret_verify(&set, ID, STAMP, SIGNATURE, BODY " ", 21, NOW));
    assert_false(secret_verify(&set, "", STAMP, SIGNATURE, BODY, 20, NOW));
    assert_false(secret_verify(&set, ID, STAMP "x", SIGNATURE, BODY, 20, NOW));
    secret_set_free(&set);
}

static void a_signature_older_than_five_minutes_is_refused(void **state)
{
    (void)state;
    assert_true(verify(SECRET, SIGNATURE, NOW + 300000));
    assert_false(verify(SECRET, SIGNATURE, NOW + 300001));
    assert_true(verify(SECRET, SIGNATURE, NOW - 300000));
    assert_false(verify(SECRET, SIGNATURE, NOW - 300001));
}

static void a_secret_that_cannot_sign_is_told(void **state)
{
    struct secret_set set = {.count = 0};
    struct err err = {""};

    (void)state;
    assert_true(secret_set_add(&set, SECRET, NULL));
    assert_true(secret_can_sign(&set, &err));
    assert_true(secret_set_add(&set, "whsec_c2hvcnQ=", NULL));
    assert_false(secret_can_sign(&set, &err));
    assert_null(strstr(err.text, "c2hvcnQ"));
    secret_set_free(&set);
}

static void a_set_has_its_secrets_and_no_others(void **state)
{
    struct secret_set set = {.count = 0};

    (void)state;
    assert_true(secret_set_add(&set, "  one two\tthree\n", NULL));
    assert_int_equal(set.count, 3);
    assert_true(secret_set_has(&set, "two", 3));
    assert_false(secret_set_has(&set, "tw", 2));
    assert_false(secret_set_has(&set, "two ", 4));
    assert_false(secret_set_has(&set, "", 0));
    secret_set_free(&set);
    assert_false(secret_set_add(&set, "caf\xc3\xa9", NULL));
    secret_set_free(&set);
}

static void every_printable_letter_may_be_in_a_secret(void **state)
{
    struct secret_set set = {.count = 0};

    (void)state;
    assert_true(secret_set_add(&set, "!a ~b a! b~", NULL));
    assert_int_equal(set.count, 4);
    assert_true(secret_set_has(&set, "!a", 2));
    assert_true(secret_set_has(&set, "b~", 2));
    secret_set_free(&set);
    assert_false(secret_set_add(&set, "a\x7f", NULL));
    assert_false(secret_set_add(&set, "a\x1f", NULL));
    secret_set_free(&set);
}

static void a_file_others_may_read_is_refused(void **state)
{
    struct err err = {""};
    char *secret;

    (void)state;
    assert_null(secret_from_file(file_with("hush\n", 0644), &err));
    assert_non_null(strstr(err.text, "chmod 600"));
    assert_null(strstr(err.text, "hush"));
    secret = secret_from_file(file_with(" hush \nmore\n", 0600), &err);
    assert_string_equal(secret, "hush");
    secret_free(secret);
    assert_null(secret_from_file(file_with("\nhush\n", 0600), &err));
    assert_null(secret_from_file(directory, &err));
    assert_null(secret_from_file("/dev/null/file", &err));
}

static void root_is_not_told_to_take_what_is_anothers(void **state)
{
    const char *path = file_with("x\n", 0600);
    struct err err = {""};

    (void)state;
    if (geteuid()) {
        printf("# left out: root alone may give files away\n");
        return;
    }
    assert_int_equal(chown(path, 61184, (gid_t)-1), 0);
    assert_null(secret_from_file(path, &err));
    assert_non_null(strstr(err.text, ": belongs to user 61184, "));
    assert_non_null(strstr(err.text, "run telltale as that user"));
    assert_null(strstr(err.text, "chown"));
}

static void a_file_may_be_named_from_the_home_directory(void **state)
{
    const char *path = file_with("hush\n", 0600);
    char short_name[64], *secret;

    (void)state;
    setenv("HOME", directory, 1);
    snprintf(short_name, sizeof short_name, "~%s", strrchr(path, '/'));
    secret = secret_from_file(short_name, NULL);
    assert_non_null(secret);
    assert_string_equal(secret, "hush");
    secret_free(secret);
}

static char *printed_by(const char *command, struct err *err)
{
    return secret_from_command("token_command", command, SECRET_COMMAND_MS,
                               err);
}

static void a_command_gives_its_first_line_without_a_shell(void **state)
{
    struct err err = {""};
    char *secret = printed_by("printf  hush\\nmore", &err);

    (void)state;
    assert_string_equal(secret, "hush");
    secret_free(secret);
    secret = printed_by("echo $HOME;id", &err);
    assert_string_equal(secret, "$HOME;id");
    secret_free(secret);
    assert_null(printed_by("false", &err));
    assert_string_equal(err.text,
                        "token_command: false failed: no secret from it");
    assert_null(printed_by("true", &err));
    assert_null(printed_by("/dev/null/command", &err));
    assert_string_equal(err.text,
                        "token_command: /dev/null/command: Not a directory");
    assert_null(printed_by("  ", &err));
}

static void a_command_that_does_not_end_is_ended(void **state)
{
    static const char *const scripts[] = {"exec sleep 1000\n",
                                          "echo hush; exec sleep 1000\n",
                                          "exec >&-; exec sleep 1000\n"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        char command[160];

        snprintf(command, sizeof command, "sh %s",
                 file_with(scripts[i], 0600));
        assert_null(secret_from_command("token_command", command, 50, &err));
        assert_string_equal(err.text,
                            "token_command: sh did not end within 0.05 s");
    }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static bool is_runnable(const char *command, struct err *err)
{
    *err = (struct err){""};
    return secret_command_check("token_command", command, err);
}

static void a_command_is_looked_for_as_it_would_be_run(void **state)
{
    static const char script[] = "#!/bin/sh\n";
    char *path = strdup(getenv("PATH")), places[128];
    struct err err;

    (void)state;
    assert_true(is_runnable(" echo hush", &err));
    assert_true(is_runnable(file_with(script, 0700), &err));
    assert_false(is_runnable("no-such-program hush", &err));
    assert_string_equal(
        err.text, "token_command: no-such-program: No such file or directory");
    assert_false(is_runnable("/dev/null/command", &err));
    assert_false(is_runnable(directory, &err));
    assert_false(is_runnable(file_with(script, 0600), &err));
    assert_non_null(strstr(err.text, "secret: Permission denied"));
    assert_false(is_runnable("  ", &err));
    snprintf(places, sizeof places, "/dev/null:%s", directory);
    setenv("PATH", places, 1);
    assert_false(is_runnable("secret", &err));
    assert_string_equal(err.text, "token_command: secret: Permission denied");
    file_with(script, 0700);
    assert_true(is_runnable("secret", &err));
    assert_false(is_runnable("echo", &err));
    setenv("PATH", path, 1);
    free(path);
}

static void the_first_start_makes_a_token_and_later_ones_keep_it(void **state)
{
    struct err err = {""};
    char path[128], *first, *second;
    struct stat st;
    bool made;

    (void)state;
    snprintf(path, sizeof path, "%s/a/b/token", directory);
    first = secret_token_file(path, &made, &err);
    assert_non_null(first);
    assert_true(made);
    assert_int_equal(strlen(first), 22);
    assert_int_equal(strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
                                   "nopqrstuvwxyz0123456789-_"),
                     22);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    second = secret_token_file(path, &made, &err);
    assert_false(made);
    assert_string_equal(first, second);
    secret_free(first);
    secret_free(second);
}

static void a_file_is_written_whole_and_private(void **state)
{
    char path[128];
    struct stat st;
    struct err err = {""};

    (void)state;
    snprintf(path, sizeof path, "%s/written", directory);
    assert_true(config_write_file(path, "old\n", 4, &err));
    assert_true(config_write_file(path, "fresh\n", 6, &err));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 6);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(config_write_file("/dev/null/file", "x", 1, &err));
}

/* Where process numbers repeat, as in a container, a killed one may have left
 * its unfinished file under the name we take. */
static void what_a_killed_start_left_is_in_nobodys_way(void **state)
{
    char path[128], left[160], *token;
    struct err err = {""};
    bool made;

    (void)state;
    snprintf(path, sizeof path, "%s/again", directory);
    snprintf(left, sizeof left, "%s.%ld.tmp", path, (long)getpid());
    assert_int_equal(symlink("/dev/null/place", left), 0);
    token = secret_token_file(path, &made, &err);
    assert_non_null(token);
    assert_true(made);
    secret_free(token);
    assert_int_equal(symlink("/dev/null/place", left), 0);
    assert_true(config_write_file(path, "fresh\n", 6, &err));
    assert_int_equal(access(left, F_OK), -1);
}

static void a_login_in_an_address_is_not_shown(void **state)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"nats://u:p@s@h/S", "nats://********@h/S"},
        {"tls://t@h", "tls://********@h"},
        {"nats://h:1/S", "nats://h:1/S"},
        {"https://ada:p/w@x.example/y", "https://********@x.example/y"},
        {"https://x.example/y", "https://x.example/y"},
        {"maya@alder.example", "maya@alder.example"},
        {"", ""},
    };
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&out);
        buf_adds(&out, "");
        secret_mask_login(&out, cases[i].text);
        assert_string_equal(out.data, cases[i].shown);
    }
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_signature_is_good),
        cmocka_unit_test(one_good_signature_among_several_is_enough),
        cmocka_unit_test(another_secret_body_or_version_is_refused),
        cmocka_unit_test(a_signature_older_than_five_minutes_is_refused),
        cmocka_unit_test(a_secret_that_cannot_sign_is_told),
        cmocka_unit_test(a_set_has_its_secrets_and_no_others),
        cmocka_unit_test(every_printable_letter_may_be_in_a_secret),
        cmocka_unit_test(a_login_in_an_address_is_not_shown),
        cmocka_unit_test(a_file_others_may_read_is_refused),
        cmocka_unit_test(root_is_not_told_to_take_what_is_anothers),
        cmocka_unit_test(a_file_may_be_named_from_the_home_directory),
        cmocka_unit_test(a_command_gives_its_first_line_without_a_shell),
        cmocka_unit_test(a_command_that_does_not_end_is_ended),
        cmocka_unit_test(a_command_is_looked_for_as_it_would_be_run),
        cmocka_unit_test(the_first_start_makes_a_token_and_later_ones_keep_it),
        cmocka_unit_test(a_file_is_written_whole_and_private),
        cmocka_unit_test(what_a_killed_start_left_is_in_nobodys_way),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
