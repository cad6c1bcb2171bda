/* The rig of the guard's tests. It tests nothing itself. */
#include <fcntl.h>
#include <glob.h>
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

#include "journal/db.h"
#include "journal/mend.h"
#include "journal/salvage.h"
#include "tests/unit/guard_rig.h"

#include "base/banned.h"

void name_of(const struct rig *rig, const char *suffix, char out[200])
{
    snprintf(out, 200, "%s%s", rig->path, suffix);
}

int64_t size_of(const struct rig *rig, const char *suffix)
{
    char name[200];
    struct stat info;

    name_of(rig, suffix, name);
    return stat(name, &info) ? -1 : (int64_t)info.st_size;
}

void remove_file(struct rig *rig, const char *suffix)
{
    char name[200];

    name_of(rig, suffix, name);
    assert_int_equal(unlink(name), 0);
}

void cut_file(struct rig *rig, const char *suffix, int64_t size)
{
    char name[200];

    name_of(rig, suffix, name);
    assert_int_equal(truncate(name, size), 0);
}

void overwrite(struct rig *rig, const char *suffix, int64_t at, size_t len)
{
    char name[200], *junk = malloc(len);
    struct timespec times[2];
    struct stat info;
    int fd;

    memset(junk, 0xa5, len);
    name_of(rig, suffix, name);
    fd = open(name, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(pwrite(fd, junk, len, at), len);
    times[0] = info.st_atim;
    times[1] = info.st_mtim;
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
    free(junk);
}

sqlite3 *hold_log(struct rig *rig)
{
    sqlite3 *db = NULL;

    sqlite3_open(rig->path, &db);
    assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM events",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    return db;
}

char *find_aside(struct rig *rig, const char *word)
{
    char pattern[200], *found = NULL;
    glob_t list;

    snprintf(pattern, sizeof pattern, "%s.%s-*Z", rig->path, word);
    if (!glob(pattern, 0, NULL, &list)) {
        found = strdup(list.gl_pathv[0]);
        globfree(&list);
    }
    return found;
}

int guard_teardown(void **state)
{
    struct rig *rig = *state;
    char pattern[200];
    glob_t list;

    snprintf(pattern, sizeof pattern, "%s.*", rig->path);
    if (!glob(pattern, 0, NULL, &list)) {
        for (size_t i = 0; i < list.gl_pathc; i++)
            if (!strstr(list.gl_pathv[i], ".lock"))
                unlink(list.gl_pathv[i]);
        globfree(&list);
    }
    return rig_teardown(state);
}

uint64_t salvage(struct rig *rig)
{
    struct salvage_report report = {0};
    struct err err = {""};
    char *aside = find_aside(rig, "damaged");
    sqlite3 *db;

    assert_non_null(aside);
    rig_close(rig);
    db = db_open(rig->path, &err);
    assert_non_null(db);
    assert_true(salvage_events(db, aside, &report, &err));
    db_close(db);
    assert_true(mend_set_salvaged(aside, &err));
    free(aside);
    aside = find_aside(rig, "damaged");
    assert_null(aside);
    rig_open(rig);
    return report.events;
}

void empty_log(struct rig *rig)
{
    struct sql_job job = {.sql = ""};

    journal_truncate(rig->journal, note_job, &job);
    rig_drain_until(rig, &job.done);
    assert_string_equal(job.err.text, "");
}

void assert_all_kept(struct rig *rig, int64_t events)
{
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), events);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies WHERE "
                              "body_text(encoding, size, raw) NOT NULL"),
                     events);
    assert_int_equal(
        ask(rig, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
        1);
}
