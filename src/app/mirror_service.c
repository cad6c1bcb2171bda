/* The service "mirrors": made from the configuration. What they do is
 * mirror/'s. */
#include "app/mirror_service.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

struct mirror_service {
    const struct service_host *host;
    struct mirror_list list;
    struct mirrors *mirrors; /* NULL until opened */
};

/* The demo has a book of its own, and nobody wants that sent on. */
static void *mirror_service_new(const struct service_host *host,
                                struct err *err)
{
    struct mirror_service *service;
    struct mirror_list list = {NULL, 0};

    if (host->demo || host->attach ||
        config_flag(host->config, OPTION_no_mirrors) ||
        !mirror_list_load(&list, host->config, err) || !list.count)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->list = list;
    return service;
}

static void on_changed(void *ctx)
{
    struct mirror_service *service = ctx;

    service->host->changed(service->host->app);
}

static bool mirror_service_open(void *self, struct err *err)
{
    struct mirror_service *service = self;
    const struct service_host *host = service->host;
    struct mirrors_options options = {.loop = host->loop,
                                      .journal = host->journal,
                                      .client = host->client(host->app),
                                      .list = &service->list,
                                      .on_change = on_changed,
                                      .ctx = service};

    (void)err;
    service->mirrors = mirrors_new(&options);
    return true;
}

static void mirror_service_committed(void *self, uint64_t last_seq)
{
    struct mirror_service *service = self;

    mirrors_committed(service->mirrors, last_seq);
}

static void mirror_service_tell(void *self, struct problems *problems)
{
    struct mirror_service *service = self;
    struct buf problem;

    buf_init(&problem, KIB);
    if (mirrors_problem(service->mirrors, clock_now_ms(), &problem))
        problem_add(problems, PROBLEM_MIRROR, '~', problem.data);
    buf_free(&problem);
}

static void mirror_service_stop(void *self)
{
    struct mirror_service *service = self;

    if (service->mirrors)
        mirrors_stop(service->mirrors);
}

static bool mirror_service_busy(const void *self)
{
    const struct mirror_service *service = self;

    return mirrors_busy(service->mirrors);
}

static void mirror_service_free(void *self)
{
    struct mirror_service *service = self;

    mirrors_free(service->mirrors);
    mirror_list_free(&service->list);
    free(service);
}

struct mirrors *mirror_service_mirrors(const void *self)
{
    return self ? ((const struct mirror_service *)self)->mirrors : NULL;
}

void mirror_service_concluded(void *self)
{
    struct mirrors *mirrors = mirror_service_mirrors(self);

    if (mirrors)
        mirrors_concluded(mirrors);
}

void mirror_service_announce(void *self, const char *text)
{
    struct mirror_service *service = self;
    int64_t now = clock_now_ms();
    struct event event = {.seq =
                              journal_stats(service->host->journal).last_seq,
                          .has_uuid = true,
                          .uuid = uuid_timed(now),
                          .name = "telltale silence",
                          .tone = TONE_BAD,
                          .sentence = text,
                          .fold = FOLD_SAME,
                          .occurred_at = now,
                          .received_at = now,
                          .account = {.name = "telltale"},
                          .raw = "{}",
                          .raw_len = 2};

    for (size_t i = 0; i < mirrors_count(service->mirrors); i++)
        if (service->list.mirrors[i].silence &&
            mirrors_status(service->mirrors, i).state == MIRROR_ON)
            mirrors_send(service->mirrors, i, &event);
}

const struct service service_mirrors = {.new = mirror_service_new,
                                        .open = mirror_service_open,
                                        .committed = mirror_service_committed,
                                        .tell = mirror_service_tell,
                                        .stop = mirror_service_stop,
                                        .busy = mirror_service_busy,
                                        .free = mirror_service_free};
