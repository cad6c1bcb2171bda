/* Builds and judges the filters of a destination. It sends nothing. */
#include "posthog/filters.h"

#include <string.h>

#include <cjson/cJSON.h>

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

static void add_entry(cJSON *events, const char *name, const cJSON *ids)
{
    cJSON *entry = cJSON_CreateObject();
    cJSON *list = cJSON_Duplicate(ids, true), *rules;

    cJSON_AddStringToObject(entry, "id", name);
    cJSON_AddStringToObject(entry, "name", name);
    cJSON_AddStringToObject(entry, "type", "events");
    cJSON_AddNumberToObject(entry, "order", cJSON_GetArraySize(events));
    rules = cJSON_AddArrayToObject(entry, "properties");
    if (!strcmp(name, "$pageview")) {
        add_rule(rules, "$pathname", "event", "icontains",
                 cJSON_CreateString("/docs"));
        add_rule(rules, "organization_id", "person", "exact", list);
    } else {
        add_rule(rules, "$group_0", "event_metadata", "exact", list);
    }
    cJSON_AddItemToArray(events, entry);
}

static cJSON *list_ids(const struct book *book, size_t first, size_t count)
{
    cJSON *ids = cJSON_CreateArray();

    for (size_t i = first; i < first + count && i < book_count(book); i++)
        cJSON_AddItemToArray(ids, cJSON_CreateString(book_at(book, i)->id));
    return ids;
}

cJSON *filters_make(const struct catalog *catalog, const struct book *book,
                    size_t first, size_t count)
{
    cJSON *filters = cJSON_CreateObject();
    cJSON *ids = list_ids(book, first, count), *events;

    cJSON_AddStringToObject(filters, "source", "events");
    events = cJSON_AddArrayToObject(filters, "events");
    for (size_t i = 0; i < catalog_rows(catalog); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        for (const char *const *name = row.names; *name; name++)
            if (!strchr(*name, '*') && !has_entry(events, *name))
                add_entry(events, *name, ids);
    }
    cJSON_AddArrayToObject(filters, "actions");
    cJSON_AddArrayToObject(filters, "properties");
    cJSON_AddFalseToObject(filters, "filter_test_accounts");
    cJSON_Delete(ids);
    return filters;
}

/* A rule that says which organisations: "exact" with a list. */
static const cJSON *listed(const cJSON *entry)
{
    const cJSON *rules = cJSON_GetObjectItemCaseSensitive(entry, "properties");
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
        if (!cJSON_GetArraySize(listed(entry)))
            return err_set(err,
                           "its filters list no organisations for \"%s\": "
                           "PostHog would send those of everybody",
                           id);
    }
    return true;
}

const cJSON *filters_organizations(const cJSON *filters)
{
    return listed(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(filters, "events"),
                           0));
}
