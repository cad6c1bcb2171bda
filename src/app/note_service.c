/* The service "notes": what the user wrote about accounts, one note each. They
 * are rows of the journal; the list is read whole at the start and behind
 * every change: there are few. */
#include "app/note_service.h"

#include <stdlib.h>
#include <string.h>

#include "app/service.h"
#include "app/snapshot.h"
#include "app/untold.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "journal/notes.h"
#include "journal/reader.h"

#include "base/banned.h"

struct note {
    const char *account, *text; /* the list's */
};

/* By account, in the order of strcmp(). */
struct list {
    struct note notes[LIMIT_ACCOUNT_NOTES];
    size_t count;
    struct arena arena;
};

struct note_service {
    const struct service_host *host;
    struct snapshot *lists; /* of struct list */
};

static void *list_new(void)
{
    return xcalloc(1, sizeof(struct list));
}

static void list_free(void *ctx)
{
    struct list *list = ctx;

    arena_free(&list->arena);
    free(list);
}

/* ---- on the reader's thread ---- */

static void take(void *ctx, const char *account, const char *text)
{
    struct list *list = ctx;

    if (list->count < LIMIT_ACCOUNT_NOTES)
        list->notes[list->count++] =
            (struct note){arena_strdup(&list->arena, account),
                          arena_strdup(&list->arena, text)};
}

static bool read_all(void *list, struct journal_reader *reader,
                     struct err *err)
{
    return notes_each(reader_db(reader), take, list, err);
}

/* ---- on the loop ---- */

static const struct snapshot_ops lists = {.what = "notes",
                                          .new = list_new,
                                          .free = list_free,
                                          .read = read_all};

static const struct list *list_of(const struct note_service *service)
{
    return snapshot_list(service->lists);
}

void note_service_reread(void *self)
{
    if (self)
        snapshot_reread(((struct note_service *)self)->lists);
}

static int by_account(const void *account, const void *note)
{
    return strcmp(account, ((const struct note *)note)->account);
}

const char *note_service_of(const void *self, const char *account)
{
    const struct note_service *service = self;
    const struct list *list = service ? list_of(service) : NULL;
    const struct note *note = list ? bsearch(account, list->notes, list->count,
                                             sizeof *list->notes, by_account)
                                   : NULL;

    return note ? note->text : NULL;
}

/* ---- changes ---- */

struct change {
    struct note_service *service;
    struct arena arena; /* text of all below */
    const char *account, *text;
    /* The writer's: there are too many notes; too much waits to be told. */
    bool full, unheard;
};

static bool write_change(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct change *change = ctx;
    int64_t now = clock_now_ms();

    change->unheard = false;
    if (!notes_set(db, change->account, change->text, now, &change->full, err))
        return false;
    return change->full || !change->service->host->attach ||
           untold_account(db, change->account, true, now, &change->unheard,
                          err);
}

static void drop_change(void *ctx)
{
    arena_free(&((struct change *)ctx)->arena);
    free(ctx);
}

/* Others of the team are told. */
static void on_written(void *ctx, bool ok, const struct err *err)
{
    struct change *change = ctx;
    struct note_service *service = change->service;

    if (!ok)
        log_line(LOG_WARN, "the note is as it was: %s", err->text);
    else if (!change->full && service->host->attach)
        service->host->to_tell(service->host->app, change->unheard);
    else if (!change->full)
        service->host->noted(service->host->app, change->account,
                             change->text);
    drop_change(ctx);
    snapshot_reread(service->lists);
}

bool note_service_set(void *self, const char *account, const char *text)
{
    struct note_service *service = self;
    struct change *change;

    if (!service ||
        (text && list_of(service) && !note_service_of(self, account) &&
         list_of(service)->count == LIMIT_ACCOUNT_NOTES))
        return false;
    change = xcalloc(1, sizeof *change);
    change->service = service;
    change->account = arena_strdup(&change->arena, account);
    if (text)
        text = text_sanitised(&change->arena, text, strlen(text), LIMIT_NOTE);
    change->text = text && *text ? text : NULL;
    journal_write_owned(service->host->journal, write_change, on_written,
                        change, drop_change);
    return true;
}

/* ---- the service ---- */

static void *note_service_new(const struct service_host *host, struct err *err)
{
    struct note_service *service;

    (void)err;
    if (!host->screen)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->lists = snapshot_new(host, &lists);
    return service;
}

static bool note_service_open(void *self, struct err *err)
{
    (void)err;
    snapshot_reread(((struct note_service *)self)->lists);
    return true;
}

static void note_service_free(void *self)
{
    snapshot_free(((struct note_service *)self)->lists);
    free(self);
}

const struct service service_notes = {.new = note_service_new,
                                      .open = note_service_open,
                                      .free = note_service_free};
