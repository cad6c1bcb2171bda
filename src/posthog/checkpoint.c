/* Jobs for the journal's writer, which owns the cursors. */
#include "posthog/checkpoint.h"

#include <stdlib.h>

#include "base/mem.h"
#include "journal/cursor.h"

#include "base/banned.h"

/* The writer's until done, and known to nobody else. */
struct job {
    char *name, *text;
    checkpoint_done *done;
    void *ctx;
};

static void job_free(void *ctx)
{
    struct job *job = ctx;

    free(job->name);
    free(job->text);
    free(job);
}

static void on_done(void *ctx, bool ok, const struct err *err)
{
    struct job *job = ctx;

    job->done(job->ctx, job->text, ok ? NULL : err);
    job_free(job);
}

static void start(struct journal *journal, writer_job *work, const char *name,
                  const char *text, checkpoint_done *done, void *ctx)
{
    struct job *job = xcalloc(1, sizeof *job);

    job->name = xstrdup(name);
    job->text = text ? xstrdup(text) : NULL;
    job->done = done;
    job->ctx = ctx;
    journal_write_owned(journal, work, on_done, job, job_free);
}

/* On the writer's thread, as write_text(). */
static bool read_text(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct job *job = ctx;

    return cursor_read_text(db, job->name, &job->text, err);
}

static bool write_text(void *ctx, struct sqlite3 *db, struct err *err)
{
    const struct job *job = ctx;

    return cursor_write_text(db, job->name, job->text, err);
}

void checkpoint_read(struct journal *journal, const char *name,
                     checkpoint_done *done, void *ctx)
{
    start(journal, read_text, name, NULL, done, ctx);
}

void checkpoint_write(struct journal *journal, const char *name,
                      const char *text, checkpoint_done *done, void *ctx)
{
    start(journal, write_text, name, text, done, ctx);
}
