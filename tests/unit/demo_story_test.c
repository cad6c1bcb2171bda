/* The demo's story: believable, the same for the same seed, and what the
 * signals conclude from it is what it is about, whenever it begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/demo_book.h"
#include "command/demo_story.h"
#include "event/accounts.h"
#include "event/catalog.h"
#include "event/decode.h"
#include "tests/unit/signal_rig.h"

/* Mon 14 Sep 2026 10:48:50 UTC */
#define NOW INT64_C(1789382930000)
#define DAY INT64_C(86400000)
#define USUAL_ROUNDS 8 /* or as many as ROUNDS of the environment says */
#define HIBARI_ID "48e0171f-a6de-4477-8b9f-45a630e909c7"

static char *tell(uint64_t seed)
{
    struct story *story = story_new(seed, NOW, NULL);
    struct buf out;
    int64_t began;

    buf_init(&out, 32 * MIB);
    while (story_day(story, &out, &began))
        buf_addf(&out, "%lld\n", (long long)began);
    for (int i = 0; i < 60; i++) {
        story_next(story, NOW + i * 3000, &out);
        buf_addc(&out, '\n');
    }
    story_free(story);
    assert_true(buf_ok(&out));
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
    if (strcmp(text_of(event, "org_id"), HIBARI_ID))
        return;
    if (at > NOW - 7 * DAY)
        counts->quiet_lately++;
    else
        counts->quiet_before++;
}

static void the_past_has_weekends_and_an_account_that_goes_quiet(void **state)
{
    struct story *story = story_new(1, NOW, NULL);
    struct counts counts = {0};
    struct buf out;
    int64_t began;
    int days = 0;

    (void)state;
    buf_init(&out, 2 * MIB);
    for (; story_day(story, &out, &began); days++) {
        cJSON *array = cJSON_Parse(out.data), *event;

        assert_true(array || !out.len);
        cJSON_ArrayForEach(event, array) count_event(&counts, event);
        cJSON_Delete(array);
        buf_clear(&out);
    }
    buf_free(&out);
    story_free(story);
    assert_int_equal(days, STORY_DAYS + 1);
    assert_in_range(counts.all, 8000, 20000);
    assert_int_equal(counts.late, 0);
    assert_int_equal(counts.bad_order, 0);
    assert_true(counts.weekend * 10 < counts.all);
    /* Twelve weeks before against one: less than half the usual. */
    assert_true(counts.quiet_lately * 2 * 12 < counts.quiet_before);
}

static void the_first_minute_tells_what_the_handbook_tells(void **state)
{
    struct story *story = story_new(1, NOW, NULL);
    struct buf out;
    int docs = 0, flags = 0, failed = 0;

    (void)state;
    buf_init(&out, MIB);
    for (int i = 0; i < 30; i++) {
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
    char *csv = story_book();
    struct book *book = book_read("demo", csv, strlen(csv), &report, &err);

    (void)state;
    assert_non_null(book);
    assert_int_equal(report.accounts, DEMO_ACCOUNTS);
    assert_int_equal(report.bad_rows, 0);
    assert_non_null(book_find(book, HIBARI_ID));
    book_free(book);
    free(csv);
}

static void nobody_is_there_twice(void **state)
{
    struct demo_book *book = calloc(1, sizeof *book);

    (void)state;
    demo_book_init(book);
    for (size_t i = 0; i < book->count; i++)
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(book->people[i].id, book->people[j].id);
            assert_true(book->people[i].account != book->people[j].account ||
                        strcmp(book->people[i].name, book->people[j].name));
        }
    free(book);
}

/* ---- what the signals say of it ---- */

struct listener {
    struct rig *rig;
    struct catalog *catalog;
    struct book *book;
    struct decoder decoder;
};

static void listen(struct listener *listener)
{
    struct err err;
    char *csv = story_book();

    listener->rig = rig_new();
    listener->catalog = catalog_new();
    listener->book = book_read("demo", csv, strlen(csv), NULL, &err);
    listener->decoder =
        (struct decoder){.catalog = listener->catalog, .book = listener->book};
    free(csv);
}

static void stop_listening(struct listener *listener)
{
    rig_free(listener->rig);
    catalog_free(listener->catalog);
    book_free(listener->book);
}

