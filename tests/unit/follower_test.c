/* journal/follower.h against a real journal: what a page holds, and that
 * what is concluded from it is written once, whatever fails in between. */
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
#include "journal/follower.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define NAME "counts"
#define GATHER_US 20000
#define EVERY_US 3600000000
#define KEPT 4096

/* A follower whose owner writes every seq it was shown into a table. */
struct owner {
    struct rig *rig;
    struct follower *follower;
    int64_t armed; /* as arm() was last called */
    bool opened;

    /* Of the last page, as read() was shown it. */
    uint64_t seqs[KEPT];
    size_t count, ticks, bytes;
    struct follower_tick tick[8];
    unsigned reads, writes;
    unsigned slices; /* that prepare() asks for */
    bool early;      /* a page was read before the last of them */
    bool fail_read, fail_write, fail_prepare;

    bool settles;        /* settle() was called */
    bool done, ok, told; /* told: done() was given a reason */
    struct err why;

    /* write() waits here while gated. */
    bool gated, in_write;
};

static void on_arm(void *ctx, int64_t us)
{
    ((struct owner *)ctx)->armed = us;
}

static bool on_read(void *ctx, struct journal_reader *reader,
                    const struct follower_page *page, struct err *err)
{
    struct owner *owner = ctx;

    (void)reader;
    owner->reads++;
    owner->count = page->count;
    owner->ticks = page->tick_count;
    owner->bytes = 0;
    for (size_t i = 0; i < page->count; i++) {
        owner->seqs[i] = page->events[i].seq;
        owner->bytes += page->events[i].raw_len;
    }
    for (size_t i = 0; i < page->tick_count && i < 8; i++)
        owner->tick[i] = page->ticks[i];
    return !owner->fail_read || err_set(err, "meant to fail");
}

static enum reader_step on_prepare(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct owner *owner = ctx;

    (void)reader;
    if (owner->fail_prepare) {
        err_set(err, "meant to fail");
        return READER_FAILED;
    }
    if (!owner->slices)
        return READER_DONE;
    owner->slices--;
    owner->early |= owner->reads > 0;
    return READER_AGAIN;
}

/* Holds the writer's thread until the test lets it go. */
static void pass_gate(struct owner *owner)
{
    struct rig *rig = owner->rig;

    pthread_mutex_lock(&rig->mutex);
    owner->in_write = true;
    pthread_cond_broadcast(&rig->woken);
    while (owner->gated)
        pthread_cond_wait(&rig->woken, &rig->mutex);
    pthread_mutex_unlock(&rig->mutex);
}

static bool on_write(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct owner *owner = ctx;
    char sql[96];

    owner->writes++;
    pass_gate(owner);
    for (size_t i = 0; i < owner->count; i++) {
        snprintf(sql, sizeof sql, "INSERT INTO concluded VALUES (%llu)",
                 (unsigned long long)owner->seqs[i]);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL))
            return err_set(err, "%s", sqlite3_errmsg(db));
    }
    return !owner->fail_write || err_set(err, "meant to fail");
}

static void on_done(void *ctx, bool ok, const struct err *err)
{
    struct owner *owner = ctx;

    owner->done = true;
    owner->ok = ok;
    owner->told = err != NULL;
    if (err)
        owner->why = *err;
}

static void on_opened(void *ctx)
{
    ((struct owner *)ctx)->opened = true;
}

static struct follower_options options_of(struct owner *owner)
{
    return (struct follower_options){.journal = owner->rig->journal,
                                     .name = NAME,
                                     .gather_us = GATHER_US,
                                     .ticks = true,
                                     .arm = on_arm,
                                     .read = on_read,
                                     .write = on_write,
                                     .on_done = on_done,
                                     .on_open = on_opened,
                                     .ctx = owner};
}

static void begin(struct owner *owner, const struct follower_options *options)
{
    owner->armed = -1;
    owner->opened = false;
    owner->follower = follower_new(options);
    rig_drain_until(owner->rig, &owner->opened);
}

static struct owner *owner_new(void **state)
{
    struct owner *owner = calloc(1, sizeof *owner);

    owner->rig = *state;
    change(owner->rig, "CREATE TABLE concluded (seq INTEGER)");
    return owner;
}

