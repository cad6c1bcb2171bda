/* The service "link": keeps our journal up by another telltale's feed. How is
 * source/feed's. */
#include "app/link_service.h"

#include <stdlib.h>

#include "app/service.h"
#include "app/untold.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "source/feed.h"

#include "base/banned.h"

struct link_service {
    const struct service_host *host;
    struct feed_source *source; /* NULL until opened */
};

static void *link_service_new(const struct service_host *host, struct err *err)
{
    struct link_service *service;

    if (!host->attach || !feed_source_check(host->attach, err))
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    return service;
}

static bool link_service_open(void *self, struct err *err)
{
    struct link_service *service = self;
    const struct service_host *host = service->host;
    struct feed_source_options options = {
        .loop = host->loop,
        .client = host->client(host->app),
        .journal = host->journal,
        .decoder = &host->decode->decoder,
        .url = host->attach,
        .token = host->attach_token,
        .kept = host->kept,
        .past = host->past,
        .past_complete = host->past_complete,
        .changed = host->link_changed,
        .signals_changed = host->concluded,
        .looked = host->others_looked,
        .pins_changed = host->pins_changed,
        .pin_told = host->pin_told,
        .others_read = host->others_read,
        .notes_changed = host->notes_changed,
        .said = host->said,
        .forget = host->forget,
        .ctx = host->app,
    };

    (void)err;
    service->source = feed_source_new(&options);
    return true;
}

bool link_service_tell_there(void *self)
{
    struct link_service *service = self;

    return service && service->source && feed_source_tell(service->source);
}

/* ---- done here ---- */

struct done_here {
    struct link_service *service;
    char *text; /* the account; or a note, or NULL */
    bool is_read;
    int64_t at;
    struct signal_change change;
    struct kept_call kept; /* done may be NULL */
    bool unheard;          /* the writer's: too much waits to be told */
};

static void drop_done(void *ctx)
{
    free(((struct done_here *)ctx)->text);
    free(ctx);
}

static bool write_done(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct done_here *done = ctx;

    done->unheard = false;
    if (done->is_read)
        return untold_account(db, done->text, false, done->at, &done->unheard,
                              err);
    return table_change(db, &done->change, err) &&
           untold_signal(db, &done->change, &done->unheard, err);
}

/* Of what was only read nothing is said. */
static void on_done(void *ctx, bool ok, const struct err *err)
{
    struct done_here *done = ctx;
    struct link_service *service = done->service;
    const struct service_host *host = service->host;

    if (done->kept.done)
        done->kept.done(done->kept.ctx, done->kept.token, ok, err);
    if (!ok && !done->kept.done)
        log_line(LOG_WARN, "%s: %s",
                 done->is_read ? "that an account was read is not told"
                               : "the signal is as it was",
                 err->text);
    else if (ok && done->is_read && !done->unheard)
        link_service_tell_there(service);
    else if (ok)
        host->to_tell(host->app, done->unheard);
    if (ok && !done->is_read)
        host->concluded(host->app);
    drop_done(done);
}

static struct done_here *done_new(struct link_service *service,
                                  const char *text)
{
    struct done_here *done = xcalloc(1, sizeof *done);

    done->service = service;
    done->text = text ? xstrdup(text) : NULL;
    done->at = clock_now_ms();
    return done;
}

void link_service_read(void *self, const char *account)
{
    struct done_here *done = done_new(self, account);

    done->is_read = true;
    journal_write_owned(done->service->host->journal, write_done, on_done,
                        done, drop_done);
}

void link_service_change(void *self, const struct signal_change *change,
                         const struct kept_call *kept)
{
    struct done_here *done = done_new(self, change->note);

    if (kept)
        done->kept = *kept;
    done->change = *change;
    done->change.note = done->text;
    journal_write_owned(done->service->host->journal, write_done, on_done,
                        done, drop_done);
}

/* ---- asked there ---- */

bool link_service_pin_asked(void *self, const struct pin_place *place,
                            const char *note, bool on, client_done *done,
                            void *ctx)
{
    struct link_service *service = self;

    return service && service->source &&
           feed_source_pin_asked(service->source, place, note, on, done, ctx);
}

void link_service_look(void *self, const char *account)
{
    struct link_service *service = self;

    if (service && service->source)
        feed_source_look(service->source, account);
}

const char *link_service_host(const void *self)
{
    const struct link_service *service = self;

    return service && service->source ? feed_source_host(service->source)
                                      : NULL;
}

bool link_service_begins(const void *self)
{
    const struct link_service *service = self;

    return service && service->source && feed_source_begins(service->source);
}

bool link_service_there(const void *self, struct uuid *there)
{
    const struct link_service *service = self;

    return service && service->source &&
           feed_source_there(service->source, there);
}

bool link_service_get(void *self, const char *target, client_done *done,
                      void *ctx)
{
    struct link_service *service = self;

    return service && service->source &&
           feed_source_get(service->source, target, done, ctx);
}

static void link_service_tell(void *self, struct problems *problems)
{
    struct link_service *service = self;
    struct buf text;
    bool bad;

    buf_init(&text, 4 * KIB);
    if (feed_source_problem(service->source, &text, &bad))
        problem_add(problems, PROBLEM_LINK, bad ? '!' : '~', text.data);
    buf_free(&text);
}

static void link_service_stop(void *self)
{
    struct link_service *service = self;

    if (service->source)
        feed_source_stop(service->source);
}

static void link_service_free(void *self)
{
    struct link_service *service = self;

    feed_source_free(service->source);
    free(service);
}

const struct service service_link = {.new = link_service_new,
                                     .open = link_service_open,
                                     .tell = link_service_tell,
                                     .stop = link_service_stop,
                                     .free = link_service_free};
