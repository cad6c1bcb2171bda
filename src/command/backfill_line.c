/* The words and the bar; it knows numbers only. */
#include "command/backfill_line.h"

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "command/command.h"
#include "command/progress.h"
#include "base/banned.h"

static double part_done(const struct backfill_progress *progress)
{
    double all = (double)(progress->until_ms - progress->from_ms);
    double part = (double)(progress->at_ms - progress->from_ms);

    return all > 0 ? part / all : 1;
}

void backfill_line_begin(struct backfill_line *line)
{
    line->terminal = isatty(STDERR_FILENO);
    line->began_us = clock_mono_us();
}

void backfill_line_progress(const struct backfill_line *line,
                            const struct backfill_progress *progress)
{
    double done = part_done(progress);
    char from[CLOCK_DATE_SIZE], at[CLOCK_DATE_SIZE];
    struct buf text;

    buf_init(&text, 400);
    clock_date(progress->at_ms, at);
    if (line->terminal)
        progress_bar(&text, done);
    clock_date(progress->from_ms, from);
    buf_addf(&text, "%3.0f %% · from %s up to %s · %zu %s", 100 * done, from,
             at, progress->events, progress->events == 1 ? "event" : "events");
    progress_left(&text, clock_mono_us() - line->began_us, done);
    fprintf(stderr, line->terminal ? "\r%s\033[K" : "%s\n", text.data);
    fflush(stderr);
    buf_free(&text);
}

void backfill_line_waiting(const struct backfill_line *line, unsigned seconds)
{
    fprintf(stderr,
            line->terminal ? "\r%s; it asks to wait %u s\033[K"
                           : "%s; it asks to wait %u s\n",
            posthog_limit(seconds), seconds);
    fflush(stderr);
}

void backfill_line_result(const struct backfill_line *line,
                          const struct backfill_progress *progress)
{
    char first[CLOCK_DATE_SIZE];

    if (line->terminal)
        fputs("\r\033[K", stderr);
    clock_date(progress->first_ms, first);
    if (progress->first_ms && progress->first_ms < progress->until_ms)
        printf("the first event was on %s\n", first);
    printf("%zu %s of the past kept, %zu %s there already", progress->events,
           progress->events == 1 ? "event" : "events", progress->duplicates,
           progress->duplicates == 1 ? "was" : "were");
    if (progress->skipped)
        printf(", %zu could not be read", progress->skipped);
    putchar('\n');
}

int backfill_line_failed(const struct backfill_line *line,
                         const struct backfill_progress *progress,
                         const struct err *err)
{
    backfill_line_leave(line);
    return command_fail(EXIT_FAILED, "%s%s", err->text,
                        progress->at_ms > progress->from_ms
                            ? " (run it again to go on from there)"
                            : "");
}

void backfill_line_leave(const struct backfill_line *line)
{
    if (line->terminal)
        fputc('\n', stderr);
}
