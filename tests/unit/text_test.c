/* text: UTF-8, the sanitiser, width, cutting, finding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "base/text.h"
#include "base/utf8.h"

#include "base/banned.h"

#define BAD "\xef\xbf\xbd"

static void cleans_to(const char *text, const char *expected)
{
    struct buf out;

    buf_init(&out, 4096);
    assert_true(text_sanitise(&out, text, strlen(text), 4096));
    assert_string_equal(out.data, expected);
    buf_free(&out);
}

static void malformed_utf8_is_found_where_it_starts(void **state)
{
    static const char *const wrong[] = {
        "abc\x80",
        "abc\xc0\xaf",
        "abc\xe0\x80\xaf",
        "abc\xed\xa0\x80",
        "abc\xf4\x90\x80\x80",
        "abc\xf5\x80\x80\x80",
        "abc\xe2\x82",
        "abc\xff",
        "abc\xc3(",
    };
    size_t i, at;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        at = 0;
        assert_false(utf8_valid(wrong[i], strlen(wrong[i]), &at));
        assert_int_equal(at, 3);
    }
    assert_true(utf8_valid("ひばり é 😀 \x7f", 19, NULL));
    assert_true(utf8_valid("", 0, NULL));
}

static void every_code_point_survives_encoding(void **state)
{
    uint32_t code, back;
    char bytes[4];
    int n;

    (void)state;
    for (code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 37) {
        if (code >= 0xd800 && code < 0xe000)
            continue;
        n = utf8_encode(code, bytes);
        assert_int_equal(utf8_decode(bytes, (size_t)n, &back), n);
        assert_int_equal(back, code);
    }
    assert_int_equal(utf8_encode(0xd800, bytes), 3);
    assert_memory_equal(bytes, BAD, 3);
    assert_int_equal(utf8_decode("", 0, &back), 0);
    assert_int_equal(utf8_decode("\x80", 1, &back), -1);
    assert_int_equal(back, 0xfffd);
}

static void controls_become_visible_and_line_ends_blank(void **state)
{
    (void)state;
    cleans_to("a\tb\r\nc", "a b  c");
    cleans_to("\033[31mred\033]0;title\007", BAD "[31mred" BAD "]0;title" BAD);
    cleans_to("x\x7fy\xc2\x9bz", "x" BAD "y" BAD "z");
    cleans_to("a\xe2\x80\xa8"
              "b",
              "a b"); /* line separator */
}

static void malformed_bytes_become_visible_one_by_one(void **state)
{
    (void)state;
    cleans_to("a\x80\xffz", "a" BAD BAD "z");
    cleans_to("\xe2\x82", BAD BAD);
    cleans_to("\xed\xa0\x80", BAD BAD BAD);
}

static void what_cannot_be_seen_goes(void **state)
{
    (void)state;
    cleans_to("a\xe2\x80\xae"
              "evil\xe2\x80\xac"
              "b",
              "aevilb"); /* RLO, PDF */
    cleans_to("a\xe2\x81\xa6"
              "b\xe2\x81\xa9",
              "ab"); /* isolates */
    cleans_to("a\xe2\x80\x8b"
              "b\xef\xbb\xbf"
              "c\xc2\xad",
              "abc");
    cleans_to("\xe3\x85\xa4x\xef\xbe\xa0", "x"); /* Hangul fillers */
    cleans_to("a\xf3\xa0\x81\x81"
              "b",
              "ab");                           /* a tag */
    cleans_to("\xee\x80\x80", "\xee\x80\x80"); /* private use */
    cleans_to("\xf0\x9f\xab\xa9 Joe", "\xf0\x9f\xab\xa9 Joe");
    cleans_to("\xef\xbf\xbe", BAD); /* no character */
    cleans_to("\xef\xb7\x90", BAD);
    cleans_to("\xef\xbf\xbf", BAD); /* not a character */
}

static void emoji_become_ones_that_every_terminal_agrees_on(void **state)
{
    (void)state;
    cleans_to("👩‍👩‍👧!", "👩!");
    cleans_to("👩🏽‍💻", "👩");
    cleans_to("❤️ ", "❤ ");
    cleans_to("🏳️‍🌈", "🏳");
    cleans_to("🇫🇷🇯🇵", "🇫🇷🇯🇵");
    cleans_to("a‍b", "ab"); /* joins no pictures: only the joiner goes */
}

/* What must become of a code point after a letter, by its category alone:
 * 'k'ept, 'n'ot kept, '?' for what has more to say. */
static char fate(utf8proc_category_t category)
{
    switch (category) {
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SO:
        return 'k';
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return 'n';
    default:
        return '?';
    }
}

