/* live: the ring and its limits, views against a plain model, the tally. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/accounts.h"
#include "live/ring.h"
#include "live/tally.h"
#include "live/view.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define UNLIMITED ((size_t)1 << 40)
#define LONG_US 60000000

/* --- the ring ---------------------------------------------------------- */

static void the_ring_keeps_the_newest_by_count(void **state)
{
    struct ring *ring = ring_new(10000, UNLIMITED);
    uint64_t random = 3;
    size_t i;

    (void)state;
    assert_null(ring_at(ring, 0));
    assert_int_equal(ring_newest(ring), 0);
    assert_null(ring_get(ring, 0));
    sample_fill(ring, &random, 1, 25000);
    assert_int_equal(ring_count(ring), 10000);
    assert_int_equal(ring_evicted(ring), 15000);
    for (i = 0; i < 10000; i++)
        assert_int_equal(ring_at(ring, i)->seq, 15001 + i);
    assert_null(ring_at(ring, 10000));
    ring_free(ring);
}

static void the_ring_keeps_the_newest_by_bytes(void **state)
{
    enum { MAX = 2 << 20 };
    struct ring *ring = ring_new(1000000, MAX);
    char sentence[200];
    uint64_t random = 3, seq;
    size_t most = 0;

    (void)state;
    for (seq = 1; seq <= 30000; seq++) {
        struct event event = sample_event(&random, seq);

        snprintf(sentence, sizeof sentence, "did something %0100u",
                 (unsigned)seq);
        event.sentence = sentence;
        ring_push(ring, &event);
        if (ring_bytes(ring) > most)
            most = ring_bytes(ring);
    }
    assert_true(most <= MAX);
    assert_true(ring_count(ring) > 1000);
    assert_int_equal(ring_count(ring) + ring_evicted(ring), 30000);
    assert_int_equal(ring_at(ring, ring_count(ring) - 1)->seq, 30000);
    ring_free(ring);
}

static void the_ring_knows_how_many_are_hidden(void **state)
{
    struct ring *ring = ring_new(4, UNLIMITED);
    uint64_t random = 3;

    (void)state;
    for (uint64_t seq = 1; seq <= 6; seq++) {
        struct event event = sample_event(&random, seq);

        event.hidden = seq % 2 ? HIDDEN_INTERNAL : HIDDEN_NO;
        ring_push(ring, &event);
        assert_int_equal(ring_hidden(ring), seq < 4 ? (seq + 1) / 2 : 2);
    }
    ring_drop_newest(ring, 1);
    assert_int_equal(ring_hidden(ring), 2);
    ring_drop_oldest(ring, 1);
    assert_int_equal(ring_hidden(ring), 1);
    ring_keep_newest(ring, 0);
    assert_int_equal(ring_hidden(ring), 0);
    ring_free(ring);
}

/* Each of an event's texts is there once, and goes with it. */
static void texts_go_with_the_events_that_had_them(void **state)
{
    enum { MAX = 16, TEXTS = 9 };
    struct ring *ring = ring_new(MAX, UNLIMITED);
    char texts[TEXTS][32];
    uint64_t random = 3;

    (void)state;
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        struct event event = sample_event(&random, seq);

        for (unsigned i = 0; i < TEXTS; i++)
            snprintf(texts[i], sizeof texts[i], "https://%u.test/%u", i,
                     (unsigned)seq);
        event.account.id = texts[0];
        event.account.name = texts[1];
        event.person.id = texts[2];
        event.person.name = texts[3];
        event.person.email = texts[4];
        event.name = texts[5];
        event.sentence = texts[6];
        event.fold = texts[7];
        event.url = texts[8];
        ring_push(ring, &event);
    }
    assert_in_range(intern_limit(ring_texts(ring)), MAX * TEXTS,
                    (MAX + 1) * TEXTS + 1);
    ring_free(ring);
}

/* Whatever their seqs are: history is not in the order of seq. */
static void a_number_finds_its_record_until_that_is_evicted(void **state)
{
    enum { COUNT = 6000 };
    struct ring *ring = ring_new(COUNT, UNLIMITED);
    uint64_t random = 5, number, seqs[COUNT], numbers[COUNT];
    struct event event;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT; i++) {
        seqs[i] = 1 + sample_random(&random, 1000000);
        event = sample_event(&random, seqs[i]);
        if (i % 2) {
            ring_push(ring, &event);
            numbers[i] = ring_newest(ring);
        } else {
            assert_true(ring_push_old(ring, &event));
            numbers[i] = ring_number(ring, 0);
        }
        assert_true(numbers[i] > 0);
    }
    for (i = 0; i < COUNT; i++) {
        assert_int_equal(ring_get(ring, numbers[i])->seq, seqs[i]);
        assert_int_equal(ring_number(ring, ring_index(ring, numbers[i])),
                         numbers[i]);
    }
    assert_null(ring_get(ring, ring_newest(ring) + 1));
    assert_int_equal(ring_index(ring, ring_newest(ring) + 1), COUNT);
    number = ring_number(ring, 0);
    sample_fill(ring, &random, 2000001, 2000500);
    assert_null(ring_get(ring, number));
    assert_null(ring_get(ring, number + 499));
    assert_int_equal(ring_index(ring, number), 0);
    assert_ptr_equal(ring_get(ring, number + 500), ring_at(ring, 0));
    ring_free(ring);
}

