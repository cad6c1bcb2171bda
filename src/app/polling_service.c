/* The service "polling": with --source posthog what happens is asked for. */
#include "app/polling_service.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/service.h"
#include "base/clock.h"
#include "base/mem.h"
#include "posthog/polling.h"

#include "base/banned.h"

struct polling_service {
    const struct service_host *host;
    struct polling *polling;
};

static void *polling_service_new(const struct service_host *host,
                                 struct err *err)
{
    struct polling_service *service;

    (void)err;
    if (!host->posthog || !host->polls)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    return service;
}

static bool polling_service_open(void *self, struct err *err)
{
    struct polling_service *service = self;
    const struct service_host *host = service->host;
    struct polling_options options = {
        .access = {.loop = host->loop,
                   .client = host->client(host->app),
                   .journal = host->journal,
                   .posthog = host->posthog,
                   .decoder = &host->decode->decoder,
                   .project_url = host->project_url},
        .every_ms = config_number(host->config, OPTION_posthog_every),
        .on_kept = host->kept,
        .ctx = host->app};

    (void)err;
    service->polling = polling_new(&options);
    return true;
}

static void polling_service_tell(void *self, struct problems *problems)
{
    struct polling_service *service = self;
    const char *why = polling_problem(service->polling);
    char text[256];

    if (!why)
        return;
    snprintf(text, sizeof text, "PostHog was asked in vain: %s", why);
    problem_add(problems, PROBLEM_POLLING, '!', text);
}

bool polling_service_in_trouble(const void *self)
{
    const struct polling_service *service = self;

    return service && polling_problem(service->polling);
}

uint64_t polling_service_late(const void *self, int64_t *oldest_ms)
{
    const struct polling_service *service = self;

    *oldest_ms = CLOCK_NONE;
    return service && service->polling
               ? polling_late(service->polling, oldest_ms)
               : 0;
}

static void polling_service_stop(void *self)
{
    struct polling_service *service = self;

    if (service->polling)
        polling_stop(service->polling);
}

static void polling_service_free(void *self)
{
    struct polling_service *service = self;

    polling_free(service->polling);
    free(service);
}

const struct service service_polling = {.new = polling_service_new,
                                        .open = polling_service_open,
                                        .tell = polling_service_tell,
                                        .stop = polling_service_stop,
                                        .free = polling_service_free};
