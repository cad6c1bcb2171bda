/* source/feed_word: lines out of bytes however they are cut, and what a line
 * of a feed says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "source/feed_word.h"

#include "base/banned.h"

static struct catalog *catalog;
static struct decoder decoder;
static struct arena arena;

static bool read_word(const char *line, struct feed_word *out)
{
    struct err err = {""};

    return feed_word_read(&decoder, line, strlen(line), &arena, out, &err);
}

static bool join(void *ctx, const char *text, size_t len)
{
    struct buf *out = ctx;

    buf_add(out, text, len);
    buf_addc(out, '|');
    return len != 4;
}

static void lines_are_the_same_however_they_come(void **state)
{
    static const char text[] = "one\n\nthree of them\nrest";

    (void)state;
    for (size_t piece = 1; piece <= sizeof text; piece++) {
        struct feed_lines lines;
        struct buf out;

        feed_lines_init(&lines);
        buf_init(&out, KIB);
        for (size_t at = 0; at < sizeof text - 1; at += piece) {
            size_t left = sizeof text - 1 - at;

            assert_true(feed_lines_take(&lines, text + at,
                                        left < piece ? left : piece, join,
                                        &out));
        }
        assert_string_equal(out.data, "one||three of them|");
        buf_free(&out);
        feed_lines_free(&lines);
    }
}

static void a_line_that_is_not_wanted_stops_the_rest(void **state)
{
    struct feed_lines lines;
    struct buf out;

    (void)state;
    feed_lines_init(&lines);
    buf_init(&out, KIB);
    assert_false(feed_lines_take(&lines, "one\nfour\nfive\n", 14, join, &out));
    assert_string_equal(out.data, "one|four|");
    buf_free(&out);
    feed_lines_free(&lines);
}

static void a_line_without_end_is_given_up(void **state)
{
    static char piece[64 * KIB];
    struct feed_lines lines;
    struct buf out;
    size_t taken = 0;

    (void)state;
    memset(piece, 'x', sizeof piece);
    feed_lines_init(&lines);
    buf_init(&out, KIB);
    while (feed_lines_take(&lines, piece, sizeof piece, join, &out))
        taken += sizeof piece;
    assert_true(taken <= LIMIT_ANSWER);
    assert_int_equal(out.len, 0);
    buf_free(&out);
    feed_lines_free(&lines);
}

static void a_long_line_is_heard_as_it_comes(void **state)
{
    static char piece[15 * KIB];
    struct feed_lines lines;
    struct buf out;

    (void)state;
    memset(piece, 'x', sizeof piece);
    feed_lines_init(&lines);
    buf_init(&out, KIB);
    assert_false(feed_lines_heard(&lines));
    assert_true(feed_lines_take(&lines, "a\nb", 3, join, &out));
    assert_true(feed_lines_heard(&lines));
    assert_false(feed_lines_heard(&lines));
    assert_true(feed_lines_take(&lines, piece, sizeof piece, join, &out));
    assert_false(feed_lines_heard(&lines));
    assert_true(feed_lines_take(&lines, piece, sizeof piece, join, &out));
    assert_true(feed_lines_heard(&lines));
    assert_false(feed_lines_heard(&lines));
    buf_free(&out);
    feed_lines_free(&lines);
}

static void words_say_what_they_say(void **state)
{
    struct feed_word word;

    (void)state;
    assert_true(read_word("{\"feed\":\"hello\",\"version\":1,\"journal\":"
                          "\"0d9a0a4e-6f3e-4a0e-9d5c-0b1f4f6c7a11\","
                          "\"after\":3,\"last\":12,\"quiet_ms\":15000,"
                          "\"late\":true}",
                          &word));
    assert_true(word.late);
    assert_int_equal(word.kind, FEED_WORD_HELLO);
    assert_int_equal(word.version, 1);
    assert_int_equal(word.after, 3);
    assert_int_equal(word.last, 12);
    assert_int_equal(word.quiet_ms, 15000);
    assert_true(read_word("{\"feed\":\"fork\",\"upto\":4,\"from\":9}", &word));
    assert_int_equal(word.kind, FEED_WORD_FORK);
    assert_int_equal(word.upto, 4);
    assert_int_equal(word.from, 9);
    assert_int_equal(word.seq, 0);
    assert_true(read_word("{\"feed\":\"alive\",\"seq\":9}", &word));
    assert_int_equal(word.kind, FEED_WORD_ALIVE);
    assert_int_equal(word.seq, 9);
    assert_true(
        read_word("{\"feed\":\"gap\",\"after\":2,\"oldest\":5}", &word));
    assert_int_equal(word.oldest, 5);
    assert_true(
        read_word("{\"feed\":\"bye\",\"why\":\"it \\u001b ends\"}", &word));
    assert_null(strchr(word.why, 27));
    assert_true(read_word("{\"feed\":\"song\"}", &word));
    assert_int_equal(word.kind, FEED_WORD_OTHER);
}

static void an_answer_says_what_stands(void **state)
{
    static const char stands[] =
        "{\"ok\":true,\"act\":12,\"stands\":{\"feed\":\"act\",\"act\":12,"
        "\"do\":\"note\",\"by\":\"maya\",\"at\":\"2026-09-14T08:06:03.942Z\","
        "\"account\":\"org-1\",\"note\":\"call\"}}";
    static const char refused[] = "{\"ok\":false,\"error\":\"a \\u001b b\"}";
    static const char other[] =
        "{\"act\":1,\"stands\":{\"feed\":\"bye\",\"why\":\"no\"}}";
    struct feed_answer answer;

    (void)state;
    feed_word_answer(&decoder, stands, strlen(stands), &arena, &answer);
    assert_int_equal(answer.act, 12);
    assert_non_null(answer.stands);
    assert_true(answer.stands->is_note);
    assert_string_equal(answer.stands->by, "maya");
    assert_string_equal(answer.stands->note, "call");
    feed_word_answer(&decoder, refused, strlen(refused), &arena, &answer);
    assert_null(strchr(answer.error, 27));
    assert_int_equal(answer.act, 0);
    feed_word_answer(&decoder, other, strlen(other), &arena, &answer);
    assert_null(answer.stands);
    feed_word_answer(&decoder, "<html>", 6, &arena, &answer);
    assert_null(answer.error);
    assert_null(answer.stands);
}

static void an_event_needs_a_number_and_is_of_the_feed(void **state)
{
    struct feed_word word;

    (void)state;
    assert_true(read_word(
        "{\"seq\":7,\"event\":\"e\",\"sentence\":\"s\",\"occurred_at\":"
        "\"2026-09-14T08:06:03.942Z\",\"source\":\"webhook\"}",
        &word));
    assert_int_equal(word.kind, FEED_WORD_EVENT);
    assert_int_equal(word.seq, 7);
    assert_int_equal(word.event.seq, 0);
    assert_int_equal(word.event.source, SOURCE_FEED);
    assert_false(read_word("{\"event\":\"e\",\"sentence\":\"s\","
                           "\"occurred_at\":\"2026-09-14T08:06:03.942Z\"}",
                           &word));
    assert_false(read_word("{\"seq\":7}", &word));
    assert_false(read_word("[]", &word));
    assert_false(read_word("", &word));
    assert_false(read_word("{\"feed\":\"hello\"}", &word));
    assert_false(
        read_word("{\"seq\":1,\"tick\":\"2026-09-14T00:00:00Z\"}", &word));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_however_they_come),
        cmocka_unit_test(a_line_that_is_not_wanted_stops_the_rest),
        cmocka_unit_test(a_line_without_end_is_given_up),
        cmocka_unit_test(a_long_line_is_heard_as_it_comes),
        cmocka_unit_test(words_say_what_they_say),
        cmocka_unit_test(an_answer_says_what_stands),
        cmocka_unit_test(an_event_needs_a_number_and_is_of_the_feed),
    };
    static struct link_policy links;
    int failed;

    catalog = catalog_new();
    decoder = (struct decoder){.catalog = catalog, .links = &links};
    failed = cmocka_run_group_tests_name("feed_word", tests, NULL, NULL);
    arena_free(&arena);
    catalog_free(catalog);
    return failed;
}
