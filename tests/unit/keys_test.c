/* Bytes of a terminal become keys: what is one, what is waited for, and what
 * is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/term/keys.h"
#include "base/banned.h"

static uint32_t next(struct keys *keys, const char *bytes, bool late)
{
    struct key key = {.code = 0};

    buf_adds(keys_buffer(keys), bytes);
    return keys_next(keys, late, &key) ? key.code : 0;
}

static void a_lone_escape_is_a_key_once_nothing_follows(void **state)
{
    struct keys *keys = keys_new();

    (void)state;
    assert_int_equal(next(keys, "\033", false), 0);
    assert_int_equal(keys_wait_us(keys), KEYS_ESC_US);
    assert_int_equal(next(keys, "[A", false), KEY_CODE_UP);
    assert_int_equal(next(keys, "\033", true), KEY_CODE_ESC);
    assert_int_equal(next(keys, "", true), 0);
    assert_int_equal(keys_wait_us(keys), 0);
    keys_free(keys);
}

static void two_escapes_are_alt_with_a_key_or_esc_and_another(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t first, then;
    } cases[] = {
        {"\033\033", KEY_CODE_ESC, KEY_CODE_ESC},
        {"\033\033x", KEY_CODE_ESC, KEY_CODE_UNKNOWN},
        {"\033\033[A", KEY_CODE_UNKNOWN, 0},
        {"\033\033OA", KEY_CODE_UNKNOWN, 0},
        {"\033\033[99~", KEY_CODE_ESC, KEY_CODE_UNKNOWN},
        {"\033\033[<65;1;1M", KEY_CODE_ESC, KEY_CODE_WHEEL_DOWN},
        {"\033\033[1", KEY_CODE_ESC, KEY_CODE_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct keys *keys = keys_new();

        assert_int_equal(next(keys, cases[i].bytes, true), cases[i].first);
        assert_int_equal(next(keys, "", true), cases[i].then);
        assert_int_equal(next(keys, "", true), 0);
        keys_free(keys);
    }
}

static void what_may_be_alt_with_a_key_is_waited_for(void **state)
{
    struct keys *keys = keys_new();

    (void)state;
    assert_int_equal(next(keys, "\033\033", false), 0);
    assert_int_equal(keys_wait_us(keys), KEYS_ESC_US);
    assert_int_equal(next(keys, "[1", false), 0);
    assert_int_equal(keys_wait_us(keys), KEYS_REST_US);
    assert_int_equal(next(keys, ";5A", false), KEY_CODE_UNKNOWN);
    assert_int_equal(next(keys, "", true), 0);
    keys_free(keys);
}

static void alt_and_a_character_are_one(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t then;
    } cases[] = {
        {"\033x", 0},
        {"\033\303\274", 0},
        {"\033(B", 0},
        {"\033 \033[A", KEY_CODE_UP},
        {"\033(\303\274", 0xfc},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct keys *keys = keys_new();

        assert_int_equal(next(keys, cases[i].bytes, true), KEY_CODE_UNKNOWN);
        assert_int_equal(next(keys, "", true), cases[i].then);
        assert_int_equal(next(keys, "", true), 0);
        keys_free(keys);
    }
}

static void keys_come_as_every_terminal_sends_them(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t code;
    } cases[] = {
        {"\033OA", KEY_CODE_UP},
        {"\033[B", KEY_CODE_DOWN},
        {"\033[1~", KEY_CODE_HOME},
        {"\033[H", KEY_CODE_HOME},
        {"\033[4~", KEY_CODE_END},
        {"\033[5~", KEY_CODE_PAGE_UP},
        {"\033[Z", KEY_CODE_BACK_TAB},
        {"\r", KEY_CODE_ENTER},
        {"\010", KEY_CODE_BACKSPACE},
        {"\177", KEY_CODE_BACKSPACE},
        {"\303\251", 0xe9},
        {"\014", 0x0c},
        {"\033[1;5C", KEY_CODE_RIGHT},
        {"\033[99~", KEY_CODE_UNKNOWN},
        {"\377", KEY_CODE_UNKNOWN},
    };
    struct keys *keys = keys_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(next(keys, cases[i].bytes, false), cases[i].code);
    keys_free(keys);
}

static void the_mouse_reports_its_cell(void **state)
{
    struct keys *keys = keys_new();
    struct key key;

    (void)state;
    buf_adds(keys_buffer(keys), "\033[<0;250;7M\033[<65;1;1M");
    assert_true(keys_next(keys, false, &key));
    assert_int_equal(key.code, KEY_CODE_CLICK);
    assert_int_equal(key.x, 249);
    assert_int_equal(key.y, 6);
    assert_true(keys_next(keys, false, &key));
    assert_int_equal(key.code, KEY_CODE_WHEEL_DOWN);
    keys_free(keys);
}

/* In pieces, as it may come; an answer to another question says nothing. */
static void a_terminal_tells_its_background(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t code;
        int light;
    } cases[] = {
        {"\033]11;rgb:ffff/ffff/ffff\033\\", KEY_CODE_BACKGROUND, 1},
        {"\033]11;rgb:fb/f8/f1\a", KEY_CODE_BACKGROUND, 1},
        {"\033]11;rgba:0000/2b2b/3636/ffff\033\\", KEY_CODE_BACKGROUND, 0},
        {"\033]11;rgb:1e1e/1e1e/1e1e\a", KEY_CODE_BACKGROUND, 0},
        {"\033]10;rgb:ffff/ffff/ffff\aq", 'q', 0},
        {"\033]11;rgb:q/x/u\aq", 'q', 0},
        {"\033]11;?\aq", 'q', 0},
    };
    struct key key;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct keys *keys = keys_new();
        bool came = false;

        for (const char *at = cases[i].bytes; *at && !came; at++) {
            buf_addc(keys_buffer(keys), *at);
            came =
                keys_next(keys, false, &key) && key.code != KEY_CODE_UNKNOWN;
        }
        assert_true(came);
        assert_int_equal(key.code, cases[i].code);
        assert_int_equal(key.x, cases[i].light);
        keys_free(keys);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_escape_is_a_key_once_nothing_follows),
        cmocka_unit_test(two_escapes_are_alt_with_a_key_or_esc_and_another),
        cmocka_unit_test(what_may_be_alt_with_a_key_is_waited_for),
        cmocka_unit_test(alt_and_a_character_are_one),
        cmocka_unit_test(keys_come_as_every_terminal_sends_them),
        cmocka_unit_test(the_mouse_reports_its_cell),
        cmocka_unit_test(a_terminal_tells_its_background),
    };

    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
