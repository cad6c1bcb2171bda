/* The service "rejects": the list of what was refused for the screen, and
 * decoding it again. The list is read when there are others than it holds,
 * a body when it is looked at; both on the journal's reader thread. */
#include "app/reject_service.h"

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "app/service.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "journal/db.h"
#include "journal/reject_retry.h"
#include "live/display.h"

#include "base/banned.h"

#define BEGINNING 200 /* bytes of a body in its row */

struct entry {
    int64_t id, at, size;
    int status;
    bool whole;
    char *why, *peer, *begins; /* harmless; peer may be NULL */
};

struct list {
    struct entry *entries;
    size_t count;
};

struct reject_service {
    const struct service_host *host;

    struct list list;
    struct list fresh;  /* the reader's while reading */
    uint64_t listed_at; /* journal_stats.rejects when it was read */
    uint64_t asked_at;
    bool reading, stale;

    int64_t body_id; /* 0: none */
    char *body;      /* NULL: gone */
    size_t body_len;
    int64_t wanted_id; /* the reader's while fetching */
    char *wanted;
    size_t wanted_len;
    bool fetching;

    struct reject_retry *retry; /* NULL until it is asked for */
    struct reject_retry_result result;
    struct err err;
    bool ok;
};

/* ---- the list ---- */

static void list_free(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->entries[i].why);
        free(list->entries[i].peer);
        free(list->entries[i].begins);
    }
    free(list->entries);
    *list = (struct list){0};
}

/* One line of it, made harmless; NULL stays NULL. */
static char *clean(sqlite3_stmt *row, int column, size_t max)
{
    const char *text = sqlite3_column_blob(row, column);
    size_t len = (size_t)sqlite3_column_bytes(row, column);
    struct buf out;
    char *line;

    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return NULL;
    buf_init(&out, max * 4);
    text_sanitise(&out, text ? text : "", len, max);
    line = buf_take(&out);
    buf_free(&out);
    return line;
}

static void add_row(struct list *list, sqlite3_stmt *row)
{
    struct entry *entry = &list->entries[list->count++];

    entry->id = sqlite3_column_int64(row, 0);
    entry->at = sqlite3_column_int64(row, 1);
    entry->status = sqlite3_column_int(row, 2);
    entry->why = clean(row, 3, LIMIT_TEXT);
    entry->peer = clean(row, 4, LIMIT_TEXT);
    entry->size = sqlite3_column_int64(row, 5);
    entry->begins = clean(row, 6, BEGINNING);
    entry->whole = sqlite3_column_int(row, 7);
}

/* On the reader's thread. */
static enum reader_step read_list(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    static const char sql[] =
        "SELECT id, at, status, why, peer, size, substr(body, 1, ?2), status "
        "= 400 AND size > 0 AND length(body) = size FROM rejects ORDER BY id "
        "DESC LIMIT ?1";
    struct reject_service *service = ctx;
    struct list *list = &service->fresh;
    sqlite3_stmt *rows = db_prepare(reader_db(reader), sql, false, err);
    int result;

    if (!rows)
        return READER_FAILED;
    list->entries = xcalloc(LIMIT_REJECTS_ALL, sizeof *list->entries);
    sqlite3_bind_int(rows, 1, LIMIT_REJECTS_ALL);
    sqlite3_bind_int(rows, 2, BEGINNING);
    while ((result = sqlite3_step(rows)) == SQLITE_ROW)
        add_row(list, rows);
    if (result != SQLITE_DONE)
        db_fail(reader_db(reader), err, "the journal");
    sqlite3_finalize(rows);
    return result == SQLITE_DONE ? READER_DONE : READER_FAILED;
}

static void on_list(void *ctx, bool ok, const struct err *err)
{
    struct reject_service *service = ctx;

    service->reading = false;
    if (ok) {
        list_free(&service->list);
        service->list = service->fresh;
        service->fresh = (struct list){0};
        service->listed_at = service->asked_at;
        service->body_id = 0;
    } else {
        list_free(&service->fresh);
        log_line(LOG_WARN, "what was refused cannot be read: %s", err->text);
    }
    service->host->changed(service->host->app);
}

static void look(struct reject_service *service)
{
    uint64_t now = journal_stats(service->host->journal).rejects;

    if (service->reading || service->host->stopping ||
        (!service->stale && now == service->asked_at))
        return;
    service->reading = true;
    service->stale = false;
    service->asked_at = now;
    journal_read(service->host->journal, read_list, on_list, service);
}

/* What came since the list was read is in the journal, too. */
uint64_t reject_service_kept(const void *self)
{
    const struct reject_service *service = self;
    uint64_t kept = service->list.count +
                    journal_stats(service->host->journal).rejects -
                    service->listed_at;

    return kept < LIMIT_REJECTS_ALL ? kept : LIMIT_REJECTS_ALL;
}

size_t reject_service_count(void *self)
{
    struct reject_service *service = self;

    look(service);
    return service->list.count;
}

