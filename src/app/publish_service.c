/* The service "publish": made from the configuration. What it does is
 * mirror/nats's. */
#include "app/publish_service.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/limits.h"
#include "base/mem.h"
#include "mirror/nats.h"

#include "base/banned.h"

struct publish_service {
    const struct service_host *host;
    struct nats_settings settings;
    struct nats_mirror *mirror; /* NULL until opened */
};

/* The demo has a book of its own, and nobody wants that sent on. */
static void *publish_service_new(const struct service_host *host,
                                 struct err *err)
{
    const char *url = config_text(host->config, OPTION_publish);
    struct publish_service *service;
    struct nats_settings settings;
    struct err why;

    if (host->demo || host->attach || !url || !*url ||
        config_flag(host->config, OPTION_no_mirrors))
        return NULL;
    if (!nats_settings_read(&settings, host->config, url, &why)) {
        err_set(err, "publish: %s", why.text);
        return NULL;
    }
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->settings = settings;
    return service;
}

static void on_changed(void *ctx)
{
    struct publish_service *service = ctx;

    service->host->changed(service->host->app);
}

static bool publish_service_open(void *self, struct err *err)
{
    struct publish_service *service = self;
    const struct service_host *host = service->host;
    struct nats_mirror_options options = {.loop = host->loop,
                                          .journal = host->journal,
                                          .settings = &service->settings,
                                          .conceal = host->decode->conceal,
                                          .on_change = on_changed,
                                          .ctx = service};

    (void)err;
    service->mirror = nats_mirror_new(&options);
    return true;
}

static void publish_service_committed(void *self, uint64_t last_seq)
{
    struct publish_service *service = self;

    nats_mirror_committed(service->mirror, last_seq);
}

static void publish_service_woken(void *self)
{
    struct publish_service *service = self;

    if (service->mirror)
        nats_mirror_woken(service->mirror);
}

static void publish_service_tell(void *self, struct problems *problems)
{
    struct publish_service *service = self;
    struct buf text;
    bool refused;

    buf_init(&text, KIB);
    if (service->mirror &&
        nats_mirror_problem(service->mirror, &text, &refused))
        problem_add(problems, PROBLEM_PUBLISH, refused ? '!' : '~', text.data);
    buf_free(&text);
}

void publish_service_forgotten(void *self)
{
    struct publish_service *service = self;

    if (service && service->mirror)
        nats_mirror_forgotten(service->mirror);
}

void publish_service_figures(void *self, struct figures_publish *out)
{
    struct publish_service *service = self;
    struct nats_published status;

    if (!service || !service->mirror)
        return;
    nats_mirror_status(service->mirror, &status, &out->waiting);
    out->on = true;
    out->up = status.link.state == NATS_UP;
    out->events = status.events;
    out->already = status.already;
    out->again = status.again;
    out->cut = status.cut;
    out->left_out = status.left_out;
}

static void publish_service_stop(void *self)
{
    struct publish_service *service = self;

    if (service->mirror)
        nats_mirror_stop(service->mirror);
}

static bool publish_service_busy(const void *self)
{
    const struct publish_service *service = self;

    return service->mirror && nats_mirror_busy(service->mirror);
}

static void publish_service_free(void *self)
{
    struct publish_service *service = self;

    nats_mirror_free(service->mirror);
    nats_settings_free(&service->settings);
    free(service);
}

const struct service service_publish = {.new = publish_service_new,
                                        .open = publish_service_open,
                                        .committed = publish_service_committed,
                                        .woken = publish_service_woken,
                                        .tell = publish_service_tell,
                                        .stop = publish_service_stop,
                                        .busy = publish_service_busy,
                                        .free = publish_service_free};
