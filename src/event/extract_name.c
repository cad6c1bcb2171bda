/* What happened: its name, or what a message without one says, and the
 * sentence that the catalogue has for it. */
#include "event/extract_internal.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/json_tree.h"
#include "event/nothing.h"

#include "base/banned.h"

#define SAYS_UNRENDERED "sent a template that PostHog did not fill in"
#define SAYS_SHAPELESS "sent something of no known form"

static const struct {
    const char *word;
    enum tone tone;
} severities[] = {
    {"warning", TONE_WARN},  {"warn", TONE_WARN},     {"error", TONE_BAD},
    {"critical", TONE_BAD},  {"fatal", TONE_BAD},     {"high", TONE_BAD},
    {"emergency", TONE_BAD}, {"resolved", TONE_GOOD},
};

static void judge_severity(const struct extraction *extract,
                           struct shape *shape, struct event *event)
{
    const char *word = extract_text(extract, shape, PAYLOAD_SEVERITY);

    for (size_t i = 0; word && i < sizeof severities / sizeof *severities; i++)
        if (text_casecmp(severities[i].word, word) == 0)
            event->tone = severities[i].tone;
}

/* A title and a text, as far as there are any, read as prose. */
static bool find_prose(const struct extraction *extract, struct shape *shape,
                       struct chat_text *out)
{
    const char *title = extract_text(extract, shape, PAYLOAD_TITLE);
    const char *text = extract_text(extract, shape, PAYLOAD_TEXT);
    struct buf both;

    if (!title && cJSON_IsString(shape->root))
        text = shape->root->valuestring;
    if (!title && (!text || !*text))
        return false;
    buf_init(&both, 2 * LIMIT_TEXT + 8);
    buf_add(&both, title ? title : "", title ? strnlen(title, LIMIT_TEXT) : 0);
    if (title && text)
        buf_adds(&both, " · ");
    if (text)
        buf_add(&both, text, strnlen(text, LIMIT_TEXT));
    *out = chat_text_read(both.data, extract->arena);
    buf_free(&both);
    return true;
}

static void name_from_prose(const struct extraction *extract,
                            struct shape *shape, struct event *event,
                            struct extracted_words *words)
{
    struct chat_text *prose = &words->prose;

    if (!find_prose(extract, shape, prose)) {
        if (event->name)
            return; /* the kind says as much as there is */
        words->sentence = SAYS_SHAPELESS;
        event->flags |= EVENT_SHAPELESS;
        return;
    }
    if (cJSON_IsString(shape->root))
        event->flags |= EVENT_SHAPELESS;
    words->sentence = extract_clean(extract, prose->what, LIMIT_SENTENCE);
    if (!words->sentence)
        words->sentence = SAYS_SHAPELESS;
    if (prose->who && (nothing_said(prose->who, strlen(prose->who)) ||
                       nothing_filled(prose->who)))
        prose->who = NULL;
    if (prose->who && extract_is_email(prose->who) && !event->person.email)
        event->person.email = extract_clean(extract, prose->who, LIMIT_TEXT);
    else if (prose->who && !event->person.name)
        event->person.name = extract_clean(extract, prose->who, LIMIT_TEXT);
    if (prose->event) {
        event->name = extract_clean(extract, prose->event, LIMIT_TEXT);
        words->sentence = NULL;
        words->nameless = false;
    }
}

void extract_name(const struct extraction *extract, struct shape *shape,
                  struct event *event, struct extracted_words *words)
{
    const char *text = extract_text(extract, shape, PAYLOAD_EVENT);
    const cJSON *node;

    if (text) {
        event->name =
            text_sanitised(extract->arena, text, strlen(text), LIMIT_TEXT);
        return;
    }
    node = shape_node(shape, PAYLOAD_EVENT);
    event->name = cJSON_IsString(node)
                      ? extract_clean(extract, node->valuestring, LIMIT_TEXT)
                      : NULL;
    if (shape->unrendered) {
        words->sentence = SAYS_UNRENDERED;
        words->nameless = true;
    } else if (!shape_mentions(shape, PAYLOAD_EVENT)) {
        words->nameless = true;
        event->name = extract_clean_text(extract, shape, PAYLOAD_KIND);
        name_from_prose(extract, shape, event, words);
    }
    if (!event->name)
        event->name = "";
}

void extract_classify(const struct extraction *extract, struct shape *shape,
                      struct event *event, const struct extracted_words *words,
                      const cJSON *props)
{
    struct slice raw = {event->raw + event->props_at, event->props_len};

    catalog_apply(extract->decoder->catalog, event, props, raw,
                  extract->arena);
    if (!words->nameless)
        return;
    if (!*event->name || shape->unrendered)
        event->flags &= ~(unsigned)EVENT_UNKNOWN;
    if (words->sentence &&
        (!*event->name || shape->unrendered || event->flags & EVENT_UNKNOWN)) {
        event->category = CATEGORY_OTHER;
        event->sentence = words->sentence;
        judge_severity(extract, shape, event);
    }
}
