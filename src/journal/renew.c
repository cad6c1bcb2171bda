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

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/mend.h"
#include "journal/owner.h"
#include "journal/syncer.h"

#include "base/banned.h"

#define LEAST_WAIT_US INT64_C(1000000)

enum renew_copied {
    COPIED,
    COPY_LATER, /* there is no room for it, or it may not be written, or not
                   be looked at */
    COPY_LOST   /* what is to be copied cannot be read to its end */
};

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
    char *aside =
        mend_replace(writer->path, writer->knows ? &writer->facts : NULL, err);

    if (aside) {
        writer->noticed = true;
        err_set(&writer->notice,
                "The journal was damaged (%s). It is kept as %s, and a new "
                "one is begun. telltale check --journal saves what can be "
                "read of it.",
                why, file_base(aside));
    }
    free(aside);
    return aside != NULL;
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
    if (!mend_finish(writer->path, err) ||
        (mend_examine(writer->path, &why) == MEND_DAMAGED &&
         !begin_anew(writer, why.text, err)))
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

bool renew_owned(struct writer *writer, struct err *err)
{
    bool ok;

    if (!owner_keep(writer->owner, err)) {
        writer->lost = true;
        return false;
    }
    if (!writer->lost)
        return true;
    syncer_drain(writer->syncer);
    pthread_mutex_lock(&writer->reading->swap);
    close_both(writer);
    ok = open_both(writer, err);
    writer->lost = !ok;
    pthread_mutex_unlock(&writer->reading->swap);
    return ok;
}

/* ---- the file is gone from its name ---- */

/* Copies what the connection sees, log included, into a file of its own. */
static enum renew_copied copy_out(sqlite3 *from, const char *path,
                                  struct err *err)
{
    sqlite3_backup *backup;
    sqlite3 *to = NULL;
    int result = sqlite3_open_v2(path, &to,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                     SQLITE_OPEN_NOMUTEX,
                                 NULL);

    backup = result ? NULL : sqlite3_backup_init(to, "main", from, "main");
    if (backup) {
        sqlite3_backup_step(backup, -1);
        result = sqlite3_backup_finish(backup);
    } else if (!result) {
        result = sqlite3_errcode(to);
    }
    if (result)
        err_set(err, "it cannot be copied: %s",
                to ? sqlite3_errmsg(to) : "out of memory");
    sqlite3_close(to);
    if (!result && chmod(path, 0600)) {
        err_errno(err, "cannot make %s private", path);
        return COPY_LATER;
    }
    return !result ? COPIED : guard_is_damage(result) ? COPY_LOST : COPY_LATER;
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

static enum guard_state judge_seq(sqlite3 *db, uint64_t seq, struct err *err)
{
    int64_t there;

    if (!db_number(db, "SELECT value FROM meta WHERE key = 'seq'", &there,
                   err))
        return guard_is_damage(sqlite3_extended_errcode(db)) ? GUARD_DAMAGED
                                                             : GUARD_UNSURE;
    if ((uint64_t)there == seq)
        return GUARD_OURS;
    err_set(err, "it ends at %lld", (long long)there);
    return GUARD_DAMAGED;
}

/* Whether nothing that was committed is missing from it. A copy that cannot be
 * opened now may well be complete. */
static enum renew_copied check_copy(const char *copy, uint64_t seq,
                                    struct err *err)
{
    enum guard_state state = GUARD_UNSURE;
    struct err why = {""};
    sqlite3 *db = NULL;

