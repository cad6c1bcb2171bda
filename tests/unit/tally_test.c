/* live: the tally. */
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

/* --- the tally --------------------------------------------------------- */

static struct event at_minute(uint64_t seq, const char *org, int minute)
{
    struct event event = {.seq = seq,
                          .name = "x",
                          .category = CATEGORY_AI,
                          .account = {org, org, false},
                          .raw = "{}"};

    event.received_at = event.occurred_at =
        SAMPLE_START + (int64_t)minute * 60000;
    return event;
}

static void
an_account_outside_the_book_gets_the_name_that_comes_later(void **state)
{
    struct tally *tally = tally_new();
    struct event event = at_minute(1, "beech", 0);
    unsigned changes;

    (void)state;
    event.account.name = NULL;
    tally_add(tally, &event, false);
    assert_string_equal(tally_account(tally, 0)->name, "beech");
    changes = tally_changes(tally);
    event = at_minute(2, "beech", 1);
    event.account.name = "Beech & Sons";
    tally_add(tally, &event, false);
    assert_string_equal(tally_account(tally, 0)->name, "Beech & Sons");
    assert_true(tally_changes(tally) != changes);
    event.account.name = NULL;
    tally_add(tally, &event, false);
    assert_string_equal(tally_account(tally, 0)->name, "Beech & Sons");
    tally_free(tally);
}

static void accounts_are_ordered_by_what_happened_last(void **state)
{
    static const char csv[] = "organization_id,organization_name\n"
                              "quiet,Quiet\nalder,Alder\ncobalt,Cobalt\n";
    static const char *const expected[] = {"alder", "cobalt", "quiet", NULL,
                                           "stranger"};
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, NULL);
    struct tally *tally;
    struct event event;
    size_t i;

    (void)state;
    clock_pin(SAMPLE_START + 60 * 60000);
    tally = tally_new();
    tally_set_book(tally, book);
    assert_int_equal(tally_accounts(tally), 3);
    assert_string_equal(tally_account(tally, 0)->name, "Quiet");
    event = at_minute(9, "cobalt", 30);
    tally_add(tally, &event, true);
    event = at_minute(8, "stranger", 50);
    tally_add(tally, &event, false);
    event = at_minute(7, NULL, 40);
    tally_add(tally, &event, true);
    event = at_minute(6, "alder", 45);
    tally_add(tally, &event, true);
    assert_int_equal(tally_accounts(tally), 5);
    for (i = 0; i < 5; i++) {
        const char *id = tally_account(tally, i)->id;

        if (expected[i])
            assert_string_equal(id, expected[i]);
        else
            assert_null(id);
    }
    event = at_minute(10, "alder", 55);
    event.person.id = "telltale-test";
    tally_add(tally, &event, true); /* counts for nothing */
    assert_int_equal(tally_today(tally), 4);
    assert_string_equal(tally_account(tally, 3)->name, "no account");
    assert_int_equal(tally_account(tally, 1)->unread, 1);
    assert_int_equal(tally_account(tally, 4)->unread, 0);
    tally_mark_read(tally, "cobalt");
    tally_mark_read(tally, NULL);
    tally_mark_read(tally, "nobody");
    assert_int_equal(tally_account(tally, 1)->unread, 0);
    assert_int_equal(tally_account(tally, 0)->unread, 1);
    tally_mark_all_read(tally);
    assert_int_equal(tally_account(tally, 0)->unread, 0);
    tally_set_book(tally, NULL);
    assert_int_equal(tally_accounts(tally), 4);
    tally_free(tally);
    book_free(book);
    clock_pin(CLOCK_NONE);
}

/* In whatever order they are added: history comes backwards. */
static void an_accounts_last_event_is_the_last_in_time(void **state)
{
    struct event events[] = {at_minute(1, "alder", 10),
                             at_minute(2, "alder", 30),
                             at_minute(3, "alder", 30),  /* the clock stood */
                             at_minute(4, "alder", 5),   /* of the past */
                             at_minute(5, "alder", 30)}; /* as well */
    struct tally *tally;

    (void)state;
    clock_pin(SAMPLE_START + 60 * 60000);
    events[3].flags = events[4].flags = EVENT_BACKFILLED;
    for (int backwards = 0; backwards <= 1; backwards++) {
        static const uint64_t last[2][5] = {{1, 2, 3, 3, 5}, {5, 5, 5, 5, 5}};

        tally = tally_new();
        for (int i = 0; i < 5; i++) {
            tally_add(tally, &events[backwards ? 4 - i : i], false);
            assert_int_equal(tally_account(tally, 0)->last_seq,
                             last[backwards][i]);
        }
        tally_free(tally);
    }
    tally = tally_new();
    tally_add(tally, &events[3], false);
    tally_add(tally, &events[2], true);
    tally_add(tally, &events[4], true);
    assert_int_equal(tally_account(tally, 0)->unread, 1);
    tally_mark_read(tally, "alder");
    events[0].seq = 6;
    tally_add(tally, &events[0], true);
    assert_int_equal(tally_account(tally, 0)->unread, 1);
    tally_free(tally);
    clock_pin(CLOCK_NONE);
}