/* The short ways for common letters must not lead past this. */
/* Those that are no characters, and those that may become some. */
static char fate_unassigned(uint32_t code)
{
    if ((code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef))
        return 'x';
    if ((code >= 0xe0000 && code <= 0xe0fff) ||
        (code >= 0xfff0 && code <= 0xfffb) ||
        (code >= 0xd7b0 && code <= 0xd7ff))
        return '?'; /* will be invisible, or stand on another */
    return 'k';
}

static void every_code_point_becomes_what_its_category_says(void **state)
{
    char text[8] = "x", expected;
    struct buf out;
    uint32_t code;
    size_t len;

    (void)state;
    buf_init(&out, 64);
    for (code = 1; code <= 0x10ffff; code += code == 0xd7ff ? 0x801 : 1) {
        len = 1 + (size_t)utf8_encode(code, text + 1);
        buf_clear(&out);
        text_sanitise(&out, text, len, 64);
        expected = code == 0xfffd
                       ? 'k'
                       : fate(utf8proc_category((utf8proc_int32_t)code));
        if (utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_CN)
            expected = fate_unassigned(code);
        if (expected != '?' &&
            (expected == 'k') !=
                (out.len == len && memcmp(out.data, text, len) == 0))
            fail_msg("U+%04X: %s", (unsigned)code, out.data);
    }
    buf_free(&out);
}

static void marks_need_a_base_and_are_at_most_four(void **state)
{
    (void)state;
    cleans_to("e\xcc\x81", "e\xcc\x81");
    cleans_to("\xcc\x81x", BAD "x");
    cleans_to(" \xcc\x81", " " BAD);
    cleans_to("é \xe3\x82\x99", "é " BAD); /* a voicing mark */
    cleans_to("か\xe3\x82\x99", "か\xe3\x82\x99");
    cleans_to("\xcc\x81\xcc\x82\xcc\x83", BAD);
    cleans_to("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81z",
              "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81z");
    cleans_to("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",
              "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"); /* 한 in jamo */
    cleans_to("a\xe1\x85\xa1", "a" BAD); /* a vowel without its Hangul */
}

static void a_limit_never_cuts_a_grapheme(void **state)
{
    struct buf out;
    size_t max;

    (void)state;
    buf_init(&out, 64);
    for (max = 0; max < 3; max++) {
        buf_clear(&out);
        text_sanitise(&out, "e\xcc\x81t", 4, max);
        assert_int_equal(out.len, 0);
    }
    buf_clear(&out);
    text_sanitise(&out, "e\xcc\x81t", 4, 3);
    assert_string_equal(out.data, "e\xcc\x81");
    buf_clear(&out);
    text_sanitise(&out, "🇫🇷🇯🇵", 16, 12);
    assert_string_equal(out.data, "🇫🇷");
    buf_clear(&out);
    text_sanitise(&out, "plain ascii text", 16, 5);
    assert_string_equal(out.data, "plain");
    buf_free(&out);
}

/* Scripts where marks are as many as letters are taken in runs. */
static void letters_with_marks_are_cut_between_letters(void **state)
{
    static const char text[] = "मारिया ने a\u0301b एक"
                               "\u0e17\u0e35\u0e48\u05d0\u05b8";
    struct buf out;
    size_t max, before = 0;

    (void)state;
    cleans_to(text, text);
    cleans_to("क\u093f\u093f\u093f\u093f\u093f\u093f ख",
              "क\u093f\u093f\u093f\u093f ख");
    cleans_to("क \u093fख\u093f", "क " BAD "ख\u093f");
    buf_init(&out, sizeof text);
    for (max = 0; max <= sizeof text - 1; max++) {
        uint32_t next;

        buf_clear(&out);
        text_sanitise(&out, text, sizeof text - 1, max);
        assert_true(out.len <= max && out.len >= before);
        assert_memory_equal(out.data, text, out.len);
        utf8_decode(text + out.len, sizeof text - 1 - out.len, &next);
        assert_false(next == 0x301 || (next >= 0x93e && next <= 0x94d) ||
                     next == 0xe35 || next == 0xe48 || next == 0x5b8);
        before = out.len;
    }
    assert_int_equal(out.len, sizeof text - 1);
    buf_free(&out);
}

static void a_full_buffer_is_reported(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4);
    assert_false(text_sanitise(&out, "five!", 5, 100));
    assert_false(text_sanitise(&out, "", 0, 100));
    buf_clear(&out);
    assert_true(text_sanitise(&out, "four", 4, 100));
    buf_clear(&out);
    assert_true(text_sanitise(&out, "cut to it", 9, 4));
    assert_string_equal(out.data, "cut ");
    buf_free(&out);
}

