/* Webhook destinations (hog functions of the template "HTTP Webhook"): the
 * body of one, switching and testing it. Finding ours is search.c's, making
 * them what they should be apply.c's, the filters are filters.c's. */
#include "posthog/destination.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "event/url.h"
#include "posthog/filters.h"
#include "posthog/internal.h"
#include "posthog/names.h"
#include "posthog/search.h"
#include "posthog/api_blocking.h"

#include "base/banned.h"

#define FUNCTIONS "/hog_functions/"

/* Telltale's own payload; {…} is filled in by PostHog. */
static const struct {
    const char *key, *template;
} payload[] = {
    {"uuid", "{event.uuid}"},
    {"event", "{event.event}"},
    {"timestamp", "{event.timestamp}"},
    {"distinct_id", "{event.distinct_id}"},
    {"user_email", "{person.properties.email}"},
    {"user_name", "{person.properties.name}"},
    {"person_url", "{person.url}"},
    {"current_url", "{event.properties.$current_url}"},
    {"org_id", "{event.properties.$groups.organization}"},
    {"org_name", "{groups.organization.properties.name}"},
    {"person_org_id", "{person.properties.organization_id}"},
    {"session_id", "{event.properties.$session_id}"},
    {"replay_url", "{project.url}/replay/{event.properties.$session_id}"
                   "?t={event.timestamp}"},
    {"event_url", "{event.url}"},
    {"project", "{project.name}"},
    {"source_url", "{source.url}"},
    {"properties", "{event.properties}"},
};

/* What PostHog is told of a header is a template: another one would come. */
static bool is_template(const char *token)
{
    return strpbrk(token, "{\\") != NULL;
}

static bool refuse_template(struct err *err)
{
    return err_set(err, "the token has a { or a \\ in it, which PostHog takes "
                        "for a template: take another, or a signing secret");
}

bool destination_plan_valid(const struct destination_plan *plan,
                            struct err *err)
{
    const char *host = strstr(plan->url, "://");

    if (!book_count(plan->book))
        return err_set(err, "the book is empty, and to PostHog an empty list "
                            "means everybody: telltale accounts pull, or a "
                            "CSV");
    if (!host ||
        (strncmp(plan->url, "https://", 8) != 0 && !url_is_local(plan->url)))
        return err_set(err, "the public URL must begin with https://: the "
                            "token would travel in the open");
    if (plan->token && !plan->signing_secret && is_template(plan->token))
        return refuse_template(err);
    return true;
}

/* Of each kind that goes by the book. */
static size_t book_parts(const struct destination_plan *plan)
{
    return (book_count(plan->book) + DESTINATION_ORGANIZATIONS - 1) /
           DESTINATION_ORGANIZATIONS;
}

size_t destination_parts(const struct destination_plan *plan)
{
    return 2 * book_parts(plan) + (teams_count(plan->teams) > 0);
}

/* All of one kind, then all of the next. */
static enum filters_kind kind_at(const struct destination_plan *plan,
                                 size_t index, size_t *at)
{
    size_t parts = book_parts(plan);

    *at = index % parts;
    if (index < parts)
        return FILTERS_EVENTS;
    return index < 2 * parts ? FILTERS_DOCS : FILTERS_TEAMS;
}

static cJSON *add_input(cJSON *inputs, const char *key, cJSON *value)
{
    cJSON_AddItemToObject(cJSON_AddObjectToObject(inputs, key), "value",
                          value);
    return value;
}

static void add_headers(cJSON *inputs, const char *token)
{
    cJSON *headers = add_input(inputs, "headers", cJSON_CreateObject());

    cJSON_AddStringToObject(headers, "Content-Type", "application/json");
    if (token)
        cJSON_AddStringToObject(headers, "X-Telltale-Token", token);
}

/* Another group than the first has a name of the project's own choice: its
 * key is found by number, and the book knows what it is called. */
static void add_payload(cJSON *inputs, int group_index)
{
    cJSON *body = add_input(inputs, "body", cJSON_CreateObject());
    char group[48];

    cJSON_AddNumberToObject(body, "v", 1);
    for (size_t i = 0; i < sizeof payload / sizeof *payload; i++) {
        const char *template = payload[i].template;

        if (group_index && !strcmp(payload[i].key, "org_id")) {
            snprintf(group, sizeof group, "{event.properties.$group_%d}",
                     group_index);
            template = group;
        }
        cJSON_AddStringToObject(body, payload[i].key, template);
    }
}

static void add_inputs(cJSON *body, const struct destination_plan *plan)
{
    cJSON *inputs = cJSON_AddObjectToObject(body, "inputs");

    add_input(inputs, "url", cJSON_CreateString(plan->url));
    add_input(inputs, "method", cJSON_CreateString("POST"));
    add_headers(inputs, plan->signing_secret ? NULL : plan->token);
    add_payload(inputs, plan->group_index);
    if (plan->signing_secret)
        add_input(inputs, "signing_secret",
                  cJSON_CreateString(plan->signing_secret));
    add_input(inputs, "debug", cJSON_CreateFalse());
}

