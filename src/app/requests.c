/* What other processes of the user ask of the owner over its control socket:
 * a line of JSON with "do", answered by one with "ok". */
#include "app/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "app/backfill_job.h"
#include "app/book_watch.h"
#include "app/import_service.h"
#include "app/inbox_service.h"
#include "app/link_service.h"
#include "app/mirror_service.h"
#include "app/polling_service.h"
#include "app/reject_service.h"
#include "app/retention.h"
#include "app/silence.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "journal/exports.h"
#include "journal/forget.h"
#include "base/mem.h"
#include "journal/prune.h"
#include "signal/table.h"
#include "base/banned.h"

typedef bool handle_request(struct app *app, const cJSON *request,
                            cJSON *reply, struct err *err);

static void add_late(const struct app *app, cJSON *reply)
{
    char since[CLOCK_ISO_SIZE];
    int64_t oldest_ms;
    uint64_t late =
        polling_service_late(app->services[SERVICE_polling], &oldest_ms);

    if (!late)
        return;
    clock_format_iso(oldest_ms, since);
    cJSON_AddNumberToObject(reply, "late", (double)late);
    cJSON_AddStringToObject(reply, "late_since", since);
}

/* Is there an owner, and does it hear anything? */
static bool do_ping(struct app *app, const cJSON *request, cJSON *reply,
                    struct err *err)
{
    struct buf text;

    (void)request;
    (void)err;
    buf_init(&text, KIB);
    if (silence_text(app->services[SERVICE_silence], &text))
        cJSON_AddStringToObject(reply, "silence", text.data);
    buf_free(&text);
    if (app->book_trouble)
        cJSON_AddStringToObject(reply, "not_read", app->book_trouble);
    add_late(app, reply);
    return true;
}

static bool do_reload(struct app *app, const cJSON *request, cJSON *reply,
                      struct err *err)
{
    (void)request;
    (void)reply;
    (void)err;
    app_reload_tokens(app);
    book_watch_reread(app->services[SERVICE_book]);
    return true;
}

static bool do_backfill(struct app *app, const cJSON *request, cJSON *reply,
                        struct err *err)
{
    const cJSON *since = cJSON_GetObjectItemCaseSensitive(request, "since");
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(request, "until");

    if (!cJSON_IsNumber(since) || !cJSON_IsNumber(until) ||
        !(since->valuedouble >= 0 && since->valuedouble < until->valuedouble &&
          until->valuedouble < 1e15))
        return err_set(err, "backfill: since when, until when?");
    if (!app_backfill(app, (int64_t)since->valuedouble,
                      (int64_t)until->valuedouble, err))
        return false;
    cJSON_AddNumberToObject(reply, "left_out",
                            (double)backfill_job_left_out(
                                app->services[SERVICE_backfill]));
    return true;
}

static bool do_backfill_progress(struct app *app, const cJSON *request,
                                 cJSON *reply, struct err *err)
{
    (void)request;
    (void)err;
    backfill_job_progress(app->services[SERVICE_backfill], reply);
    return true;
}

static bool do_backfill_stop(struct app *app, const cJSON *request,
                             cJSON *reply, struct err *err)
{
    (void)request;
    (void)reply;
    (void)err;
    backfill_job_stop(app->services[SERVICE_backfill]);
    return true;
}

/* {"do":"forget","as":"email","text":"jonas@alder.example"} */
static bool do_forget(struct app *app, const cJSON *request, cJSON *reply,
                      struct err *err)
{
    static const char *const kinds[] = {[FORGET_EMAIL] = "email",
                                        [FORGET_PERSON] = "person",
                                        [FORGET_ACCOUNT] = "account"};
    const char *as =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "as"));
    const char *text = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "text"));

    (void)reply;
    for (int i = 0; as && text && *text && i < 3; i++)
        if (!strcmp(as, kinds[i]))
            return app_forget(app, (enum forget_kind)i, text, 0, NULL, NULL,
                              err);
    return err_set(err, "forget: whom?");
}

static bool do_forget_progress(struct app *app, const cJSON *request,
                               cJSON *reply, struct err *err)
{
    (void)request;
    (void)err;
    forgetting_tell(app, reply);
    return true;
}

static bool do_retry_rejects(struct app *app, const cJSON *request,
                             cJSON *reply, struct err *err)
{
    (void)request;
    (void)reply;
    return reject_service_retry(app->services[SERVICE_rejects], err);
}

static bool do_retry_progress(struct app *app, const cJSON *request,
                              cJSON *reply, struct err *err)
{
    (void)request;
    (void)err;
    reject_service_progress(app->services[SERVICE_rejects], reply);
    return true;
}

static bool trust_clock(void *ctx, struct sqlite3 *db, struct err *err)
{
    (void)ctx;
    return prune_trust_clock(db, clock_now_ms(), err);
}

static void on_trusted(void *ctx, bool ok, const struct err *err)
{
    if (ok)
        retention_look(((struct app *)ctx)->services[SERVICE_retention]);
    else
        log_line(LOG_WARN, "the journal's clock is not set: %s", err->text);
}

static bool do_trust_clock(struct app *app, const cJSON *request, cJSON *reply,
                           struct err *err)
{
    (void)request;
    (void)reply;
    (void)err;
    journal_write(app->journal, trust_clock, on_trusted, app);
    return true;
}