/* As the program ends: stopped, then the journal closed, then freed. */
static void end(struct owner *owner)
{
    follower_stop(owner->follower);
    assert_int_equal(owner->armed, -1);
    rig_close(owner->rig);
    follower_free(owner->follower);
    owner->follower = NULL;
}

static void finish(struct owner *owner)
{
    end(owner);
    free(owner);
}

/* The timer comes, and a page is done with. */
static void turn(struct owner *owner)
{
    assert_true(owner->armed >= 0);
    owner->armed = -1;
    owner->done = false;
    follower_wake(owner->follower);
    assert_true(follower_busy(owner->follower));
    rig_drain_until(owner->rig, &owner->done);
    assert_false(follower_busy(owner->follower));
}

static void add_event(struct owner *owner, uint32_t number)
{
    uint64_t seq = append_one(owner->rig, with_uuid("a", number));

    if (owner->follower)
        follower_committed(owner->follower, seq);
}

static void add_tick(struct owner *owner, int64_t at)
{
    journal_tick(owner->rig->journal, at);
    change(owner->rig, "SELECT 1"); /* queued behind it */
    if (owner->follower)
        follower_committed(owner->follower,
                           journal_stats(owner->rig->journal).last_seq);
}

static int64_t written(struct owner *owner)
{
    return ask(owner->rig, "SELECT count(*) FROM concluded");
}

static int64_t cursor(struct owner *owner)
{
    return ask(owner->rig,
               "SELECT seq FROM cursors WHERE reader = '" NAME "'");
}

static void pages_come_in_order_of_seq_until_it_has_caught_up(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, LIMIT_PAGE_ROWS + 3);
    begin(owner, &options);
    assert_int_equal(owner->armed, GATHER_US);
    turn(owner);
    assert_int_equal(owner->count, LIMIT_PAGE_ROWS);
    for (size_t i = 0; i < owner->count; i++)
        assert_int_equal(owner->seqs[i], i + 1);
    assert_int_equal(follower_seq(owner->follower), LIMIT_PAGE_ROWS);
    assert_int_equal(owner->armed, 0); /* the next one at once */
    turn(owner);
    assert_int_equal(owner->count, 3);
    assert_int_equal(owner->seqs[0], LIMIT_PAGE_ROWS + 1);
    assert_int_equal(owner->armed, -1); /* nothing more is there */
    assert_int_equal(cursor(owner), LIMIT_PAGE_ROWS + 3);
    assert_int_equal(written(owner), LIMIT_PAGE_ROWS + 3);
    finish(owner);
}

static void a_follower_that_comes_back_goes_on_where_it_was(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 4);
    begin(owner, &options);
    turn(owner);
    end(owner);
    rig_open(owner->rig);
    options = options_of(owner);
    options.at_newest = true; /* it is not a new one */
    append_one(owner->rig, with_uuid("a", 100));
    begin(owner, &options);
    assert_int_equal(follower_seq(owner->follower), 4);
    turn(owner);
    assert_int_equal(owner->count, 1);
    assert_int_equal(owner->seqs[0], 5);
    assert_int_equal(written(owner), 5);
    finish(owner);
}

static void ticks_stand_between_the_events_around_them(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    begin(owner, &options);
    add_event(owner, 1);
    add_tick(owner, NOW);
    add_event(owner, 2);
    add_tick(owner, NOW + DAY_MS);
    turn(owner);
    assert_int_equal(owner->count, 2);
    assert_int_equal(owner->seqs[0], 1);
    assert_int_equal(owner->seqs[1], 3);
    assert_int_equal(owner->ticks, 2);
    assert_int_equal(owner->tick[0].seq, 2);
    assert_int_equal(owner->tick[0].at, NOW);
    assert_int_equal(owner->tick[1].seq, 4);
    assert_int_equal(owner->tick[1].at, NOW + DAY_MS);
    assert_int_equal(cursor(owner), 4); /* behind the last tick, too */
    add_tick(owner, NOW + 2 * DAY_MS);
    turn(owner); /* a page of nothing else */
    assert_int_equal(owner->count, 0);
    assert_int_equal(owner->ticks, 1);
    assert_int_equal(owner->tick[0].seq, 5);
    assert_int_equal(cursor(owner), 5);
    finish(owner);
}

