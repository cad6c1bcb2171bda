/* The journal's files, zone and clock. Whatever is changed here is changed
 * by the owner, or by us while there is none. */
#include "command/check_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/command.h"
#include "config/path.h"
#include "journal/db.h"
#include "journal/guard.h"
#include "journal/mend.h"
#include "journal/owner.h"
#include "journal/prune.h"
#include "journal/recount.h"
#include "journal/salvage.h"
#include "journal/zone.h"
#include "net/control.h"
#include "base/banned.h"

#define DAY_MS INT64_C(86400000)

/* ---- salvage ---- */

static bool salvage_one(const char *path, const char *aside)
{
    struct salvage_report report = {0};
    struct err err = {""};
    sqlite3 *db = db_open(path, &err);
    bool ok = db && salvage_events(db, aside, &report, &err) &&
              mend_set_salvaged(aside, &err);

    db_close(db);
    if (!ok) {
        printf("! %s is not salvaged: %s\n", aside, err.text);
        return false;
    }
    printf("  salvaged  %llu events, %llu of them with their body, of %s\n",
           (unsigned long long)report.events,
           (unsigned long long)report.bodies, aside);
    if (report.torn)
        printf("~ %llu rows cannot be read to their end\n",
               (unsigned long long)report.torn);
    printf("            It is kept as .salvaged-…; delete it when you have "
           "looked.\n");
    return true;
}

static unsigned salvage_all(const char *path)
{
    char *aside;
    bool ok = true;

    while (ok && (aside = mend_find_damaged(path))) {
        ok = salvage_one(path, aside);
        free(aside);
    }
    return !ok;
}

/* Nobody owns it but us. */
static unsigned mend_and_salvage(const char *path)
{
    struct err why = {""}, err = {""};
    unsigned wrong = 0;
    char *aside;

    if (mend_examine(path, &why) == MEND_DAMAGED) {
        wrong++;
        printf("! the journal is damaged: %s\n", why.text);
        aside = mend_set_aside(path, "damaged", &err);
        if (!aside || !mend_begin(path, aside, NULL, &err)) {
            printf("! a new one cannot be begun: %s\n", err.text);
            free(aside);
            return wrong + 1;
        }
        printf("            It is kept as %s; a new one is begun.\n", aside);
        free(aside);
    }
    return wrong + salvage_all(path);
}

/* All of it, however large. */
static unsigned read_whole(const char *path)
{
    struct err err = {""};
    sqlite3 *db = access(path, F_OK) ? NULL : db_open_reader(path, &err);
    bool whole = db && guard_is_whole(db, &err);

    db_close(db);
    if (whole)
        printf("            whole: every page was read\n");
    else if (*err.text)
        printf("! the journal is damaged: %s\n", err.text);
    return !whole && *err.text;
}

static unsigned say_damaged(const char *path)
{
    char *aside = mend_find_damaged(path);

    if (!aside)
        return 0;
    printf("! %s holds events of a damaged journal: telltale check --journal "
           "saves what can be read\n",
           aside);
    free(aside);
    return 1;
}

static unsigned check_and_salvage(const char *path)
{
    struct owner *owner;
    struct err err = {""};
    unsigned wrong;
    long pid = 0;
    char *aside;

    wrong = read_whole(path);
    aside = mend_find_damaged(path);
    if (!wrong && !aside && !access(path, F_OK))
        return 0;
    free(aside);
    owner = owner_take(path, &pid, &err);
    if (owner)
        wrong = mend_and_salvage(path);
    else if (pid)
        printf("! telltale, process %ld, has the journal: stop it, then ask "
               "again, and what can be read is saved\n",
               pid);
    else
        printf("! %s\n", err.text);
    wrong += !owner;
    owner_release(owner);
    return wrong;
}

/* The log, and what was set aside, are beside the file that a link leads
 * to. */
unsigned check_files(const char *path, bool salvage)
{
    char *real = path_real(path);
    unsigned wrong = salvage ? check_and_salvage(real) : say_damaged(real);

    free(real);
    return wrong;
}

/* ---- zone and clock ---- */