cJSON *destination_body(const struct destination_plan *plan, size_t index)
{
    cJSON *body = cJSON_CreateObject();
    size_t at;
    enum filters_kind kind = kind_at(plan, index, &at);
    struct filters_for whom = {plan->catalog,
                               plan->book,
                               at * DESTINATION_ORGANIZATIONS,
                               DESTINATION_ORGANIZATIONS,
                               plan->group_index,
                               plan->teams};
    struct buf name;

    buf_init(&name, 4 * KIB);
    search_part_name(plan->name, search_part_number(kind, at), &name);
    cJSON_AddStringToObject(body, "type", "destination");
    cJSON_AddStringToObject(body, "template_id", "template-webhook");
    cJSON_AddStringToObject(body, "name", name.data);
    cJSON_AddStringToObject(body, "description",
                            "Made by telltale: change it there "
                            "(telltale destination update)");
    cJSON_AddTrueToObject(body, "enabled");
    add_inputs(body, plan);
    cJSON_AddItemToObject(body, "filters", filters_make(kind, &whom));
    buf_free(&name);
    return body;
}

/* Older ones. */

static cJSON *inputs_of(const cJSON *function)
{
    return cJSON_GetObjectItemCaseSensitive(function, "inputs");
}

static bool has_signature(const cJSON *function)
{
    const cJSON *secret = cJSON_GetObjectItemCaseSensitive(inputs_of(function),
                                                           "signing_secret");

    return secret && !cJSON_IsNull(secret);
}

/* What PostHog keeps of the inputs; true where it does not say. */
static bool knows_signature(const cJSON *function)
{
    const cJSON *schema =
        cJSON_GetObjectItemCaseSensitive(function, "inputs_schema");
    const cJSON *entry;

    if (!cJSON_IsArray(schema))
        return true;
    cJSON_ArrayForEach(entry, schema)
    {
        if (!strcmp(posthog_text(entry, "key"), "signing_secret"))
            return true;
    }
    return false;
}

bool destination_unsigned(const cJSON *answer, const cJSON *body)
{
    return has_signature(body) && cJSON_IsObject(inputs_of(answer)) &&
           !has_signature(answer);
}

bool destination_fit(cJSON *body, const cJSON *is, const char *token,
                     struct err *err)
{
    cJSON *inputs = inputs_of(body);

    if (!has_signature(body) ||
        (knows_signature(is) && !destination_unsigned(is, body)))
        return true;
    if (!token)
        return err_set(err, "the destination is older than PostHog's "
                            "signatures, and there is no token in their "
                            "place: telltale destination delete --yes, then "
                            "create");
    if (is_template(token))
        return refuse_template(err);
    cJSON_DeleteItemFromObjectCaseSensitive(inputs, "signing_secret");
    cJSON_DeleteItemFromObjectCaseSensitive(inputs, "headers");
    add_headers(inputs, token);
    return true;
}

/* What cannot come. */

static void say_vague(void *ctx, const struct catalog_row *row,
                      const char *name)
{
    (void)row;
    buf_addf(ctx,
             "~ %s: PostHog compares names letter by letter; list "
             "the names in events.ini\n",
             name);
}

/* Of the names that carry no account those that are asked for, with "and" in
 * between; how many. */
static size_t add_homeless(const struct catalog *catalog, struct buf *out)
{
    size_t count = 0;

    for (size_t i = 0; names_without_account[i]; i++)
        if (catalog_knows(catalog, names_without_account[i]))
            buf_addf(out, "%s%s", count++ ? " and " : "",
                     names_without_account[i]);
    return count;
}

void destination_unheard(const struct catalog *catalog,
                         const struct teams *teams, struct buf *out)
{
    struct buf names;
    size_t count;

    buf_init(&names, 4 * KIB);
    count = add_homeless(catalog, &names);
    if (count && !teams_count(teams))
        buf_addf(out,
                 "~ %s never come%s: PostHog does not say whose "
                 "they are (a column team_id of the book, or [accounts] teams "
                 "= FILE, says whose a project is)\n",
                 names.data, count == 1 ? "s" : "");
    buf_free(&names);
    names_visit_vague(catalog, say_vague, out);
}

/* What is there. */

cJSON *destination_find(struct posthog *posthog, const char *name,
                        struct err *err)
{
    struct search search;
    struct api_sequence sequence;
    cJSON *found = NULL;

    search_open(&search, name);
    sequence = search_sequence(&search);
    if (posthog_run(posthog, &sequence, err)) {
        found = search.found;
        search.found = NULL;
    }
    search_close(&search);
    return found;
}

/* Changing it. */

static bool patch(struct posthog *posthog, const char *id, const cJSON *body,
                  struct err *err)
{
    struct buf path;
    cJSON *answer;

    buf_init(&path, KIB);
    buf_addf(&path, FUNCTIONS "%s/", id);
    answer = posthog_request(posthog, "PATCH", path.data, body, err);
    buf_free(&path);
    cJSON_Delete(answer);
    return answer != NULL;
}

