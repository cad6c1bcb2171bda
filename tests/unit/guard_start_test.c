/* guard: a journal whose files are damaged when it is opened is put aside, the
 * next one goes on, and what was in it can be salvaged. */
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "command/forget_aside.h"
#include "journal/db.h"
#include "journal/mend.h"
#include "journal/whom.h"
#include "tests/unit/guard_rig.h"

#include "base/banned.h"

static void start_damaged(struct rig *rig, uint64_t salvaged)
{
    char *aside;

    rig_open(rig);
    assert_non_null(journal_notice(rig->journal));
    aside = find_aside(rig, "damaged");
    assert_non_null(aside);
    free(aside);
    append_one(rig, with_uuid("after", 100000));
    assert_true(salvage(rig) >= salvaged);
    assert_true(ask(rig, "SELECT count(*) FROM events") >=
                (int64_t)salvaged + 1);
}

static void a_damaged_journal_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;
    int64_t size, id;

    rig_fill(rig, EVENTS);
    id = ask(rig, "SELECT hex(value) FROM meta WHERE key = 'salt'");
    rig_close(rig);
    size = size_of(rig, "");
    overwrite(rig, "", size / 2 / 4096 * 4096, 8192);
    start_damaged(rig, EVENTS / 2);
    assert_int_equal(ask(rig, "SELECT hex(value) FROM meta WHERE key = "
                              "'salt'"),
                     id);
}

static void a_journal_without_a_head_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    rig_close(rig);
    overwrite(rig, "", 0, 200);
    start_damaged(rig, EVENTS);
}

static void half_a_journal_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    rig_close(rig);
    cut_file(rig, "", size_of(rig, "") / 2);
    start_damaged(rig, EVENTS / 4);
}

static void copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char block[4096];
    size_t got;

    assert_non_null(in);
    assert_non_null(out);
    while ((got = fread(block, 1, sizeof block, in)))
        assert_int_equal(fwrite(block, 1, got, out), got);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* What kill -9 leaves: all of it is in the log. Nothing opens the database
 * here while SQLite has it: a copy is made by another process. */
static void leave_log(struct rig *rig)
{
    static const char *const suffixes[] = {"", "-wal"};
    char saved[2][200], name[200];
    sqlite3 *holder = hold_log(rig);
    pid_t child;
    int status;

    for (uint32_t i = 0; i < 40; i++) {
        struct event events[50];

        for (uint32_t k = 0; k < 50; k++)
            events[k] = with_uuid("a", i * 50 + k);
        rig_append(rig, events, 50);
    }
    for (int i = 0; i < 2; i++)
        snprintf(saved[i], sizeof saved[i], "%s/saved%d", rig->dir, i);
    child = fork();
    if (!child) {
        for (int i = 0; i < 2; i++) {
            name_of(rig, suffixes[i], name);
            copy(name, saved[i]);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
    sqlite3_close(holder);
    rig_close(rig);
    for (int i = 0; i < 2; i++) {
        name_of(rig, suffixes[i], name);
        assert_int_equal(rename(saved[i], name), 0);
    }
}

static void a_log_with_a_hole_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    overwrite(rig, "-wal", 32 + 60 * 4120 + 500, 100);
    start_damaged(rig, 1500);
    print_message("# a hole in the log: %lld of 2000 events\n",
                  (long long)ask(rig, "SELECT count(*) - 1 FROM events"));
}

static void a_log_without_a_head_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    overwrite(rig, "-wal", 0, 32);
    start_damaged(rig, 2000);
}

static void a_last_commit_that_a_crash_tore_is_no_damage(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    overwrite(rig, "-wal", size_of(rig, "-wal") - 2000, 2000);
    rig_open(rig);
    assert_null(journal_notice(rig->journal));
    assert_true(ask(rig, "SELECT count(*) FROM events") >= 1950);
}

static void a_log_alone_is_salvaged_at_the_start(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    remove_file(rig, "");
    start_damaged(rig, 1500);
}

/* ---- while the new one is begun ---- */

#define PINS_KEPT 7

static void pin_some(struct rig *rig)
{
    change(rig, "INSERT INTO pins (seq, at) SELECT seq, seq FROM events LIMIT "
                "7");
}

