/* The key by which a second delivery of the same event is known. */
#include "event/extract_internal.h"

#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/uuid.h"
#include "event/json_tree.h"

#include "base/banned.h"

/* The nil UUID is a placeholder of its own kind: it says nothing. */
static bool is_uuid(const char *text)
{
    static const struct uuid nil;
    struct uuid uuid;

    return uuid_parse(text, strlen(text), &uuid) && !uuid_equal(&uuid, &nil);
}

/* Rows of PostHog's events API call the event's uuid "id". */
static bool is_row(const cJSON *root)
{
    return json_member(root, "distinct_id") && json_member(root, "event") &&
           json_member(root, "timestamp") && json_member(root, "properties");
}

static const char *find_uuid(const struct extraction *extract,
                             struct shape *shape, const struct event *event)
{
    const char *text =
        shape_text_if(shape, PAYLOAD_UUID, is_uuid, extract->arena);

    if (text || !extract->many || !is_row(shape->root))
        return text;
    text = shape_at(shape, "id", extract->arena);
    if (!text || !is_uuid(text) ||
        (event->person.id && text_casecmp(text, event->person.id) == 0))
        return NULL;
    return text;
}

static const char *outer_text(const struct extraction *extract,
                              struct shape *shape, const char *path)
{
    struct shape outer = {.root = shape->outer};
    const char *text =
        shape->outer ? shape_at(&outer, path, extract->arena) : NULL;

    return text ? text : shape_at(shape, path, extract->arena);
}

/* What other senders call a delivery. CloudEvents' ids are unique within
 * their source. A plain "id" may be that of anything, a person's too: with it
 * only the very same text of the very same moment is the same event. */
static void sender_key(const struct extraction *extract, struct shape *shape,
                       const struct event *event, struct buf *key)
{
    static const char *const names[] = {"messageId", "message_id", "MessageId",
                                        "delivery_id", "deliveryId"};
    const char *id = outer_text(extract, shape, "id");
    const char *source = outer_text(extract, shape, "source");

    if (id && source && outer_text(extract, shape, "specversion")) {
        buf_addf(key, "cloudevent/%.200s/%.200s", source, id);
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = outer_text(extract, shape, names[i]);

        if (name) {
            buf_addf(key, "message/%.400s", name);
            return;
        }
    }
    if (id && extract_text(extract, shape, PAYLOAD_TIMESTAMP))
        buf_addf(key, "id/%.300s/%016llx", id,
                 (unsigned long long)hash_bytes(HASH_START, event->raw,
                                                event->raw_len));
}

void extract_key(const struct extraction *extract, struct shape *shape,
                 struct event *event)
{
    const char *text = find_uuid(extract, shape, event);
    const char *id = extract->arrival->webhook_id;
    struct buf key;

    event->has_uuid = text && uuid_parse(text, strlen(text), &event->uuid);
    if (event->has_uuid || shape->unrendered)
        return;
    buf_init(&key, LIMIT_TEXT);
    if (id && *id) {
        buf_add(&key, id, strnlen(id, LIMIT_TEXT - 32));
        if (extract->many)
            buf_addf(&key, "/%zu", extract->index);
    } else if (cJSON_IsObject(shape->root)) {
        sender_key(extract, shape, event, &key);
    }
    event->key = extract_clean(extract, key.data, LIMIT_TEXT);
    buf_free(&key);
}
