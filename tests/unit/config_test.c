/* config: where values come from, which one wins, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "config/config.h"

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/telltale-test-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    setenv("HOME", "/home/tester", 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    unsetenv("XDG_STATE_HOME");
    return 0;
}

static int remove_directory(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    return system(command);
}

/* config.ini with this text; its path. */
static const char *file_with(const char *text)
{
    static char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/config.ini", directory);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

/* Splits a command line into argv, which ends with NULL; returns argc. */
static int words(char **argv, const char *line)
{
    static char text[512];
    char *at = text;
    int argc = 0;

    snprintf(text, sizeof text, "%s", line);
    while (*at) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    argv[argc] = NULL;
    return argc;
}

static struct config *load(int *argc, char **argv, struct err *err)
{
    int code = 0;
    struct config *config = config_load(argc, argv, &code, err);

    if (!config)
        assert_true(code == EXIT_USAGE || code == EXIT_CONFIG);
    return config;
}

static void refused(const char *text, const char *complaint)
{
    struct err err = {""};

    assert_null(config_read("config.ini", text, strlen(text), &err));
    assert_string_equal(err.text, complaint);
}

static void defaults_hold_when_nothing_is_said(void **state)
{
    char *argv[16];
    int argc = words(argv, "telltale");
    struct err err = {""};
    struct config *config = load(&argc, argv, &err);

    (void)state;
    assert_non_null(config);
    assert_string_equal(config_text(config, OPTION_theme), "terminal");
    assert_int_equal(config_number(config, OPTION_max_body), 2 << 20);
    assert_int_equal(config_number(config, OPTION_keep),
                     INT64_C(90) * 86400000);
    assert_false(config_flag(config, OPTION_plain));
    assert_string_equal(config_list(config, OPTION_panes)[1], "ai");
    assert_null(config_list(config, OPTION_drop_properties));
    assert_string_equal(config_text(config, OPTION_journal),
                        "/home/tester/.local/state/telltale/journal.db");
    assert_string_equal(config_origin(config, OPTION_theme), "default");
    config_free(config);
}

static void flags_win_over_environment_over_file(void **state)
{
    char *argv[16], line[256];
    int argc;
    struct err err = {""};
    struct config *config;

    (void)state;
    snprintf(line, sizeof line,
             "telltale tail --config %s --theme=mono -f --json --since 5m",
             file_with("theme = paper\n[receiver]\nmax-connections = 30\n"
                       "[screen]\nmouse = no\n"));
    argc = words(argv, line);
    setenv("TELLTALE_THEME", "night", 1);
    setenv("TELLTALE_RECEIVER_MAX_CONNECTIONS", "40", 1);
    config = load(&argc, argv, &err);
    unsetenv("TELLTALE_THEME");
    unsetenv("TELLTALE_RECEIVER_MAX_CONNECTIONS");
    assert_string_equal(err.text, "");
    assert_string_equal(config_text(config, OPTION_theme), "mono");
    assert_string_equal(config_origin(config, OPTION_theme), "--theme");
    assert_int_equal(config_number(config, OPTION_max_connections), 40);
    assert_string_equal(config_origin(config, OPTION_max_connections),
                        "TELLTALE_RECEIVER_MAX_CONNECTIONS");
    assert_false(config_flag(config, OPTION_mouse));
    assert_non_null(
        strstr(config_origin(config, OPTION_mouse), "/config.ini:5"));
    assert_true(config_flag(config, OPTION_json));
    assert_int_equal(argc, 5);
    assert_string_equal(argv[1], "tail");
    assert_string_equal(argv[2], "-f");
    assert_string_equal(argv[3], "--since");
    assert_string_equal(argv[4], "5m");
    config_free(config);
}

static void words_after_two_dashes_are_left_alone(void **state)
{
    char *argv[16];
    int argc = words(argv, "telltale tail -- --json");
    struct err err = {""};
    struct config *config = load(&argc, argv, &err);

    (void)state;
    assert_int_equal(argc, 4);
    assert_false(config_flag(config, OPTION_json));
    config_free(config);
}

static void a_wrong_name_is_an_error_with_the_nearest(void **state)
{
    (void)state;
    refused("\nlissten = 1\n",
            "config.ini:2: no setting lissten in [main]; nearest: listen");
    refused("max_body = 1M\n", "config.ini:1: max_body belongs in [receiver]");
    refused("[reciever]\nx = 1\n",
            "config.ini:2: no section [reciever]; nearest: [receiver]");
    refused("[mirorr]\nx = 1\n",
            "config.ini:2: no section [mirorr]; nearest: [mirror]");
    refused("[keyss]\nx = 1\n",
            "config.ini:2: no section [keyss]; nearest: [keys]");
    refused("[view weekly]\nquery = x\n",
            "config.ini:2: no section [view weekly]");
    refused("[mirror]\nurl = x\n", "config.ini:2: write [mirror NAME]");
    refused("[keys two]\na = b\n", "config.ini:2: write [keys]");
    refused("zzzzzzzzzzzzz = 1\n",
            "config.ini:1: no setting zzzzzzzzzzzzz in [main]");
}

static void a_header_that_cannot_carry_the_token_is_refused(void **state)
{
    static const char *const senseless[] = {
        "X Webhook",         "X-Webhook-Secret: s", "content-length", "HOST",
        "Transfer-Encoding", "webhook-signature",   "Gehei\u0308m",   "a,b"};
    char text[256], letters[LIMIT_HEADER_NAME + 2] = "";
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof senseless / sizeof *senseless; i++) {
        snprintf(text, sizeof text, "\ntoken_header = %s\n", senseless[i]);
        assert_null(config_read("config.ini", text, strlen(text), &err));
        assert_ptr_equal(strstr(err.text, "config.ini:2: token_header: "),
                         err.text);
    }
    memset(letters, 'x', LIMIT_HEADER_NAME + 1);
    snprintf(text, sizeof text, "token_header = %s\n", letters);
    refused(text, "config.ini:1: token_header: \"xxxxxxxxxxxxxxxxxxxx…\" is "
                  "longer than 63 letters");
    refused("token_header =\n",
            "config.ini:1: token_header: the name of a header is needed, like "
            "X-Webhook-Secret");
    letters[LIMIT_HEADER_NAME] = '\0';
    snprintf(text, sizeof text, "token_header = %s\n", letters);
    config_free(config_read("config.ini", text, strlen(text), &err));
    snprintf(text, sizeof text, "token_header = X-Webhook-Secret\n");
    config_free(config_read("config.ini", text, strlen(text), &err));
}

