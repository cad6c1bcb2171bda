/* base: bytes, memory, time, identifiers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/limits.h"
#include "base/notify.h"
#include "base/text_near.h"
#include "base/uuid.h"

static void buffer_never_grows_past_its_maximum(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 8);
    assert_true(buf_adds(&buf, "12345678"));
    assert_false(buf_addc(&buf, '9'));
    assert_false(buf_ok(&buf));
    assert_string_equal(buf.data, "12345678");
    buf_clear(&buf);
    assert_true(buf_addf(&buf, "%d", 42));
    assert_string_equal(buf.data, "42");
    buf_consume(&buf, 1);
    assert_string_equal(buf.data, "2");
    buf_free(&buf);
}

static void a_json_string_escapes_what_would_end_it(void **state)
{
    static const char text[] = "say \"a\\b\"\n\0\x1f\xc3\xa9";
    struct buf buf;

    (void)state;
    buf_init(&buf, 80);
    assert_true(buf_add_json(&buf, text, sizeof text - 1));
    assert_string_equal(buf.data, "\"say \\\"a\\\\b\\\"\\u000a\\u0000\\u001f"
                                  "\xc3\xa9\"");
    buf_clear(&buf);
    assert_true(buf_add_json(&buf, "", 0));
    assert_string_equal(buf.data, "\"\"");
    buf_free(&buf);
}

static void a_buffer_gives_room_to_write_to(void **state)
{
    struct buf buf;
    char *to;

    (void)state;
    buf_init(&buf, 8);
    buf_adds(&buf, "ab");
    to = buf_room(&buf, 6);
    assert_non_null(to);
    memcpy(to, "cdef", 4);
    buf_grew(&buf, to + 3);
    assert_string_equal(buf.data, "abcde");
    assert_null(buf_room(&buf, 4));
    assert_false(buf_ok(&buf));
    assert_string_equal(buf.data, "abcde");
    buf_free(&buf);
}

static void a_buffer_ends_even_when_nothing_was_added(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100);
    assert_string_equal(buf.data, "");
    assert_true(buf_adds(&buf, ""));
    assert_string_equal(buf.data, "");
    buf_free(&buf);
}

static void arena_pieces_stay_where_they_are(void **state)
{
    struct arena arena = ARENA_INIT;
    char *first = arena_strdup(&arena, "first");
    char *large = arena_alloc(&arena, 100000);
    char *small = arena_strdup(&arena, "small");

    (void)state;
    memset(large, 'x', 100000);
    assert_string_equal(first, "first");
    assert_string_equal(small, "small");
    assert_null(arena_strdup(&arena, NULL));
    arena_free(&arena);
    assert_int_equal(arena.used, 0);
}

static int64_t parse(const char *text)
{
    return clock_parse(text, strlen(text));
}

static void times_are_read_in_every_form_senders_use(void **state)
{
    (void)state;
    assert_int_equal(parse("2026-09-14T08:06:03.942Z"), 1789373163942);
    assert_int_equal(parse("2025-03-03T10:15:46.319-08:00"), 1741025746319);
    assert_int_equal(parse("2026-09-14 08:06:03"), 1789373163000);
    assert_int_equal(parse("2026-09-14"), 1789344000000);
    assert_int_equal(parse("2026-09-14T08:06:03.942000+00:00"), 1789373163942);
    assert_int_equal(parse("1789373163"), 1789373163000);
    assert_int_equal(parse("1789373163942"), 1789373163942);
    assert_int_equal(parse("1970-01-01T00:00:00Z"), 0);
}

static void what_is_no_time_is_none(void **state)
{
    static const char *const bad[] = {"",
                                      "yesterday",
                                      "2026-13-01T00:00:00Z",
                                      "2026-02-30T00:00:00Z",
                                      "0000-00-00",
                                      "2026-09-14T25:00:00Z",
                                      "2026-09-14T08:06:03X",
                                      "{event.timestamp}",
                                      "1969-12-31T23:59:59Z",
                                      "12345",
                                      "-1789373163"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse(bad[i]), CLOCK_NONE);
}

static void iso_times_round_trip(void **state)
{
    char text[CLOCK_ISO_SIZE];

    (void)state;
    clock_format_iso(1789373163942, text);
    assert_string_equal(text, "2026-09-14T08:06:03.942Z");
    clock_format_iso(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    clock_format_iso(CLOCK_NONE, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
}

static void lengths_have_units(void **state)
{
    int64_t ms;

    (void)state;
    assert_true(clock_parse_length("90d", &ms));
    assert_int_equal(ms, INT64_C(7776000000));
    assert_true(clock_parse_length("250ms", &ms));
    assert_int_equal(ms, 250);
    assert_false(clock_parse_length("90", &ms));
    assert_false(clock_parse_length("d", &ms));
    assert_false(clock_parse_length("9999999999999999999d", &ms));
}

static void a_snooze_ends_at_a_day_a_length_or_a_date(void **state)
{
    const int64_t now = clock_parse("2026-09-14T10:48:50Z", 20);
    int64_t ms;

    (void)state;
    assert_true(clock_parse_until("", now, &ms));
    assert_true(ms == clock_day_start(clock_day(now) + 1));
    assert_true(clock_parse_until("tomorrow", now, &ms));
    assert_true(ms == clock_day_start(clock_day(now) + 1));
    assert_true(clock_parse_until("week", now, &ms));
    assert_true(ms == clock_day_start(clock_day(now) + 7));
    assert_true(clock_parse_until("3d", now, &ms));
    assert_true(ms == now + 3 * INT64_C(86400000));
    assert_true(clock_parse_until("2026-12-24", now, &ms));
    assert_true(ms == clock_day_start(clock_day(ms)));
    assert_false(clock_parse_until("2026-09-13", now, &ms));
    assert_false(clock_parse_until("may", now, &ms));
    assert_false(clock_parse_until("0d", now, &ms));
}

static void uuids_round_trip_and_strangers_are_refused(void **state)
{
    struct uuid uuid;
    char text[UUID_TEXT_SIZE];

    (void)state;
    assert_true(uuid_parse("01A09F85-cb2c-73a8-a9ad-0c043515e2fc", 36, &uuid));
    uuid_format(&uuid, text);
    assert_string_equal(text, "01a09f85-cb2c-73a8-a9ad-0c043515e2fc");
    assert_false(
        uuid_parse("01a09f85cb2c73a8a9ad0c043515e2fc....", 36, &uuid));
    assert_false(uuid_parse("", 0, &uuid));
    uuid = uuid_timed(1789373163942);
    assert_int_equal(uuid.bytes[6] >> 4, 7);
    assert_int_equal(uuid_random().bytes[6] >> 4, 4);
}

static void the_nearest_name_is_few_letters_away(void **state)
{
    static const char *const names[] = {"listen", "log", "max_body", "query",
                                        NULL};

    (void)state;
    assert_string_equal(text_nearest("lissten", names), "listen");
    assert_string_equal(text_nearest("Max-Body", names), "max_body");
    assert_string_equal(text_nearest("qeury", names), "query");
    assert_null(text_nearest("colour", names));
    assert_string_equal(text_nearest("lg", names), "log");
    assert_null(text_nearest("", names));
}

static void distance_counts_letters_to_change(void **state)
{
    char long_name[LIMIT_NEAR_NAME + 2];

    (void)state;
    assert_int_equal(text_distance("", 0, "abc", 3), 3);
    assert_int_equal(text_distance("abc", 3, "abc", 3), 0);
    assert_int_equal(text_distance("kitten", 6, "sitting", 7), 3);
    assert_int_equal(text_distance("sitting", 7, "kitten", 6), 3);
    assert_int_equal(text_distance("abx", 2, "ab", 2), 0);
    memset(long_name, 'a', sizeof long_name);
    assert_int_equal(text_distance(long_name, LIMIT_NEAR_NAME, "a", 1),
                     LIMIT_NEAR_NAME - 1);
    assert_int_equal(text_distance(long_name, LIMIT_NEAR_NAME + 1, long_name,
                                   1),
                     LIMIT_NEAR_NAME);
}

/* Nobody listens at a name that nobody has taken. */
static void no_child_speaks_to_the_service_manager(void **state)
{
    (void)state;
    setenv("NOTIFY_SOCKET", "/dev/null/nobody", 1);
    setenv("WATCHDOG_USEC", "200000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    notify_open();
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
    assert_int_equal(notify_watchdog_us(), 0);
    assert_false(notify_send("READY=1"));
    setenv("WATCHDOG_USEC", "3000000", 1);
    notify_open();
    assert_null(getenv("WATCHDOG_USEC"));
    assert_int_equal(notify_watchdog_us(), 3000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_few_letters_away),
        cmocka_unit_test(distance_counts_letters_to_change),
        cmocka_unit_test(buffer_never_grows_past_its_maximum),
        cmocka_unit_test(a_json_string_escapes_what_would_end_it),
        cmocka_unit_test(a_buffer_gives_room_to_write_to),
        cmocka_unit_test(a_buffer_ends_even_when_nothing_was_added),
        cmocka_unit_test(arena_pieces_stay_where_they_are),
        cmocka_unit_test(times_are_read_in_every_form_senders_use),
        cmocka_unit_test(what_is_no_time_is_none),
        cmocka_unit_test(iso_times_round_trip),
        cmocka_unit_test(lengths_have_units),
        cmocka_unit_test(a_snooze_ends_at_a_day_a_length_or_a_date),
        cmocka_unit_test(uuids_round_trip_and_strangers_are_refused),
        cmocka_unit_test(no_child_speaks_to_the_service_manager),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
