/* The service "link": keeps our journal up by another telltale's feed. How is
 * source/feed's. */
#include "app/link_service.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/limits.h"
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
        .forget = host->forget,
        .ctx = host->app,
    };

    (void)err;
    service->source = feed_source_new(&options);
    return true;
}

bool link_service_act(void *self, const struct signal_change *change,
                      struct err *err)
{
    return feed_source_act(((struct link_service *)self)->source, change, err);
}

void link_service_pin(void *self, const struct pin_place *place,
                      const char *note, bool on)
{
    struct link_service *service = self;

    if (service && service->source)
        feed_source_pin(service->source, place, note, on);
}

bool link_service_pin_asked(void *self, const struct pin_place *place,
                            const char *note, bool on, client_done *done,
                            void *ctx)
{
    struct link_service *service = self;

    return service && service->source &&
           feed_source_pin_asked(service->source, place, note, on, done, ctx);
}

void link_service_read(void *self, const char *account)
{
    struct link_service *service = self;

    if (service && service->source)
        feed_source_read(service->source, account);
}

bool link_service_note(void *self, const char *account, const char *note)
{
    struct link_service *service = self;

    return service && service->source &&
           feed_source_note(service->source, account, note);
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