static void a_bad_value_is_an_error_with_its_line(void **state)
{
    (void)state;
    refused("[receiver]\nmax_body = 2Q\n",
            "config.ini:2: max_body: \"2Q\" is no size, like 2M");
    refused("[receiver]\nmax_connections = 3\n",
            "config.ini:2: max_connections: 3 is not in 16..60000");
    refused("[receiver]\nmax_connections = many\n",
            "config.ini:2: max_connections: \"many\" is no number");
    refused("[journal]\nkeep = long\n",
            "config.ini:2: keep: \"long\" is no length of time, like 90d or "
            "10s");
    refused("[journal]\nkeep = 0d\n",
            "config.ini:2: keep: \"0d\" is no length of time, like 90d or "
            "10s");
    refused("plain = maybe\n",
            "config.ini:1: plain: \"maybe\" is neither yes nor no");
    refused("[screen]\nglyphs = runes\n",
            "config.ini:2: glyphs: \"runes\" is none of auto|unicode|ascii");
    refused("theme = a\ntheme = b\n",
            "config.ini:2: theme was set before, at config.ini:1");
    refused("token = hush\n",
            "config.ini:1: a secret does not belong here; use token_file or "
            "token_command");
}

static void a_bad_flag_or_variable_is_told_by_name(void **state)
{
    char *argv[16];
    struct err err = {""};
    int argc = words(argv, "telltale --receiver-max-body x"), code = 0;

    (void)state;
    assert_null(config_load(&argc, argv, &code, &err));
    assert_int_equal(code, EXIT_USAGE);
    assert_string_equal(err.text, "--receiver-max-body: \"x\" is no size, "
                                  "like 2M");
    argc = words(argv, "telltale --listen");
    assert_null(config_load(&argc, argv, &code, &err));
    assert_string_equal(err.text, "--listen needs a value: ADDR:PORT");
    argc = words(argv, "telltale --token hush");
    assert_null(config_load(&argc, argv, &code, &err));
    assert_null(strstr(err.text, "hush"));
    argc = words(argv, "telltale");
    setenv("TELLTALE_PLAIN", "perhaps", 1);
    assert_null(config_load(&argc, argv, &code, &err));
    unsetenv("TELLTALE_PLAIN");
    assert_int_equal(code, EXIT_CONFIG);
    assert_string_equal(err.text,
                        "TELLTALE_PLAIN: \"perhaps\" is neither yes nor no");
}

