/* net/dechunk: chunked bodies, whole and in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/dechunk.h"

/* Feeds text in pieces of step bytes; *used counts what it took. */
static enum dechunk_result feed(const char *text, size_t step, struct buf *out,
                                size_t *used)
{
    struct dechunk dechunk = {0};
    enum dechunk_result result = DECHUNK_MORE;
    size_t len = strlen(text);

    *used = 0;
    while (*used < len && result == DECHUNK_MORE) {
        size_t piece = len - *used < step ? len - *used : step, took;

        result = dechunk_feed(&dechunk, text + *used, piece, out, &took);
        *used += took;
    }
    return result;
}

static void the_body_is_the_same_however_it_is_cut(void **state)
{
    const char *text =
        "4\r\nWiki\r\n6;a=\"b\"\r\npedia \r\n"
        "00E  \r\nin \r\n\r\nchunks.\r\n0 ;b\r\nX-1: y: z\r\n\r\n";
    struct buf out;
    size_t used;

    (void)state;
    buf_init(&out, 1000);
    for (size_t step = 1; step <= strlen(text); step++) {
        buf_clear(&out);
        assert_int_equal(feed(text, step, &out, &used), DECHUNK_DONE);
        assert_int_equal(used, strlen(text));
        assert_string_equal(out.data, "Wikipedia in \r\n\r\nchunks.");
    }
    buf_free(&out);
}

static void what_follows_the_end_is_left_alone(void **state)
{
    struct buf out;
    size_t used;

    (void)state;
    buf_init(&out, 1000);
    assert_int_equal(feed("1\r\na\r\n0\r\n\r\nPOST /", 100, &out, &used),
                     DECHUNK_DONE);
    assert_int_equal(used, 11);
    assert_string_equal(out.data, "a");
    buf_free(&out);
}

static void each_size_may_have_eight_digits(void **state)
{
    struct buf out;
    size_t used;

    (void)state;
    buf_init(&out, 1000);
    assert_int_equal(feed("00000001\r\na\r\n00000001\r\nb\r\n"
                          "00000000\r\n\r\n",
                          3, &out, &used),
                     DECHUNK_DONE);
    assert_string_equal(out.data, "ab");
    assert_int_equal(feed("000000001\r\n", 3, &out, &used), DECHUNK_BAD);
    buf_free(&out);
}

static void what_is_not_chunked_is_refused(void **state)
{
    static const char *const bad[] = {
        "\r\n",           "x\r\n",          "-1\r\n",
        " 1\r\na\r\n",    "1\na\r\n",       "1\r\nab\r\n",
        "1\r\na\n0\r\n",  "0x1\r\na\r\n",   "100000000\r\n",
        "1\rx",           ";a\r\n",         "0\r\nX: y\n\r\n",
        "0\r\n\rx",       "5 x\r\nhello",   "5\tx;a\r\n",
        "5 5\r\nhello",   "5;a\1\r\n",      "5;a\x7f\r\n",
        "0\r\nX y\r\n",   "0\r\nX\r\n\r\n", "0\r\n: y\r\n",
        "0\r\n X: y\r\n", "0\r\nX: \1\r\n", "0\r\nGET / HTTP/1.1\r\n\r\n",
    };
    struct buf out;
    size_t used;

    (void)state;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        buf_clear(&out);
        assert_int_equal(feed(bad[i], 1, &out, &used), DECHUNK_BAD);
    }
    buf_free(&out);
}

static void an_unfinished_body_waits_for_more(void **state)
{
    struct buf out;
    size_t used;

    (void)state;
    buf_init(&out, 1000);
    assert_int_equal(feed("5\r\nab", 9, &out, &used), DECHUNK_MORE);
    assert_int_equal(feed("ffffffff\r\nab", 99, &out, &used), DECHUNK_MORE);
    assert_int_equal(feed("0\r\n", 9, &out, &used), DECHUNK_MORE);
    buf_free(&out);
}

static void a_body_never_grows_past_its_maximum(void **state)
{
    struct buf out;
    size_t used;

    (void)state;
    buf_init(&out, 4);
    assert_int_equal(feed("4\r\nabcd\r\n0\r\n\r\n", 3, &out, &used),
                     DECHUNK_DONE);
    buf_clear(&out);
    assert_int_equal(feed("5\r\nabcde\r\n0\r\n\r\n", 3, &out, &used),
                     DECHUNK_FULL);
    buf_free(&out);
}

static void extensions_and_trailers_are_bounded(void **state)
{
    char text[6000];
    struct buf out;
    size_t used;

    (void)state;
    buf_init(&out, 1000);
    memset(text, 'x', sizeof text);
    text[0] = '1';
    text[1] = ';';
    text[sizeof text - 1] = '\0';
    assert_int_equal(feed(text, 100, &out, &used), DECHUNK_BAD);
    memcpy(text, "0\r\nX:", 5);
    assert_int_equal(feed(text, 100, &out, &used), DECHUNK_BAD);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_is_the_same_however_it_is_cut),
        cmocka_unit_test(what_follows_the_end_is_left_alone),
        cmocka_unit_test(each_size_may_have_eight_digits),
        cmocka_unit_test(what_is_not_chunked_is_refused),
        cmocka_unit_test(an_unfinished_body_waits_for_more),
        cmocka_unit_test(a_body_never_grows_past_its_maximum),
        cmocka_unit_test(extensions_and_trailers_are_bounded),
    };

    return cmocka_run_group_tests_name("dechunk", tests, NULL, NULL);
}
