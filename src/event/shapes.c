/* Walking the paths of payload.h. What is found is only handed over: what it
 * means is extract.c's affair. */
#include "event/shapes.h"

#include <string.h>

#include "base/limits.h"
#include "event/json_char.h"
#include "event/json_tree.h"
#include "event/nothing.h"

#include "base/banned.h"

/* Looking for a field reads an object from the front: where a stranger sends
 * one of more keys than this, the rest holds no field of ours. */
#define MAX_KEYS 4000

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
    const char *const *known = payload_known(field);
    size_t extras = 0;

    while (extra && extra[extras])
        extras++;
    for (;;) {
        size_t at = *index / 2;

        out->field = field;
        out->outer = *index % 2;
        out->path = at < extras ? extra[at] : known[at - extras];
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
    for (const char *const *at = payload_known(field); *at; at++)
        if (walk(shape->root, *at))
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
