/* What the values of one shape mean, put together: shapes.c says where they
 * stand, the files beside this one who, when and what they are; what they add
 * up to is the catalogue's affair. */
#include "event/extract.h"

#include <stdint.h>
#include <string.h>

#include "base/uuid.h"
#include "event/decode_relabel.h"
#include "event/extract_internal.h"
#include "event/json_tree.h"
#include "event/links.h"
#include "event/prompt.h"

#include "base/banned.h"

/* Hand-made payloads have no properties: there, every field is one. */
static bool is_flat(const struct shape *shape)
{
    return cJSON_IsObject(shape->root) &&
           !shape_mentions(shape, PAYLOAD_PROPERTIES) &&
           !cJSON_IsObject(json_member(shape->root, "event"));
}

/* Where the element that is one event begins in its text. */
static const char *element_start(const struct shape *shape)
{
    return json_raw(shape->outer ? shape->outer : shape->root).at;
}

/* Properties in an event that is given as text have no range of their own in
 * what came. */
static void note_range(const struct shape *shape, struct slice props,
                       struct event *event)
{
    uintptr_t start = (uintptr_t)element_start(shape);
    uintptr_t at = (uintptr_t)props.at;

    if (at < start || at - start >= event->raw_len)
        return;
    event->props_at = at - start;
    event->props_len = props.len;
}

/* The properties, and their range in the event. A text that is JSON counts
 * as what it holds. */
static const cJSON *find_properties(const struct extraction *extract,
                                    struct shape *shape, struct event *event)
{
    const cJSON *node = shape_node(shape, PAYLOAD_PROPERTIES), *held = node;

    if (!node) {
        if (!is_flat(shape))
            return NULL;
        held = node = shape->root;
    }
    if (cJSON_IsString(node)) {
        struct slice text = {node->valuestring, strlen(node->valuestring)};

        held = json_tree(text, extract->trees, NULL);
        if (!cJSON_IsObject(held))
            return NULL;
    }
    note_range(shape, json_raw(node), event);
    return cJSON_IsObject(held) ? held : NULL;
}

/* Events that a server sends for a whole team or project carry an id that is
 * nobody's: no person came with it, nor a session. Sessions are looked for
 * later, so the shape is asked. */
static bool is_nobody(const struct extraction *extract, struct shape *shape,
                      const struct event *event, const cJSON *props)
{
    const char *id = event->person.id;
    struct uuid uuid;

    if (cJSON_IsFalse(json_member(props, "$process_person_profile")))
        return true;
    return id && !event->person.email && !event->person.name &&
           (uuid_parse(id, strlen(id), &uuid) ||
            strncmp(id, "team_", 5) == 0) &&
           !extract_text(extract, shape, PAYLOAD_PERSON_URL) &&
           !extract_text(extract, shape, PAYLOAD_SESSION_ID);
}

static void find_links(const struct extraction *extract, struct shape *shape,
                       const struct chat_text *prose, struct event *event)
{
    struct link_hints hints = {
        .replay = extract_text(extract, shape, PAYLOAD_REPLAY_URL),
        .person = extract_text(extract, shape, PAYLOAD_PERSON_URL),
        .event = extract_text(extract, shape, PAYLOAD_EVENT_URL),
        .source = extract_text(extract, shape, PAYLOAD_SOURCE_URL),
        .project_url = extract_text(extract, shape, PAYLOAD_PROJECT_URL),
    };

    if (!hints.person)
        hints.person = prose->person_url;
    if (!hints.event)
        hints.event = prose->link;
    links_fill(extract->decoder->links, &hints,
               extract_text(extract, shape, PAYLOAD_SESSION_ID), event,
               extract->arena);
}

static void quote(const struct extraction *extract, const struct shape *shape,
                  struct event *event)
{
    const char *prompt = prompt_find(shape->root, extract->trees);

    if (prompt)
        prompt_quote(prompt, event, extract->arena);
}

void extract_event(const struct extraction *extract, struct shape *shape,
                   struct event *event)
{
    struct extracted_words words = {0};
    const cJSON *props;

    extract_person(extract, shape, event);
    extract_name(extract, shape, event, &words);
    extract_account(extract, shape, event);
    extract_time(extract, shape, event);
    event->url = extract_clean_text(extract, shape, PAYLOAD_URL);
    if (words.nameless)
        extract_strings(extract, shape, event);
    decode_relabel(extract->decoder->book, event, extract->arena);
    extract_key(extract, shape, event);
    props = find_properties(extract, shape, event);
    if (!event->account.id && !event->account.name)
        extract_team(extract, props, event);
    if (is_nobody(extract, shape, event, props))
        event->person.id = NULL;
    find_links(extract, shape, &words.prose, event);
    event->hidden =
        hide_judge(extract->decoder->hide, event->person.email, props);
    extract_classify(extract, shape, event, &words, props);
    if (extract->decoder->quote_prompts)
        quote(extract, shape, event);
    if (shape->unrendered)
        event->flags |= EVENT_UNRENDERED;
}