static void bars_rate_and_day_move_with_the_clock(void **state)
{
    const int64_t noon = SAMPLE_START + 4 * 3600000;
    struct tally *tally;
    struct event event;
    const struct tally_account *alder;

    (void)state;
    clock_pin(noon);
    tally = tally_new();
    assert_int_equal(tally_next_tick(tally, noon), CLOCK_NONE);
    event = at_minute(1, "alder", 4 * 60);
    tally_add(tally, &event, true);
    event = at_minute(2, "alder", 4 * 60 - 15);
    tally_add(tally, &event, true);
    event = at_minute(3, "alder", 4 * 60 - 300);
    event.flags = EVENT_BACKFILLED;
    tally_add(tally, &event, false);
    event = at_minute(4, "alder", 4 * 60);
    event.hidden = HIDDEN_INTERNAL;
    tally_add(tally, &event, true);
    alder = tally_account(tally, 0);
    assert_int_equal(alder->bars[5], 1);
    assert_int_equal(alder->bars[3], 1);
    assert_int_equal(alder->last_at, noon);
    assert_int_equal(alder->last_seq, 2);
    assert_int_equal(tally_today(tally), 3);
    assert_int_equal(tally_category(tally, CATEGORY_AI), 3);
    assert_int_equal(tally_rate_x10(tally, noon), 2);
    assert_int_equal(tally_last_at(tally), noon);
    assert_int_equal(tally_next_tick(tally, noon), noon + 30000);
    assert_false(tally_tick(tally, noon + 29999));
    assert_true(tally_tick(tally, noon + 600000));
    assert_int_equal(alder->bars[4], 1);
    assert_int_equal(alder->bars[5], 0);
    assert_int_equal(tally_rate_x10(tally, noon + 600000), 0);
    assert_int_equal(tally_next_tick(tally, noon + 600001), noon + 1200000);
    assert_true(tally_tick(tally, noon + 7200000));
    assert_int_equal(alder->bars[0], 0);
    assert_int_equal(tally_next_tick(tally, noon + 7200000),
                     noon + 12 * 3600000);
    assert_true(tally_tick(tally, noon + 12 * 3600000));
    assert_int_equal(tally_today(tally), 0);
    assert_int_equal(tally_category(tally, CATEGORY_AI), 0);
    assert_int_equal(tally_next_tick(tally, noon + 13 * 3600000), CLOCK_NONE);
    tally_free(tally);
    clock_pin(CLOCK_NONE);
}