static void a_missing_file_matters_only_when_it_was_named(void **state)
{
    char *argv[16];
    struct err err = {""};
    int argc = words(argv, "telltale"), code = 0;
    struct config *config;

    (void)state;
    unlink(file_with(""));
    config = config_load(&argc, argv, &code, &err);
    assert_non_null(config);
    config_free(config);
    argc = words(argv, "telltale --config /dev/null/c.ini");
    assert_null(config_load(&argc, argv, &code, &err));
    assert_int_equal(code, EXIT_CONFIG);
    assert_non_null(strstr(err.text, "/dev/null/c.ini"));
}

static void secrets_leave_the_environment(void **state)
{
    char *argv[16];
    int argc = words(argv, "telltale");
    struct err err = {""};
    struct config *config;

    (void)state;
    setenv("TELLTALE_TOKEN", "hush", 1);
    config = load(&argc, argv, &err);
    assert_string_equal(config_text(config, OPTION_token), "hush");
    assert_null(getenv("TELLTALE_TOKEN"));
    assert_null(config_by_name(config, "token"));
    config_free(config);
}

static bool remember(void *ctx, const char *name, const char *key,
                     const char *value, const char *where, struct err *err)
{
    if (!strcmp(value, "bad"))
        return err_set(err, "%s: bad", where);
    return buf_addf(ctx, "%s.%s=%s@%s;", name, key, value, where);
}

static void list_sections_are_handed_out_as_they_are(void **state)
{
    static const char text[] = "[mirror slack]\nurl_env = HOOK\n"
                               "[keys]\nq = quit\n"
                               "[mirror zapier]\nquery = tone:bad\n";
    struct err err = {""};
    struct config *config =
        config_read("config.ini", text, sizeof text - 1, &err);
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    assert_true(config_section(config, "mirror", remember, &out, &err));
    assert_string_equal(out.data, "slack.url_env=HOOK@config.ini:2;"
                                  "zapier.query=tone:bad@config.ini:6;");
    assert_true(config_section(config, "areas", remember, &out, &err));
    buf_free(&out);
    config_free(config);
}

static void paths_in_the_file_are_seen_from_its_directory(void **state)
{
    static const char text[] = "accounts = book.csv\njournal = ~/j.db\n"
                               "log = /var/log/telltale\n";
    struct err err = {""};
    struct config *config =
        config_read("/etc/telltale/config.ini", text, sizeof text - 1, &err);

    (void)state;
    assert_string_equal(config_text(config, OPTION_accounts),
                        "/etc/telltale/book.csv");
    assert_string_equal(config_text(config, OPTION_journal),
                        "/home/tester/j.db");
    assert_string_equal(config_by_name(config, "log"), "/var/log/telltale");
    assert_string_equal(config_by_name(config, "project-url"), "");
    assert_null(config_by_name(config, "nonsense"));
    config_free(config);
}

