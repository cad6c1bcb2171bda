/* timeline: the journal in the order of time, events of the past among live
 * ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/limits.h"
#include "journal/journal.h"
#include "journal/timeline.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define MOST 64

/* Received so many seconds after NOW. */
static struct event at(int seconds, bool past)
{
    static uint32_t number;
    struct event event = with_uuid("a", ++number);

    event.received_at = event.occurred_at = NOW + seconds * INT64_C(1000);
    if (past)
        event.flags = EVENT_BACKFILLED;
    return event;
}

static struct event live(int seconds)
{
    return at(seconds, false);
}

static struct event past(int seconds)
{
    return at(seconds, true);
}

/* Goes through all of a walk; returns how many pages that took. The seqs are
 * in seqs, their number in *count. */
static size_t go(struct journal_reader *reader, struct reader_walk *walk,
                 uint64_t seqs[MOST], size_t *count)
{
    struct err err = {""};
    bool more = true;
    size_t pages = 0;

    *count = 0;
    for (; more; pages++) {
        struct event_batch *batch = event_batch_new();

        assert_true(reader_walk(reader, walk, batch, &more, &err));
        assert_true(!walk->limit || batch->count <= walk->limit);
        assert_true(*count + batch->count <= MOST);
        for (size_t i = 0; i < batch->count; i++) {
            assert_int_equal(batch->events[i].raw == NULL, walk->no_bodies);
            seqs[(*count)++] = batch->events[i].seq;
        }
        event_batch_free(batch);
    }
    return pages;
}

