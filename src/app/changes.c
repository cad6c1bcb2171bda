/* What other processes of the user ask the owner to change in its journal:
 * answered once it is there, or cannot be. */
#include "app/internal.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "app/link_service.h"
#include "app/mirror_service.h"
#include "app/retention.h"
#include "base/clock.h"
#include "base/mem.h"
#include "journal/exports.h"
#include "journal/prune.h"
#include "signal/table.h"
#include "base/banned.h"

int64_t app_request_number(const cJSON *request, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(request, name);
    bool fits = cJSON_IsNumber(value) && value->valuedouble >= 0 &&
                value->valuedouble < 9e15;

    return fits ? (int64_t)value->valuedouble : 0;
}

struct trusting {
    struct app *app;
    struct kept_call kept;
};

static bool trust_clock(void *ctx, struct sqlite3 *db, struct err *err)
{
    (void)ctx;
    return prune_trust_clock(db, clock_now_ms(), err);
}

static void on_trusted(void *ctx, bool ok, const struct err *err)
{
    struct trusting *trusting = ctx;
    const struct kept_call *kept = &trusting->kept;

    if (ok)
        retention_look(trusting->app->services[SERVICE_retention]);
    kept->done(kept->ctx, kept->token, ok, err);
    free(trusting);
}

static bool do_trust_clock(struct app *app, const cJSON *request,
                           const struct kept_call *kept, struct err *err)
{
    struct trusting *trusting = xcalloc(1, sizeof *trusting);

    (void)request;
    (void)err;
    *trusting = (struct trusting){app, *kept};
    journal_write_owned(app->journal, trust_clock, on_trusted, trusting, free);
    return true;
}

/* What the user says of a signal. */
static bool do_signal(struct app *app, const cJSON *request,
                      const struct kept_call *kept, struct err *err)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(request, "id");
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(request, "until");
    const char *state = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "state"));
    const char *note = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "note"));
    struct signal_change change = {.at = clock_now_ms()};

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
        link_service_change(app->services[SERVICE_link], &change, kept);
    else
        act_change(app->act, &change, "", kept);
    return true;
}

/* {"do":"mirror","name":"team","state":"on"}, or "paused". */
static bool do_mirror(struct app *app, const cJSON *request,
                      const struct kept_call *kept, struct err *err)
{
    struct mirrors *mirrors =
        mirror_service_mirrors(app->services[SERVICE_mirrors]);
    const char *name = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "name"));
    const char *state = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "state"));
    bool on = state && !strcmp(state, "on");

    if (!name || (!on && (!state || strcmp(state, "paused"))))
        return err_set(err, "mirror: which, and what of it?");
    for (size_t i = 0; mirrors && i < mirrors_count(mirrors); i++)
        if (!strcmp(mirrors_status(mirrors, i).name, name))
            return on ? mirrors_resume(mirrors, i, kept, err)
                      : mirrors_pause(mirrors, i, kept, err);
    return err_set(err, "the telltale that runs has no mirror \"%.60s\"",
                   name);
}

/* An export that somebody makes. */
static bool do_export(struct app *app, const cJSON *request,
                      const struct kept_call *kept, struct err *err)
{
    const char *query = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "query"));
    const char *target = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(request, "target"));
    struct export_note note = {.id = app_request_number(request, "id"),
                               .at = app_request_number(request, "at"),
                               .query = query,
                               .target = target,
                               .events =
                                   (uint64_t)app_request_number(request,
                                                                "events")};

    if (!note.id || !target)
        return err_set(err, "export: which, and whose?");
    exports_write(app->journal, &note, kept->done, kept->ctx, kept->token);
    return true;
}

static const struct {
    const char *name;
    app_change_request *change;
} changes[] = {
    {"signal", do_signal},
    {"mirror", do_mirror},
    {"export", do_export},
    {"trust clock", do_trust_clock},
};

app_change_request *app_change_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof changes / sizeof *changes; i++)
        if (!strcmp(name, changes[i].name))
            return changes[i].change;
    return NULL;
}