static void assert_goes_on(struct rig *rig, int64_t salt)
{
    append_one(rig, with_uuid("after", 100000));
    assert_int_equal(ask(rig, "SELECT count(*) FROM pins"), PINS_KEPT);
    assert_int_equal(ask(rig, "SELECT hex(value) FROM meta WHERE key = "
                              "'salt'"),
                     salt);
    assert_int_equal(size_of(rig, ".new"), -1);
    assert_int_equal(size_of(rig, ".making"), -1);
}

static int64_t fill_and_close(struct rig *rig)
{
    int64_t salt;

    rig_fill(rig, EVENTS);
    pin_some(rig);
    salt = ask(rig, "SELECT hex(value) FROM meta WHERE key = 'salt'");
    rig_close(rig);
    return salt;
}

/* The disk is full: what is no event is not lost either. */
static void a_new_one_waits_for_room(void **state)
{
    struct rig *rig = *state;
    int64_t salt = fill_and_close(rig);
    struct rlimit limit, small;
    struct err err = {""};

    overwrite(rig, "", size_of(rig, "") / 2 / 4096 * 4096, 8192);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 16384;
    for (int i = 0; i < 2; i++) {
        char *aside;

        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        aside = mend_replace(rig->path, NULL, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_null(aside);
        assert_string_not_equal(err.text, "");
        aside = find_aside(rig, "damaged");
        assert_null(aside);
        assert_int_equal(size_of(rig, ".making"), -1);
    }
    rig_open(rig);
    assert_goes_on(rig, salt);
    assert_true(salvage(rig) > EVENTS / 2);
}

/* A disk that has room for logs, but no more than so many bytes for a file of
 * that name. */
static struct {
    const char *suffix;
    sqlite3_vfs *real, vfs;
    sqlite3_io_methods methods;
    const sqlite3_io_methods *real_methods;
    int64_t room;
} disk;

static int write_while_there_is_room(sqlite3_file *file, const void *bytes,
                                     int size, sqlite3_int64 at)
{
    return at + size > disk.room
               ? SQLITE_FULL
               : disk.real_methods->xWrite(file, bytes, size, at);
}

static int open_on_disk(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                        int flags, int *out)
{
    int result = disk.real->xOpen(disk.real, name, file, flags, out);

    (void)vfs;
    if (result || !(flags & SQLITE_OPEN_MAIN_DB) || !strstr(name, disk.suffix))
        return result;
    disk.real_methods = file->pMethods;
    disk.methods = *file->pMethods;
    disk.methods.xWrite = write_while_there_is_room;
    file->pMethods = &disk.methods;
    return SQLITE_OK;
}

static void fill_disk(const char *suffix, int64_t room)
{
    disk.suffix = suffix;
    disk.room = room;
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "full";
    disk.vfs.xOpen = open_on_disk;
    assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
}

static void empty_disk(void)
{
    assert_int_equal(sqlite3_vfs_unregister(&disk.vfs), SQLITE_OK);
    assert_int_equal(sqlite3_vfs_register(disk.real, 1), SQLITE_OK);
}

static void a_new_one_that_is_in_its_log_only_is_none(void **state)
{
    static const int64_t rooms[] = {4096, 65536};
    struct rig *rig = *state;
    int64_t salt = fill_and_close(rig), size = size_of(rig, "");

    overwrite(rig, "", size / 2 / 4096 * 4096, 8192);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        struct err err = {""};
        char *aside;

        fill_disk(".making", rooms[i]);
        aside = mend_replace(rig->path, NULL, &err);
        empty_disk();
        assert_null(aside);
        assert_non_null(strstr(err.text, "full"));
        assert_int_equal(size_of(rig, ""), size);
        assert_int_equal(size_of(rig, ".new"), -1);
        assert_int_equal(size_of(rig, ".making"), -1);
        assert_int_equal(size_of(rig, ".making-wal"), -1);
    }
    rig_open(rig);
    assert_goes_on(rig, salt);
    assert_true(salvage(rig) > EVENTS / 2);
}

/* Whoever is forgotten is so in what was put aside: that is written anew. */
static void what_is_in_its_log_only_takes_no_place_aside(void **state)
{
    struct rig *rig = *state;
    struct err err = {""};
    struct whom *whom;
    char *aside;
    sqlite3 *db;
    bool ok;

    fill_and_close(rig);
    overwrite(rig, "", size_of(rig, "") / 2 / 4096 * 4096, 8192);
    aside = mend_replace(rig->path, NULL, &err);
    assert_non_null(aside);
    db = db_open_reader(rig->path, &err);
    whom = whom_find(db, WHOM_EMAIL, "ada@example.com", &err);
    assert_non_null(whom);
    db_close(db);
    fill_disk(".new", size_of(rig, "") + 65536);
    ok = forget_aside(rig->path, whom, &err);
    empty_disk();
    assert_true(ok);
    assert_int_equal(access(aside, F_OK), -1);
    whom_free(whom);
    free(aside);
    rig_open(rig);
}

