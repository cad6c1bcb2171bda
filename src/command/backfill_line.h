/* What a backfill says while it goes on: on a terminal one line with a bar,
 * written over, else a line a step. All on standard error. */
#ifndef TELLTALE_BACKFILL_LINE_H
#define TELLTALE_BACKFILL_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "posthog/backfill.h"

struct backfill_line {
    bool terminal;
    int64_t began_us;
};

void backfill_line_begin(struct backfill_line *line);
void backfill_line_progress(const struct backfill_line *line,
                            const struct backfill_progress *progress);
void backfill_line_waiting(const struct backfill_line *line, unsigned seconds);
/* What came of it, on standard output. */
void backfill_line_result(const struct backfill_line *line,
                          const struct backfill_progress *progress);
/* Why it ended early; returns the exit code. */
int backfill_line_failed(const struct backfill_line *line,
                         const struct backfill_progress *progress,
                         const struct err *err);
/* Leaves the terminal's line for other words. */
void backfill_line_leave(const struct backfill_line *line);

#endif
