/* The table of paths, and walking them. What is found is only handed over:
 * what it means is decode.c's affair. */
#include "event/shapes.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "event/json_char.h"
#include "event/json_tree.h"
#include "event/nothing.h"

#include "base/banned.h"

#define MAX_PATHS 48
/* Looking for a field reads an object from the front: where a stranger sends
 * one of more keys than this, the rest holds no field of ours. */
#define MAX_KEYS 4000

/* Names are those of [payload]; NULL: not for configuration. Paths without a
 * sender's name are of our own payload and of those made by hand; "event.…"
 * is PostHog's default body and its whole globals, "context.…" Segment,
 * "account.…" and "links.…" another telltale, "blocks.…" Slack's form. */
static const struct {
    const char *name;
    const char *paths[MAX_PATHS];
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

/* ---- [payload] ---- */

struct payload_paths {
    char **paths[PAYLOAD_FIELDS]; /* each NULL-terminated, or NULL */
};

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

/* ---- walking ---- */

static const cJSON *array_step(const cJSON *array, const char *path,
                               size_t *used)
{
    size_t index = 0, len = strspn(path, "0123456789");
    const cJSON *child = array->child;

    *used = 0;
    if (!len || len > 5 || (path[len] && path[len] != '.'))
        return NULL;
    for (size_t i = 0; i < len; i++)
        index = index * 10 + (size_t)(path[i] - '0');
    while (child && index--)
        child = child->next;
    *used = len;
    return child;
}

/* The longest key that is there wins, so keys with dots are found too. */
static const cJSON *object_step(const cJSON *object, const char *path,
                                size_t *used)
{
    const cJSON *best = NULL, *child = object->child;

    *used = 0;
    for (int i = 0; child && i < MAX_KEYS; i++, child = child->next) {
        const char *key = child->string;
        size_t len = 0;

        while (key[len] && key[len] == path[len])
            len++;
        if (!key[len] && (path[len] == '.' || !path[len]) && len > *used) {
            best = child;
            *used = len;
        }
        if (best && !path[*used])
            break; /* nothing is longer */
    }
    return best;
}

static const cJSON *walk(const cJSON *node, const char *path)
{
    size_t used;

    while (node && *path) {
        if (cJSON_IsObject(node))
            node = object_step(node, path, &used);
        else if (cJSON_IsArray(node))
            node = array_step(node, path, &used);
        else
            return NULL;
        path += used;
        path += node && *path == '.';
    }
    return node;
}

static bool fits(enum payload_field field, const cJSON *node)
{
    if (field == PAYLOAD_PROPERTIES)
        return node && !cJSON_IsNull(node);
    return cJSON_IsString(node) || cJSON_IsNumber(node);
}

/* A place that a field may be at: a path in root or outer. */
struct place {
    enum payload_field field;
    const cJSON *node;
    const char *path;
    bool outer;
};

/* Steps through the places of a field that fit; index starts at 0. */
static bool next_place(const struct shape *shape, enum payload_field field,
                       size_t *index, struct place *out)
{
    char *const *extra = shape->extra ? shape->extra->paths[field] : NULL;
    size_t extras = 0;

    while (extra && extra[extras])
        extras++;
    for (;;) {
        size_t at = *index / 2;

        out->field = field;
        out->outer = *index % 2;
        if (at >= extras + MAX_PATHS)
            return false;
        out->path = at < extras ? extra[at] : fields[field].paths[at - extras];
        if (!out->path)
            return false;
        ++*index;
        out->node = walk(out->outer ? shape->outer : shape->root, out->path);
        if (fits(field, out->node))
            return true;
    }
}

const cJSON *shape_node(struct shape *shape, enum payload_field field)
{
    struct place place;
    size_t index = 0;

    return next_place(shape, field, &index, &place) ? place.node : NULL;
}

/* ---- text ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *shape_trim(struct arena *arena, const char *text, size_t len)
{
    while (len && is_space(*text)) {
        text++;
        len--;
    }
    while (len && is_space(text[len - 1]))
        len--;
    return len ? arena_strndup(arena, text, len) : NULL;
}

static const char *place_text(struct shape *shape, const struct place *place,
                              struct arena *arena)
{
    const char *text;

    if (cJSON_IsNumber(place->node)) {
        struct slice raw = json_raw(place->node);

        return arena_strndup(arena, raw.at, raw.len);
    }
    text = shape_trim(arena, place->node->valuestring,
                      strlen(place->node->valuestring));
    if (text && nothing_said(text, strlen(text)))
        return NULL;
    if (text && (place->field == PAYLOAD_EVENT ? nothing_of_posthog(text)
                                               : nothing_filled(text))) {
        shape->unrendered = true;
        return NULL;
    }
    if (text && place->field == PAYLOAD_EVENT)
        return arena_strdup(arena, place->node->valuestring);
    return text;
}

const char *shape_text_if(struct shape *shape, enum payload_field field,
                          bool (*fits_text)(const char *text),
                          struct arena *arena)
{
    struct place place;
    size_t index = 0;

    while (next_place(shape, field, &index, &place)) {
        const char *text = place_text(shape, &place, arena);

        if (text && fits_text(text))
            return text;
    }
    return NULL;
}

static bool is_any(const char *text)
{
    (void)text;
    return true;
}

const char *shape_text(struct shape *shape, enum payload_field field,
                       struct arena *arena)
{
    return shape_text_if(shape, field, is_any, arena);
}

const char *shape_at(struct shape *shape, const char *path,
                     struct arena *arena)
{
    struct place place = {.field = PAYLOAD_KIND, .path = path};

    place.node = walk(shape->root, path);
    return fits(PAYLOAD_KIND, place.node) ? place_text(shape, &place, arena)
                                          : NULL;
}

/* ---- JSON given as text ---- */

static bool is_container(const char *key)
{
    static const char *const names[] = {"properties",
                                        "event",
                                        "person",
                                        "groups",
                                        "props",
                                        "$set",
                                        "person_properties",
                                        "$groups",
                                        "$set_once",
                                        "user",
                                        "event_properties",
                                        "eventProperties",
                                        "traits",
                                        "context",
                                        "data",
                                        "payload",
                                        "account",
                                        "organization",
                                        "results",
                                        "record"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (*names[i] == *key && strcmp(names[i], key) == 0)
            return true;
    return false;
}

/* A text that is an object gets its members, and keeps its place. */
static void unfold_text(cJSON *node, struct arena *arena)
{
    struct slice text = {node->valuestring, strlen(node->valuestring)};
    const cJSON *held;
    struct err err;

    if (!slice_holds_json(text.at, text.len))
        return;
    held = json_tree(text, arena, &err);
    if (!cJSON_IsObject(held))
        return;
    node->type = held->type;
    node->child = held->child;
    node->valuestring = NULL;
}

void shape_unfold(cJSON *value, int levels, struct arena *arena)
{
    cJSON *child = cJSON_IsObject(value) ? value->child : NULL;

    for (int i = 0; child && i < MAX_KEYS; i++, child = child->next) {
        bool text = cJSON_IsString(child);

        if ((!text && !cJSON_IsObject(child)) ||
            (text && *child->valuestring != '{' &&
             !json_blank(*child->valuestring) && *child->valuestring != '"') ||
            !is_container(child->string))
            continue;
        if (text && strcmp(child->string, "data") != 0 &&
            strcmp(child->string, "payload") != 0)
            unfold_text(child, arena);
        if (levels > 1)
            shape_unfold(child, levels - 1, arena);
    }
}

/* ---- messages ---- */

bool shape_is_message(const struct shape *shape)
{
    static const char *const texts[] = {"content", "text", "blocks", "embeds",
                                        "attachments"};
    static const char *const marks[] = {
        "username", "avatar_url",  "icon_url",     "icon_emoji", "bot_id",
        "channel",  "channel_id",  "channel_name", "webhook_id", "embeds",
        "blocks",   "attachments", "bot_profile"};
    bool text = false, mark = false;

    if (!cJSON_IsObject(shape->root) || shape_mentions(shape, PAYLOAD_EVENT))
        return false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        text |= json_member(shape->root, texts[i]) != NULL;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        mark |= json_member(shape->root, marks[i]) != NULL;
    return text && mark;
}

/* ---- wrappings ---- */

/* Objects, lists of events, and JSON in strings are sent under these. */
static const char *const wraps[] = {"data",    "payload", "body",
                                    "detail",  "record",  "message",
                                    "Message", "batch",   "events",
                                    "results", "items",   "messages"};
#define WRAP_COUNT (sizeof wraps / sizeof *wraps)

bool shape_mentions(const struct shape *shape, enum payload_field field)
{
    char *const *path = shape->extra ? shape->extra->paths[field] : NULL;

    for (; path && *path; path++)
        if (walk(shape->root, *path))
            return true;
    for (size_t i = 0; i < MAX_PATHS && fields[field].paths[i]; i++)
        if (walk(shape->root, fields[field].paths[i]))
            return true;
    return false;
}

static bool names_event(const struct shape *shape)
{
    return shape_mentions(shape, PAYLOAD_EVENT);
}

/* True if value is a list whose first element is an event. */
static bool is_batch(const struct payload_paths *extra, const cJSON *value)
{
    struct shape first = {.extra = extra, .root = value->child};

    return cJSON_IsArray(value) && cJSON_IsObject(value->child) &&
           names_event(&first);
}

struct shape shape_of(const struct payload_paths *extra, const cJSON *value)
{
    struct shape shape = {.extra = extra, .root = value};

    if (!cJSON_IsObject(value) || names_event(&shape))
        return shape;
    for (size_t i = 0; i < WRAP_COUNT; i++) {
        struct shape inner = {.extra = extra, .outer = value};

        inner.root = json_member(value, wraps[i]);
        if (!inner.root)
            continue;
        if (is_batch(extra, inner.root) ||
            (cJSON_IsObject(inner.root) && names_event(&inner)))
            return inner;
    }
    return shape;
}

const char *shape_wrapped(const struct shape *shape)
{
    if (!cJSON_IsObject(shape->root) || names_event(shape))
        return NULL;
    for (size_t i = 0; i < WRAP_COUNT; i++) {
        const cJSON *node = json_member(shape->root, wraps[i]);

        if (cJSON_IsString(node) &&
            slice_holds_json(node->valuestring, strlen(node->valuestring)))
            return node->valuestring;
    }
    return NULL;
}