/* A full page ends between two ticks: each is in one page. */
static void a_tick_is_in_the_page_of_its_seq_and_in_no_other(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    add_tick(owner, NOW);
    rig_fill(owner->rig, LIMIT_PAGE_ROWS + 1);
    add_tick(owner, NOW + DAY_MS);
    begin(owner, &options);
    turn(owner);
    assert_int_equal(owner->count, LIMIT_PAGE_ROWS);
    assert_int_equal(owner->ticks, 1);
    assert_int_equal(owner->tick[0].seq, 1);
    turn(owner);
    assert_int_equal(owner->count, 1);
    assert_int_equal(owner->ticks, 1);
    assert_int_equal(owner->tick[0].seq, LIMIT_PAGE_ROWS + 3);
    assert_int_equal(cursor(owner), LIMIT_PAGE_ROWS + 3);
    finish(owner);
}

static void ticks_and_bodies_come_to_those_who_ask_for_them(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    options.ticks = false;
    begin(owner, &options);
    add_event(owner, 1);
    add_tick(owner, NOW);
    turn(owner);
    assert_int_equal(owner->count, 1);
    assert_int_equal(owner->ticks, 0);
    assert_int_equal(owner->bytes, 0);
    assert_int_equal(cursor(owner), 2);
    end(owner);
    rig_open(owner->rig);
    options.journal = owner->rig->journal;
    options.bodies = true;
    begin(owner, &options);
    add_event(owner, 2);
    turn(owner);
    assert_true(owner->bytes > 0);
    finish(owner);
}

static void
what_could_not_be_written_is_read_again_and_written_once(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);
    int64_t wait;

    rig_fill(owner->rig, 5);
    begin(owner, &options);
    owner->fail_write = true; /* behind five rows that it did write */
    turn(owner);
    assert_false(owner->ok);
    assert_string_equal(owner->why.text, "meant to fail");
    assert_int_equal(written(owner), 0);
    assert_int_equal(cursor(owner), 0);
    wait = owner->armed;
    assert_true(wait > GATHER_US);
    turn(owner);
    assert_true(owner->armed > wait); /* later each time */
    add_event(owner, 100);            /* news do not make it hurry */
    assert_true(owner->armed > wait);
    owner->fail_write = false;
    turn(owner);
    assert_true(owner->ok);
    assert_int_equal(owner->reads, 3);
    assert_int_equal(owner->count, 6);
    assert_int_equal(owner->seqs[0], 1);
    assert_int_equal(written(owner), 6);
    assert_int_equal(cursor(owner), 6);
    assert_int_equal(owner->armed, -1);
    owner->fail_write = true;
    add_event(owner, 101);
    turn(owner);
    assert_int_equal(owner->armed, wait); /* counted from the beginning */
    finish(owner);
}

static void
what_could_not_be_read_writes_nothing_and_is_tried_again(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 2);
    begin(owner, &options);
    owner->fail_read = true;
    turn(owner);
    assert_false(owner->ok);
    assert_true(owner->told);
    assert_int_equal(owner->writes, 0);
    owner->fail_read = false;
    turn(owner);
    assert_true(owner->ok);
    assert_int_equal(written(owner), 2);
    finish(owner);
}

/* Somebody else has the same name: what was concluded is not written. */
static void a_cursor_that_was_moved_by_another_writes_nothing(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 3);
    begin(owner, &options);
    change(owner->rig, "UPDATE cursors SET seq = 2 WHERE reader = '" NAME "'");
    turn(owner);
    assert_false(owner->ok);
    assert_string_equal(owner->why.text,
                        "the cursor of " NAME " is not where it was");
    assert_int_equal(written(owner), 0);
    assert_int_equal(cursor(owner), 2);
    finish(owner);
}

static void stopped_while_a_page_is_read_it_writes_nothing(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 2);
    begin(owner, &options);
    follower_wake(owner->follower);
    follower_stop(owner->follower);
    assert_true(follower_busy(owner->follower));
    rig_drain_until(owner->rig, &owner->done);
    assert_false(follower_busy(owner->follower));
    assert_false(owner->ok);
    assert_false(owner->told); /* no fault: the program ends */
    assert_int_equal(owner->armed, -1);
    assert_int_equal(written(owner), 0);
    assert_int_equal(cursor(owner), 0);
    follower_wake(owner->follower);
    follower_committed(owner->follower, 9);
    assert_false(follower_busy(owner->follower));
    assert_int_equal(owner->armed, -1);
    finish(owner);
}