    if (!sqlite3_open_v2(copy, &db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
        state = guard_judge(db, &why);
    else
        db_fail(db, &why, "the copy");
    if (state == GUARD_OURS)
        state = judge_seq(db, seq, &why);
    sqlite3_close(db);
    if (state == GUARD_OURS)
        return COPIED;
    if (state == GUARD_UNSURE) {
        err_set(err, "the copy cannot be checked: %s", why.text);
        return COPY_LATER;
    }
    err_set(err, "the copy is not complete: %s", why.text);
    return COPY_LOST;
}

/* The open connection is not needed any more once that has come to its
 * end. */
static bool put_in_place(struct writer *writer, const char *copy,
                         const struct err *why, struct err *err)
{
    char *aside = NULL;
    bool ok;

    store_leave_as_it_is(writer->store);
    ok = make_room(writer, &aside, err) &&
         (!rename(copy, writer->path) ||
          err_errno(err, "cannot rename %s", copy));
    if (ok) {
        close_both(writer);
        note_restored(writer, aside, why);
    }
    free(aside);
    return ok;
}

/* Everything that the open connection has, in its cache or in the files that
 * it has open, goes to where it belongs. Until it is there the connection
 * stays open: nothing else has all of it. */
static enum renew_copied restore(struct writer *writer, const struct err *why,
                                 struct err *err)
{
    char *copy = file_name_with(writer->path, ".restored");
    enum renew_copied state;

    mend_remove(copy);
    state = copy_out(store_db(writer->store), copy, err);
    if (state == COPIED)
        state = check_copy(copy, store_saved_seq(writer->store), err);
    if (state == COPIED && !put_in_place(writer, copy, why, err))
        state = COPY_LATER;
    if (state != COPIED)
        mend_remove(copy);
    free(copy);
    return state;
}

/* It is tried again, also while nothing comes, but not all the time: a copy
 * may be large. */
static void wait_for_room(struct writer *writer, const struct err *why,
                          const struct err *err, int64_t took_us)
{
    int64_t wait = LEAST_WAIT_US > 4 * took_us ? LEAST_WAIT_US : 4 * took_us;

    writer->again_us = clock_mono_us() + wait;
    writer->noticed = true;
    err_set(&writer->notice,
            "%s while telltale ran, and it cannot be put in place: %s. "
            "Nothing is lost as long as telltale runs; events are refused "
            "until it can.",
            why->text, err->text);
}

/* True: all of it is in place again, or waits to be. */
static bool is_settled(struct writer *writer, const struct err *why)
{
    struct err err = {""};
    int64_t start = clock_mono_us();
    enum renew_copied state = restore(writer, why, &err);

    if (state == COPY_LATER)
        wait_for_room(writer, why, &err, clock_mono_us() - start);
    return state != COPY_LOST;
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

static void give_up_damaged(struct writer *writer, const struct err *why)
{
    struct err err = {""};

    store_leave_as_it_is(writer->store);
    if (!begin_anew(writer, why->text, &err)) {
        err_set(&writer->notice, "%s; a new journal cannot be begun: %s",
                why->text, err.text);
        writer->noticed = true;
    }
    close_both(writer);
}

/* What is written into damaged files may be lost: nothing can wait there. */
static void after_damage(struct writer *writer, const struct err *why)
{
    struct err err = {""};

    writer->facts = *store_facts(writer->store);
    if (restore(writer, why, &err) != COPIED)
        give_up_damaged(writer, why);
}

static void after_log_gone(struct writer *writer, const struct err *why)
{
    struct err err = {""};

    writer->facts = *store_facts(writer->store);
    if (!store_truncate(writer->store, &err)) {
        /* Its frames are not what they were, or there is no room. */
        if (!is_settled(writer, why))
            give_up_damaged(writer, why);
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
        if (!is_settled(writer, why))
            give_up_file(writer, &err);
        break;
    case GUARD_DAMAGED:
        after_damage(writer, why);
        break;
    default:
        break;
    }
}

bool renew_after(struct writer *writer, enum guard_state state,
                 const struct err *why)
{
    struct err err = {""};
    bool renewed;

    if (clock_mono_us() < writer->again_us)
        return false;
    writer->again_us = 0;
    if (!owner_keep(writer->owner, &err)) {
        wait_for_room(writer, why, &err, 0);
        return false;
    }
    pthread_mutex_lock(&writer->reading->swap);
    after(writer, state, why);
    renewed = open_both(writer, &err) && !writer->again_us;
    pthread_mutex_unlock(&writer->reading->swap);
    return renewed;
}
