/* syncer: nothing is acknowledged, or handed to who reads, before it is on
 * the disk. The disk is held, or broken, in
 * the file system that SQLite is given: where it syncs its log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/limits.h"
#include "journal/journal.h"
#include "journal/queue.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

/* ---- a disk that can be held ---- */

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    bool held, broken, slow;
    unsigned waiting;        /* syncs that are held */
    pthread_t wrote, synced; /* who did, last */
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER,
          .moved = PTHREAD_COND_INITIALIZER};

static sqlite3_vfs slow_vfs, *real_vfs;
static sqlite3_io_methods log_methods;
static int (*real_sync)(sqlite3_file *file, int flags);
static int (*real_write)(sqlite3_file *file, const void *data, int len,
                         sqlite3_int64 at);

static int noted_write(sqlite3_file *file, const void *data, int len,
                       sqlite3_int64 at)
{
    pthread_mutex_lock(&disk.mutex);
    disk.wrote = pthread_self();
    pthread_mutex_unlock(&disk.mutex);
    return real_write(file, data, len, at);
}

static int slow_sync(sqlite3_file *file, int flags)
{
    static const struct timespec long_for_a_disk = {0, 20000000};
    bool broken;

    pthread_mutex_lock(&disk.mutex);
    disk.synced = pthread_self();
    if (disk.slow)
        nanosleep(&long_for_a_disk, NULL);
    disk.waiting++;
    pthread_cond_broadcast(&disk.moved);
    while (disk.held)
        pthread_cond_wait(&disk.moved, &disk.mutex);
    disk.waiting--;
    broken = disk.broken;
    pthread_mutex_unlock(&disk.mutex);
    return broken ? SQLITE_IOERR_FSYNC : real_sync(file, flags);
}

static int slow_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                     int flags, int *out)
{
    int result = real_vfs->xOpen(real_vfs, name, file, flags, out);

    (void)vfs;
    if (result || !(flags & SQLITE_OPEN_WAL))
        return result;
    if (!real_sync) {
        log_methods = *file->pMethods;
        real_sync = log_methods.xSync;
        log_methods.xSync = slow_sync;
        real_write = log_methods.xWrite;
        log_methods.xWrite = noted_write;
    }
    file->pMethods = &log_methods;
    return result;
}

static void set_disk(bool held, bool broken)
{
    pthread_mutex_lock(&disk.mutex);
    disk.held = held;
    disk.broken = broken;
    pthread_cond_broadcast(&disk.moved);
    pthread_mutex_unlock(&disk.mutex);
}

static void wait_for_sync(void)
{
    pthread_mutex_lock(&disk.mutex);
    while (!disk.waiting)
        pthread_cond_wait(&disk.moved, &disk.mutex);
    pthread_mutex_unlock(&disk.mutex);
}

/* ---- */

static void send_one(struct rig *rig, uint32_t number, struct outcome *out)
{
    struct event event = with_uuid("x", number);

    *out = (struct outcome){.done = false};
    journal_append(rig->journal, batch_of(&event, 1), note_outcome, out,
                   number);
}

static void an_answer_waits_for_the_disk(void **state)
{
    struct rig *rig = *state;
    struct outcome first, second;

    append_one(rig, with_uuid("x", 1));
    set_disk(true, false);
    send_one(rig, 2, &first);
    wait_for_sync();
    send_one(rig, 3, &second);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
    journal_drain(rig->journal);
    assert_false(first.done);
    assert_false(second.done);
    set_disk(false, false);
    rig_drain_until(rig, &second.done);
    assert_true(first.done && first.ok && second.ok);
    assert_true(first.seqs[0] < second.seqs[0]);
}

static void a_slow_disk_is_waited_for_beside_the_writer(void **state)
{
    struct rig *rig = *state;
    struct outcome first, second;
    size_t one;

    pthread_mutex_lock(&disk.mutex);
    disk.slow = true;
    pthread_mutex_unlock(&disk.mutex);
    for (uint32_t number = 1; number < 4; number++)
        append_one(rig, with_uuid("x", number));
    pthread_mutex_lock(&disk.mutex);
    disk.slow = false;
    assert_false(pthread_equal(disk.wrote, disk.synced));
    pthread_mutex_unlock(&disk.mutex);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 3);

    /* What it holds counts as what waits, so that limits hold for it too. */
    assert_int_equal(journal_stats(rig->journal).waiting_bytes, 0);
    set_disk(true, false);
    send_one(rig, 4, &first);
    wait_for_sync();
    one = journal_stats(rig->journal).waiting_bytes;
    assert_true(one > 0);
    send_one(rig, 5, &second);
    assert_int_equal(journal_stats(rig->journal).waiting_bytes, 2 * one);
    set_disk(false, false);
    rig_drain_until(rig, &second.done);
    assert_int_equal(journal_stats(rig->journal).waiting_bytes, 0);
}