static void arena_copies_keep_null_as_null(void **state)
{
    struct arena arena = ARENA_INIT;

    (void)state;
    assert_null(text_sanitised(&arena, NULL, 0, 10));
    assert_string_equal(text_sanitised(&arena, "ab\033", 3, 10), "ab" BAD);
    assert_string_equal(text_sanitised(&arena, "abcdef", 6, 3), "abc");
    arena_free(&arena);
}

static void width_counts_cells_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(text_width("Émeraude"), 8);
    assert_int_equal(text_width("ひばり不動産"), 12);
    assert_int_equal(text_width("e\xcc\x81"), 1);
    assert_int_equal(text_width("👩"), 2);
    assert_int_equal(text_width("🇫🇷"), 2);
    assert_int_equal(text_width("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), 2);
    assert_int_equal(text_width("▸▹◔…×"), 5);
    assert_int_equal(text_width(""), 0);
    text_set_ambiguous_wide(true);
    assert_int_equal(text_width("a…×ひ"), 7);
    text_set_ambiguous_wide(false);
}

static void a_grapheme_is_what_readers_perceive(void **state)
{
    struct grapheme g;

    (void)state;
    g = text_grapheme("e\xcc\x81x", 4);
    assert_int_equal(g.bytes, 3);
    assert_int_equal(g.width, 1);
    g = text_grapheme("🇫🇷🇯🇵", 16);
    assert_int_equal(g.bytes, 8);
    assert_int_equal(g.width, 2);
    g = text_grapheme("नि", 6); /* a spacing mark takes a cell of its own */
    assert_int_equal(g.bytes, 6);
    assert_int_equal(g.width, 2);
    assert_int_equal(text_grapheme("", 0).bytes, 0);
}

static void cut(const char *text, int cells, const char *expected)
{
    struct buf out;
    int width;

    buf_init(&out, 256);
    width = text_cut(&out, text, cells, NULL);
    assert_string_equal(out.data, expected);
    assert_int_equal(width, text_width(expected));
    buf_free(&out);
}

static void cutting_keeps_graphemes_and_ends_on_no_blank_or_comma(void **state)
{
    (void)state;
    cut("created a flag", 14, "created a flag");
    cut("created a flag", 13, "created a fl…");
    cut("created a flag", 9, "created…");
    cut("created, then saved", 10, "created…");
    cut("created , ; then", 11, "created…");
    cut("Borealis, Inc.", 10, "Borealis…");
    cut(",,,,", 3, "…");
    cut("a, b", 4, "a, b");
    cut("ひばり不動産", 8, "ひばり…");
    cut("ひばり不動産", 7, "ひばり…");
    cut("e\xcc\x81t\xc3\xa9s", 3, "e\xcc\x81t…");
    cut("abc", 1, "…");
    cut("abc", 0, "");
}

static void finds(const char *hay, const char *needle, bool expected)
{
    char *folded = text_fold(needle);

    assert_int_equal(text_contains_folded(hay, folded), expected);
    free(folded);
}

static void finding_ignores_case_and_missing_accents(void **state)
{
    (void)state;
    finds("Created a Feature Flag", "feature FLAG", true);
    finds("Tomás Herrera", "tomas h", true);
    finds("Tomás Herrera", "tomás", true);
    finds("Tomas Herrera", "tomás", false);
    finds("ÉMERAUDE Études", "émeraude é", true);
    finds("re\xcc\x81sume\xcc\x81", "resume", true);
    finds("ΣΊΣΥΦΟΣ", "σίσυφος", true);
    finds("株式会社ひばり不動産", "ひばり", true);
    finds("abc", "", true);
    finds("", "a", false);
    finds("aab", "ab", true);
    finds("ab", "abc", false);
}

static void add_times(struct buf *out, const char *text, size_t times)
{
    while (times--)
        buf_adds(out, text);
}

static bool finds_cased(const char *hay, const char *needle)
{
    size_t left = SIZE_MAX;

    return text_find(hay, needle, false, &left);
}

/* Texts are searched eight bytes at a time: the length, the place and what is
 * around it must not matter. */
static void finding_finds_at_every_place(void **state)
{
    static const char *const words[] = {"r", "ra", "rar", "ra\xcc\x81r"};
    static const char *const pads[] = {"x", "é", "·", "😀", "\xcc\x81"};
    size_t word, pad, before, after;
    struct buf hay;

    (void)state;
    buf_init(&hay, 1024);
    for (word = 0; word < 4; word++)
        for (pad = 0; pad < 5; pad++)
            for (before = 0; before < 20; before++)
                for (after = 0; after < 20; after++) {
                    buf_clear(&hay);
                    add_times(&hay, pads[pad], before);
                    buf_adds(&hay, words[word]);
                    add_times(&hay, pads[pad], after);
                    finds(hay.data, words[word], true);
                    finds(hay.data, "RAR", word >= 2);
                    assert_int_equal(finds_cased(hay.data, "ra"), word > 0);
                    finds(hay.data, "rr", false);
                }
    buf_free(&hay);
}

static uint32_t plain_one(uint32_t code)
{
    utf8proc_int32_t parts[8], lower;
    int boundary = 0;

    lower = utf8proc_tolower(utf8proc_toupper((utf8proc_int32_t)code));
    utf8proc_decompose_char(lower, parts, 8, UTF8PROC_DECOMPOSE, &boundary);
    return (uint32_t)parts[0];
}

static void every_character_is_found_by_the_plain_one_under_it(void **state)
{
    char hay[5], needle[2] = "";
    uint32_t code, plain;
    unsigned count = 0;

    (void)state;
    for (code = 0x80; code <= 0x10ffff; code += code == 0xd7ff ? 0x801 : 1) {
        plain = plain_one(code);
        if (plain >= 0x80)
            continue;
        hay[utf8_encode(code, hay)] = '\0';
        needle[0] = (char)plain;
        finds(hay, needle, true);
        count++;
    }
    assert_true(count > 300);
}

static void globs_match_whole_names(void **state)
{
    (void)state;
    assert_true(text_glob("feature flag*", "Feature flag created"));
    assert_true(text_glob("*created", "feature flag created"));
    assert_true(text_glob("f*g c*d", "feature flag created"));
    assert_false(text_glob("flag", "feature flag created"));
    assert_true(text_glob("*", ""));
    assert_false(text_glob("", "x"));
    assert_true(text_glob("a*b*c", "aXbXbc"));
    assert_false(text_glob("a*b*c", "aXbXb"));
    assert_int_equal(text_casecmp("AbC", "aBc"), 0);
    assert_true(text_casecmp("a", "b") < 0);
    assert_true(text_casecmp("ab", "a") > 0);
}

static void what_is_written_from_right_to_left_is_kept_apart(void **state)
{
    struct buf out;

    (void)state;
    assert_false(text_is_rtl(""));
    assert_false(text_is_rtl("Tom\u00e1s \u5c71\u7530 12"));
    assert_true(text_is_rtl("Omar \u05e2\u05d5\u05de\u05e8"));
    assert_true(text_is_rtl("\u0639\u0645\u0631"));
    buf_init(&out, 400);
    text_add_isolated(&out, "Omar 12");
    assert_string_equal(out.data, "Omar 12");
    text_add_isolated(&out, "\u0639\u0645\u0631");
    assert_string_equal(out.data, "Omar 12\u2068\u0639\u0645\u0631\u2069");
    buf_clear(&out);
    text_sanitise(&out, "\u2068\u0639\u2069", 8, 100);
    assert_string_equal(out.data, "\u0639");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_utf8_is_found_where_it_starts),
        cmocka_unit_test(every_code_point_survives_encoding),
        cmocka_unit_test(controls_become_visible_and_line_ends_blank),
        cmocka_unit_test(malformed_bytes_become_visible_one_by_one),
        cmocka_unit_test(what_cannot_be_seen_goes),
        cmocka_unit_test(emoji_become_ones_that_every_terminal_agrees_on),
        cmocka_unit_test(every_code_point_becomes_what_its_category_says),
        cmocka_unit_test(marks_need_a_base_and_are_at_most_four),
        cmocka_unit_test(a_limit_never_cuts_a_grapheme),
        cmocka_unit_test(what_is_written_from_right_to_left_is_kept_apart),
        cmocka_unit_test(letters_with_marks_are_cut_between_letters),
        cmocka_unit_test(a_full_buffer_is_reported),
        cmocka_unit_test(arena_copies_keep_null_as_null),
        cmocka_unit_test(width_counts_cells_not_bytes),
        cmocka_unit_test(a_grapheme_is_what_readers_perceive),
        cmocka_unit_test(
            cutting_keeps_graphemes_and_ends_on_no_blank_or_comma),
        cmocka_unit_test(finding_ignores_case_and_missing_accents),
        cmocka_unit_test(finding_finds_at_every_place),
        cmocka_unit_test(every_character_is_found_by_the_plain_one_under_it),
        cmocka_unit_test(globs_match_whole_names),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
