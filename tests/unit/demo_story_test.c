/* The demo's story: believable, and the same for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/demo_story.h"
#include "event/accounts.h"

/* Mon 14 Sep 2026 10:48:50 UTC */
#define NOW INT64_C(1789382930000)
#define DAY INT64_C(86400000)
#define HIBARI "48e0171f-a6de-4477-8b9f-45a630e909c7"

static char *tell(uint64_t seed)
{
    struct story *story = story_new(seed, NOW);
    struct buf out;

    buf_init(&out, 16 * MIB);
    while (story_history(story, 100, &out))
        buf_addc(&out, '\n');
    for (int i = 0; i < 40; i++) {
        story_next(story, NOW + i * 3000, &out);
        buf_addc(&out, '\n');
    }
    story_free(story);
    return buf_take(&out);
}

static void the_same_seed_tells_the_same_story(void **state)
{
    char *one = tell(7), *again = tell(7), *other = tell(8);

    (void)state;
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
    free(one);
    free(again);
    free(other);
}

struct counts {
    int all, weekend, quiet_before, quiet_lately, late, bad_order;
    int64_t last;
};

static const char *text_of(const cJSON *event, const char *key)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(event, key));

    return text ? text : "";
}

static void count_event(struct counts *counts, const cJSON *event)
{
    const char *time = text_of(event, "timestamp");
    int64_t at = clock_parse(time, strlen(time));
    int weekday = (int)((at / DAY + 4) % 7);

    assert_int_not_equal(at, CLOCK_NONE);
    counts->all++;
    counts->weekend += weekday == 0 || weekday == 6;
    counts->late += at > NOW;
    counts->bad_order += at < counts->last;
    counts->last = at;
    if (strcmp(text_of(event, "org_id"), HIBARI))
        return;
    if (at > NOW - 7 * DAY)
        counts->quiet_lately++;
    else
        counts->quiet_before++;
}

static void history_has_weekends_and_an_account_that_goes_quiet(void **state)
{
    struct story *story = story_new(1, NOW);
    struct counts counts = {0};
    struct buf out;

    (void)state;
    buf_init(&out, MIB);
    while (story_history(story, 100, &out)) {
        cJSON *array = cJSON_Parse(out.data), *event;

        assert_non_null(array);
        cJSON_ArrayForEach(event, array) count_event(&counts, event);
        cJSON_Delete(array);
        buf_clear(&out);
    }
    buf_free(&out);
    story_free(story);
    assert_in_range(counts.all, 400, 3000);
    assert_int_equal(counts.late, 0);
    assert_int_equal(counts.bad_order, 0);
    assert_true(counts.weekend * 10 < counts.all);
    /* Three weeks before against one: less than half the usual. */
    assert_true(counts.quiet_lately * 2 * 3 < counts.quiet_before);
}

static void the_first_minute_tells_what_the_handbook_tells(void **state)
{
    struct story *story = story_new(1, NOW);
    struct buf out;
    int docs = 0, flags = 0, failed = 0;

    (void)state;
    buf_init(&out, MIB);
    for (int i = 0; i < 20; i++) {
        story_next(story, NOW, &out);
        if (strstr(out.data, "tomas@") && strstr(out.data, "docs/feature-"))
            docs++;
        if (strstr(out.data, "tomas@") && strstr(out.data, "flag created")) {
            assert_true(docs > 0);
            flags++;
        }
        failed += strstr(out.data, "payment failed") != NULL;
        buf_clear(&out);
    }
    buf_free(&out);
    story_free(story);
    assert_true(docs >= 2);
    assert_true(flags >= 2);
    assert_int_equal(failed, 1);
}

static void the_book_is_a_csv_that_reads_without_complaint(void **state)
{
    struct book_report report;
    struct err err;
    const char *csv = story_book();
    struct book *book = book_read("demo", csv, strlen(csv), &report, &err);

    (void)state;
    assert_non_null(book);
    assert_int_equal(report.accounts, 6);
    assert_int_equal(report.bad_rows, 0);
    assert_non_null(book_find(book, HIBARI));
    book_free(book);
}

static void waits_follow_the_rate(void **state)
{
    struct story *story = story_new(1, NOW);
    int64_t sum = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        sum += story_wait_us(story, 60);
    assert_in_range(sum / 1000, 900000, 1100000);
    story_free(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_tells_the_same_story),
        cmocka_unit_test(history_has_weekends_and_an_account_that_goes_quiet),
        cmocka_unit_test(the_first_minute_tells_what_the_handbook_tells),
        cmocka_unit_test(the_book_is_a_csv_that_reads_without_complaint),
        cmocka_unit_test(waits_follow_the_rate),
    };

    return cmocka_run_group_tests_name("demo_story", tests, NULL, NULL);
}
