/* INI text: settings come with their lines, nothing is cut silently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/ini.h"

/* Everything read, as "section@line key=value@line\n". */
static bool note(void *ctx, const struct ini_entry *entry, struct err *err)
{
    if (strcmp(entry->key, "refuse") == 0)
        return err_set(err, "%s: refused", entry->where);
    return buf_addf(ctx, "%s@%u %s=%s@%u\n", entry->section,
                    entry->section_line, entry->key, entry->value,
                    entry->line);
}

static void reads(const char *text, const char *expected)
{
    struct buf seen;
    struct err err = {{0}};

    buf_init(&seen, 1 << 20);
    if (!ini_read("x.ini", text, strlen(text), note, &seen, &err))
        fail_msg("%s", err.text);
    assert_string_equal(seen.data, expected);
    buf_free(&seen);
}

static void refuses_n(const char *text, size_t len, const char *expected)
{
    struct buf seen;
    struct err err = {{0}};

    buf_init(&seen, 1 << 20);
    assert_false(ini_read("x.ini", text, len, note, &seen, &err));
    assert_string_equal(err.text, expected);
    buf_free(&seen);
}

static void refuses(const char *text, const char *expected)
{
    refuses_n(text, strlen(text), expected);
}

static void settings_come_with_section_and_line(void **state)
{
    (void)state;
    reads("", "");
    reads("; nothing\n\n# at all", "");
    reads("a = 1\n[s]\nb=2\n\n; c\nc : 3 ; three\n[t]\nb=  4  \n",
          "@0 a=1@1\ns@2 b=2@3\ns@2 c=3@6\nt@7 b=4@8\n");
}

static void indented_lines_go_on_with_the_value_above(void **state)
{
    (void)state;
    reads("a = one\n  two ; not three\n\tthree\nb =\n  [ four ]\n",
          "@0 a=one two three@1\n@0 b=[ four ]@4\n");
    reads("a = one\n\n; between\n  two\n", "@0 a=one two@1\n");
}

static void two_sections_of_one_name_differ_by_line(void **state)
{
    (void)state;
    reads("[s]\na=1\n[s]\na=2\n", "s@1 a=1@2\ns@3 a=2@4\n");
}

static void files_of_windows_read_the_same(void **state)
{
    (void)state;
    reads("\xef\xbb\xbf[s]\r\na = 1\r\n  2\r\n", "s@1 a=1 2@2\n");
}

static void what_is_no_setting_is_refused_by_line(void **state)
{
    (void)state;
    refuses("a=1\n\nhello\n", "x.ini:3: expected \"key = value\"");
    refuses("[s\na=1\n", "x.ini:1: \"]\" is missing after the section");
    refuses("= 1\n", "x.ini:1: a name is missing before the \"=\"");
    refuses("[s]\n  a = 1\n", "x.ini:2: a setting starts in the first column");
    refuses("a=1\n[s]\n  b = 1\n",
            "x.ini:3: a setting starts in the first column");
}

static void the_first_error_wins(void **state)
{
    (void)state;
    refuses("hello\nrefuse=1\n", "x.ini:1: expected \"key = value\"");
    refuses("a=1\nrefuse=1\nhello\n", "x.ini:2: refused");
}

static void long_lines_and_names_are_refused(void **state)
{
    char line[400];

    (void)state;
    memset(line, 'x', sizeof line);
    memcpy(line, "a = ", 4);
    refuses_n(line, 191,
              "x.ini:1: line is longer than 190 bytes; "
              "go on in an indented line");
    refuses_n("a = \0", 5, "x.ini:1: NUL byte in the line");
    memset(line, 'k', 50);
    line[50] = '=';
    refuses_n(line, 100, "x.ini:1: name is longer than 49 bytes");
    line[0] = '[';
    line[51] = ']';
    refuses_n(line, 52, "x.ini:1: name is longer than 49 bytes");
}

static void a_line_of_190_bytes_is_whole(void **state)
{
    char line[191], seen[220];

    (void)state;
    memset(line, 'x', sizeof line - 1);
    line[190] = '\0';
    memcpy(line, "a=", 2);
    snprintf(seen, sizeof seen, "@0 a=%s@1\n", line + 2);
    reads(line, seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_come_with_section_and_line),
        cmocka_unit_test(indented_lines_go_on_with_the_value_above),
        cmocka_unit_test(two_sections_of_one_name_differ_by_line),
        cmocka_unit_test(files_of_windows_read_the_same),
        cmocka_unit_test(what_is_no_setting_is_refused_by_line),
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(long_lines_and_names_are_refused),
        cmocka_unit_test(a_line_of_190_bytes_is_whole),
    };

    return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}
