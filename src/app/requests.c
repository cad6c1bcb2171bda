/* What other processes of the user ask of the owner over its control socket:
 * a line of JSON with "do", answered by one with "ok". What changes the journal
 * is in changes.c. */
#include "app/internal.h"

#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "app/backfill_job.h"
#include "app/book_watch.h"
#include "app/import_service.h"
#include "app/polling_service.h"
#include "app/reject_service.h"
#include "app/silence.h"
#include "base/clock.h"
#include "base/limits.h"
#include "journal/forget.h"
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

/* Events of files, for app/import_service. */

static bool do_import(struct app *app, const cJSON *request, cJSON *reply,
                      struct err *err)
{
    const char *lines = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "lines"));

    if (!app_request_number(request, "id") || !lines)
        return err_set(err, "import: what?");
    return import_service_take(app->services[SERVICE_imports],
                               app_request_number(request, "id"), lines, reply,
                               err);
}

static bool do_import_progress(struct app *app, const cJSON *request,
                               cJSON *reply, struct err *err)
{
    return import_service_progress(app->services[SERVICE_imports],
                                   app_request_number(request, "id"), reply,
                                   err);
}

static bool do_import_end(struct app *app, const cJSON *request, cJSON *reply,
                          struct err *err)
{
    (void)reply;
    return import_service_end(app->services[SERVICE_imports],
                              app_request_number(request, "id"), err);
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
    {"import", do_import},
    {"import progress", do_import_progress},
    {"import end", do_import_end},
    {"viewers", do_viewers},
    {"ping", do_ping},
    {"reload", do_reload},
    {"forget", do_forget},
    {"forget progress", do_forget_progress},
    {"retry rejects", do_retry_rejects},
    {"retry rejects progress", do_retry_progress},
    {"backfill", do_backfill},
    {"backfill progress", do_backfill_progress},
    {"backfill stop", do_backfill_stop},
};

static bool answer(struct app *app, const char *what, const cJSON *request,
                   cJSON *reply, struct err *err)
{
    for (size_t i = 0; what && i < sizeof requests / sizeof *requests; i++)
        if (!strcmp(what, requests[i].name))
            return requests[i].handle(app, request, reply, err);
    return err_set(err, "no such request");
}

static void put_reply(const struct app *app, cJSON *reply, bool ok,
                      const struct err *err, struct buf *out)
{
    char *text;

    cJSON_AddBoolToObject(reply, "ok", ok);
    cJSON_AddNumberToObject(reply, "pid", (double)getpid());
    cJSON_AddStringToObject(reply, "command", app->options.command);
    cJSON_AddNumberToObject(reply, "seq",
                            (double)journal_stats(app->journal).last_seq);
    if (!ok)
        cJSON_AddStringToObject(reply, "error", err->text);
    text = cJSON_PrintUnformatted(reply);
    buf_adds(out, text);
    cJSON_free(text);
}

static void on_kept(void *ctx, uint64_t asked, bool ok, const struct err *err)
{
    struct app *app = ctx;
    cJSON *reply = cJSON_CreateObject();
    struct buf out;

    buf_init(&out, LIMIT_CONTROL_REPLY);
    put_reply(app, reply, ok, err, &out);
    control_answer(app->control, asked, out.data);
    buf_free(&out);
    cJSON_Delete(reply);
}

bool app_answer(void *ctx, uint64_t asked, const char *line, struct buf *out)
{
    struct app *app = ctx;
    cJSON *request = cJSON_Parse(line), *reply = cJSON_CreateObject();
    const char *what =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "do"));
    app_change_request *change = app_change_find(what);
    const struct kept_call kept = {on_kept, app, asked};
    struct err err = {""};
    bool ok = change ? change(app, request, &kept, &err)
                     : answer(app, what, request, reply, &err);
    bool later = change && ok;

    if (!later)
        put_reply(app, reply, ok, &err, out);
    cJSON_Delete(request);
    cJSON_Delete(reply);
    return !later;
}
