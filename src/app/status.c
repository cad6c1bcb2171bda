/* What the status line and the title row say of the program: the worst
 * problem first, each as what is so, what it means and what to do.
 * Reads counters; changes nothing but its own memory of them. */
#include "app/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/link_service.h"
#include "app/mirror_service.h"
#include "app/polling_service.h"
#include "app/publish_service.h"
#include "app/reject_service.h"
#include "base/clock.h"
#include "base/log.h"
#include "journal/zone.h"
#include "base/banned.h"

#define BEHIND 1000 /* events that wait for the disk before it is told */

/* What was wrong with the files stays until the next start. */
static void tell_files(struct app *app, struct problems *problems)
{
    const char *notice = app->journal ? journal_notice(app->journal) : NULL;

    if (notice)
        problem_add(problems, PROBLEM_FILES, '!', notice);
}

/* Looked at once: neither zone changes while this runs. */
static void look_at_zones(struct app *app)
{
    const char *journal = journal_zone(app->journal);
    char *own = zone_name();

    app->zones_seen = true;
    if (!zone_is_known(own))
        err_set(&app->zones,
                "The time zone %s is not known here, times are UTC. Is "
                "tzdata installed?",
                own);
    else if (!zone_is_known(journal))
        err_set(&app->zones,
                "The journal's time zone %s is not known here. Is tzdata "
                "installed?",
                journal);
    else if (journal_zone_differs(app->journal))
        err_set(&app->zones,
                "Days are counted in %s, times shown in %s. telltale check "
                "--zone %s moves them over.",
                journal, own, own);
    free(own);
    if (*app->zones.text)
        log_line(LOG_WARN, "%s", app->zones.text);
}

static void tell_zone(struct app *app, struct problems *problems)
{
    if (app->journal && !app->zones_seen)
        look_at_zones(app);
    if (*app->zones.text)
        problem_add(problems, PROBLEM_ZONE, '~', app->zones.text);
}

static void tell_journal(struct app *app, struct problems *problems)
{
    const char *trouble = app->journal ? journal_trouble(app->journal) : NULL;
    char text[256];

    if (!trouble)
        return;
    if (strstr(trouble, "full"))
        snprintf(text, sizeof text,
                 "Disk full: new events are refused (503); PostHog tries 3 "
                 "times. Free space.");
    else
        snprintf(text, sizeof text,
                 "The journal cannot be written, events are refused (503): "
                 "%s",
                 trouble);
    problem_add(problems, PROBLEM_JOURNAL, '!', text);
}

/* Posts that were refused for one reason: told until half an hour after the
 * last one. */
#define REFUSED_MS INT64_C(1800000)
static void note_refused(struct refusals *seen, uint64_t refused, int64_t now)
{
    if (refused > seen->count) {
        if (!seen->since_ms) {
            seen->since_ms = now;
            seen->before = seen->count;
        }
        seen->last_ms = now;
        seen->count = refused;
    }
    if (seen->since_ms && now - seen->last_ms > REFUSED_MS)
        seen->since_ms = 0;
}

static void tell_refused(struct refusals *seen, struct problems *problems,
                         enum problem_rank rank, uint64_t refused,
                         const char *why)
{
    unsigned long long count;
    char since[CLOCK_MINUTES_SIZE], text[128];

    note_refused(seen, refused, clock_now_ms());
    if (!seen->since_ms)
        return;
    clock_minutes(seen->since_ms, since);
    count = refused - seen->before;
    snprintf(text, sizeof text,
             "%llu post%s refused since %s: %s. PostHog will not "
             "retry. :rejects",
             count, count == 1 ? "" : "s", since, why);
    problem_add(problems, rank, '!', text);
}

/* An event behind the last wrong secret says that PostHog knows the right
 * one: the others were strangers, or are put right. */
static void tell_strangers(struct app *app, struct problems *problems,
                           const struct webhook_stats *hook)
{
    struct refusals *seen = &app->strangers;

    if (hook->unauthorised > seen->count)
        seen->events = hook->events;
    else if (hook->events > seen->events)
        seen->since_ms = 0;
    tell_refused(seen, problems, PROBLEM_REFUSED, hook->unauthorised,
                 "wrong secret");
}

static void tell_waiting(struct problems *problems, uint64_t waiting)
{
    char text[128];

    if (waiting < BEHIND)
        return;
    snprintf(text, sizeof text,
             "Behind: %llu events wait for the disk. Each is answered once "
             "kept.",
             (unsigned long long)waiting);
    problem_add(problems, PROBLEM_WAITING, '~', text);
}

