/* wal: the log as it stands in the file, and whether it is all that SQLite's
 * index says of it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "journal/wal.h"

#include "base/banned.h"

#define PAGE 4096
#define FRAME (24 + PAGE)

struct rig {
    char folder[32], path[40], log[64], index[64];
    sqlite3 *db, *other;
    struct wal wal;
    size_t frames; /* at the last commit of db */
};

static void sql(sqlite3 *db, const char *text)
{
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
}

static int on_commit(void *ctx, sqlite3 *db, const char *name, int frames)
{
    struct rig *rig = ctx;

    (void)db;
    (void)name;
    rig->frames = (size_t)frames;
    return SQLITE_OK;
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    snprintf(rig->folder, sizeof rig->folder, "/tmp/wal-test-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    snprintf(rig->path, sizeof rig->path, "%s/db", rig->folder);
    snprintf(rig->log, sizeof rig->log, "%s-wal", rig->path);
    snprintf(rig->index, sizeof rig->index, "%s-shm", rig->path);
    assert_int_equal(sqlite3_open(rig->path, &rig->db), SQLITE_OK);
    sql(rig->db, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE "
                 "TABLE t (x)");
    assert_int_equal(sqlite3_open(rig->path, &rig->other), SQLITE_OK);
    sqlite3_wal_hook(rig->db, on_commit, rig);
    rig->wal = (struct wal){.db = rig->db, .page_size = PAGE};
    for (int i = 0; i < 5; i++)
        sql(rig->db, "INSERT INTO t VALUES (randomblob(5000))");
    assert_true(wal_has_ends(&rig->wal, rig->frames));
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    sqlite3_close(rig->db);
    sqlite3_close(rig->other);
    unlink(rig->path);
    unlink(rig->log);
    unlink(rig->index);
    assert_int_equal(rmdir(rig->folder), 0);
    free(rig);
    return 0;
}

/* All of a file, which is then put back over what stands there. */
struct copy {
    char bytes[256 * 1024];
    ssize_t size;
};

static void take_copy(const char *path, struct copy *copy)
{
    int fd = open(path, O_RDONLY);

    copy->size = read(fd, copy->bytes, sizeof copy->bytes);
    assert_true(copy->size > 0 && copy->size < (ssize_t)sizeof copy->bytes);
    close(fd);
}

static void put_back(const char *path, const struct copy *copy)
{
    int fd = open(path, O_WRONLY);

    assert_int_equal(pwrite(fd, copy->bytes, (size_t)copy->size, 0),
                     copy->size);
    close(fd);
}

static void spoil(const struct rig *rig, size_t frame)
{
    static const char junk[64] = "junk";
    int fd = open(rig->log, O_WRONLY);

    assert_int_equal(pwrite(fd, junk, sizeof junk,
                            (off_t)(32 + frame * FRAME + 1000)),
                     sizeof junk);
    close(fd);
}

static void begin_anew(struct rig *rig)
{
    sql(rig->other, "PRAGMA wal_checkpoint; INSERT INTO t VALUES (1)");
}

static void what_was_written_is_there(void **state)
{
    struct rig *rig = *state;
    size_t frames = rig->frames;

    assert_true(wal_is_whole(&rig->wal, frames));
    assert_true(wal_is_as_indexed(&rig->wal, &frames));
    assert_int_equal(frames, rig->frames);
    assert_false(wal_is_whole(&rig->wal, frames + 1));
}

static void others_went_on_with_it(void **state)
{
    struct rig *rig = *state;
    size_t frames = rig->frames;

    sql(rig->other, "INSERT INTO t VALUES (1)");
    assert_true(wal_is_whole(&rig->wal, rig->frames));
    assert_true(wal_has_ends(&rig->wal, rig->frames));
    assert_true(wal_is_as_indexed(&rig->wal, &frames));
    assert_true(frames > rig->frames);
}

static void others_began_it_anew(void **state)
{
    struct rig *rig = *state;
    size_t frames = rig->frames;

    begin_anew(rig);
    assert_false(wal_is_whole(&rig->wal, rig->frames));
    assert_false(wal_has_ends(&rig->wal, rig->frames));
    assert_true(wal_is_as_indexed(&rig->wal, &frames));
    assert_true(frames > 0 && frames < rig->frames);
    assert_true(wal_has_ends(&rig->wal, frames));
}

static void others_emptied_it(void **state)
{
    struct rig *rig = *state;
    size_t frames = rig->frames;

    sql(rig->other, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert_false(wal_has_ends(&rig->wal, frames));
    assert_true(wal_is_as_indexed(&rig->wal, &frames));
    assert_int_equal(frames, 0);
}

static void what_was_cut_is_not_as_indexed(void **state)
{
    struct rig *rig = *state;
    size_t frames = rig->frames;

    assert_int_equal(truncate(rig->log, (off_t)(32 + (frames - 1) * FRAME)),
                     0);
    assert_false(wal_has_ends(&rig->wal, frames));
    assert_false(wal_is_as_indexed(&rig->wal, &frames));
    assert_int_equal(truncate(rig->log, 0), 0);
    assert_false(wal_is_as_indexed(&rig->wal, &frames));
    assert_int_equal(frames, rig->frames);
}

static void what_was_overwritten_is_not_as_indexed(void **state)
{
    struct rig *rig = *state;
    size_t frames = rig->frames;

    spoil(rig, 2);
    assert_false(wal_is_whole(&rig->wal, frames));
    assert_false(wal_is_as_indexed(&rig->wal, &frames));
}

static void what_others_began_anew_can_be_damaged_too(void **state)
{
    struct rig *rig = *state;
    size_t frames = rig->frames;

    begin_anew(rig);
    spoil(rig, 0);
    assert_false(wal_is_as_indexed(&rig->wal, &frames));
    assert_int_equal(frames, rig->frames);
}

/* Both are whole, and agree, and say less than was kept. */
static void an_older_log_with_its_index_is_not_what_was_there(void **state)
{
    struct rig *rig = *state;
    struct copy *log = malloc(sizeof *log), *index = malloc(sizeof *index);
    size_t frames;

    take_copy(rig->log, log);
    take_copy(rig->index, index);
    sql(rig->db, "INSERT INTO t VALUES (randomblob(5000))");
    assert_true(wal_has_ends(&rig->wal, rig->frames));
    put_back(rig->log, log);
    assert_int_equal(truncate(rig->log, log->size), 0);
    put_back(rig->index, index);
    frames = rig->frames;
    assert_false(wal_has_ends(&rig->wal, frames));
    assert_false(wal_is_as_indexed(&rig->wal, &frames));
    free(log);
    free(index);
}

static void another_page_size_is_not_its_log(void **state)
{
    struct rig *rig = *state;
    struct wal other = {.db = rig->db, .page_size = 8192};

    assert_false(wal_is_whole(&other, 1));
    assert_false(wal_has_ends(&other, 1));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_was_written_is_there),
        CASE(others_went_on_with_it),
        CASE(others_began_it_anew),
        CASE(others_emptied_it),
        CASE(what_was_cut_is_not_as_indexed),
        CASE(what_was_overwritten_is_not_as_indexed),
        CASE(what_others_began_anew_can_be_damaged_too),
        CASE(an_older_log_with_its_index_is_not_what_was_there),
        CASE(another_page_size_is_not_its_log),
    };

    return cmocka_run_group_tests_name("wal", tests, NULL, NULL);
}