/* A day ahead, and back: as if it had never been wrong. */
static void what_a_wrong_clock_counted_is_counted_again(void **state)
{
    const int64_t noon = SAMPLE_START + 4 * 3600000, day = 24 * 3600000;
    struct ring *ring = ring_new(100, UNLIMITED);
    struct tally *tally;
    struct event before = at_minute(1, "alder", 4 * 60 - 15), ahead, after;

    (void)state;
    clock_pin(noon);
    tally = tally_new();
    tally_set_ring(tally, ring);
    ring_push(ring, &before);
    tally_add(tally, &before, true);
    clock_pin(noon + day);
    ahead = at_minute(2, "alder", 4 * 60 + 24 * 60);
    assert_true(tally_tick(tally, noon + day));
    ring_push(ring, &ahead);
    tally_add(tally, &ahead, true);
    assert_int_equal(tally_today(tally), 1);
    assert_int_equal(tally_account(tally, 0)->last_at, noon + day);

    clock_pin(noon + 60000);
    assert_true(tally_tick(tally, noon + 60000));
    assert_int_equal(tally_today(tally), 1); /* what came before */
    assert_int_equal(tally_category(tally, CATEGORY_AI), 1);
    assert_int_equal(tally_account(tally, 0)->bars[3], 1);
    assert_int_equal(tally_account(tally, 0)->bars[5], 0);
    assert_int_equal(tally_account(tally, 0)->last_at, before.occurred_at);
    assert_int_equal(tally_last_at(tally), before.received_at);
    assert_int_equal(tally_rate_x10(tally, noon + 60000), 0);

    after = at_minute(3, "alder", 4 * 60 + 1);
    ring_push(ring, &after);
    tally_add(tally, &after, true);
    assert_int_equal(tally_today(tally), 2);
    assert_int_equal(tally_account(tally, 0)->bars[5], 1);
    assert_int_equal(tally_account(tally, 0)->last_at, noon + 60000);
    assert_int_equal(tally_last_at(tally), noon + 60000);
    assert_int_equal(tally_rate_x10(tally, noon + 60000), 2);
    assert_int_equal(tally_account(tally, 0)->unread, 3);
    tally_free(tally);

    /* a start after it: what is dated tomorrow is not today's */
    tally = tally_new();
    tally_add(tally, &ahead, false);
    assert_int_equal(tally_today(tally), 0);
    assert_int_equal(tally_account(tally, 0)->bars[5], 0);
    tally_add(tally, &after, false);
    assert_int_equal(tally_today(tally), 1);
    assert_int_equal(tally_account(tally, 0)->last_at, noon + 60000);
    tally_free(tally);
    ring_free(ring);
    clock_pin(CLOCK_NONE);
}

static void names_of_strangers_are_counted_in_bytes(void **state)
{
    struct tally *tally = tally_new();
    static char org[4096];
    struct event event;

    (void)state;
    memset(org, 'a', sizeof org - 1);
    for (int i = 0; i < 900; i++) {
        memcpy(org,
               (char[]){(char)('0' + i / 100), (char)('0' + i / 10 % 10),
                        (char)('0' + i % 10)},
               3);
        event = at_minute((uint64_t)i + 1, org, i);
        tally_add(tally, &event, true);
    }
    assert_in_range(tally_accounts(tally), 50, 200);
    assert_memory_equal(tally_account(tally, 0)->id, "899", 3);
    tally_free(tally);
}

static void strangers_cannot_fill_the_account_list(void **state)
{
    struct tally *tally = tally_new();
    struct event event;
    char org[32];
    int i;

    (void)state;
    for (i = 0; i < 3000; i++) {
        snprintf(org, sizeof org, "org-%d", i);
        event = at_minute((uint64_t)i + 1, org, i);
        tally_add(tally, &event, true);
    }
    assert_int_equal(tally_accounts(tally), 1000);
    assert_string_equal(tally_account(tally, 0)->id, "org-2999");
    tally_free(tally);
}

static void who_comes_or_goes_is_a_change_who_moves_is_none(void **state)
{
    static const char csv[] = "organization_id,organization_name\n"
                              "alder,Alder\ncobalt,Cobalt\n";
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, NULL);
    struct tally *tally = tally_new();
    struct event event;
    unsigned before;

    (void)state;
    tally_set_book(tally, book);
    before = tally_changes(tally);
    event = at_minute(1, "cobalt", 1);
    tally_add(tally, &event, true);
    assert_string_equal(tally_account(tally, 0)->id, "cobalt");
    assert_int_equal(tally_changes(tally), before);
    event = at_minute(2, "stranger", 2);
    tally_add(tally, &event, true);
    assert_int_not_equal(tally_changes(tally), before);
    before = tally_changes(tally);
    tally_recount(tally); /* in no ring: nothing is left of them */
    assert_int_equal(tally_accounts(tally), 2);
    assert_int_not_equal(tally_changes(tally), before);
    tally_free(tally);
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_account_outside_the_book_gets_the_name_that_comes_later),
        cmocka_unit_test(accounts_are_ordered_by_what_happened_last),
        cmocka_unit_test(an_accounts_last_event_is_the_last_in_time),
        cmocka_unit_test(bars_rate_and_day_move_with_the_clock),
        cmocka_unit_test(strangers_cannot_fill_the_account_list),
        cmocka_unit_test(what_a_wrong_clock_counted_is_counted_again),
        cmocka_unit_test(names_of_strangers_are_counted_in_bytes),
        cmocka_unit_test(who_comes_or_goes_is_a_change_who_moves_is_none),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
