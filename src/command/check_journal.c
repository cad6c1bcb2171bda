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

/* ---- salvage ---- */

static void wrong(struct findings *findings, const char *text)
{
    finding_add(findings, FINDING_WRONG, "journal", "%s", text);
}

static bool salvage_one(const char *path, const char *aside,
                        struct findings *findings)
{
    struct salvage_report report = {0};
    struct err err = {""};
    sqlite3 *db = db_open(path, &err);
    bool ok = db && salvage_events(db, aside, &report, &err) &&
              mend_set_salvaged(aside, &err);

    db_close(db);
    if (!ok) {
        finding_add(findings, FINDING_WRONG, "journal",
                    "%s is not salvaged: %s", aside, err.text);
        return false;
    }
    finding_add(findings, FINDING_FACT, "salvaged",
                "%llu events, %llu of them with their body, of %s",
                (unsigned long long)report.events,
                (unsigned long long)report.bodies, aside);
    finding_more(findings, "It is kept as .salvaged-…; delete it when you "
                           "have looked.");
    if (report.torn)
        finding_add(findings, FINDING_NOTE, "journal",
                    "%llu rows cannot be read to their end",
                    (unsigned long long)report.torn);
    return true;
}

static void salvage_all(const char *path, struct findings *findings)
{
    char *aside;
    bool ok = true;

    while (ok && (aside = mend_find_damaged(path))) {
        ok = salvage_one(path, aside, findings);
        free(aside);
    }
}

/* Nobody owns it but us. */
static void mend_and_salvage(const char *path, struct findings *findings)
{
    struct err why = {""}, err = {""};
    char *aside;

    if (!mend_finish(path, &err)) {
        finding_add(findings, FINDING_WRONG, "journal",
                    "a new one cannot be begun: %s", err.text);
        return;
    }
    if (mend_examine(path, &why) == MEND_DAMAGED) {
        finding_add(findings, FINDING_WRONG, "journal",
                    "the journal is damaged: %s", why.text);
        aside = mend_replace(path, NULL, &err);
        if (!aside) {
            finding_add(findings, FINDING_WRONG, "journal",
                        "a new one cannot be begun: %s", err.text);
            return;
        }
        finding_more(findings, "It is kept as %s; a new one is begun.", aside);
        free(aside);
    }
    salvage_all(path, findings);
}

/* All of it, however large. False: it is damaged. */
static bool read_whole(const char *path, struct findings *findings)
{
    struct err err = {""};
    sqlite3 *db = access(path, F_OK) ? NULL : db_open_reader(path, &err);
    bool whole = db && guard_is_whole(db, &err);

    db_close(db);
    if (whole)
        finding_add(findings, FINDING_FACT, "journal",
                    "whole: every page was read");
    else if (*err.text)
        finding_add(findings, FINDING_WRONG, "journal",
                    "the journal is damaged: %s", err.text);
    return whole || !*err.text;
}

static void say_damaged(const char *path, struct findings *findings)
{
    char *aside = mend_find_damaged(path);

    if (aside)
        finding_add(findings, FINDING_WRONG, "journal",
                    "%s holds events of a damaged journal: telltale check "
                    "--journal saves what can be read",
                    aside);
    free(aside);
}

static void check_and_salvage(const char *path, struct findings *findings)
{
    bool sound = read_whole(path, findings);
    char *aside = mend_find_damaged(path);
    struct owner *owner;
    struct err err = {""};
    long pid = 0;

    free(aside);
    if (sound && !aside && !access(path, F_OK))
        return;
    owner = owner_take(path, &pid, &err);
    if (owner)
        mend_and_salvage(path, findings);
    else if (pid)
        finding_add(findings, FINDING_WRONG, "journal",
                    "telltale, process %ld, has the journal: stop it, then "
                    "ask again, and what can be read is saved",
                    pid);
    else
        wrong(findings, err.text);
    owner_release(owner);
}

/* The log, and what was set aside, are beside the file that a link leads
 * to. */
void check_files(const char *path, bool salvage, struct findings *findings)
{
    char *real = path_real(path);

    if (salvage)
        check_and_salvage(real, findings);
    else
        say_damaged(real, findings);
    free(real);
}

/* ---- zone and clock ---- */

/* False: one of the two is not known here. */
static bool zones_are_known(const char *journal, const char *own,
                            struct findings *findings)
{
    bool own_known = zone_is_known(own);
    bool journal_known = !journal || zone_is_known(journal);

    if (!own_known)
        finding_add(findings, FINDING_WRONG, "zone",
                    "the time zone %s is not known here, times are UTC: is "
                    "tzdata installed?",
                    own);
    if (!journal_known)
        finding_add(findings, FINDING_WRONG, "zone",
                    "the journal's time zone %s is not known here, its days "
                    "are counted in %s: is tzdata installed?",
                    journal, own);
    return own_known && journal_known;
}

static void check_zone(sqlite3 *db, struct findings *findings)
{
    char *journal = db_meta_text(db, "zone", NULL), *own = zone_name();
    struct zone_days *other = journal ? zone_days_new(journal) : NULL;
    bool known = zones_are_known(journal, own, findings);

    if (other)
        finding_add(findings, FINDING_NOTE, "zone",
                    "days are counted in %s, times shown in %s: telltale "
                    "check --zone %s moves them over",
                    journal, own, own);
    else if (known)
        finding_add(findings, FINDING_FACT, "zone", "%s", own);
    zone_days_free(other);
    free(journal);
    free(own);
}

static void check_clock(sqlite3 *db, struct findings *findings)
{
    struct err err = {""};
    int64_t lead;

    if (!prune_clock_lead(db, clock_now_ms(), &lead, &err))
        wrong(findings, err.text);
    else if (lead > PRUNE_ASK_MS)
        finding_add(findings, FINDING_NOTE, "clock",
                    "the clock is %lld days ahead of the journal: what only "
                    "it calls older than keep stays. Is it right? telltale "
                    "check --trust-clock",
                    (long long)(lead / CLOCK_DAY_MS));
}

void check_times(const char *path, struct findings *findings)
{
    struct err err = {""};
    sqlite3 *db = db_open_reader(path, &err);

    if (db) {
        check_zone(db, findings);
        check_clock(db, findings);
    } else {
        wrong(findings, err.text);
    }
    db_close(db);
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
