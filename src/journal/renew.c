/* What the writer does about its own files. Nothing that was acknowledged is
 * given up while this process still has it open: a log without a name is
 * copied into its database, a database without a name into a new file. */
#include "journal/renew.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/mend.h"

#include "base/banned.h"

static char *with_suffix(const char *path, const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *name = xmalloc(size);

    snprintf(name, size, "%s%s", path, suffix);
    return name;
}

static void close_both(struct writer *writer)
{
    reader_close(writer->reading->reader);
    writer->reading->reader = NULL;
    store_free(writer->store);
    writer->store = NULL;
}

/* ---- damaged: aside, and a new one ---- */

static bool begin_anew(struct writer *writer, const char *why, struct err *err)
{
    char *aside = mend_set_aside(writer->path, "damaged", err);
    bool ok = aside && mend_begin(writer->path, aside,
                                  writer->knows ? &writer->facts : NULL, err);

    if (ok) {
        writer->noticed = true;
        err_set(&writer->notice,
                "The journal was damaged (%s). It is kept as %s, and a new "
                "one is begun. telltale check --journal saves what can be "
                "read of it.",
                why, file_base(aside));
    }
    free(aside);
    return ok;
}

/* ---- opening ---- */

static bool open_store(struct writer *writer, struct err *err)
{
    sqlite3 *db = db_open(writer->path, err);

    writer->store = db ? store_new(db, writer->path, err) : NULL;
    /* The syncer does what FULL would do on top of it. */
    if (!writer->store || !db_exec(db, "PRAGMA synchronous = NORMAL", err))
        return false;
    writer->facts = *store_facts(writer->store);
    writer->knows = true;
    store_set_days(writer->store, writer->days);
    return true;
}

static bool open_reader(struct writer *writer, struct err *err)
{
    if (!writer->reading->reader)
        writer->reading->reader = reader_open(writer->path, err);
    return writer->reading->reader != NULL;
}

static bool open_both(struct writer *writer, struct err *err)
{
    struct err why = {""};

    if (writer->store)
        return true;
    if (mend_examine(writer->path, &why) == MEND_DAMAGED &&
        !begin_anew(writer, why.text, err))
        return false;
    if (open_store(writer, err) && open_reader(writer, err))
        return true;
    close_both(writer);
    return false;
}

bool renew_open(struct writer *writer, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&writer->reading->swap);
    ok = open_both(writer, err);
    pthread_mutex_unlock(&writer->reading->swap);
    return ok;
}

/* ---- the file is gone from its name ---- */

/* Copies what the connection sees, log included, into a file of its own. */
static bool copy_out(sqlite3 *from, const char *path, struct err *err)
{
    sqlite3_backup *backup;
    sqlite3 *to = NULL;
    bool ok = !sqlite3_open_v2(path, &to,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                   SQLITE_OPEN_NOMUTEX,
                               NULL);

    backup = ok ? sqlite3_backup_init(to, "main", from, "main") : NULL;
    if (backup) {
        sqlite3_backup_step(backup, -1);
        ok = sqlite3_backup_finish(backup) == SQLITE_OK;
    }
    ok = ok && backup && !chmod(path, 0600);
    if (!ok)
        err_set(err, "it cannot be copied: %s",
                to ? sqlite3_errmsg(to) : "out of memory");
    sqlite3_close(to);
    if (!ok)
        unlink(path);
    return ok;
}

/* What stands at the path is kept, too. */
static bool make_room(struct writer *writer, char **aside, struct err *err)
{
    if (access(writer->path, F_OK))
        return true;
    *aside = mend_set_aside(writer->path, "replaced", err);
    return *aside != NULL;
}

static void note_restored(struct writer *writer, const char *aside,
                          const struct err *why)
{
    writer->noticed = true;
    err_set(&writer->notice,
            "%s while telltale ran. All that was kept is in place again%s%s.",
            why->text, aside ? "; what stood there is kept as " : "",
            aside ? file_base(aside) : "");
}

/* Nothing that was committed is missing from it. */
static bool is_complete(const char *copy, uint64_t seq)
{
    sqlite3 *db = NULL;
    uint64_t there = 0;
    bool ok =
        !sqlite3_open_v2(copy, &db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) &&
        guard_is_whole(db, NULL) && db_meta_number(db, "seq", &there, NULL) &&
        there == seq;

    sqlite3_close(db);
    return ok;
}

/* Everything that the open connection has, in its cache or in the files that
 * it has open, goes to where it belongs. False: that is not all. */
static bool restore(struct writer *writer, const struct err *why,
                    struct err *err)
{
    char *copy = with_suffix(writer->path, ".restored"), *aside = NULL;
    bool ok;

    unlink(copy);
    ok = copy_out(store_db(writer->store), copy, err) &&
         (is_complete(copy, store_saved_seq(writer->store)) ||
          err_set(err, "the copy is not complete"));
    if (ok) {
        store_leave_as_it_is(writer->store);
        ok = make_room(writer, &aside, err);
        close_both(writer);
        ok = ok && (!rename(copy, writer->path) ||
                    err_errno(err, "cannot rename %s", copy));
    }
    if (ok)
        note_restored(writer, aside, why);
    else
        unlink(copy);
    free(copy);
    free(aside);
    return ok;
}

/* Not even what is open can be read: a new one, then. */
static bool give_up_file(struct writer *writer, struct err *err)
{
    char *aside = NULL;
    bool ok;

    writer->facts = *store_facts(writer->store);
    store_leave_as_it_is(writer->store);
    close_both(writer);
    ok = make_room(writer, &aside, err);
    if (ok) {
        writer->noticed = true;
        err_set(&writer->notice, "The journal's file is gone and cannot be "
                                 "restored: a new one is begun.");
    }
    free(aside);
    return ok;
}

/* ---- after a doubt ---- */

static void after_damage(struct writer *writer, const struct err *why)
{
    struct err err = {""};

    writer->facts = *store_facts(writer->store);
    if (restore(writer, why, &err) || !writer->store)
        return;
    store_leave_as_it_is(writer->store);
    if (!begin_anew(writer, why->text, &err)) {
        err_set(&writer->notice, "%s; a new journal cannot be begun: %s",
                why->text, err.text);
        writer->noticed = true;
    }
    close_both(writer);
}

static void after_log_gone(struct writer *writer, const struct err *why)
{
    struct err err = {""};

    if (!store_truncate(writer->store, &err)) {
        /* Its frames are not what they were, either. */
        after_damage(writer, why);
        return;
    }
    close_both(writer);
    writer->noticed = true;
    err_set(&writer->notice,
            "%s while telltale ran. Nothing is lost: all of it is in the "
            "journal's file.",
            why->text);
}

static void after(struct writer *writer, enum guard_state state,
                  const struct err *why)
{
    struct err err = {""};

    switch (state) {
    case GUARD_LOG_GONE:
        after_log_gone(writer, why);
        break;
    case GUARD_MOVED:
        if (!restore(writer, why, &err) && writer->store)
            give_up_file(writer, &err);
        break;
    case GUARD_DAMAGED:
        after_damage(writer, why);
        break;
    default:
        break;
    }
}

void renew_after(struct writer *writer, enum guard_state state,
                 const struct err *why)
{
    struct err err = {""};

    pthread_mutex_lock(&writer->reading->swap);
    after(writer, state, why);
    open_both(writer, &err);
    pthread_mutex_unlock(&writer->reading->swap);
}
