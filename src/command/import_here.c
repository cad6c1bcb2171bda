/* An import in this process, which owns the journal meanwhile: lines are read
 * here while the journal's thread writes. */
#include "command/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/decode_context.h"
#include "base/limits.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/journal_here.h"
#include "journal/journal.h"
#include "source/file_intake.h"

#include "base/banned.h"

#define BATCH_EVENTS 8000
#define BATCH_BYTES (8 * MIB)
#define BATCHES_WAITING 3

struct here {
    struct import *import;
    struct decode_context decode;
    struct journal_here *journal;
    struct file_intake intake;
    unsigned waiting; /* batches that are not kept yet */
    bool failed, zone_told;
};

static struct journal *journal_of(struct here *here)
{
    return journal_here_journal(here->journal);
}

/* What is there before the first line. */
static bool look(struct here *here, struct err *err)
{
    struct journal_reader *reader = reader_open(here->import->path, err);
    bool ok = reader && file_intake_look(&here->intake, reader, err);

    if (reader)
        reader_close(reader);
    return ok;
}

static void here_free(void *self)
{
    struct here *here = self;

    journal_here_close(here->journal);
    file_intake_free(&here->intake);
    decode_context_close(&here->decode);
    free(here);
}

static void *here_open(struct import *import, struct err *err)
{
    struct here *here = xcalloc(1, sizeof *here);
    struct err no_book;

    here->import = import;
    if (!decode_context_open_bookless(&here->decode, import->config, &no_book,
                                      err)) {
        free(here);
        return NULL;
    }
    file_intake_init(&here->intake, &here->decode.decoder);
    here->journal = journal_here_open(import->path, err);
    if (here->journal && look(here, err))
        return here;
    here_free(here);
    return NULL;
}

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct here *here = ctx;

    (void)token;
    here->waiting--;
    here->failed = here->failed || !result->ok;
    here->import->counts.fresh += result->fresh;
    here->import->counts.duplicates += result->duplicates;
    here->import->counts.forgotten += result->forgotten;
    event_batch_free(result->batch);
}

static bool wait_for(struct here *here, unsigned waiting, struct err *err)
{
    const char *why;

    while (here->waiting > waiting)
        journal_here_wait(here->journal);
    if (!here->failed)
        return true;
    why = journal_trouble(journal_of(here));
    return err_set(err, "the journal cannot be written: %s",
                   why ? why : "it does not say why");
}

static bool send(struct here *here, struct err *err)
{
    struct event_batch *batch = file_intake_take(&here->intake);

    if (!batch)
        return true;
    here->waiting++;
    journal_append(journal_of(here), batch, on_kept, here, 0);
    return wait_for(here, BATCHES_WAITING - 1, err);
}

/* Days that are not this journal's end at other moments. */
static void compare_zone(struct here *here, const char *file, uint64_t number,
                         const char *zone)
{
    const char *ours = journal_zone(journal_of(here));

    if (!zone || here->zone_told || !strcmp(zone, ours))
        return;
    here->zone_told = true;
    command_fail(EXIT_DONE,
                 "%s:%" PRIu64 ": days are those of %s there and of %s here, "
                 "so signals may differ (telltale check --zone)",
                 file, number, zone, ours);
}

/* Lines that are wrong count too: what was read of them is held. */
static bool send_when_full(struct here *here, struct err *err)
{
    return (here->intake.count < BATCH_EVENTS &&
            here->intake.batch->bytes < BATCH_BYTES) ||
           send(here, err);
}

static bool here_line(void *self, const char *file, uint64_t number,
                      const char *text, size_t len, struct err *err)
{
    struct here *here = self;
    struct import_counts *counts = &here->import->counts;
    const char *zone;
    struct err why;
    int64_t tick;

    switch (file_intake_add(&here->intake, text, len, &tick, &zone, &why)) {
    case FILE_EVENT:
    case FILE_BLANK:
        break;
    case FILE_TICK:
        compare_zone(here, file, number, zone);
        if (!send(here, err))
            return false;
        journal_tick(journal_of(here), tick);
        counts->ticks++;
        return true;
    case FILE_OLD:
        counts->old_ticks++;
        break;
    case FILE_WRONG:
        import_wrong(here->import, file, number, why.text);
        break;
    }
    return send_when_full(here, err);
}

static bool here_finish(void *self, struct err *err)
{
    struct here *here = self;

    return send(here, err) && wait_for(here, 0, err);
}

const struct import_sink import_here = {.open = here_open,
                                        .line = here_line,
                                        .finish = here_finish,
                                        .free = here_free};
