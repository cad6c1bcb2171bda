/* Which names. Sources: PostHog's front end (what it captures), its
 * error_tracking and batch_imports (what they capture without groups). */
#include "posthog/names.h"

#include <fnmatch.h>
#include <string.h>

#include "base/banned.h"

/* What a '*' of the catalogue is known to stand for. The front end puts the
 * name of each setting that it changes before "team setting updated": those of
 * its TeamType, and no other (person_processing_opt_out is changed by
 * PostHog's staff only, and sends nothing). */
static const char *const known[] = {
    "llma single trace loaded",
    "autocapture_opt_out team setting updated",
    "autocapture_exceptions_opt_in team setting updated",
    "autocapture_web_vitals_opt_in team setting updated",
    "session_recording_opt_in team setting updated",
    "session_recording_sample_rate team setting updated",
    "capture_console_log_opt_in team setting updated",
    "capture_performance_opt_in team setting updated",
    "capture_dead_clicks team setting updated",
    "heatmaps_opt_in team setting updated",
    "surveys_opt_in team setting updated",
    "anonymize_ips team setting updated",
    "data_attributes team setting updated",
    "test_account_filters team setting updated",
    "session_recording_retention_period team setting updated",
    "session_recording_minimum_duration_milliseconds team setting updated",
};

const char *const names_without_account[] = {"error_tracking_issue_created",
                                             "batch import created", NULL};

bool name_has_no_account(const char *name)
{
    for (size_t i = 0; names_without_account[i]; i++)
        if (!strcmp(names_without_account[i], name))
            return true;
    return false;
}

/* How many of the known names the pattern stands for; each may be NULL. */
static size_t visit_known(const struct catalog_row *row, const char *pattern,
                          names_each *each, void *ctx)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (fnmatch(pattern, known[i], 0) != 0)
            continue;
        count++;
        if (each)
            each(ctx, row, known[i]);
    }
    return count;
}

static void visit(const struct catalog *catalog, bool vague, names_each *each,
                  void *ctx)
{
    for (size_t i = 0; i < catalog_rows(catalog); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        for (const char *const *name = row.names; *name; name++) {
            bool glob = strchr(*name, '*') != NULL;

            if (glob && !visit_known(&row, *name, vague ? NULL : each, ctx) &&
                vague)
                each(ctx, &row, *name);
            else if (!glob && !vague)
                each(ctx, &row, *name);
        }
    }
}

void names_visit(const struct catalog *catalog, names_each *each, void *ctx)
{
    visit(catalog, false, each, ctx);
}

void names_visit_vague(const struct catalog *catalog, names_each *each,
                       void *ctx)
{
    visit(catalog, true, each, ctx);
}