static unsigned check_zone(sqlite3 *db)
{
    char *journal = db_meta_text(db, "zone", NULL), *own = zone_name();
    struct zone_days *other = journal ? zone_days_new(journal) : NULL;
    unsigned wrong = 0;

    if (!zone_is_known(own)) {
        wrong++;
        printf("! the time zone %s is not known here, times are UTC: is "
               "tzdata installed?\n",
               own);
    }
    if (journal && !zone_is_known(journal)) {
        wrong++;
        printf("! the journal's time zone %s is not known here, its days are "
               "counted in %s: is tzdata installed?\n",
               journal, own);
    }
    if (other)
        printf("~ days are counted in %s, times shown in %s: telltale check "
               "--zone %s moves them over\n",
               journal, own, own);
    else if (!wrong)
        printf("  zone      %s\n", own);
    zone_days_free(other);
    free(journal);
    free(own);
    return wrong;
}

static unsigned check_clock(sqlite3 *db)
{
    struct err err = {""};
    int64_t lead;

    if (!prune_clock_lead(db, clock_now_ms(), &lead, &err)) {
        printf("! %s\n", err.text);
        return 1;
    }
    if (lead > PRUNE_ASK_MS)
        printf("~ the clock is %lld days ahead of the journal: what only it "
               "calls older than keep stays. Is it right? telltale check "
               "--trust-clock\n",
               (long long)(lead / DAY_MS));
    return 0;
}

unsigned check_times(const char *path)
{
    struct err err = {""};
    sqlite3 *db = db_open_reader(path, &err);
    unsigned wrong;

    if (!db) {
        printf("! %s\n", err.text);
        return 1;
    }
    wrong = check_zone(db) + check_clock(db);
    db_close(db);
    return wrong;
}

/* ---- changing them ---- */

/* The journal opened by us as its owner; NULL after saying why not. */
static sqlite3 *own(const char *path, struct owner **owner)
{
    struct err err = {""};
    sqlite3 *db = NULL;
    long pid = 0;

    *owner = NULL;
    if (!path)
        err_set(&err, "no home directory: set HOME or --journal");
    else if (access(path, F_OK))
        err_set(&err, "there is no journal at %s", path);
    else
        *owner = owner_take(path, &pid, &err);
    if (!*owner && pid)
        err_set(&err, "telltale is running, process %ld: stop it first", pid);
    if (*owner)
        db = db_open(path, &err);
    if (db)
        return db;
    owner_release(*owner);
    command_fail(EXIT_FAILED, "%s", err.text);
    return NULL;
}

int check_move_zone(const char *path, const char *zone)
{
    struct recount recount = {0};
    struct err err = {""};
    struct owner *owner;
    sqlite3 *db = own(path, &owner);
    bool ok;

    if (!db)
        return EXIT_FAILED;
    ok = recount_in_zone(db, zone, &recount, &err);
    db_close(db);
    owner_release(owner);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    printf("Days are counted in %s now; %llu events count on another day.\n",
           zone, (unsigned long long)recount.events);
    if (recount.kept)
        printf("%llu counts of days whose events are no longer kept stay as "
               "they are.\n",
               (unsigned long long)recount.kept);
    return EXIT_DONE;
}

/* By the owner, if there is one. False: there is none. */
static bool owner_trusts(const char *path, struct err *err)
{
    struct buf reply;
    bool ok, done;

    buf_init(&reply, 64 * KIB);
    ok = control_ask(path, "{\"do\":\"trust clock\"}", &reply, err);
    done = ok && strstr(reply.data, "\"ok\":true");
    if (ok && !done)
        err_set(err, "the owner did not take it: %s", reply.data);
    buf_free(&reply);
    return ok;
}

int check_trust_clock(const char *path)
{
    struct err err = {""};
    struct owner *owner;
    sqlite3 *db;
    bool ok;

    if (path && owner_trusts(path, &err)) {
        if (*err.text)
            return command_fail(EXIT_FAILED, "%s", err.text);
    } else {
        db = own(path, &owner);
        if (!db)
            return EXIT_FAILED;
        ok = prune_trust_clock(db, clock_now_ms(), &err);
        db_close(db);
        owner_release(owner);
        if (!ok)
            return command_fail(EXIT_FAILED, "%s", err.text);
    }
    printf("The clock is believed: what is older than keep goes.\n");
    return EXIT_DONE;
}
