/* The service "presence": says at which account the user of this screen looks,
 * and knows where others do. It waits until the cursor stays, so that moving
 * over a list tells nothing, and keeps nothing. */
#include "app/presence_service.h"

#include <stdlib.h>
#include <string.h>

#include "app/service.h"
#include "base/mem.h"
#include "live/presence.h"

#include "base/banned.h"

#define STAYS_US INT64_C(1000000)

struct presence_service {
    const struct service_host *host;
    struct loop_timer *timer;
    struct presence *others;
    char *account; /* at which the user looks; NULL: at none */
    char *told;    /* what was told last */
};

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static void on_timer(void *ctx)
{
    struct presence_service *service = ctx;

    if (is_same(service->account, service->told))
        return;
    free(service->told);
    service->told = service->account ? xstrdup(service->account) : NULL;
    service->host->looked(service->host->app, service->told);
}

void presence_service_look(void *self, const char *account)
{
    struct presence_service *service = self;

    if (!service || !service->timer || is_same(account, service->account))
        return;
    free(service->account);
    service->account = account ? xstrdup(account) : NULL;
    loop_timer_set(service->timer, STAYS_US);
}

void presence_service_told(void *self, const char *who, const char *account)
{
    struct presence_service *service = self;
    bool changed;

    if (!service)
        return;
    changed = who ? presence_set(service->others, who, account)
                  : presence_clear(service->others);
    if (changed)
        service->host->changed(service->host->app);
}

const struct presence *presence_service_others(const void *self)
{
    const struct presence_service *service = self;

    return service ? service->others : NULL;
}

static void *presence_service_new(const struct service_host *host,
                                  struct err *err)
{
    struct presence_service *service;

    (void)err;
    if (!host->screen || host->demo ||
        !config_flag(host->config, OPTION_presence))
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->others = presence_new();
    return service;
}

static bool presence_service_open(void *self, struct err *err)
{
    struct presence_service *service = self;

    (void)err;
    service->timer = loop_timer_new(service->host->loop, on_timer, service);
    return true;
}

static void presence_service_stop(void *self)
{
    struct presence_service *service = self;

    if (service->timer)
        loop_timer_cancel(service->timer);
}

static void presence_service_free(void *self)
{
    struct presence_service *service = self;

    if (service->timer)
        loop_timer_free(service->timer);
    presence_free(service->others);
    free(service->account);
    free(service->told);
    free(service);
}

const struct service service_presence = {.new = presence_service_new,
                                         .open = presence_service_open,
                                         .stop = presence_service_stop,
                                         .free = presence_service_free};
