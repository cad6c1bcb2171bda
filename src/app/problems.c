/* What the status line and the title row say of the program: the worst
 * problem first, each as what is so, what it means and what to do.
 * Reads counters; changes nothing but its own memory of them. */
#include "app/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "journal/prune.h"
#include "journal/zone.h"
#include "posthog/polling.h"
#include "base/banned.h"

#define BEHIND 1000 /* events that wait for the disk before it is told */

/* The first one told is the worst; later ones are only counted. */
static void tell(struct app *app, char mark, const char *text)
{
    struct display_status *status = &app->status;
    struct buf safe;

    if (status->problems++)
        return;
    buf_init(&safe, sizeof app->problem);
    text_sanitise(&safe, text, strlen(text), sizeof app->problem - 1);
    snprintf(app->problem, sizeof app->problem, "%s", safe.data);
    buf_free(&safe);
    status->problem = app->problem;
    status->problem_mark = mark;
}

/* What was wrong with the files stays until the next start. */
static void tell_files(struct app *app)
{
    const char *notice = app->journal ? journal_notice(app->journal) : NULL;

    if (notice)
        tell(app, '!', notice);
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

static void tell_zone(struct app *app)
{
    if (app->journal && !app->zones_seen)
        look_at_zones(app);
    if (*app->zones.text)
        tell(app, '~', app->zones.text);
}

static void tell_clock(struct app *app)
{
    char text[160];

    if (app->clock_lead_ms <= PRUNE_ASK_MS)
        return;
    snprintf(text, sizeof text,
             "The clock is %lld days ahead of the journal, old events stay. "
             "Is it right? telltale check --trust-clock",
             (long long)(app->clock_lead_ms / INT64_C(86400000)));
    tell(app, '~', text);
}

static void tell_journal(struct app *app)
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
    tell(app, '!', text);
}

/* Posts with a wrong secret: told until half an hour after the last one. */
#define REFUSED_MS INT64_C(1800000)
static void note_refused(struct app *app, uint64_t refused, int64_t now)
{
    struct refusals *seen = &app->refusals;

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

static void tell_refused(struct app *app, uint64_t refused)
{
    const struct refusals *seen = &app->refusals;
    unsigned long long count;
    time_t seconds;
    struct tm tm;
    char text[128];

    note_refused(app, refused, clock_now_ms());
    seconds = (time_t)(seen->since_ms / 1000);
    if (!seen->since_ms || !localtime_r(&seconds, &tm))
        return;
    count = refused - seen->before;
    snprintf(text, sizeof text,
             "%llu post%s refused since %02d:%02d: wrong secret. PostHog "
             "will not retry.",
             count, count == 1 ? "" : "s", tm.tm_hour, tm.tm_min);
    tell(app, '!', text);
}

static void tell_waiting(struct app *app, uint64_t waiting)
{
    char text[128];

    if (waiting < BEHIND)
        return;
    snprintf(text, sizeof text,
             "Behind: %llu events wait for the disk. Each is answered once "
             "kept.",
             (unsigned long long)waiting);
    tell(app, '~', text);
}

static void tell_silence(struct app *app)
{
    struct buf text;

    buf_init(&text, KIB);
    if (silence_text(app, &text))
        tell(app, '!', text.data);
    buf_free(&text);
}

/* "no mirror", "slack ok", and what is wrong with the worst one. */
static void tell_mirrors(struct app *app)
{
    struct display_status *status = &app->status;
    struct buf problem;

    status->mirror = "no mirror";
    if (!app->mirrors)
        return;
    buf_clear(&app->mirror_text);
    status->mirror_trouble = mirrors_summary(app->mirrors, &app->mirror_text);
    status->mirror = app->mirror_text.data;
    buf_init(&problem, 1024);
    if (mirrors_problem(app->mirrors, clock_now_ms(), &problem))
        tell(app, '~', problem.data);
    buf_free(&problem);
}

static void tell_polling(struct app *app)
{
    const char *why = app->polling ? polling_problem(app->polling) : NULL;
    char text[256];

    if (!why)
        return;
    snprintf(text, sizeof text, "PostHog was asked in vain: %s", why);
    tell(app, '!', text);
}

static void tell_backfill(struct app *app)
{
    struct buf line;

    buf_init(&line, 256);
    if (backfilled_line(app, &line))
        tell(app, '~', line.data);
    buf_free(&line);
}

static void tell_book(struct app *app)
{
    char text[256];
    const struct book_report *report = &app->parts.report;
    const char *renewal = renewal_problem(app);

    if (renewal) {
        snprintf(text, sizeof text, "The book from PostHog: %s", renewal);
        tell(app, '~', text);
    }
    if (app->book_trouble) {
        snprintf(text, sizeof text, "Not read again: %s", app->book_trouble);
        tell(app, '~', text);
    } else if (report->bad_rows) {
        snprintf(text, sizeof text,
                 "%zu rows of the book are left out: telltale check shows "
                 "them.",
                 report->bad_rows);
        tell(app, '~', text);
    }
}

const struct display_status *app_status(struct app *app)
{
    struct display_status *status = &app->status;
    struct webhook_stats hook = webhook_stats(app->webhook);
    struct app_counts counts = app_counts(app);

    memset(status, 0, sizeof *status);
    status->listening = server_address(app->server);
    status->hook_url = app->hook_url;
    status->public_url = app->public_hook_url;
    status->duplicates = counts.duplicates;
    status->refused = counts.refused;
    status->waiting = app->journal ? journal_stats(app->journal).waiting : 0;
    status->demo = app->options.demo;
    status->accounts_hint = config_text(app->config, OPTION_accounts);
    tell_journal(app);
    tell_files(app);
    tell_refused(app, hook.unauthorised);
    tell_polling(app);
    tell_silence(app);
    tell_waiting(app, status->waiting);
    tell_clock(app);
    tell_zone(app);
    tell_mirrors(app);
    tell_book(app);
    tell_backfill(app);
    return status;
}

/* Everything that app_status() tells and no event brings along. */
static uint64_t fingerprint(const struct app *app)
{
    struct webhook_stats hook = webhook_stats(app->webhook);
    struct app_counts counts = app_counts(app);

    return counts.duplicates + counts.refused + hook.unauthorised +
           (journal_trouble(app->journal) ? UINT64_C(1) << 63 : 0) +
           (app->polling && polling_problem(app->polling) ? UINT64_C(1) << 62
                                                          : 0);
}

bool problems_changed(struct app *app)
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

void problems_log(struct app *app)
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
