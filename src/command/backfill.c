/* `telltale backfill`: the words of the command. Who does it depends on who
 * owns the journal: this process, or the telltale that runs. */
#include "command/command.h"

#include "base/clock.h"
#include "base/moment.h"
#include "command/backfill_run.h"
#include "journal/owner.h"

#include "base/banned.h"

#define DEFAULT_SINCE "28d"

static bool read_times(const char *since, const char *until,
                       struct backfill_span *span)
{
    int64_t now = clock_now_ms();

    span->until_ms = now;
    if (!moment_parse(since, now, &span->since_ms))
        command_fail(EXIT_USAGE, "--since %s: say 28d, 12h or 2026-09-14",
                     since);
    else if (until && !moment_parse(until, now, &span->until_ms))
        command_fail(EXIT_USAGE, "--until %s: say 2d, 12h or 2026-09-14",
                     until);
    else if (span->since_ms >= span->until_ms || span->until_ms > now)
        command_fail(EXIT_USAGE, "--since has to be before --until, and "
                                 "both in the past");
    else
        return true;
    return false;
}

int command_backfill(struct command_context *context)
{
    const char *since, *journal;
    struct backfill_span span = {.aside = false};

    if (!command_words(context, NULL, NULL))
        return EXIT_USAGE;
    since = command_value(context, ARG_backfill_since);
    if (!read_times(since ? since : DEFAULT_SINCE,
                    command_value(context, ARG_backfill_until), &span))
        return EXIT_USAGE;
    journal = config_text(context->config, OPTION_journal);
    if (!journal)
        return command_fail(EXIT_FAILED,
                            "no home directory: set HOME or --journal");
    return owner_find(journal) ? backfill_by_owner(journal, &span)
                               : backfill_here(context->config, &span);
}
