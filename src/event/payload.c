/* The table of paths, and those that [payload] adds. */
#include "event/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define MAX_PATHS 48 /* and a NULL */

/* Names are those of [payload]; NULL: not for configuration. Paths without a
 * sender's name are of our own payload and of those made by hand; "event.…"
 * is PostHog's default body and its whole globals, "context.…" Segment,
 * "account.…" and "links.…" another telltale, "blocks.…" Slack's form. */
static const struct {
    const char *name;
    const char *paths[MAX_PATHS + 1];
} fields[PAYLOAD_FIELDS] = {
    [PAYLOAD_EVENT] = {"event",
                       {"event", "event.event", "event.name", "event_name",
                        "eventName"}},
    [PAYLOAD_KIND] = {NULL, {"kind", "type", "event_type", "topic", "action"}},
    [PAYLOAD_UUID] = {"uuid",
                      {"uuid", "event.uuid", "eventUuid", "event_uuid",
                       "event_id", "eventId", "properties.uuid"}},
    [PAYLOAD_TIMESTAMP] = {"timestamp",
                           {"timestamp", "event.timestamp", "occurred_at",
                            "time", "event_time", "eventTime", "created_at",
                            "createdAt", "originalTimestamp", "sent_at",
                            "sentAt", "date", "ts", "properties.$time"}},
    [PAYLOAD_DISTINCT_ID] = {"distinct_id",
                             {"distinct_id", "event.distinct_id", "distinctId",
                              "person.distinct_id", "userId", "user_id",
                              "properties.distinct_id", "properties.$user_id",
                              "user.id", "person_id", "person.id",
                              "person.uuid", "anonymousId"}},
    [PAYLOAD_PERSON_EMAIL] = {"person_email",
                              {"user_email",
                               "person.properties.email",
                               "email",
                               "person.email",
                               "person_email",
                               "userEmail",
                               "user.email",
                               "customer_email",
                               "properties.$set.email",
                               "event.properties.$set.email",
                               "person_properties.email",
                               "event.person_properties.email",
                               "$set.email",
                               "event.$set.email",
                               "properties.$set_once.email",
                               "event.properties.$set_once.email",
                               "$set_once.email",
                               "event.$set_once.email",
                               "person.$set.email",
                               "person.properties.$set.email",
                               "properties.person_properties.email",
                               "event.properties.person_properties.email",
                               "data.person_properties.email",
                               "context.traits.email",
                               "traits.email",
                               "person.name",
                               "properties.email",
                               "event.properties.email",
                               "distinct_id",
                               "event.distinct_id",
                               "distinctId",
                               "userId",
                               "user_id",
                               "user",
                               "person"}},
    [PAYLOAD_PERSON_NAME] = {"person_name",
                             {"user_name",
                              "person.properties.name",
                              "person_name",
                              "properties.$set.name",
                              "event.properties.$set.name",
                              "person_properties.name",
                              "event.person_properties.name",
                              "$set.name",
                              "event.$set.name",
                              "properties.$set_once.name",
                              "event.properties.$set_once.name",
                              "$set_once.name",
                              "event.$set_once.name",
                              "person.$set.name",
                              "person.properties.$set.name",
                              "properties.person_properties.name",
                              "event.properties.person_properties.name",
                              "data.person_properties.name",
                              "person.name",
                              "userName",
                              "username",
                              "user.name",
                              "full_name",
                              "fullName",
                              "context.traits.name",
                              "traits.name",
                              "person.properties.username",
                              "person.properties.full_name",
                              "event.person.properties.name",
                              "person.properties.first_name",
                              "user",
                              "person"}},
    [PAYLOAD_ACCOUNT_ID] = {"account_id",
                            {"org_id",
                             "organization_id",
                             "account.id",
                             "account_id",
                             "orgId",
                             "organizationId",
                             "accountId",
                             "organization.id",
                             "org.id",
                             "properties.$groups.organization",
                             "event.properties.$groups.organization",
                             "properties.$group_0",
                             "event.properties.$group_0",
                             "properties.groups.organization",
                             "event.properties.groups.organization",
                             "properties.groups.organization.id",
                             "event.groups.organization",
                             "groups.organization.id",
                             "groups.organization.key",
                             "$groups.organization",
                             "$group_0",
                             "context.groupId",
                             "groupId",
                             "group_id",
                             "company_id",
                             "$groups.organization.id",
                             "event.$group_0",
                             "event.$groups.organization",
                             "company.id"}},
    [PAYLOAD_ACCOUNT] = {NULL,
                         {"organization", "org", "account", "company",
                          "customer", "groups.organization", "group"}},
    [PAYLOAD_PERSON_ACCOUNT_ID] =
        {"person_account_id",
         {"person_org_id", "person.properties.organization_id",
          "person_organization_id", "person.organization_id",
          "properties.$set.organization_id", "properties.organization_id",
          "event.properties.organization_id", "user.organization_id",
          "context.traits.organization_id", "traits.organization_id"}},
    [PAYLOAD_ACCOUNT_NAME] = {"account_name",
                              {"groups.organization.properties.name",
                               "org_name", "organization_name", "account.name",
                               "account_name", "orgName", "organizationName",
                               "accountName", "organization.name", "org.name",
                               "properties.groups.organization.name",
                               "company_name", "company.name", "companyName"}},
    [PAYLOAD_URL] = {"url",
                     {"current_url", "properties.$current_url",
                      "event.properties.$current_url", "currentUrl",
                      "$current_url", "url", "page_url", "pageUrl", "page.url",
                      "context.page.url", "link", "href"}},
    [PAYLOAD_SESSION_ID] = {"session_id",
                            {"session_id", "properties.$session_id",
                             "event.properties.$session_id", "sessionId",
                             "$session_id"}},
    [PAYLOAD_PROPERTIES] = {"properties",
                            {"properties", "event.properties", "props",
                             "event_properties", "eventProperties"}},
    [PAYLOAD_PROJECT_URL] = {"project_url",
                             {"project_url", "project.url", "projectUrl"}},
    [PAYLOAD_SOURCE_URL] = {NULL, {"source_url", "source.url", "hook.id"}},
    [PAYLOAD_REPLAY_URL] = {"replay_url",
                            {"replay_url", "links.replay", "replayUrl",
                             "replay", "session_replay", "recording_url",
                             "recording"}},
    [PAYLOAD_PERSON_URL] = {"person_url",
                            {"person_url", "person.url", "links.person",
                             "personUrl", "blocks.1.elements.0.url"}},
    [PAYLOAD_EVENT_URL] = {"event_url",
                           {"event_url", "event.url", "links.event",
                            "eventUrl"}},
    [PAYLOAD_TITLE] = {NULL, {"title", "subject", "heading"}},
    [PAYLOAD_TEXT] =
        {"text",
         {"blocks.0.text.text",
          "blocks.1.text.text",
          "summary",
          "text",
          "message",
          "sentence",
          "description",
          "content",
          "body",
          "attachments.0.text",
          "attachments.0.fallback",
          "attachments.0.pretext",
          "embeds.0.title",
          "attachments.0.content.body.0.text",
          "attachments.0.content.body.0.items.0.text",
          "attachments.0.content.body.0.columns.0.items.0.text",
          "attachments.0.content.text",
          "attachments.0.blocks.0.text.text",
          "body.0.text",
          "body.0.items.0.text",
          "embeds.0.description",
          "sections.0.activityTitle",
          "sections.0.text",
          "activity.text",
          "card.body.0.text",
          "cards.0.sections.0.widgets.0.textParagraph.text",
          "cardsV2.0.card.sections.0.widgets.0.textParagraph.text",
          "message.text"}},
    [PAYLOAD_SEVERITY] = {NULL, {"severity", "level", "priority"}},
};