bool reject_service_at(void *self, size_t index, struct display_reject *out)
{
    const struct reject_service *service = self;
    const struct entry *entry;

    if (index >= service->list.count)
        return false;
    entry = &service->list.entries[index];
    *out = (struct display_reject){.id = entry->id,
                                   .at = entry->at,
                                   .status = entry->status,
                                   .why = entry->why,
                                   .peer = entry->peer,
                                   .begins = entry->begins,
                                   .size = (uint64_t)entry->size,
                                   .whole = entry->whole};
    return true;
}

/* ---- one body ---- */

/* On the reader's thread. */
static enum reader_step read_body(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct reject_service *service = ctx;
    sqlite3_stmt *row =
        db_prepare(reader_db(reader), "SELECT body FROM rejects WHERE id = ?1",
                   false, err);

    if (!row)
        return READER_FAILED;
    sqlite3_bind_int64(row, 1, service->wanted_id);
    if (sqlite3_step(row) == SQLITE_ROW) {
        const char *body = sqlite3_column_blob(row, 0);

        service->wanted_len = (size_t)sqlite3_column_bytes(row, 0);
        service->wanted = xstrndup(body ? body : "", service->wanted_len);
    }
    sqlite3_finalize(row);
    return READER_DONE;
}

static void on_body(void *ctx, bool ok, const struct err *err)
{
    struct reject_service *service = ctx;

    if (!ok)
        log_line(LOG_WARN, "a refused body cannot be read: %s", err->text);
    service->fetching = false;
    free(service->body);
    service->body_id = service->wanted_id;
    service->body = service->wanted;
    service->body_len = service->wanted_len;
    service->wanted = NULL;
    service->wanted_len = 0;
    service->host->changed(service->host->app);
}

const char *reject_service_body(void *self, int64_t id, size_t *len)
{
    struct reject_service *service = self;

    if (service->body_id == id) {
        *len = service->body_len;
        return service->body ? service->body : "";
    }
    if (!service->fetching && !service->host->stopping) {
        service->fetching = true;
        service->wanted_id = id;
        journal_read(service->host->journal, read_body, on_body, service);
    }
    return NULL;
}

/* ---- again ---- */

static void on_kept(void *ctx, const struct event_batch *batch)
{
    const struct service_host *host = ((struct reject_service *)ctx)->host;

    host->kept(host->app, batch);
}

static void say(struct reject_service *service)
{
    const struct reject_retry_result *result = &service->result;
    char text[sizeof(struct err) + 64];

    if (service->ok)
        snprintf(text, sizeof text,
                 "%llu of %llu refused bodies decoded, %llu new event%s.",
                 (unsigned long long)result->decoded,
                 (unsigned long long)result->tried,
                 (unsigned long long)result->events,
                 result->events == 1 ? "" : "s");
    else
        snprintf(text, sizeof text, "Not decoded again: %s",
                 service->err.text);
    log_line(service->ok ? LOG_NOTE : LOG_WARN, "%s", text);
    service->host->said(service->host->app, text);
}

static void on_done(void *ctx, bool ok,
                    const struct reject_retry_result *result,
                    const struct err *err)
{
    struct reject_service *service = ctx;

    service->ok = ok;
    service->result = *result;
    service->err = *err;
    service->stale = true;
    if (service->host->screen)
        look(service);
    say(service);
}

bool reject_service_retry(void *self, struct err *err)
{
    static const struct reject_retry_ops ops = {on_kept, on_done};
    struct reject_service *service = self;
    const struct service_host *host = service->host;

    if (!service->retry)
        service->retry =
            reject_retry_new(host->journal, &host->decode->decoder, &ops,
                             service);
    return reject_retry_begin(service->retry, err);
}

void reject_service_progress(const void *self, cJSON *reply)
{
    const struct reject_service *service = self;
    const struct reject_retry_result *result = &service->result;
    bool runs = service->retry && reject_retry_runs(service->retry);

    cJSON_AddBoolToObject(reply, "running", runs);
    if (runs || !service->retry)
        return;
    cJSON_AddNumberToObject(reply, "tried", (double)result->tried);
    cJSON_AddNumberToObject(reply, "decoded", (double)result->decoded);
    cJSON_AddNumberToObject(reply, "events", (double)result->events);
    if (!service->ok)
        cJSON_AddStringToObject(reply, "failed", service->err.text);
}

/* ---- the service ---- */

static void *reject_service_new(const struct service_host *host,
                                struct err *err)
{
    struct reject_service *service = xcalloc(1, sizeof *service);

    (void)err;
    service->host = host;
    return service;
}

static bool reject_service_open(void *self, struct err *err)
{
    struct reject_service *service = self;

    (void)err;
    service->stale = true;
    if (service->host->screen)
        look(service);
    return true;
}

static bool reject_service_busy(const void *self)
{
    const struct reject_service *service = self;

    return service->retry && reject_retry_runs(service->retry);
}

static void reject_service_free(void *self)
{
    struct reject_service *service = self;

    reject_retry_free(service->retry);
    list_free(&service->list);
    list_free(&service->fresh);
    free(service->body);
    free(service->wanted);
    free(service);
}

const struct service service_rejects = {.new = reject_service_new,
                                        .open = reject_service_open,
                                        .busy = reject_service_busy,
                                        .free = reject_service_free};
