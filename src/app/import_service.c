/* The service "imports": events of files, by way of the control socket. They
 * are of the past: neither news nor sent on, and on the screen once all are
 * there. Little at a time is queued, so that what is received waits for
 * nothing long. */
#include "app/import_service.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "app/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "source/file_intake.h"

#include "base/banned.h"

/* Events that may wait: fewer than one group commit. */
#define WAITING_MAX 300
/* An importer that said nothing for so long has died. */
#define SILENT_US INT64_C(10000000)

struct import_service {
    const struct service_host *host;
    struct file_intake intake;
    int64_t id; /* 0: none is under way */
    int64_t heard_us;
    size_t waiting; /* events that are not kept yet */
    uint64_t fresh, duplicates, forgotten, ticks;
    uint64_t last_seq; /* of what was kept */
    struct err trouble;
};

static void *import_service_new(const struct service_host *host,
                                struct err *err)
{
    struct import_service *service = xcalloc(1, sizeof *service);

    (void)err;
    service->host = host;
    file_intake_init(&service->intake, &host->decode->decoder);
    service->intake.past_ms = service->intake.ticked_ms = INT64_MAX;
    return service;
}

static bool import_service_open(void *self, struct err *err)
{
    (void)self;
    (void)err;
    return true;
}

static void import_service_free(void *self)
{
    struct import_service *service = self;

    file_intake_free(&service->intake);
    free(service);
}

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct import_service *service = ctx;
    const struct service_host *host = service->host;
    const struct event_batch *batch = result->batch;
    const char *why = journal_trouble(host->journal);

    (void)token;
    service->waiting -= batch->count;
    if (result->ok) {
        service->fresh += result->fresh;
        service->duplicates += result->duplicates;
        service->forgotten += result->forgotten;
        if (batch->fresh)
            service->last_seq = batch->events[batch->fresh - 1].seq;
        host->past(host->app, batch);
    } else {
        err_set(&service->trouble, "the journal cannot be written: %s",
                why ? why : "it does not say why");
    }
    event_batch_free(result->batch);
}

static void show_past(struct import_service *service)
{
    const struct service_host *host = service->host;

    if (service->fresh && !host->stopping)
        host->past_complete(host->app, service->last_seq, service->fresh);
    if (service->id)
        log_line(LOG_NOTE, "import: %llu events",
                 (unsigned long long)service->fresh);
    service->id = 0;
    service->fresh = service->duplicates = service->forgotten = 0;
    service->ticks = 0;
}

/* Makes id the import that is under way. */
static bool claim(struct import_service *service, int64_t id, struct err *err)
{
    int64_t now = clock_mono_us();

    if (service->id && service->id != id &&
        now - service->heard_us < SILENT_US)
        return err_set(err, "an import is under way already");
    if (service->id != id) {
        show_past(service);
        service->id = id;
        service->trouble.text[0] = '\0';
    }
    service->heard_us = now;
    return !*service->trouble.text ||
           err_set(err, "%s", service->trouble.text);
}

static bool is_busy(const struct import_service *service)
{
    return service->waiting > WAITING_MAX;
}

static void add_wrong(cJSON *list, unsigned at, const char *why)
{
    cJSON *each = cJSON_CreateObject();

    cJSON_AddNumberToObject(each, "at", at);
    cJSON_AddStringToObject(each, "why", why);
    cJSON_AddItemToArray(list, each);
}

static void take_lines(struct import_service *service, const char *lines,
                       cJSON *wrong)
{
    struct err why;
    int64_t tick;

    for (unsigned at = 0; *lines; at++) {
        size_t len = strcspn(lines, "\n");
        enum file_line line =
            file_intake_add(&service->intake, lines, len, &tick, NULL, &why);

        if (line == FILE_WRONG)
            add_wrong(wrong, at, why.text);
        service->ticks += line == FILE_OLD;
        lines += len + (lines[len] != '\0');
    }
}

bool import_service_take(void *self, int64_t id, const char *lines,
                         cJSON *reply, struct err *err)
{
    struct import_service *service = self;
    struct event_batch *batch;

    if (!claim(service, id, err))
        return false;
    take_lines(service, lines, cJSON_AddArrayToObject(reply, "wrong"));
    batch = file_intake_take(&service->intake);
    if (batch) {
        service->waiting += batch->count;
        journal_append(service->host->journal, batch, on_kept, service, 0);
    }
    cJSON_AddBoolToObject(reply, "busy", is_busy(service));
    return true;
}

bool import_service_progress(void *self, int64_t id, cJSON *reply,
                             struct err *err)
{
    struct import_service *service = self;

    if (!claim(service, id, err))
        return false;
    cJSON_AddNumberToObject(reply, "fresh", (double)service->fresh);
    cJSON_AddNumberToObject(reply, "duplicates", (double)service->duplicates);
    cJSON_AddNumberToObject(reply, "forgotten", (double)service->forgotten);
    cJSON_AddNumberToObject(reply, "ticks", (double)service->ticks);
    cJSON_AddBoolToObject(reply, "waiting", service->waiting > 0);
    cJSON_AddBoolToObject(reply, "busy", is_busy(service));
    return true;
}

bool import_service_end(void *self, int64_t id, struct err *err)
{
    struct import_service *service = self;

    if (!claim(service, id, err))
        return false;
    show_past(service);
    return true;
}

const struct service service_imports = {.new = import_service_new,
                                        .open = import_service_open,
                                        .free = import_service_free};
