/* Events out of files: the lines that `telltale export` writes, and others in
 * the one JSON form, gathered into batches for the journal. Reads no file and
 * writes to no journal: lines go in, batches and ticks come out.
 *
 * What a journal had already received when the reading began is the past:
 * events older than that are marked EVENT_BACKFILLED, and ticks are left out,
 * since those days have ended there. Into an empty journal all goes as it
 * was, so that a replay concludes the same. */
#ifndef TELLTALE_FILE_INTAKE_H
#define TELLTALE_FILE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "event/decode.h"
#include "event/event.h"
#include "journal/reader.h"

struct file_intake {
    const struct decoder *decoder;
    /* Received before: of the past. CLOCK_NONE: nothing is; INT64_MAX: all. */
    int64_t past_ms;
    int64_t ticked_ms;         /* ticks up to then are left out; likewise */
    struct event_batch *batch; /* its own: what is gathered */
    struct event *events;
    size_t count, cap;
};

/* Nothing is of the past until file_intake_look() or the caller says so. */
void file_intake_init(struct file_intake *intake,
                      const struct decoder *decoder);
void file_intake_free(struct file_intake *intake);
/* Finds out what is of the past in that journal. */
bool file_intake_look(struct file_intake *intake,
                      struct journal_reader *reader, struct err *err);

enum file_line {
    FILE_EVENT, /* gathered */
    FILE_TICK,  /* *tick_ms comes behind what is gathered */
    FILE_OLD,   /* a tick that is left out */
    FILE_BLANK,
    FILE_WRONG, /* err says what */
};
/* Takes one line, without its newline. *zone, if that is not NULL, becomes the
 * zone whose day a tick ends, or NULL; valid until the next call. What is
 * held grows by every line, as batch->bytes says, until it is taken. */
enum file_line file_intake_add(struct file_intake *intake, const char *line,
                               size_t len, int64_t *tick_ms, const char **zone,
                               struct err *err);
/* What is gathered, for journal_append(); NULL: nothing. */
struct event_batch *file_intake_take(struct file_intake *intake);

#endif
