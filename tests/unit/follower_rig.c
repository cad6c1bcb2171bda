/* The rig of the follower's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "tests/unit/follower_rig.h"

#include "base/banned.h"

static void on_arm(void *ctx, int64_t us)
{
    ((struct counter *)ctx)->armed = us;
}

static bool on_read(void *ctx, struct journal_reader *reader,
                    const struct follower_page *page, struct err *err)
{
    struct counter *counter = ctx;

    (void)reader;
    counter->reads++;
    counter->count = page->count;
    counter->ticks = page->tick_count;
    counter->bytes = 0;
    for (size_t i = 0; i < page->count; i++) {
        counter->seqs[i] = page->events[i].seq;
        counter->bytes += page->events[i].raw_len;
    }
    for (size_t i = 0; i < page->tick_count && i < 8; i++)
        counter->tick[i] = page->ticks[i];
    if (counter->cut)
        follower_cut(counter->follower, counter->cut);
    while (counter->cut && counter->seqs[counter->count - 1] > counter->cut)
        counter->count--;
    counter->cut = 0;
    return !counter->fail_read || err_set(err, "meant to fail");
}

/* Holds the writer's thread until the test lets it go. */
static void pass_gate(struct counter *counter)
{
    struct rig *rig = counter->rig;

    pthread_mutex_lock(&rig->mutex);
    counter->in_write = true;
    pthread_cond_broadcast(&rig->woken);
    while (counter->gated)
        pthread_cond_wait(&rig->woken, &rig->mutex);
    pthread_mutex_unlock(&rig->mutex);
}

static bool on_write(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct counter *counter = ctx;
    char sql[96];

    counter->writes++;
    pass_gate(counter);
    for (size_t i = 0; i < counter->count; i++) {
        snprintf(sql, sizeof sql, "INSERT INTO concluded VALUES (%llu)",
                 (unsigned long long)counter->seqs[i]);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL))
            return err_set(err, "%s", sqlite3_errmsg(db));
    }
    return !counter->fail_write || err_set(err, "meant to fail");
}

static void on_done(void *ctx, bool ok, const struct err *err)
{
    struct counter *counter = ctx;

    counter->done = true;
    counter->ok = ok;
    counter->told = err != NULL;
    if (err)
        counter->why = *err;
}

static void on_opened(void *ctx)
{
    ((struct counter *)ctx)->opened = true;
}

struct follower_options counter_options(struct counter *counter)
{
    return (struct follower_options){.journal = counter->rig->journal,
                                     .name = COUNTER_NAME,
                                     .gather_us = GATHER_US,
                                     .ticks = true,
                                     .arm = on_arm,
                                     .read = on_read,
                                     .write = on_write,
                                     .on_done = on_done,
                                     .on_open = on_opened,
                                     .ctx = counter};
}

void counter_begin(struct counter *counter,
                   const struct follower_options *options)
{
    counter->armed = -1;
    counter->opened = false;
    counter->follower = follower_new(options);
    rig_drain_until(counter->rig, &counter->opened);
}

struct counter *counter_new(void **state)
{
    struct counter *counter = calloc(1, sizeof *counter);

    counter->rig = *state;
    change(counter->rig, "CREATE TABLE concluded (seq INTEGER)");
    return counter;
}

void counter_end(struct counter *counter)
{
    follower_stop(counter->follower);
    assert_int_equal(counter->armed, -1);
    rig_close(counter->rig);
    follower_free(counter->follower);
    counter->follower = NULL;
}

void counter_finish(struct counter *counter)
{
    counter_end(counter);
    free(counter);
}

void counter_turn(struct counter *counter)
{
    assert_true(counter->armed >= 0);
    counter->armed = -1;
    counter->done = false;
    follower_wake(counter->follower);
    assert_true(follower_busy(counter->follower));
    rig_drain_until(counter->rig, &counter->done);
    assert_false(follower_busy(counter->follower));
}

void counter_add_event(struct counter *counter, uint32_t number)
{
    uint64_t seq = append_one(counter->rig, with_uuid("a", number));

    if (counter->follower)
        follower_committed(counter->follower, seq);
}

void counter_add_tick(struct counter *counter, int64_t at)
{
    journal_tick(counter->rig->journal, at);
    change(counter->rig, "SELECT 1"); /* queued behind it */
    if (counter->follower)
        follower_committed(counter->follower,
                           journal_stats(counter->rig->journal).last_seq);
}

int64_t counter_written(struct counter *counter)
{
    return ask(counter->rig, "SELECT count(*) FROM concluded");
}

int64_t counter_cursor(struct counter *counter)
{
    return ask(counter->rig,
               "SELECT seq FROM cursors WHERE reader = '" COUNTER_NAME "'");
}