static bool patch_flag(struct posthog *posthog, const char *id,
                       const char *name, bool value, struct err *err)
{
    cJSON *body = cJSON_CreateObject();
    bool ok;

    cJSON_AddBoolToObject(body, name, value);
    ok = patch(posthog, id, body, err);
    cJSON_Delete(body);
    return ok;
}

bool destination_enable(struct posthog *posthog, const char *id, bool enabled,
                        struct err *err)
{
    return patch_flag(posthog, id, "enabled", enabled, err);
}

bool destination_delete(struct posthog *posthog, const char *id,
                        struct err *err)
{
    return patch_flag(posthog, id, "deleted", true, err);
}

/* The test. */

static cJSON *test_event(const struct destination_plan *plan, const char *uuid,
                         const char *name)
{
    const struct account *account = book_at(plan->book, 0);
    char group[16];
    cJSON *event = cJSON_CreateObject(), *properties, *groups;
    char now[CLOCK_ISO_SIZE];

    clock_format_iso(clock_now_ms(), now);
    snprintf(group, sizeof group, "$group_%d", plan->group_index);
    cJSON_AddStringToObject(event, "uuid", uuid);
    cJSON_AddStringToObject(event, "event", name);
    cJSON_AddStringToObject(event, "distinct_id", "telltale-test");
    cJSON_AddStringToObject(event, "timestamp", now);
    cJSON_AddStringToObject(event, "elements_chain", "");
    cJSON_AddStringToObject(event, "url", "");
    properties = cJSON_AddObjectToObject(event, "properties");
    cJSON_AddStringToObject(properties, group, account->id);
    groups = cJSON_AddObjectToObject(properties, "$groups");
    cJSON_AddStringToObject(groups, "organization", account->id);
    return event;
}

static cJSON *test_globals(struct posthog *posthog,
                           const struct destination_plan *plan,
                           const char *uuid, const char *name)
{
    const struct account *account = book_at(plan->book, 0);
    cJSON *globals = cJSON_CreateObject(), *object;
    struct buf url;

    buf_init(&url, 4 * KIB);
    buf_addf(&url, "%s/project/%s", posthog_host(posthog),
             posthog_project(posthog));
    object = cJSON_AddObjectToObject(globals, "project");
    cJSON_AddNumberToObject(object, "id", 0);
    cJSON_AddStringToObject(object, "name", "test");
    cJSON_AddStringToObject(object, "url", url.data);
    cJSON_AddItemToObject(globals, "event", test_event(plan, uuid, name));
    object = cJSON_AddObjectToObject(globals, "person");
    cJSON_AddStringToObject(object, "id", "telltale-test");
    cJSON_AddStringToObject(object, "name", "telltale test");
    cJSON_AddStringToObject(object, "url", "");
    object = cJSON_AddObjectToObject(object, "properties");
    cJSON_AddStringToObject(object, "name", "telltale test");
    cJSON_AddStringToObject(object, "organization_id", account->id);
    object = cJSON_AddObjectToObject(globals, "groups");
    object = cJSON_AddObjectToObject(object, "organization");
    cJSON_AddStringToObject(object, "id", account->id);
    cJSON_AddStringToObject(object, "type", "organization");
    cJSON_AddNumberToObject(object, "index", plan->group_index);
    cJSON_AddStringToObject(object, "url", "");
    object = cJSON_AddObjectToObject(object, "properties");
    cJSON_AddStringToObject(object, "name", account->name);
    buf_free(&url);
    return globals;
}

static bool judge_test(const cJSON *answer, struct err *err)
{
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(answer, "errors");
    const char *why = cJSON_GetStringValue(cJSON_GetArrayItem(errors, 0));
    const char *status = posthog_text(answer, "status");

    if (!strcmp(status, "success"))
        return true;
    if (!strcmp(status, "skipped"))
        return err_set(err, "the destination's filters do not let the test "
                            "through: telltale destination update");
    return refusal_quote(err, "PostHog could not deliver",
                         why ? why : "no reason given");
}

bool destination_test(struct posthog *posthog,
                      const struct destination_plan *plan, const cJSON *is,
                      const char *uuid, struct err *err)
{
    cJSON *body, *configuration = destination_body(plan, 0), *answer;
    struct buf path;
    bool ok;

    if (!destination_fit(configuration, is, plan->token, err)) {
        cJSON_Delete(configuration);
        return false;
    }
    body = cJSON_CreateObject();
    buf_init(&path, KIB);
    buf_addf(&path, FUNCTIONS "%s/invocations/", posthog_text(is, "id"));
    cJSON_AddItemToObject(body, "configuration", configuration);
    cJSON_AddItemToObject(body, "globals",
                          test_globals(posthog, plan, uuid,
                                       "insight created"));
    cJSON_AddFalseToObject(body, "mock_async_functions");
    answer = posthog_request(posthog, "POST", path.data, body, err);
    ok = answer && judge_test(answer, err);
    cJSON_Delete(answer);
    cJSON_Delete(body);
    buf_free(&path);
    return ok;
}
