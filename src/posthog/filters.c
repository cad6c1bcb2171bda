/* Builds and judges the filters of a destination. It sends nothing. */
#include "posthog/filters.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "posthog/names.h"

#include "base/banned.h"

static void add_rule(cJSON *rules, const char *key, const char *type,
                     const char *operator, cJSON * value)
{
    cJSON *rule = cJSON_CreateObject();

    cJSON_AddStringToObject(rule, "key", key);
    cJSON_AddStringToObject(rule, "type", type);
    cJSON_AddStringToObject(rule, "operator", operator);
    cJSON_AddItemToObject(rule, "value", value);
    cJSON_AddItemToArray(rules, rule);
}

static bool has_entry(const cJSON *events, const char *name)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, events)
    {
        const char *id = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(entry, "id"));

        if (id && !strcmp(id, name))
            return true;
    }
    return false;
}

static void add_entry(cJSON *events, const char *name)
{
    cJSON *entry = cJSON_CreateObject();

    cJSON_AddStringToObject(entry, "id", name);
    cJSON_AddStringToObject(entry, "name", name);
    cJSON_AddStringToObject(entry, "type", "events");
    cJSON_AddNumberToObject(entry, "order", cJSON_GetArraySize(events));
    cJSON_AddArrayToObject(entry, "properties");
    cJSON_AddItemToArray(events, entry);
}

/* Names. */

struct entries {
    enum filters_kind kind;
    cJSON *events;
};

static void visit(void *ctx, const struct catalog_row *row, const char *name)
{
    struct entries *entries = ctx;
    bool docs = !strcmp(name, NAME_PAGEVIEW);
    bool fits = entries->kind == FILTERS_DOCS    ? docs
                : entries->kind == FILTERS_TEAMS ? name_has_no_account(name)
                                                 : !docs;

    (void)row;
    if (fits && !has_entry(entries->events, name))
        add_entry(entries->events, name);
}

/* Whose. */

/* PostHog compares them letter by letter, and knows no other case. A list of
 * one it makes an equation, and to that false and any text are the same: what
 * nobody is called makes it a list. */
static cJSON *list_ids(const struct filters_for *whom)
{
    cJSON *ids = cJSON_CreateArray();
    size_t end = whom->first + whom->count;

    for (size_t i = whom->first; i < end && i < book_count(whom->book); i++) {
        const struct account *account = book_at(whom->book, i);

        cJSON_AddItemToArray(ids, cJSON_CreateString(account->id));
        if (strcmp(account->id, account->written) != 0)
            cJSON_AddItemToArray(ids, cJSON_CreateString(account->written));
    }
    if (cJSON_GetArraySize(ids) == 1)
        cJSON_AddItemToArray(ids, cJSON_CreateString(FILTERS_NOBODY));
    return ids;
}

/* An event's is a number, or, from some senders, text. */
static cJSON *list_teams(const struct teams *teams)
{
    cJSON *ids = cJSON_CreateArray();
    char text[24];

    for (size_t i = 0; i < teams_count(teams); i++) {
        struct team team = teams_at(teams, i);

        snprintf(text, sizeof text, "%lld", (long long)team.id);
        cJSON_AddItemToArray(ids, cJSON_CreateNumber((double)team.id));
        cJSON_AddItemToArray(ids, cJSON_CreateString(text));
    }
    return ids;
}

static void add_rules(cJSON *rules, enum filters_kind kind,
                      const struct filters_for *whom)
{
    char group[16];

    if (kind == FILTERS_TEAMS) {
        add_rule(rules, "team_id", "event", "exact", list_teams(whom->teams));
    } else if (kind == FILTERS_DOCS) {
        add_rule(rules, "organization_id", "person", "exact", list_ids(whom));
        add_rule(rules, "$pathname", "event", "icontains",
                 cJSON_CreateString("/docs"));
    } else {
        snprintf(group, sizeof group, "$group_%d", whom->group_index);
        add_rule(rules, group, "event", "exact", list_ids(whom));
    }
}

cJSON *filters_make(enum filters_kind kind, const struct filters_for *whom)
{
    cJSON *filters = cJSON_CreateObject();
    struct entries entries = {kind, NULL};

    cJSON_AddStringToObject(filters, "source", "events");
    entries.events = cJSON_AddArrayToObject(filters, "events");
    names_visit(whom->catalog, visit, &entries);
    cJSON_AddArrayToObject(filters, "actions");
    add_rules(cJSON_AddArrayToObject(filters, "properties"), kind, whom);
    cJSON_AddFalseToObject(filters, "filter_test_accounts");
    return filters;
}

/* Judging. */

/* A rule that says whose: "exact" with a list. */
static const cJSON *listed(const cJSON *of)
{
    const cJSON *rules = cJSON_GetObjectItemCaseSensitive(of, "properties");
    const cJSON *rule;

    cJSON_ArrayForEach(rule, rules)
    {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(rule, "value");
        const char *operator= cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(rule, "operator"));

        if (operator&& !strcmp(operator, "exact") && cJSON_IsArray(value))
            return value;
    }
    return NULL;
}

bool filters_are_narrow(const cJSON *filters, struct err *err)
{
    const cJSON *events = cJSON_GetObjectItemCaseSensitive(filters, "events");
    const cJSON *actions =
        cJSON_GetObjectItemCaseSensitive(filters, "actions");
    bool all = cJSON_GetArraySize(listed(filters)) > 0;
    const cJSON *entry;

    if (!cJSON_GetArraySize(events) || cJSON_GetArraySize(actions))
        return err_set(err, "its filters do not say which events: PostHog "
                            "would send everything");
    cJSON_ArrayForEach(entry, events)
    {
        const char *id = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(entry, "id"));

        if (!id || !*id)
            return err_set(err, "its filters match events of every name");
        if (!all && !cJSON_GetArraySize(listed(entry)))
            return err_set(err,
                           "its filters list no organisations for \"%s\": "
                           "PostHog would send those of everybody",
                           id);
    }
    return true;
}

const cJSON *filters_listed(const cJSON *filters)
{
    const cJSON *list = listed(filters);

    return list ? list
                : listed(cJSON_GetArrayItem(
                      cJSON_GetObjectItemCaseSensitive(filters, "events"), 0));
}
