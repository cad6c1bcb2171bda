/* What the status line and the title row say of the program: the worst
 * problem first, each as what is so, what it means and what to do (SCREENS
 * §2). Reads counters; changes nothing but its own memory of them. */
#include "app/internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
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

static void tell_refused(struct app *app, uint64_t refused)
{
    time_t seconds;
    struct tm tm;
    char text[128];

    if (!refused || !app->refused_since)
        return;
    seconds = (time_t)(app->refused_since / 1000);
    if (!localtime_r(&seconds, &tm))
        return;
    snprintf(text, sizeof text,
             "%llu post%s refused since %02d:%02d: wrong secret. PostHog "
             "will not retry.",
             (unsigned long long)refused, refused == 1 ? "" : "s", tm.tm_hour,
             tm.tm_min);
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

static void tell_book(struct app *app)
{
    char text[256];
    const struct book_report *report = &app->parts.report;

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
    if (hook.unauthorised > app->refused_secret && !app->refused_since)
        app->refused_since = clock_now_ms();
    app->refused_secret = hook.unauthorised;
    status->listening = server_address(app->server);
    status->hook_url = app->hook_url;
    status->public_url = app->public_hook_url;
    status->duplicates = counts.duplicates;
    status->refused = counts.refused;
    status->waiting = app->journal ? journal_stats(app->journal).waiting : 0;
    status->demo = app->options.demo;
    status->accounts_hint = config_text(app->config, OPTION_accounts);
    tell_journal(app);
    tell_refused(app, hook.unauthorised);
    tell_waiting(app, status->waiting);
    tell_mirrors(app);
    tell_book(app);
    return status;
}
