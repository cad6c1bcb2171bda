/* Links (OSC 8) that are woven into what curses writes. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "ui/term/hyper.h"

#define ONE "\033]8;id=t1;https://a.test/1\033\\"
#define TWO "\033]8;id=t2;https://a.test/2\033\\"
#define END "\033]8;;\033\\"
#define CLEAR "\033[H\033[2J"

static struct hyper *hyper;
static struct buf out;

static int begin(void **state)
{
    (void)state;
    hyper = hyper_new(4, 10);
    buf_init(&out, 64 * KIB);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hyper_free(hyper);
    buf_free(&out);
    return 0;
}

static const char *woven(const char *bytes)
{
    buf_clear(&out);
    assert_true(hyper_weave(hyper, bytes, strlen(bytes), &out));
    return out.data;
}

static void want(int y, int x, int cells, int number)
{
    hyper_want(hyper, y, x, cells,
               number == 1 ? "https://a.test/1" : "https://a.test/2");
}

static void letters_in_such_cells_are_links(void **state)
{
    (void)state;
    want(1, 2, 3, 1);
    assert_string_equal(woven(CLEAR "\033[2Habcdefg"),
                        CLEAR "\033[2Hab" ONE "cde" END "fg");
    assert_int_equal(hyper_wrong(hyper, 0), -1);
}

static void a_link_ends_before_the_cursor_moves(void **state)
{
    (void)state;
    want(0, 0, 2, 1);
    want(1, 0, 2, 1);
    assert_string_equal(woven(CLEAR "ab\r\ncd"),
                        CLEAR ONE "ab" END "\r\n" ONE "cd" END);
}

static void colours_change_within_a_link(void **state)
{
    (void)state;
    want(0, 0, 4, 1);
    assert_string_equal(woven(CLEAR "ab\033[1mcd\033(B\033[me"),
                        CLEAR ONE "ab\033[1mcd\033(B\033[m" END "e");
}

static void wide_letters_take_two_cells(void **state)
{
    (void)state;
    want(0, 2, 2, 1);
    want(0, 4, 2, 2);
    assert_string_equal(woven(CLEAR "売上高e\u0301"),
                        CLEAR "売" ONE "上" TWO "高" END "e\u0301");
    assert_int_equal(hyper_wrong(hyper, 0), -1);
}

static void repeated_letters_are_written_out(void **state)
{
    (void)state;
    want(0, 2, 2, 1);
    assert_string_equal(woven(CLEAR "-\033[5b"), CLEAR "--" ONE "--" END "--");
}

static void what_scrolls_takes_its_link_along(void **state)
{
    (void)state;
    want(1, 0, 2, 1);
    woven(CLEAR "\033[2Hab");
    hyper_clear(hyper);
    want(0, 0, 2, 1);
    want(3, 0, 2, 2);
    assert_string_equal(woven("\033[1;4r\033[4;1H\ncd"),
                        "\033[1;4r\033[4;1H\n" TWO "cd" END);
    assert_int_equal(hyper_wrong(hyper, 0), -1);
}

static void cells_that_are_shifted_take_it_along(void **state)
{
    (void)state;
    want(0, 2, 1, 1);
    woven(CLEAR "abcd");
    hyper_clear(hyper);
    want(0, 1, 1, 1);
    assert_int_equal(hyper_wrong(hyper, 0), 0);
    woven("\033[H\033[P");
    assert_int_equal(hyper_wrong(hyper, 0), -1);
    hyper_clear(hyper);
    want(0, 3, 1, 1);
    woven("\033[H\033[2@");
    assert_int_equal(hyper_wrong(hyper, 0), -1);
    hyper_clear(hyper);
    woven("\033[H\033[K");
    assert_int_equal(hyper_wrong(hyper, 0), -1);
}

/* Nothing is written there by itself. */
static void a_row_whose_link_alone_is_another_is_told(void **state)
{
    (void)state;
    want(2, 0, 2, 1);
    woven(CLEAR "\033[3Hab");
    hyper_clear(hyper);
    want(2, 0, 2, 2);
    woven("");
    assert_int_equal(hyper_wrong(hyper, 0), 2);
    assert_int_equal(hyper_wrong(hyper, 3), -1);
    assert_string_equal(woven("\033[3Hab"), "\033[3H" TWO "ab" END);
    assert_int_equal(hyper_wrong(hyper, 0), -1);
}

/* After a size is another, what stands there is not known. */
static void a_new_size_begins_anew(void **state)
{
    (void)state;
    woven(CLEAR);
    assert_int_equal(hyper_wrong(hyper, 0), -1);
    hyper_resize(hyper, 2, 20);
    assert_int_equal(hyper_wrong(hyper, 0), 0);
    woven(CLEAR);
    assert_int_equal(hyper_wrong(hyper, 0), -1);
}

static void what_is_no_cell_is_passed_on(void **state)
{
    static const char bytes[] =
        "\033]0;title\a\033]52;c;YQ==\033\\\033Ptmux;\033\033]52;c;YQ==\a"
        "\033\\\033[?2026h\033[?25l\033[22;0t\0337\033[r\0338\033=\033[>1u";

    (void)state;
    assert_string_equal(woven(bytes), bytes);
}

/* Then nobody knows any more where a letter goes: it is the end of links. */
static void what_is_not_known_ends_all_links(void **state)
{
    static const char bytes[] = CLEAR "a\033[5&zbc";

    (void)state;
    want(0, 0, 5, 1);
    buf_clear(&out);
    assert_false(hyper_weave(hyper, bytes, strlen(bytes), &out));
    assert_string_equal(out.data, CLEAR ONE "a" END "\033[5&zbc");
    assert_int_equal(hyper_wrong(hyper, 0), -1);
    hyper_clear(hyper);
    want(0, 0, 5, 1);
    assert_string_equal(woven(CLEAR "abc"), CLEAR "abc");
}

static void what_is_no_address_is_no_link(void **state)
{
    (void)state;
    hyper_want(hyper, 0, 0, 5, "https://a.test/\033\\");
    hyper_want(hyper, 0, 0, 5, "https://a.test/é");
    hyper_want(hyper, 0, 0, 5, "");
    hyper_want(hyper, 7, 0, 5, "https://a.test/1");
    assert_string_equal(woven(CLEAR "abc"), CLEAR "abc");
}

/* More than there are numbers: those that no cell has make room. */
static void old_links_make_room(void **state)
{
    char url[40];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        hyper_clear(hyper);
        snprintf(url, sizeof url, "https://a.test/old/%d", i);
        hyper_want(hyper, 0, 0, 1, url);
        woven(CLEAR "a");
        assert_non_null(strstr(out.data, url));
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(letters_in_such_cells_are_links),
        CASE(a_link_ends_before_the_cursor_moves),
        CASE(colours_change_within_a_link),
        CASE(wide_letters_take_two_cells),
        CASE(repeated_letters_are_written_out),
        CASE(what_scrolls_takes_its_link_along),
        CASE(cells_that_are_shifted_take_it_along),
        CASE(a_row_whose_link_alone_is_another_is_told),
        CASE(a_new_size_begins_anew),
        CASE(what_is_no_cell_is_passed_on),
        CASE(what_is_not_known_ends_all_links),
        CASE(what_is_no_address_is_no_link),
        CASE(old_links_make_room),
    };

    setlocale(LC_CTYPE, "C.UTF-8"); /* for the width of letters */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
