/* Our place in what another telltale tells, or a stream has: it is never past
 * an event that is still on its way to the journal, which may not be kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "net/loop.h"
#include "source/feed_state.h"
#include "source/nats_internal.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void note_kept(void *ctx, const struct event_batch *batch)
{
    *(size_t *)ctx += batch->fresh;
}

static struct event_batch *batch_of_one(uint32_t number)
{
    struct event event = with_uuid("insight created", number);

    return batch_of(&event, 1);
}

/* Waits until the writer did all that was queued, and calls nobody back: as
 * if the process ended here. */
static void let_writer_work(struct rig *rig)
{
    static struct sql_job mark;

    mark = (struct sql_job){.sql = "INSERT INTO meta (key, value) VALUES "
                                   "('mark', '1')"};
    journal_write(rig->journal, run_sql, note_job, &mark);
    while (!ask(rig, "SELECT count(*) FROM meta WHERE key = 'mark'"))
        nap();
    assert_false(mark.done);
}

static int64_t ask_of(struct rig *rig, const char *what, const char *reader)
{
    char sql[100];

    snprintf(sql, sizeof sql, "SELECT %s FROM cursors WHERE reader = '%s'",
             what, reader);
    return ask(rig, sql);
}

/* While the event is there and nobody was told, our place is not; then it goes
 * to where it was last. */
static void assert_waits(struct rig *rig, const char *reader,
                         const uint64_t *kept)
{
    let_writer_work(rig);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
    assert_int_equal(ask_of(rig, "count(*)", reader), 0);
    while (*kept < 7) {
        journal_drain(rig->journal);
        nap();
    }
    assert_int_equal(ask_of(rig, "seq", reader), 7);
}

static void a_place_in_a_stream_waits_for_what_is_before_it(void **state)
{
    struct rig *rig = *state;
    struct err err;
    size_t kept = 0;
    struct loop *loop = loop_new(&err);
    struct nats_source source = {.options = {.loop = loop,
                                             .journal = rig->journal,
                                             .on_kept = note_kept,
                                             .ctx = &kept},
                                 .knows = true,
                                 .order = nats_order_new(NULL),
                                 .stream = {{9}}};

    source.forgets = feed_forgets_new(&(struct feed_forgets_options){
        .loop = loop, .journal = rig->journal, .ctx = &source});
    source.batch = batch_of_one(1);
    source.cursor = 5;
    nats_keep_flush(&source);
    source.cursor = 7; /* two words that are no events */
    nats_keep_flush(&source);
    assert_waits(rig, "nats", &source.kept);
    assert_int_equal(kept, 1);
    feed_forgets_free(source.forgets);
    nats_order_free(source.order);
    loop_free(loop);
}

static void a_place_in_a_feed_waits_for_what_is_before_it(void **state)
{
    struct rig *rig = *state;
    size_t kept = 0;
    struct feed_source source = {.options = {.journal = rig->journal,
                                             .kept = note_kept,
                                             .ctx = &kept},
                                 .there = {{9}}};

    source.batch = batch_of_one(1);
    source.cursor = 5;
    feed_flush(&source);
    source.cursor = 7; /* it is alive, and at 7 */
    feed_flush(&source);
    assert_waits(rig, "feed", &source.kept);
    assert_int_equal(kept, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(a_place_in_a_stream_waits_for_what_is_before_it),
        RIG_CASE(a_place_in_a_feed_waits_for_what_is_before_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
