/* One reading at a time: what changes meanwhile is read again behind it. */
#include "app/snapshot.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/journal.h"

#include "base/banned.h"

struct snapshot {
    const struct service_host *host;
    const struct snapshot_ops *ops;
    void *list; /* NULL: not read yet */
    bool reading, again;
};

/* The loop's until journal_read_owned(), then the reader's, then the loop's
 * again. */
struct reading {
    struct snapshot *snapshot;
    const struct snapshot_ops *ops;
    void *list; /* NULL: it was taken */
};

struct snapshot *snapshot_new(const struct service_host *host,
                              const struct snapshot_ops *ops)
{
    struct snapshot *snapshot = xcalloc(1, sizeof *snapshot);

    snapshot->host = host;
    snapshot->ops = ops;
    return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    if (snapshot->list)
        snapshot->ops->free(snapshot->list);
    free(snapshot);
}

const void *snapshot_list(const struct snapshot *snapshot)
{
    return snapshot->list;
}

static enum reader_step read_list(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct reading *reading = ctx;

    return reading->ops->read(reading->list, reader, err) ? READER_DONE
                                                          : READER_FAILED;
}

static void drop(void *ctx)
{
    struct reading *reading = ctx;

    if (reading->list)
        reading->ops->free(reading->list);
    free(reading);
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct reading *reading = ctx;
    struct snapshot *snapshot = reading->snapshot;

    snapshot->reading = false;
    if (ok) {
        if (snapshot->list)
            snapshot->ops->free(snapshot->list);
        snapshot->list = reading->list;
        reading->list = NULL;
        snapshot->host->changed(snapshot->host->app);
    } else {
        log_line(LOG_WARN, "%s cannot be read: %s", snapshot->ops->what,
                 err->text);
    }
    drop(reading);
    if (snapshot->again)
        snapshot_reread(snapshot);
}

void snapshot_reread(struct snapshot *snapshot)
{
    struct reading *reading;

    snapshot->again = snapshot->reading;
    if (snapshot->reading || snapshot->host->stopping)
        return;
    snapshot->reading = true;
    reading = xcalloc(1, sizeof *reading);
    *reading =
        (struct reading){snapshot, snapshot->ops, snapshot->ops->new ()};
    journal_read_owned(snapshot->host->journal, read_list, on_read, reading,
                       drop);
}