static void stopped_while_a_page_is_written_it_ends_with_it(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);
    struct rig *rig = owner->rig;

    rig_fill(rig, LIMIT_PAGE_ROWS + 1);
    begin(owner, &options);
    owner->gated = true;
    follower_wake(owner->follower);
    pthread_mutex_lock(&rig->mutex);
    while (!owner->in_write) {
        pthread_mutex_unlock(&rig->mutex);
        journal_drain(rig->journal);
        pthread_mutex_lock(&rig->mutex);
        if (!owner->in_write && !rig->wakes)
            pthread_cond_wait(&rig->woken, &rig->mutex);
        rig->wakes = 0;
    }
    follower_stop(owner->follower);
    assert_true(follower_busy(owner->follower));
    owner->gated = false;
    pthread_cond_broadcast(&rig->woken);
    pthread_mutex_unlock(&rig->mutex);
    rig_drain_until(rig, &owner->done);
    assert_true(owner->ok);
    assert_false(follower_busy(owner->follower));
    assert_int_equal(owner->armed, -1); /* though there is more */
    assert_int_equal(written(owner), LIMIT_PAGE_ROWS);
    assert_int_equal(cursor(owner), LIMIT_PAGE_ROWS);
    finish(owner);
}

static void what_must_be_known_first_is_learnt_in_slices(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 2);
    options.prepare = on_prepare;
    owner->slices = 3;
    owner->fail_prepare = true;
    begin(owner, &options);
    turn(owner);
    assert_false(owner->ok);
    assert_int_equal(owner->reads, 0);
    owner->fail_prepare = false;
    turn(owner);
    assert_true(owner->ok);
    assert_int_equal(owner->slices, 0);
    assert_false(owner->early);
    assert_int_equal(owner->reads, 1);
    assert_int_equal(written(owner), 2);
    finish(owner);
}

static void while_held_no_page_is_begun(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 2);
    owner->armed = -1;
    owner->follower = follower_new(&options);
    follower_hold(owner->follower, true);
    rig_drain_until(owner->rig, &owner->opened);
    assert_int_equal(owner->armed, -1);
    add_event(owner, 100);
    assert_int_equal(owner->armed, -1);
    follower_wake(owner->follower);
    assert_false(follower_busy(owner->follower));
    follower_hold(owner->follower, false);
    assert_int_equal(owner->armed, GATHER_US);
    turn(owner);
    assert_int_equal(owner->count, 3);
    assert_int_equal(written(owner), 3);
    finish(owner);
}

static void a_nudge_is_a_page_without_events_until_it_is_written(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    begin(owner, &options);
    assert_int_equal(owner->armed, -1);
    follower_nudge(owner->follower);
    assert_int_equal(owner->armed, GATHER_US);
    owner->fail_write = true;
    turn(owner);
    assert_false(owner->ok);
    owner->fail_write = false;
    turn(owner); /* again, though no seq came */
    assert_true(owner->ok);
    assert_int_equal(owner->reads, 2);
    assert_int_equal(owner->count, 0);
    assert_int_equal(owner->armed, -1);
    assert_int_equal(cursor(owner), 0);
    finish(owner);
}

static void a_page_that_is_under_way_is_not_begun_twice(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 2);
    begin(owner, &options);
    owner->armed = -1;
    owner->done = false;
    follower_wake(owner->follower);
    follower_wake(owner->follower);
    add_event(owner, 100);
    /* Not while it is under way, which it may not be any more. */
    assert_true(owner->armed == -1 || owner->done);
    rig_drain_until(owner->rig, &owner->done);
    while (owner->armed >= 0)
        turn(owner);
    assert_int_equal(written(owner), 3);
    assert_int_equal(cursor(owner), 3);
    finish(owner);
}

