/* What check finds: the worst first, for people and for scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "command/check_place.h"
#include "command/findings.h"

static void text_is(struct findings *findings, const char *expected)
{
    struct buf out;

    buf_init(&out, MIB);
    findings_text(findings, &out);
    assert_string_equal(out.data, expected);
    buf_free(&out);
    findings_free(findings);
}

static void the_worst_stands_first_with_what_belongs_to_it(void **state)
{
    struct findings *findings = findings_new();

    (void)state;
    finding_add(findings, FINDING_FACT, "book", "%d accounts", 30);
    finding_more(findings, "read just now");
    finding_add(findings, FINDING_NOTE, "clock", "ahead");
    finding_add(findings, FINDING_WRONG, "disk", "full");
    finding_more(findings, "since %s", "noon");
    assert_true(findings_are_wrong(findings));
    text_is(findings, "! full\n"
                      "            since noon\n"
                      "~ ahead\n"
                      "  book      30 accounts\n"
                      "            read just now\n");
}

static void lines_of_others_keep_their_marks(void **state)
{
    struct findings *findings = findings_new();

    (void)state;
    findings_add_lines(findings, "accounts",
                       "  3 of 4 accounts\n~ one more\n! none\n    but one\n");
    text_is(findings, "! none\n"
                      "                but one\n"
                      "~ one more\n"
                      "  accounts  3 of 4 accounts\n");
}

static void nothing_wrong_is_nothing_wrong(void **state)
{
    struct findings *findings = findings_new();

    (void)state;
    finding_add(findings, FINDING_NOTE, "clock", "ahead");
    assert_false(findings_are_wrong(findings));
    text_is(findings, "~ ahead\n");
}

static void what_strangers_wrote_is_harmless(void **state)
{
    struct findings *findings = findings_new();

    (void)state;
    finding_add(findings, FINDING_WRONG, "events", "%s", "a\033[2Jb\nc");
    text_is(findings, "! a\xef\xbf\xbd[2Jb c\n");
}

static void one_object_for_scripts(void **state)
{
    struct findings *findings = findings_new();
    struct buf out;

    (void)state;
    finding_add(findings, FINDING_FACT, "book", "\"x\"");
    finding_add(findings, FINDING_WRONG, "disk", "full");
    finding_more(findings, "one");
    finding_more(findings, "two");
    buf_init(&out, MIB);
    findings_json(findings, &out);
    assert_string_equal(
        out.data,
        "{\"wrong\":1,\"notes\":0,\"findings\":["
        "{\"level\":\"wrong\",\"about\":\"disk\",\"text\":\"full\","
        "\"more\":[\"one\",\"two\"]},"
        "{\"level\":\"fact\",\"about\":\"book\",\"text\":\"\\\"x\\\"\"}]}\n");
    buf_free(&out);
    findings_free(findings);
}

static void what_is_too_much_is_counted(void **state)
{
    struct findings *findings = findings_new();
    struct buf out;

    (void)state;
    for (int i = 0; i < LIMIT_FINDINGS + 3; i++)
        finding_add(findings, FINDING_NOTE, "events", "%d", i);
    buf_init(&out, LIMIT_FINDINGS_TEXT);
    findings_text(findings, &out);
    assert_non_null(strstr(out.data, "~ and 3 more, which are not listed\n"));
    buf_free(&out);
    findings_free(findings);
}

static void space(uint64_t bytes, const char *expected)
{
    struct findings *findings = findings_new();

    check_space(bytes, "/there", findings);
    text_is(findings, expected);
}

static void little_room_on_the_disk_is_said(void **state)
{
    (void)state;
    space(0, "! only 0 MB are free in /there: make room, or events are "
             "refused until there is\n");
    space(100 * (uint64_t)MIB - 1,
          "! only 99 MB are free in /there: make room, or events are "
          "refused until there is\n");
    space(100 * (uint64_t)MIB,
          "~ 100 MB are free in /there: make room, or give the journal a "
          "max_size\n");
    space(1024 * (uint64_t)MIB, "  disk      1 GB are free in /there\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_stands_first_with_what_belongs_to_it),
        cmocka_unit_test(lines_of_others_keep_their_marks),
        cmocka_unit_test(nothing_wrong_is_nothing_wrong),
        cmocka_unit_test(what_strangers_wrote_is_harmless),
        cmocka_unit_test(one_object_for_scripts),
        cmocka_unit_test(what_is_too_much_is_counted),
        cmocka_unit_test(little_room_on_the_disk_is_said),
    };

    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