const char *const *payload_known(enum payload_field field)
{
    return fields[field].paths;
}

/* ---- [payload] ---- */

struct payload_paths *payload_paths_new(void)
{
    return xcalloc(1, sizeof(struct payload_paths));
}

void payload_paths_free(struct payload_paths *paths)
{
    if (!paths)
        return;
    for (int field = 0; field < PAYLOAD_FIELDS; field++) {
        for (char **path = paths->paths[field]; path && *path; path++)
            free(*path);
        free(paths->paths[field]);
    }
    free(paths);
}

static int field_by_name(const char *name)
{
    for (int field = 0; field < PAYLOAD_FIELDS; field++)
        if (fields[field].name && strcmp(fields[field].name, name) == 0)
            return field;
    return -1;
}

/* Steps with nothing in them cannot match anything. */
static bool path_fine(const char *path, size_t len)
{
    if (len > LIMIT_CONFIG_LINE || path[0] == '.' || path[len - 1] == '.')
        return false;
    for (size_t i = 1; i < len; i++)
        if (path[i] == '.' && path[i - 1] == '.')
            return false;
    return true;
}

static void append(char ***list, const char *path, size_t len)
{
    size_t count = 0;

    while (*list && (*list)[count])
        count++;
    *list = xreallocarray(*list, count + 2, sizeof **list);
    (*list)[count] = xstrndup(path, len);
    (*list)[count + 1] = NULL;
}

static bool unknown_field(const char *field, struct err *err)
{
    struct buf known;

    buf_init(&known, sizeof err->text);
    for (int i = 0; i < PAYLOAD_FIELDS; i++)
        if (fields[i].name)
            buf_addf(&known, "%s%s", known.len ? ", " : "", fields[i].name);
    err_set(err, "unknown field \"%s\"; there are %s", field, known.data);
    buf_free(&known);
    return false;
}

bool payload_paths_add(struct payload_paths *paths, const char *field,
                       const char *list, struct err *err)
{
    static const char blanks[] = " \t\r\n,";
    int found = field_by_name(field);

    if (found < 0)
        return unknown_field(field, err);
    while (*(list += strspn(list, blanks))) {
        size_t len = strcspn(list, blanks);

        if (!path_fine(list, len))
            return err_set(err,
                           "bad path \"%.*s\" for %s: keys with dots "
                           "between, like person.properties.email",
                           (int)(len < 80 ? len : 80), list, field);
        append(&paths->paths[found], list, len);
        list += len;
    }
    return true;
}