/* It cannot be opened at first, and the journal goes on meanwhile. */
static void a_new_one_at_newest_misses_nothing_that_came_since(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    options.at_newest = true;
    rig_fill(owner->rig, 4);
    change(owner->rig, "ALTER TABLE cursors RENAME TO away");
    owner->armed = -1;
    owner->follower = follower_new(&options);
    rig_drain_until(owner->rig, &owner->done);
    assert_false(owner->ok);
    assert_true(owner->told);
    assert_true(owner->armed > GATHER_US); /* it is tried again */
    add_event(owner, 100);
    add_event(owner, 101);
    assert_false(owner->opened);
    change(owner->rig, "ALTER TABLE away RENAME TO cursors");
    follower_wake(owner->follower);
    rig_drain_until(owner->rig, &owner->opened);
    assert_int_equal(follower_seq(owner->follower), 4);
    turn(owner);
    assert_int_equal(owner->count, 2);
    assert_int_equal(owner->seqs[0], 5);
    assert_int_equal(owner->seqs[1], 6);
    finish(owner);
}

static void pages_keep_their_distance_once_it_has_caught_up(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    options.every_us = EVERY_US;
    begin(owner, &options);
    add_event(owner, 1);
    assert_int_equal(owner->armed, GATHER_US); /* the first does not wait */
    turn(owner);
    add_event(owner, 2);
    assert_true(owner->armed > GATHER_US);
    assert_true(owner->armed <= EVERY_US);
    finish(owner);
}

static void on_settle(void *ctx)
{
    ((struct owner *)ctx)->settles = true;
}

static void
a_page_that_is_settled_elsewhere_is_written_when_it_is(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);
    struct err err = {"meant to fail"};

    options.settle = on_settle;
    begin(owner, &options);
    add_event(owner, 1);
    follower_wake(owner->follower);
    rig_drain_until(owner->rig, &owner->settles);
    assert_int_equal(owner->writes, 0);
    assert_int_equal(cursor(owner), 0);
    assert_true(follower_busy(owner->follower));
    follower_settled(owner->follower, false, &err);
    assert_true(owner->done && !owner->ok && owner->told);
    owner->settles = owner->done = false;
    follower_wake(owner->follower);
    rig_drain_until(owner->rig, &owner->settles);
    assert_int_equal(owner->reads, 2);
    follower_settled(owner->follower, true, NULL);
    rig_drain_until(owner->rig, &owner->done);
    assert_true(owner->ok);
    assert_int_equal(cursor(owner), 1);
    assert_int_equal(written(owner), 1);
    finish(owner);
}

static void a_page_ends_where_its_bodies_are_enough(void **state)
{
    struct owner *owner = owner_new(state);
    struct follower_options options = options_of(owner);

    rig_fill(owner->rig, 5);
    options.bodies = true;
    options.bytes = 1;
    begin(owner, &options);
    for (int i = 1; i <= 5; i++) {
        turn(owner);
        assert_int_equal(owner->count, 1);
        assert_int_equal(cursor(owner), i);
    }
    assert_int_equal(owner->armed, -1);
    assert_int_equal(written(owner), 5);
    finish(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(pages_come_in_order_of_seq_until_it_has_caught_up),
        RIG_CASE(a_follower_that_comes_back_goes_on_where_it_was),
        RIG_CASE(ticks_stand_between_the_events_around_them),
        RIG_CASE(a_tick_is_in_the_page_of_its_seq_and_in_no_other),
        RIG_CASE(ticks_and_bodies_come_to_those_who_ask_for_them),
        RIG_CASE(what_could_not_be_written_is_read_again_and_written_once),
        RIG_CASE(what_could_not_be_read_writes_nothing_and_is_tried_again),
        RIG_CASE(a_cursor_that_was_moved_by_another_writes_nothing),
        RIG_CASE(stopped_while_a_page_is_read_it_writes_nothing),
        RIG_CASE(stopped_while_a_page_is_written_it_ends_with_it),
        RIG_CASE(what_must_be_known_first_is_learnt_in_slices),
        RIG_CASE(while_held_no_page_is_begun),
        RIG_CASE(a_nudge_is_a_page_without_events_until_it_is_written),
        RIG_CASE(a_page_that_is_under_way_is_not_begun_twice),
        RIG_CASE(a_new_one_at_newest_misses_nothing_that_came_since),
        RIG_CASE(pages_keep_their_distance_once_it_has_caught_up),
        RIG_CASE(a_page_that_is_settled_elsewhere_is_written_when_it_is),
        RIG_CASE(a_page_ends_where_its_bodies_are_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