static void hear(struct listener *listener, const struct buf *body)
{
    struct arrival arrival = {.received_at = NOW, .follow_clock = true};
    struct event_batch *batch = event_batch_new();
    struct decoded decoded = {0};
    struct err err = {""};

    assert_true(decode_body(&listener->decoder, &arrival, body->data,
                            body->len, batch, &decoded, &err));
    assert_int_equal(decoded.unlisted + decoded.unknown + decoded.hidden, 0);
    for (size_t i = 0; i < batch->count; i++)
        rig_feed(listener->rig, batch->events[i]);
    event_batch_free(batch);
}

static void hear_all(struct listener *listener, struct story *story,
                     int64_t now)
{
    struct buf body;
    int64_t began;

    buf_init(&body, 2 * MIB);
    while (story_day(story, &body, &began)) {
        if (listener->rig->seq)
            rig_end(listener->rig, (int)((began - RIG_START) / DAY) - 1);
        if (body.len)
            hear(listener, &body);
        buf_clear(&body);
    }
    /* Half an hour of the present. */
    for (int i = 0; i < 900; i++) {
        story_next(story, now + i * 2000, &body);
        hear(listener, &body);
        buf_clear(&body);
    }
    buf_free(&body);
}

#define KIND(kind) (1U << SIGNAL_##kind)
static const struct {
    int account;
    unsigned kinds;
} stories[] = {
    {ALDER, KIND(champion) | KIND(billing)},
    {BOREALIS, KIND(working_now)},
    {COBALT, KIND(stuck)},
    {DUNES, KIND(billing)},
    {EMERAUDE, KIND(first_touch)},
    {HIBARI, KIND(going_quiet)},
    {JUNIPER, KIND(growing)},
    {KESTREL, KIND(champion) | KIND(champion_away)},
    {MISTRAL, KIND(first_touch)},
    {XYLO, KIND(champion) | KIND(one_person)},
};

static unsigned wanted(const struct demo_book *book, const char *id)
{
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        if (!strcmp(book->accounts[stories[i].account].id, id))
            return stories[i].kinds;
    return 0;
}

static void look(const struct rig *rig, uint64_t seed, int64_t now)
{
    struct demo_book *book = calloc(1, sizeof *book);
    size_t bad = 0;

    demo_book_init(book);
    for (int i = 0; i < DEMO_ACCOUNTS; i++) {
        const char *id = book->accounts[i].id;
        unsigned said = 0, want = wanted(book, id);

        for (size_t j = 0; j < rig->count; j++)
            if (!strcmp(rig->list[j].account, id))
                said |= 1U << rig->list[j].signal.kind;
        if (said == want)
            continue;
        bad++;
        print_error("seed %llu, now %lld: %s: wanted %x, said %x\n",
                    (unsigned long long)seed, (long long)now,
                    book->accounts[i].name, want, said);
        for (size_t j = 0; j < rig->count; j++)
            if (!strcmp(rig->list[j].account, id))
                print_error("  %s: %s\n",
                            signal_name(rig->list[j].signal.kind),
                            rig->list[j].sentence);
    }
    free(book);
    assert_int_equal(bad, 0);
    assert_true(rig->count <= 20);
}

/* On each day of the week, at all times of a day. */
static void the_signals_tell_the_stories_and_nothing_else(void **state)
{
    const char *more = getenv("ROUNDS");
    int rounds = more ? atoi(more) : USUAL_ROUNDS;

    (void)state;
    for (int i = 0; i < rounds; i++) {
        uint64_t seed = (uint64_t)i;
        int64_t now = NOW + i * (DAY + 5 * RIG_HOUR);
        struct story *story;
        struct listener listener;

        listen(&listener);
        story = story_new(seed, now, NULL);
        hear_all(&listener, story, now);
        look(listener.rig, seed, now);
        story_free(story);
        stop_listening(&listener);
    }
}

static void waits_follow_the_rate(void **state)
{
    struct story *story = story_new(1, NOW, NULL);
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
        cmocka_unit_test(the_past_has_weekends_and_an_account_that_goes_quiet),
        cmocka_unit_test(the_first_minute_tells_what_the_handbook_tells),
        cmocka_unit_test(the_book_is_a_csv_that_reads_without_complaint),
        cmocka_unit_test(nobody_is_there_twice),
        cmocka_unit_test(the_signals_tell_the_stories_and_nothing_else),
        cmocka_unit_test(waits_follow_the_rate),
    };

    return cmocka_run_group_tests_name("demo_story", tests, NULL, NULL);
}