static void the_nearest_flag_is_found(void **state)
{
    struct buf out;

    (void)state;
    assert_string_equal(config_nearest_flag("--plian"), "--plain");
    assert_string_equal(config_nearest_flag("--hepl"), "--help");
    assert_null(config_nearest_flag("--completely-else"));
    buf_init(&out, 1000);
    setenv("TELLTALE_LISTNE", "x", 1);
    config_unknown_environment(&out);
    unsetenv("TELLTALE_LISTNE");
    assert_string_equal(out.data, "TELLTALE_LISTNE");
    buf_free(&out);
}

/* A list under `text`; NULL: refused, and err says why. */
static void list_becomes(const char *text, const char *wanted)
{
    struct err err = {""};
    struct config *config =
        config_read("config.ini", text, strlen(text), &err);

    if (!config)
        fail_msg("%s", err.text);
    assert_string_equal(config_text(config, strstr(text, "hosts")
                                                ? OPTION_link_hosts
                                                : OPTION_internal_domains),
                        wanted);
    config_free(config);
}

static void lists_are_understood_as_people_write_them(void **state)
{
    (void)state;
    list_becomes("[people]\ninternal_domains = a.example,b.example\n",
                 "a.example b.example");
    list_becomes("[people]\ninternal_domains = \"A.example, b.example\"\n",
                 "a.example b.example");
    list_becomes("[people]\ninternal_domains = @a.example;*.b.example\n"
                 "  .c.example. mail.d.example/\n",
                 "a.example b.example c.example mail.d.example");
    list_becomes("[people]\ninternal_domains = “a.example” 'b.example'\n",
                 "a.example b.example");
    list_becomes("[people]\ninternal_domains =\n", "");
    list_becomes("[links]\nhosts = [::1]:8000 *.a.example localhost\n",
                 "[::1]:8000 *.a.example localhost");
}

static void a_key_of_a_list_is_given_once(void **state)
{
    static const char text[] = "[mirror a]\nurl = x\n[mirror b]\nurl = y\n"
                               "[mirror a]\nurl = z\n";
    struct err err = {""};

    (void)state;
    assert_null(config_read("config.ini", text, sizeof text - 1, &err));
    assert_string_equal(err.text, "config.ini:6: url was set before, at "
                                  "config.ini:2");
}

static void help_names_every_setting(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 100000);
    config_help(&out, NULL, NULL);
    assert_non_null(strstr(out.data, "  --config FILE")); /* the first */
    assert_non_null(strstr(out.data, "  --listen ADDR:PORT"));
    assert_non_null(strstr(out.data, "  --receiver-max-body SIZE"));
    assert_non_null(strstr(out.data, "  TELLTALE_TOKEN "));
    assert_non_null(strstr(out.data, "  --receiver-max-connections N "));
    assert_null(strstr(out.data, "16..60000"));
    assert_non_null(strstr(out.data, "  --screen-ring-events N "));
    assert_null(strstr(out.data, "--token "));
    assert_non_null(
        strstr(out.data, "take the mouse (yes; =no turns it off)"));
    assert_non_null(strstr(out.data, "largest request body (2M)"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_cannot_carry_the_token_is_refused),
        cmocka_unit_test(defaults_hold_when_nothing_is_said),
        cmocka_unit_test(flags_win_over_environment_over_file),
        cmocka_unit_test(words_after_two_dashes_are_left_alone),
        cmocka_unit_test(a_wrong_name_is_an_error_with_the_nearest),
        cmocka_unit_test(a_bad_value_is_an_error_with_its_line),
        cmocka_unit_test(a_bad_flag_or_variable_is_told_by_name),
        cmocka_unit_test(a_missing_file_matters_only_when_it_was_named),
        cmocka_unit_test(secrets_leave_the_environment),
        cmocka_unit_test(list_sections_are_handed_out_as_they_are),
        cmocka_unit_test(paths_in_the_file_are_seen_from_its_directory),
        cmocka_unit_test(the_nearest_flag_is_found),
        cmocka_unit_test(lists_are_understood_as_people_write_them),
        cmocka_unit_test(a_key_of_a_list_is_given_once),
        cmocka_unit_test(help_names_every_setting),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
