/* The service "stream": with --source nats://… the events that receivers
 * publish are kept here too. How is source/nats's. */
#include "app/stream_service.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/nats.h"

#include "base/banned.h"

struct stream_service {
    const struct service_host *host;
    struct nats_settings settings;
    struct nats_source *source; /* NULL until opened */
};

static void *stream_service_new(const struct service_host *host,
                                struct err *err)
{
    const char *url = config_text(host->config, OPTION_source);
    struct stream_service *service;
    struct nats_settings settings;
    struct err why;

    if (host->demo || host->attach || !nats_url_is(url))
        return NULL;
    if (!nats_settings_read(&settings, host->config, url, &why)) {
        err_set(err, "source: %s", why.text);
        return NULL;
    }
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->settings = settings;
    return service;
}

static bool stream_service_open(void *self, struct err *err)
{
    struct stream_service *service = self;
    const struct service_host *host = service->host;
    struct nats_source_options options = {
        .loop = host->loop,
        .journal = host->journal,
        .decoder = &host->decode->decoder,
        .settings = &service->settings,
        .on_kept = host->kept,
        .on_past = host->past,
        .on_past_complete = host->past_complete,
        .on_changed = host->changed,
        .on_forget = host->forget,
        .ctx = host->app,
    };

    (void)err;
    service->source = nats_source_new(&options);
    return true;
}

static void stream_service_woken(void *self)
{
    struct stream_service *service = self;

    if (service->source)
        nats_source_woken(service->source);
}

static void stream_service_tell(void *self, struct problems *problems)
{
    struct stream_service *service = self;
    struct buf text;
    bool refused;

    buf_init(&text, KIB);
    if (service->source &&
        nats_source_problem(service->source, &text, &refused))
        problem_add(problems, PROBLEM_LINK, refused ? '!' : '~', text.data);
    buf_free(&text);
}

void stream_service_figures(void *self, struct figures_stream *out)
{
    struct stream_service *service = self;
    struct nats_source_stats stats;

    if (!service || !service->source)
        return;
    nats_source_stats(service->source, &stats);
    out->on = true;
    out->up = stats.up;
    out->events = stats.events;
    out->left_out = stats.left_out;
    out->missing = stats.missing;
}

static void stream_service_stop(void *self)
{
    struct stream_service *service = self;

    if (service->source)
        nats_source_stop(service->source);
}

static bool stream_service_busy(const void *self)
{
    const struct stream_service *service = self;

    return service->source && nats_source_busy(service->source);
}

static void stream_service_free(void *self)
{
    struct stream_service *service = self;

    nats_source_free(service->source);
    nats_settings_free(&service->settings);
    free(service);
}

const struct service service_stream = {.new = stream_service_new,
                                       .open = stream_service_open,
                                       .woken = stream_service_woken,
                                       .tell = stream_service_tell,
                                       .stop = stream_service_stop,
                                       .busy = stream_service_busy,
                                       .free = stream_service_free};