/* ---- what joins a group ---- */

static bool says(void *ctx)
{
    return *(const bool *)ctx;
}

static void push_rows(struct queue *queue, size_t rows)
{
    struct task *task = task_new(TASK_TICK, NULL);

    task->rows = rows;
    queue_push(queue, task);
}

static size_t free_list(struct task *list)
{
    size_t count = 0;

    for (struct task *next; list; list = next, count++) {
        next = list->next;
        task_free(list);
    }
    return count;
}

static void
a_group_takes_in_what_comes_until_it_is_full_or_the_disk_is_idle(void **state)
{
    size_t rows = LIMIT_BATCH_ROWS - 3, bytes = 0;
    bool idle = false;
    struct queue queue;

    (void)state;
    queue_init(&queue);
    push_rows(&queue, 1);
    push_rows(&queue, 2);
    push_rows(&queue, 1);
    assert_int_equal(free_list(
                         queue_take_more(&queue, &rows, &bytes, says, &idle)),
                     2);
    assert_int_equal(rows, LIMIT_BATCH_ROWS);
    assert_null(queue_take_more(&queue, &rows, &bytes, says, &idle));
    rows = 1;
    idle = true;
    assert_null(queue_take_more(&queue, &rows, &bytes, says, &idle));
    idle = false;
    assert_int_equal(free_list(
                         queue_take_more(&queue, &rows, &bytes, says, &idle)),
                     1);
    queue_close(&queue);
    assert_null(queue_take_more(&queue, &rows, &bytes, says, &idle));
    queue_destroy(&queue);
}

/* ---- readers ---- */

struct look {
    bool ran, done;
    pthread_mutex_t mutex;
    pthread_cond_t moved;
};

static enum reader_step look(void *ctx, struct journal_reader *reader,
                             struct err *err)
{
    struct look *it = ctx;

    (void)reader;
    (void)err;
    pthread_mutex_lock(&it->mutex);
    it->ran = true;
    pthread_cond_broadcast(&it->moved);
    pthread_mutex_unlock(&it->mutex);
    return READER_DONE;
}

static void looked(void *ctx, bool ok, const struct err *err)
{
    struct look *it = ctx;

    (void)err;
    assert_true(ok);
    it->done = true;
}

static void what_is_read_is_handed_on_once_it_is_on_the_disk(void **state)
{
    struct rig *rig = *state;
    struct look it = {false, false, PTHREAD_MUTEX_INITIALIZER,
                      PTHREAD_COND_INITIALIZER};
    struct outcome first;

    append_one(rig, with_uuid("x", 1));
    set_disk(true, false);
    send_one(rig, 2, &first);
    wait_for_sync();
    journal_read(rig->journal, look, looked, &it);
    pthread_mutex_lock(&it.mutex);
    while (!it.ran)
        pthread_cond_wait(&it.moved, &it.mutex);
    pthread_mutex_unlock(&it.mutex);
    /* Time enough to come back, for who does not wait. */
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
    journal_drain(rig->journal);
    assert_false(it.done);
    set_disk(false, false);
    rig_drain_until(rig, &it.done);
    rig_drain_until(rig, &first.done);
}

static void what_cannot_be_synced_is_not_acknowledged(void **state)
{
    struct rig *rig = *state;
    struct outcome first, second;

    append_one(rig, with_uuid("x", 1));
    set_disk(false, true);
    send_one(rig, 2, &first);
    rig_drain_until(rig, &first.done);
    assert_false(first.ok);
    assert_int_equal(first.seqs[0], 0);
    assert_non_null(journal_trouble(rig->journal));
    send_one(rig, 3, &second);
    rig_drain_until(rig, &second.done);
    assert_false(second.ok);

    set_disk(false, false);
    send_one(rig, 2, &first);
    send_one(rig, 3, &second);
    rig_drain_until(rig, &second.done);
    assert_true(first.done && first.ok && second.ok);
    assert_null(journal_trouble(rig->journal));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(an_answer_waits_for_the_disk),
        RIG_CASE(a_slow_disk_is_waited_for_beside_the_writer),
        cmocka_unit_test(
            a_group_takes_in_what_comes_until_it_is_full_or_the_disk_is_idle),
        RIG_CASE(what_is_read_is_handed_on_once_it_is_on_the_disk),
        RIG_CASE(what_cannot_be_synced_is_not_acknowledged),
    };

    real_vfs = sqlite3_vfs_find(NULL);
    slow_vfs = *real_vfs;
    slow_vfs.zName = "slow";
    slow_vfs.xOpen = slow_open;
    sqlite3_vfs_register(&slow_vfs, 1);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
