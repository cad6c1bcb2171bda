/* A backfill by the telltale that owns the journal: it is asked over its
 * control socket to do it, then how far it is. The answers are those of
 * app/backfill_job.c. */
#include "command/backfill_run.h"

#include <stdio.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "command/backfill_line.h"
#include "command/command.h"
#include "command/interrupt.h"
#include "command/owner_ask.h"
#include "base/banned.h"

#define LOOK_MS 200

static struct backfill_progress read_progress(const cJSON *answer)
{
    return (struct backfill_progress){
        .from_ms = (int64_t)owner_number(answer, "from"),
        .at_ms = (int64_t)owner_number(answer, "at"),
        .until_ms = (int64_t)owner_number(answer, "until"),
        .events = (size_t)owner_number(answer, "events"),
        .duplicates = (size_t)owner_number(answer, "duplicates"),
        .skipped = (size_t)owner_number(answer, "skipped"),
    };
}

static int conclude(const struct backfill_line *line, const cJSON *answer,
                    const struct backfill_progress *progress)
{
    const char *why = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "error"));
    struct err err;

    if (!why) {
        backfill_line_result(line, progress);
        return EXIT_DONE;
    }
    err_set(&err, "%s", why);
    return backfill_line_failed(line, progress, &err);
}

static int stop(const char *journal, const struct backfill_line *line)
{
    struct err err = {""};
    cJSON *answer = owner_ask(journal, "{\"do\":\"backfill stop\"}", &err);

    cJSON_Delete(answer);
    backfill_line_leave(line);
    return command_fail(EXIT_INTERRUPTED, "stopped: run it again to go on "
                                          "from there");
}

/* Prints what has changed since it was looked at before. */
static void show(const struct backfill_line *line, const cJSON *answer,
                 struct backfill_progress *progress, unsigned *waiting)
{
    struct backfill_progress now = read_progress(answer);
    unsigned wait = (unsigned)owner_number(answer, "waiting");

    if (wait && wait != *waiting)
        backfill_line_waiting(line, wait);
    else if (now.at_ms != progress->at_ms)
        backfill_line_progress(line, &now);
    *progress = now;
    *waiting = wait;
}

/* Looks until it is over. */
static int follow(const char *journal, const struct backfill_line *line)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    struct backfill_progress progress = {0};
    struct err err = {""};
    unsigned waiting = 0;

    while (!interrupt_came()) {
        cJSON *answer =
            owner_ask(journal, "{\"do\":\"backfill progress\"}", &err);
        int code = EXIT_DONE;
        bool runs;

        if (!answer)
            return backfill_line_failed(line, &progress, &err);
        show(line, answer, &progress, &waiting);
        runs =
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "running"));
        if (!runs)
            code = conclude(line, answer, &progress);
        cJSON_Delete(answer);
        if (!runs)
            return code;
        nanosleep(&pause, NULL);
    }
    return stop(journal, line);
}

int backfill_by_owner(const char *journal, const struct backfill_span *span)
{
    struct backfill_line line;
    struct err err = {""};
    char request[128];
    cJSON *answer;

    snprintf(request, sizeof request,
             "{\"do\":\"backfill\",\"since\":%lld,\"until\":%lld}",
             (long long)span->since_ms, (long long)span->until_ms);
    answer = owner_ask(journal, request, &err);
    if (!answer)
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (owner_number(answer, "left_out") > 0)
        fprintf(stderr,
                "telltale: %llu accounts or event names with unusual "
                "characters are left out\n",
                (unsigned long long)owner_number(answer, "left_out"));
    cJSON_Delete(answer);
    interrupt_catch();
    backfill_line_begin(&line);
    return follow(journal, &line);
}
