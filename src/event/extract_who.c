/* Who did it, and in which account. */
#include "event/extract_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/uuid.h"
#include "event/decode_relabel.h"
#include "event/json_tree.h"
#include "event/url.h"

#include "base/banned.h"

/* ---- who ---- */

/* PostHog falls back to the address for a person without a name. */
static bool is_no_email(const char *text)
{
    return !extract_is_email(text);
}

void extract_person(const struct extraction *extract, struct shape *shape,
                    struct event *event)
{
    struct event_person *person = &event->person;

    if (shape_is_message(shape))
        return; /* whoever posted it */
    person->id = extract_clean_text(extract, shape, PAYLOAD_DISTINCT_ID);
    person->email =
        extract_clean(extract,
                      shape_text_if(shape, PAYLOAD_PERSON_EMAIL,
                                    extract_is_email, extract->arena),
                      LIMIT_TEXT);
    person->name = extract_clean(extract,
                                 shape_text_if(shape, PAYLOAD_PERSON_NAME,
                                               is_no_email, extract->arena),
                                 LIMIT_TEXT);
    if (person->name && person->id && strcmp(person->name, person->id) == 0)
        person->name = NULL; /* PostHog's other fallback */
}

static const struct account *in_book(const struct book *book, const char *id)
{
    return book ? book_find(book, id) : NULL;
}

/* Addresses of pictures and of schemas are nobody's page. */
static bool is_of_form(const cJSON *node)
{
    static const char *const words[] = {"schema", "@context",  "avatar",
                                        "icon",   "image",     "thumbnail",
                                        "logo",   "contentUrl"};

    for (size_t i = 0; node->string && i < sizeof words / sizeof *words; i++)
        if (strstr(node->string, words[i]))
            return true;
    return false;
}

static void search_string(const struct extraction *extract, const cJSON *node,
                          struct event *event)
{
    const char *text = node->valuestring;

    if (strlen(text) > LIMIT_TEXT || is_of_form(node))
        return;
    if (!event->person.email && extract_is_email(text))
        event->person.email = extract_clean(extract, text, LIMIT_TEXT);
    else if (!event->account.id && in_book(extract->decoder->book, text))
        event->account.id = extract_clean(extract, text, LIMIT_TEXT);
    else if (!event->url && url_clean(text))
        event->url = extract_clean(extract, text, LIMIT_TEXT);
}

void extract_strings(const struct extraction *extract,
                     const struct shape *shape, struct event *event)
{
    struct slice all = json_raw(shape->root);
    const cJSON *node = shape->root;

    for (; node && json_raw(node).at < all.at + all.len;
         node = json_after(node))
        if (cJSON_IsString(node))
            search_string(extract, node, event);
}

/* ---- which account ---- */

static const char *lower(struct arena *arena, const char *text)
{
    char *copy = arena_strndup(arena, text, strlen(text));

    ascii_lower_text(copy);
    return copy;
}

static const char *account_key(const struct extraction *extract,
                               struct shape *shape, enum payload_field field)
{
    const char *id = extract_clean_text(extract, shape, field);

    return id ? lower(extract->arena, id) : NULL;
}

/* Hand-made payloads have a field "organization" with either in it. */
static void split_account(const struct extraction *extract,
                          struct shape *shape, struct event_account *account)
{
    const char *text = extract_clean_text(extract, shape, PAYLOAD_ACCOUNT);
    struct uuid uuid;

    if (!text)
        return;
    if (uuid_parse(text, strlen(text), &uuid) ||
        in_book(extract->decoder->book, text)) {
        if (!account->id)
            account->id = lower(extract->arena, text);
    } else if (!account->name) {
        account->name = text;
    }
}

/* "$groupidentify" says which group it is about by type and key. */
static void identified_group(const struct extraction *extract,
                             struct shape *shape,
                             struct event_account *account)
{
    static const char *const places[][3] = {
        {"properties.$group_type", "properties.$group_key",
         "properties.$group_set.name"},
        {"event.properties.$group_type", "event.properties.$group_key",
         "event.properties.$group_set.name"},
        {"$group_type", "$group_key", "$group_set.name"}};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *type = shape_at(shape, places[i][0], extract->arena);
        const char *key =
            type ? shape_at(shape, places[i][1], extract->arena) : NULL;

        if (!key || (text_casecmp(type, "organization") != 0 &&
                     !in_book(extract->decoder->book, key)))
            continue;
        account->id =
            lower(extract->arena, extract_clean(extract, key, LIMIT_TEXT));
        if (!account->name)
            account->name =
                extract_clean(extract,
                              shape_at(shape, places[i][2], extract->arena),
                              LIMIT_TEXT);
        return;
    }
}

void extract_account(const struct extraction *extract, struct shape *shape,
                     struct event *event)
{
    struct event_account *account = &event->account;

    account->id = account_key(extract, shape, PAYLOAD_ACCOUNT_ID);
    account->name = extract_clean_text(extract, shape, PAYLOAD_ACCOUNT_NAME);
    if (!account->id || !account->name)
        split_account(extract, shape, account);
    if (!account->id && strcmp(event->name, "$groupidentify") == 0)
        identified_group(extract, shape, account);
    if (!account->id)
        account->id = account_key(extract, shape, PAYLOAD_PERSON_ACCOUNT_ID);
}

void extract_team(const struct extraction *extract, const cJSON *props,
                  struct event *event)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(props, "team_id");
    const char *text = cJSON_GetStringValue(id), *account;
    double number = cJSON_GetNumberValue(id);

    if (!extract->decoder->teams || !(text || (number >= 0 && number < 1e15)))
        return;
    account = teams_account(extract->decoder->teams,
                            text ? strtoll(text, NULL, 10) : (int64_t)number);
    if (!account)
        return;
    event->account.id =
        arena_strndup(extract->arena, account, strlen(account));
    decode_relabel(extract->decoder->book, event, extract->arena);
}
