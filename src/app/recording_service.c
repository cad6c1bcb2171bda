/* The service "recordings": replays that the screen waits for. */
#include "app/recording_service.h"

#include <stdlib.h>
#include <string.h>

#include "app/service.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "posthog/recording.h"

#include "base/banned.h"

struct recording_service {
    const struct service_host *host;
    struct recordings *recordings; /* NULL until a replay is waited for */
};

static void *recording_service_new(const struct service_host *host,
                                   struct err *err)
{
    struct recording_service *service;

    (void)err;
    if (!host->posthog)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    return service;
}

/* why may quote PostHog. */
static void on_recording(void *ctx, uint64_t seq, enum recording recording,
                         const char *why)
{
    struct recording_service *service = ctx;
    struct buf safe;

    buf_init(&safe, sizeof(struct err));
    text_sanitise(&safe, why, strlen(why), sizeof(struct err) - 1);
    if (recording == RECORDING_UNKNOWN)
        log_limited(LOG_WARN, "asking for a replay: %s", safe.data);
    service->host->recording(service->host->app, seq, recording, safe.data);
    buf_free(&safe);
}

/* An event's is "https://us.posthog.com/project/2"; behind ours there may be
 * more. */
static bool is_our_project(const struct service_host *host,
                           const char *project_url)
{
    size_t len = strlen(project_url);

    return !strncmp(host->project_url, project_url, len) &&
           strchr("/?#", host->project_url[len]);
}

bool recording_service_ask(void *self, uint64_t seq, const char *project_url,
                           const char *session_id, int64_t moment_ms)
{
    struct recording_service *service = self;
    const struct service_host *host = service ? service->host : NULL;

    if (!host || host->stopping || !is_our_project(host, project_url))
        return false;
    if (!service->recordings)
        service->recordings =
            recordings_new(host->loop, host->client(host->app), host->posthog,
                           on_recording, service);
    return recordings_ask(service->recordings, seq, session_id, moment_ms);
}

static void recording_service_stop(void *self)
{
    struct recording_service *service = self;

    if (service->recordings)
        recordings_stop(service->recordings);
}

static void recording_service_free(void *self)
{
    struct recording_service *service = self;

    recordings_free(service->recordings);
    free(service);
}

const struct service service_recordings = {.new = recording_service_new,
                                           .stop = recording_service_stop,
                                           .free = recording_service_free};