static void history_fills_in_front_until_there_is_no_room(void **state)
{
    struct ring *ring = ring_new(9000, UNLIMITED);
    uint64_t random = 3, seq;
    struct event event;
    size_t i;

    (void)state;
    sample_fill(ring, &random, 20001, 20010);
    for (seq = 20000;; seq--) {
        event = sample_event(&random, seq);
        if (!ring_push_old(ring, &event))
            break;
    }
    assert_int_equal(ring_count(ring), 9000);
    assert_int_equal(ring_evicted(ring), 0);
    sample_fill(ring, &random, 20011, 20500);
    assert_int_equal(ring_count(ring), 9000);
    for (i = 0; i < 9000; i++)
        assert_int_equal(ring_at(ring, i)->seq, 11501 + i);
    ring_free(ring);
}

/* Bytes may be free again then, but the older events would leave a gap, and
 * their numbers would be those of others. */
static size_t hidden_in(const struct ring *ring)
{
    size_t hidden = 0;

    for (size_t i = 0; i < ring_count(ring); i++)
        hidden += ring_at(ring, i)->row.hidden != HIDDEN_NO;
    return hidden;
}

static void another_past_leaves_the_newest_under_other_numbers(void **state)
{
    struct ring *ring = ring_new(9000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 3, numbers[12000];
    size_t ever, i;

    (void)state;
    sample_fill(ring, &random, 1, 10000); /* more than there is room for */
    for (i = 0; i < 9000; i++)
        numbers[i] = ring_number(ring, i);
    ever = ring_ever(ring);
    sample_fill(ring, &random, 10001, 10003);
    while (view_update(view, 1000000))
        ;
    ring_keep_newest(ring, ring_ever(ring) - ever);
    assert_int_equal(ring_count(ring), 3);
    for (i = 0; i < 9000; i++)
        assert_null(ring_get(ring, numbers[i]));
    assert_int_equal(ring_at(ring, 2)->seq, 10003);
    for (i = 0; i < 8997; i++) {
        struct event event = sample_event(&random, 20000 - i);

        assert_true(ring_push_old(ring, &event));
    }
    assert_true(ring_number(ring, 0) > numbers[8999]);
    assert_int_equal(ring_at(ring, 8996)->seq, 20000);
    while (view_update(view, 1000000))
        ;
    assert_int_equal(view_events(view), 9000 - hidden_in(ring));
    view_free(view);
    ring_free(ring);
}

static void history_ends_where_something_was_evicted(void **state)
{
    enum { MAX = 1 << 20 };
    struct ring *ring = ring_new(1000000, MAX);
    char sentence[4000];
    uint64_t random = 3, seq, oldest;
    struct event event;

    (void)state;
    memset(sentence, 'x', sizeof sentence);
    sentence[sizeof sentence - 1] = '\0';
    for (seq = 10000; ring_evicted(ring) == 0; seq++) {
        event = sample_event(&random, seq);
        snprintf(sentence, 9, "%08u", (unsigned)seq);
        sentence[8] = 'x';
        event.sentence = sentence;
        ring_push(ring, &event);
    }
    assert_true(ring_bytes(ring) < MAX);
    oldest = ring_number(ring, 0);
    event = sample_event(&random, 9999);
    assert_false(ring_push_old(ring, &event));
    assert_int_equal(ring_number(ring, 0), oldest);
    ring_free(ring);
}

static void a_new_book_renames_what_is_there_and_what_comes(void **state)
{
    static const char csv[] =
        "organization_id,organization_name,owner,segment\n"
        "018f-borealis,Borealis AB,csm@team.example,enterprise\n";
    struct ring *ring = ring_new(100, UNLIMITED);
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, NULL);
    struct event event = {.seq = 1,
                          .name = "x",
                          .account = {"018f-borealis", "Borealis", false},
                          .raw = "{}"};
    const struct query_row *row;

    (void)state;
    ring_push(ring, &event);
    assert_string_equal(ring_text(ring, ring_at(ring, 0)->row.account),
                        "Borealis");
    ring_relabel(ring, book);
    event.seq = 2;
    ring_push(ring, &event);
    for (size_t i = 0; i < 2; i++) {
        row = &ring_at(ring, i)->row;
        assert_string_equal(ring_text(ring, row->account), "Borealis AB");
        assert_string_equal(ring_text(ring, row->owner), "csm@team.example");
        assert_string_equal(ring_text(ring, row->segment), "enterprise");
        assert_true(row->listed);
    }
    ring_relabel(ring, NULL);
    row = &ring_at(ring, 0)->row;
    assert_false(row->listed);
    assert_int_equal(row->owner, 0);
    ring_free(ring);
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ring_keeps_the_newest_by_count),
        cmocka_unit_test(the_ring_keeps_the_newest_by_bytes),
        cmocka_unit_test(the_ring_knows_how_many_are_hidden),
        cmocka_unit_test(texts_go_with_the_events_that_had_them),
        cmocka_unit_test(a_number_finds_its_record_until_that_is_evicted),
        cmocka_unit_test(history_fills_in_front_until_there_is_no_room),
        cmocka_unit_test(another_past_leaves_the_newest_under_other_numbers),
        cmocka_unit_test(history_ends_where_something_was_evicted),
        cmocka_unit_test(a_new_book_renames_what_is_there_and_what_comes),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