/* What the user says of a signal. */
static bool do_signal(struct app *app, const cJSON *request, cJSON *reply,
                      struct err *err)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(request, "id");
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(request, "until");
    const char *state = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "state"));
    const char *note = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "note"));
    struct signal_change change = {.at = clock_now_ms()};

    (void)reply;
    if (!cJSON_IsNumber(id) ||
        (!note &&
         (!state || (strcmp(state, "done") && strcmp(state, "snoozed")))))
        return err_set(err, "signal: which, and what of it?");
    change.id = (int64_t)id->valuedouble;
    change.noted = note != NULL;
    change.note = note && *note ? note : NULL;
    change.state =
        state && !strcmp(state, "snoozed") ? STATE_SNOOZED : STATE_DONE;
    change.until = cJSON_IsNumber(until) ? (int64_t)until->valuedouble : 0;
    if (app->options.attach)
        link_service_change(app->services[SERVICE_link], &change);
    else
        act_change(app->act, &change, "");
    return true;
}

/* {"do":"mirror","name":"team","state":"on"}, or "paused". */
static bool do_mirror(struct app *app, const cJSON *request, cJSON *reply,
                      struct err *err)
{
    struct mirrors *mirrors =
        mirror_service_mirrors(app->services[SERVICE_mirrors]);
    const char *name = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "name"));
    const char *state = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "state"));
    bool on = state && !strcmp(state, "on");

    (void)reply;
    if (!name || (!on && (!state || strcmp(state, "paused"))))
        return err_set(err, "mirror: which, and what of it?");
    for (size_t i = 0; mirrors && i < mirrors_count(mirrors); i++)
        if (!strcmp(mirrors_status(mirrors, i).name, name))
            return on ? mirrors_resume(mirrors, i, err)
                      : mirrors_pause(mirrors, i, err);
    return err_set(err, "the telltale that runs has no mirror \"%.60s\"",
                   name);
}

/* An export that somebody makes. */

static void on_noted(void *ctx, uint64_t token, bool ok, const struct err *err)
{
    (void)ctx;
    (void)token;
    if (!ok)
        log_line(LOG_WARN, "an export is not noted: %s", err->text);
}

static int64_t number(const cJSON *request, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(request, name);
    bool fits = cJSON_IsNumber(value) && value->valuedouble >= 0 &&
                value->valuedouble < 9e15;

    return fits ? (int64_t)value->valuedouble : 0;
}

static bool do_export(struct app *app, const cJSON *request, cJSON *reply,
                      struct err *err)
{
    const char *query = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "query"));
    const char *target = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "target"));
    struct export_note note = {.id = number(request, "id"),
                               .at = number(request, "at"),
                               .query = query,
                               .target = target,
                               .events = (uint64_t)number(request, "events")};

    (void)reply;
    if (!note.id || !target)
        return err_set(err, "export: which, and whose?");
    exports_write(app->journal, &note, on_noted, app, 0);
    return true;
}

/* Events of files, for app/import_service. */

static bool do_import(struct app *app, const cJSON *request, cJSON *reply,
                      struct err *err)
{
    const char *lines = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "lines"));

    if (!number(request, "id") || !lines)
        return err_set(err, "import: what?");
    return import_service_take(app->services[SERVICE_imports],
                               number(request, "id"), lines, reply, err);
}

static bool do_import_progress(struct app *app, const cJSON *request,
                               cJSON *reply, struct err *err)
{
    return import_service_progress(app->services[SERVICE_imports],
                                   number(request, "id"), reply, err);
}

static bool do_import_end(struct app *app, const cJSON *request, cJSON *reply,
                          struct err *err)
{
    (void)reply;
    return import_service_end(app->services[SERVICE_imports],
                              number(request, "id"), err);
}

/* Somebody may look, or may no longer. */
static bool do_viewers(struct app *app, const cJSON *request, cJSON *reply,
                       struct err *err)
{
    (void)request;
    (void)reply;
    return app_reload_viewers(app, err);
}

static const struct {
    const char *name;
    handle_request *handle;
} requests[] = {
    {"signal", do_signal},
    {"mirror", do_mirror},
    {"export", do_export},
    {"import", do_import},
    {"import progress", do_import_progress},
    {"import end", do_import_end},
    {"viewers", do_viewers},
    {"ping", do_ping},
    {"reload", do_reload},
    {"trust clock", do_trust_clock},
    {"forget", do_forget},
    {"forget progress", do_forget_progress},
    {"retry rejects", do_retry_rejects},
    {"retry rejects progress", do_retry_progress},
    {"backfill", do_backfill},
    {"backfill progress", do_backfill_progress},
    {"backfill stop", do_backfill_stop},
};

static bool answer(struct app *app, const cJSON *request, cJSON *reply,
                   struct err *err)
{
    const char *what =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "do"));

    for (size_t i = 0; what && i < sizeof requests / sizeof *requests; i++)
        if (!strcmp(what, requests[i].name))
            return requests[i].handle(app, request, reply, err);
    return err_set(err, "no such request");
}

void app_answer(void *ctx, const char *line, struct buf *out)
{
    struct app *app = ctx;
    cJSON *request = cJSON_Parse(line), *reply = cJSON_CreateObject();
    struct err err = {""};
    bool ok = answer(app, request, reply, &err);
    char *text;

    cJSON_AddBoolToObject(reply, "ok", ok);
    cJSON_AddNumberToObject(reply, "pid", (double)getpid());
    cJSON_AddStringToObject(reply, "command", app->options.command);
    cJSON_AddNumberToObject(reply, "seq",
                            (double)journal_stats(app->journal).last_seq);
    if (!ok)
        cJSON_AddStringToObject(reply, "error", err.text);
    text = cJSON_PrintUnformatted(reply);
    buf_adds(out, text);
    cJSON_free(text);
    cJSON_Delete(request);
    cJSON_Delete(reply);
}