/* Oldest first, and backwards, by pages of every size. */
static void assert_order(struct rig *rig, struct reader_walk walk,
                         const uint64_t *expected, size_t count)
{
    struct journal_reader *reader = rig_reader(rig);
    uint64_t seqs[MOST];
    size_t got;

    for (size_t limit = 0; limit <= count + 1; limit++)
        for (int down = 0; down <= 1; down++) {
            struct reader_walk again = walk;

            again.limit = limit;
            again.newest_first = down;
            again.no_bodies = limit % 2;
            go(reader, &again, seqs, &got);
            assert_int_equal(got, count);
            for (size_t i = 0; i < count; i++)
                assert_int_equal(seqs[i], expected[down ? count - 1 - i : i]);
        }
    reader_close(reader);
}
#define ASSERT_ORDER(rig, walk, ...)                                          \
    assert_order(rig, walk, (const uint64_t[]){__VA_ARGS__},                  \
                 sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static const struct reader_walk everything = {0};

static void an_empty_journal_has_no_page(void **state)
{
    struct rig *rig = *state;

    assert_order(rig, everything, NULL, 0);
}

/* Seqs 1 to 4 came live; 5 to 11 came with a backfill, some of them received
 * at the same moment as others and as seq 2; 12 is live again. */
static void append_mixture(struct rig *rig)
{
    struct event events[] = {
        live(10), live(20), live(30),  live(40), past(-50), past(15),
        past(20), past(20), past(-50), past(35), past(45),  live(50),
    };

    assert_int_equal(rig_append(rig, events, 12).fresh, 12);
}

static void the_past_stands_between_what_came_live(void **state)
{
    struct rig *rig = *state;

    append_mixture(rig);
    ASSERT_ORDER(rig, everything, 5, 9, 1, 6, 2, 7, 8, 3, 10, 4, 11, 12);
}

static void only_past_and_only_live_are_walks_too(void **state)
{
    struct rig *rig = *state;
    struct event backfilled[] = {past(3), past(1), past(2)};
    struct event came[] = {live(1), live(2), live(3)};

    rig_append(rig, backfilled, 3);
    ASSERT_ORDER(rig, everything, 2, 3, 1);
    change(rig, "DELETE FROM events");
    rig_append(rig, came, 3);
    ASSERT_ORDER(rig, everything, 4, 5, 6);
}

static void a_walk_begins_at_a_time(void **state)
{
    struct rig *rig = *state;
    struct reader_walk walk = {.since_ms = NOW + 20000};

    append_mixture(rig);
    ASSERT_ORDER(rig, walk, 2, 7, 8, 3, 10, 4, 11, 12);
    walk.since_ms = NOW + 45000;
    ASSERT_ORDER(rig, walk, 11, 12);
    walk.since_ms = NOW - 1000000;
    ASSERT_ORDER(rig, walk, 5, 9, 1, 6, 2, 7, 8, 3, 10, 4, 11, 12);
    walk.since_ms = NOW + DAY_MS;
    assert_order(rig, walk, NULL, 0);
}

/* From each event of the order both ways, and from the times between. */
static void a_walk_begins_beside_any_event(void **state)
{
    static const uint64_t order[] = {5, 9, 1, 6, 2, 7, 8, 3, 10, 4, 11, 12};
    static const int seconds[] = {-50, -50, 10, 15, 20, 20,
                                  20,  30,  35, 40, 45, 50};
    struct rig *rig = *state;
    struct journal_reader *reader;
    uint64_t seqs[MOST];
    size_t got;

    append_mixture(rig);
    reader = rig_reader(rig);
    for (size_t at = 0; at < 12; at++)
        for (int kind = 0; kind < 4; kind++) {
            bool down = kind & 1, by_time = kind & 2;
            struct reader_walk walk = {.newest_first = down, .limit = at % 3};
            size_t first = at;

            walk.from.ms = NOW + seconds[at] * INT64_C(1000);
            walk.from.seq = by_time ? 0 : order[at];
            walk.from.past = order[at] >= 5 && order[at] <= 11;
            while (by_time && first && seconds[first - 1] == seconds[at])
                first--;
            go(reader, &walk, seqs, &got);
            if (down) {
                assert_int_equal(got, first);
                for (size_t i = 0; i < got; i++)
                    assert_int_equal(seqs[i], order[first - 1 - i]);
                continue;
            }
            first += !by_time;
            assert_int_equal(got, 12 - first);
            for (size_t i = 0; i < got; i++)
                assert_int_equal(seqs[i], order[first + i]);
        }
    reader_close(reader);
}

static void a_place_may_lie_outside_all_events(void **state)
{
    struct rig *rig = *state;
    struct reader_walk walk = {.from.ms = NOW - DAY_MS};
    struct journal_reader *reader;
    uint64_t seqs[MOST];
    size_t got;

    append_mixture(rig);
    reader = rig_reader(rig);
    go(reader, &walk, seqs, &got);
    assert_int_equal(got, 12);
    walk = (struct reader_walk){.from.ms = NOW - DAY_MS, .newest_first = true};
    go(reader, &walk, seqs, &got);
    assert_int_equal(got, 0);
    walk.begun = false;
    walk.from.ms = NOW + DAY_MS;
    go(reader, &walk, seqs, &got);
    assert_int_equal(got, 12);
    walk = (struct reader_walk){.from.ms = NOW + DAY_MS};
    go(reader, &walk, seqs, &got);
    assert_int_equal(got, 0);
    reader_close(reader);
}

static void what_comes_later_is_not_of_the_walk(void **state)
{
    struct rig *rig = *state;
    struct reader_walk walk = {.limit = 3}, back = {.newest_first = true};
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct event later[] = {past(1), live(60), past(25)};
    uint64_t seqs[MOST];
    struct err err = {""};
    size_t count;
    bool more;

    append_mixture(rig);
    reader = rig_reader(rig);
    assert_true(reader_walk(reader, &walk, batch, &more, &err));
    assert_int_equal(batch->count, 3);
    assert_true(more);
    rig_append(rig, later, 3);
    go(reader, &walk, seqs, &count);
    assert_int_equal(count, 9);
    assert_int_equal(seqs[8], 12);
    back.upto = 4;
    go(reader, &back, seqs, &count);
    assert_int_equal(count, 4);
    ASSERT_ORDER(rig, everything, 5, 9, 13, 1, 6, 2, 7, 8, 15, 3, 10, 4, 11,
                 12, 14);
    event_batch_free(batch);
    reader_close(reader);
}

/* Their order is that of seq, and none is lost or told twice. */
static void a_clock_that_was_set_moves_no_live_event(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {live(100), live(5000), live(5100), live(40),
                             live(50),  past(45),   past(4000), past(20)};
    struct journal_reader *reader;
    uint64_t seqs[MOST];
    size_t count;

    rig_append(rig, events, 8);
    reader = rig_reader(rig);
    for (size_t limit = 1; limit <= 9; limit++)
        for (int down = 0; down <= 1; down++) {
            struct reader_walk walk = {.limit = limit, .newest_first = down};
            uint64_t last = down ? 6 : 0, seen = 0;

            go(reader, &walk, seqs, &count);
            assert_int_equal(count, 8);
            for (size_t i = 0; i < count; i++) {
                assert_false(seen & UINT64_C(1) << seqs[i]);
                seen |= UINT64_C(1) << seqs[i];
                if (seqs[i] > 5)
                    continue;
                assert_int_equal(seqs[i], down ? last - 1 : last + 1);
                last = seqs[i];
            }
        }
    reader_close(reader);
}

/* The next event gets that seq. */
static void skip_to(struct rig *rig, uint64_t seq)
{
    char sql[80];

    snprintf(sql, sizeof sql, "UPDATE meta SET value = %llu WHERE key = 'seq'",
             (unsigned long long)seq - 1);
    change(rig, sql);
    rig_close(rig);
    rig_open(rig);
}

/* A page goes over only so many seqs in search of live events, and the next
 * one goes on where it was. */
static void a_long_way_takes_many_pages(void **state)
{
    enum { PAGES = 5 };
    struct rig *rig = *state;
    const uint64_t far = PAGES * TIMELINE_REACH;
    struct event first[] = {live(10), past(-5), past(20)};
    struct event second[] = {live(40), past(30), past(50)};
    struct journal_reader *reader;
    uint64_t seqs[MOST];
    size_t count;

    rig_append(rig, first, 3);
    skip_to(rig, far);
    rig_append(rig, second, 3);
    ASSERT_ORDER(rig, everything, 2, 1, 3, far + 1, far, far + 2);
    reader = rig_reader(rig);
    for (int down = 0; down <= 1; down++) {
        struct reader_walk walk = {.newest_first = down};

        assert_in_range(go(reader, &walk, seqs, &count), PAGES, PAGES + 2);
    }
    reader_close(reader);
}

/* Going up, a first page looks below the seq TIMELINE_REACH; going down from
 * the last one here, above 3. */
static void what_is_at_the_edge_of_a_page_is_on_the_next(void **state)
{
    struct rig *rig = *state;
    const uint64_t edge = TIMELINE_REACH;
    struct event first[] = {live(10), past(20), live(30)};
    struct event second[] = {live(40), past(35), live(50)};

    rig_append(rig, first, 3);
    skip_to(rig, edge);
    rig_append(rig, second, 3);
    ASSERT_ORDER(rig, everything, 1, 2, 3, edge + 1, edge, edge + 2);
}

/* ---- the index ---- */

static int64_t count_index(struct rig *rig)
{
    return ask(rig, "SELECT count(*) FROM pragma_index_list('events') WHERE "
                    "name = 'events_past' AND partial");
}

/* However large the journal is: a page costs what it holds. */
static void no_page_scans_or_sorts(void **state)
{
    struct rig *rig = *state;
    struct journal_reader *reader;
    sqlite3_stmt *at = NULL;
    uint64_t seqs[MOST];
    size_t count;

    append_mixture(rig);
    reader = rig_reader(rig);
    for (int kind = 0; kind < 8; kind++) {
        struct reader_walk walk = {.newest_first = kind & 1,
                                   .no_bodies = kind & 2,
                                   .since_ms = kind & 4 ? NOW : 0,
                                   .limit = 2};

        go(reader, &walk, seqs, &count);
        assert_int_equal(count, kind & 4 ? 10 : 12);
    }
    while ((at = sqlite3_next_stmt(reader_db(reader), at))) {
        if (sqlite3_stmt_status(at, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) ||
            sqlite3_stmt_status(at, SQLITE_STMTSTATUS_SORT, 0))
            fail_msg("%s", sqlite3_sql(at));
    }
    reader_close(reader);
}

static void a_journal_without_the_index_reads_the_same(void **state)
{
    struct rig *rig = *state;
    struct reader_walk since = {.since_ms = NOW + 20000};

    append_mixture(rig);
    assert_int_equal(count_index(rig), 1);
    change(rig, "DROP INDEX events_past");
    assert_int_equal(count_index(rig), 0);
    ASSERT_ORDER(rig, everything, 5, 9, 1, 6, 2, 7, 8, 3, 10, 4, 11, 12);
    ASSERT_ORDER(rig, since, 2, 7, 8, 3, 10, 4, 11, 12);
}

static void the_next_owner_makes_the_index(void **state)
{
    struct rig *rig = *state;
    struct journal_reader *reader;
    struct reader_walk walk = {.newest_first = true};
    uint64_t seqs[MOST];
    size_t count;

    append_mixture(rig);
    change(rig, "DROP INDEX events_past");
    reader = rig_reader(rig);
    rig_close(rig);
    rig_open(rig);
    assert_int_equal(count_index(rig), 1);
    /* One that had opened it before goes on. */
    go(reader, &walk, seqs, &count);
    assert_int_equal(count, 12);
    assert_int_equal(seqs[11], 5);
    reader_close(reader);
    ASSERT_ORDER(rig, everything, 5, 9, 1, 6, 2, 7, 8, 3, 10, 4, 11, 12);
}

/* However long bodies are, a page of them is not. */
static void long_bodies_make_short_pages(void **state)
{
    enum { LONG = LIMIT_PAGE_BYTES / 2, COUNT = 6 };
    struct rig *rig = *state;
    struct journal_reader *reader;
    struct event events[COUNT];
    uint64_t seqs[MOST];
    char *raw = calloc(1, LONG + 1);
    size_t count;

    assert_non_null(raw);
    memset(raw, ' ', LONG);
    raw[0] = '{';
    raw[LONG - 1] = '}';
    for (int i = 0; i < COUNT; i++) {
        events[i] = i % 2 ? past(i) : live(i);
        events[i].raw = raw;
        events[i].raw_len = LONG;
        events[i].props_len = 0;
    }
    rig_append(rig, events, COUNT);
    free(raw);
    reader = rig_reader(rig);
    for (int kind = 0; kind < 4; kind++) {
        struct reader_walk walk = {.newest_first = kind & 1,
                                   .no_bodies = kind & 2};

        assert_int_equal(go(reader, &walk, seqs, &count), kind & 2 ? 1 : 3);
        assert_int_equal(count, COUNT);
        assert_int_equal(seqs[0], kind & 1 ? COUNT : 1);
    }
    reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(an_empty_journal_has_no_page),
        RIG_CASE(the_past_stands_between_what_came_live),
        RIG_CASE(only_past_and_only_live_are_walks_too),
        RIG_CASE(a_walk_begins_at_a_time),
        RIG_CASE(a_walk_begins_beside_any_event),
        RIG_CASE(a_place_may_lie_outside_all_events),
        RIG_CASE(what_comes_later_is_not_of_the_walk),
        RIG_CASE(a_clock_that_was_set_moves_no_live_event),
        RIG_CASE(a_long_way_takes_many_pages),
        RIG_CASE(what_is_at_the_edge_of_a_page_is_on_the_next),
        RIG_CASE(no_page_scans_or_sorts),
        RIG_CASE(a_journal_without_the_index_reads_the_same),
        RIG_CASE(the_next_owner_makes_the_index),
        RIG_CASE(long_bodies_make_short_pages),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