static void begin(struct rig *rig, const char *suffix)
{
    struct err err = {""};
    char name[200];

    name_of(rig, suffix, name);
    assert_true(mend_begin(name, rig->path, NULL, &err));
}

static void what_was_said_is_salvaged_and_its_ids_go_on(void **state)
{
    static const char said[] =
        "INSERT INTO acts VALUES (41, 'about a', 'note', 'maya', 1), (42, "
        "'read a', 'read', '', 2), (40, 'state 7', 'done', '', 1); DELETE "
        "FROM acts WHERE id = 42; INSERT "
        "INTO "
        "notes (about, subject, text, at) VALUES ('account', 'a', 'call', 1)";
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    change(rig, said);
    rig_close(rig);
    overwrite(rig, "", size_of(rig, "") / 2 / 4096 * 4096, 8192);
    start_damaged(rig, EVENTS / 2);
    assert_int_equal(ask(rig, "SELECT id FROM acts WHERE subject = 'about a'"),
                     41);
    assert_int_equal(ask(rig, "SELECT count(*) FROM acts"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM notes"), 1);
    change(rig, "INSERT INTO acts (subject, verb, who, at) VALUES ('read b', "
                "'read', '', 3)");
    assert_true(ask(rig, "SELECT max(id) FROM acts") > 42);
}

/* Killed while the new one is made, or before the damaged one is aside. */
static void what_was_half_made_is_made_anew(void **state)
{
    struct rig *rig = *state;
    int64_t salt = fill_and_close(rig);

    overwrite(rig, "", size_of(rig, "") / 2 / 4096 * 4096, 8192);
    begin(rig, ".making");
    begin(rig, ".new");
    rig_open(rig);
    assert_goes_on(rig, salt);
}

/* Killed once it is aside, its log not yet. */
static void what_was_made_whole_is_put_in_place(void **state)
{
    struct rig *rig = *state;
    char name[200], *aside;
    int64_t salt;
    glob_t list;

    leave_log(rig);
    rig_open(rig);
    pin_some(rig);
    salt = ask(rig, "SELECT hex(value) FROM meta WHERE key = 'salt'");
    rig_close(rig);
    begin(rig, ".new");
    name_of(rig, ".damaged-20260914T080603Z", name);
    assert_int_equal(rename(rig->path, name), 0);
    name_of(rig, "-wal", name);
    copy("/dev/null", name);
    assert_int_equal(truncate(name, 5000), 0);
    rig_open(rig);
    assert_goes_on(rig, salt);
    aside = find_aside(rig, "damaged"); /* the first of them */
    assert_non_null(strstr(aside, "20260914T080603Z"));
    free(aside);
    assert_int_not_equal(size_of(rig, "-wal"), 5000);
    name_of(rig, ".damaged-*-wal", name);
    assert_int_equal(glob(name, 0, NULL, &list), 0);
    assert_int_equal(list.gl_pathc, 1);
    globfree(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUARD_CASE(a_damaged_journal_is_found_at_the_start),
        GUARD_CASE(a_journal_without_a_head_is_found_at_the_start),
        GUARD_CASE(half_a_journal_is_found_at_the_start),
        GUARD_CASE(a_log_with_a_hole_is_found_at_the_start),
        GUARD_CASE(a_log_without_a_head_is_found_at_the_start),
        GUARD_CASE(a_last_commit_that_a_crash_tore_is_no_damage),
        GUARD_CASE(a_log_alone_is_salvaged_at_the_start),
        GUARD_CASE(what_was_said_is_salvaged_and_its_ids_go_on),
        GUARD_CASE(a_new_one_waits_for_room),
        GUARD_CASE(a_new_one_that_is_in_its_log_only_is_none),
        GUARD_CASE(what_is_in_its_log_only_takes_no_place_aside),
        GUARD_CASE(what_was_half_made_is_made_anew),
        GUARD_CASE(what_was_made_whole_is_put_in_place),
    };

    signal(SIGXFSZ, SIG_IGN);
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("guard at the start", tests, NULL,
                                       NULL);
}