/* "no mirror", "slack ok"; what is wrong with one, the service tells. */
static void show_mirrors(struct app *app)
{
    struct display_status *status = &app->status;
    struct mirrors *mirrors =
        mirror_service_mirrors(app->services[SERVICE_mirrors]);
    struct figures_publish publish = {.on = false};

    status->mirror = "no mirror";
    buf_clear(&app->mirror_text);
    if (mirrors)
        status->mirror_trouble = mirrors_summary(mirrors, &app->mirror_text);
    publish_service_figures(app->services[SERVICE_publish], &publish);
    if (publish.on) {
        buf_addf(&app->mirror_text, "%snats %s", mirrors ? ", " : "",
                 publish.up ? "ok" : "away");
        status->mirror_trouble |= !publish.up;
    }
    if (app->mirror_text.len)
        status->mirror = app->mirror_text.data;
}

static void tell_book(struct app *app, struct problems *problems)
{
    char text[256];
    const struct book_report *report = &app->decode.report;

    if (app->book_trouble) {
        snprintf(text, sizeof text, "Not read again: %s", app->book_trouble);
        problem_add(problems, PROBLEM_BOOK, '~', text);
    } else if (report->bad_rows) {
        snprintf(text, sizeof text,
                 "%zu row%s of the book %s left out: telltale check says why.",
                 report->bad_rows, report->bad_rows == 1 ? "" : "s",
                 report->bad_rows == 1 ? "is" : "are");
        problem_add(problems, PROBLEM_BOOK, '~', text);
    }
}

static void tell_all(struct app *app, struct problems *problems,
                     const struct webhook_stats *hook, uint64_t waiting)
{
    tell_journal(app, problems);
    tell_files(app, problems);
    tell_strangers(app, problems, hook);
    tell_refused(&app->unreadable, problems, PROBLEM_UNREADABLE,
                 hook->not_json, "unreadable");
    tell_waiting(problems, waiting);
    tell_zone(app, problems);
    tell_book(app, problems);
    services_tell(app->services, problems);
}

const struct display_status *app_status(struct app *app)
{
    struct display_status *status = &app->status;
    struct webhook_stats hook = app_hook_stats(app);
    struct app_counts counts = app_counts(app);

    memset(status, 0, sizeof *status);
    status->listening = app_listening(app);
    status->attached = link_service_host(app->services[SERVICE_link]);
    status->linking = past_is_waiting(app);
    status->hook_url = app->hook_url;
    status->public_url = app->public_hook_url;
    status->duplicates = counts.duplicates;
    status->forgotten = counts.forgotten;
    status->refused = counts.refused;
    status->rejects = reject_service_kept(app->services[SERVICE_rejects]);
    status->waiting = app->journal ? journal_stats(app->journal).waiting : 0;
    status->demo = app->options.demo;
    status->accounts_hint = config_text(app->config, OPTION_accounts);
    app->problems = (struct problems){.away = app->problems.away};
    tell_all(app, &app->problems, &hook, status->waiting);
    app->problems.away &= app->problems.present;
    status->problem_away = app->problems.away != 0;
    status->problems = app->problems.count;
    if (app->problems.count) {
        status->problem = app->problems.text;
        status->problem_mark = app->problems.mark;
    }
    show_mirrors(app);
    return status;
}

void status_put_away(struct app *app, bool away)
{
    if (!away)
        app->problems.away = 0;
    else if (app->problems.count)
        app->problems.away |= 1u << app->problems.worst;
}

/* Everything that app_status() tells and neither an event nor a service
 * brings along. */
static uint64_t fingerprint(const struct app *app)
{
    struct webhook_stats hook = app_hook_stats(app);
    struct app_counts counts = app_counts(app);

    return counts.duplicates + counts.forgotten + counts.refused +
           hook.unauthorised +
           (journal_trouble(app->journal) ? UINT64_C(1) << 63 : 0) +
           (polling_service_in_trouble(app->services[SERVICE_polling])
                ? UINT64_C(1) << 62
                : 0);
}

bool status_changed(struct app *app)
{
    uint64_t now = fingerprint(app);
    bool changed = now != app->told;

    app->told = now;
    return changed;
}

/* Compared by its bytes: each says something else. */
static void log_notice(struct app *app)
{
    const char *notice = journal_notice(app->journal);

    if (!notice || !strcmp(notice, app->notice.text))
        return;
    err_set(&app->notice, "%s", notice);
    log_line(LOG_ERROR, "%s", notice);
    app_changed(app);
}

void status_log(struct app *app)
{
    const char *trouble = journal_trouble(app->journal);

    log_notice(app);
    if (!app->zones_seen)
        look_at_zones(app);

    if (trouble && !app->in_trouble)
        log_line(LOG_ERROR,
                 "%s: new events are refused (503) until it is "
                 "over",
                 trouble);
    else if (!trouble && app->in_trouble)
        log_line(LOG_NOTE, "the journal can be written again");
    app->in_trouble = trouble != NULL;
}
