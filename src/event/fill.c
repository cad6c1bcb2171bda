/* What the values of one shape mean: who did it, in which account, when and
 * what. shapes.c says where they stand; what they add up to is the
 * catalogue's affair. */
#include "event/fill.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/limits.h"
#include "event/json_tree.h"
#include "event/nothing.h"
#include "event/prompt.h"
#include "event/chat_text.h"

#include "base/banned.h"

#define SAYS_UNRENDERED "sent a template that PostHog did not fill in"
#define SAYS_SHAPELESS "sent something of no known form"

/* ---- text ---- */

/* Sanitised, cut to max, trimmed; NULL when nothing is left. */
static const char *clean(const struct filling *fill, const char *text,
                         size_t max)
{
    const char *made;

    if (!text)
        return NULL;
    made = text_sanitised(fill->arena, text, strlen(text), max);
    return shape_trim(fill->arena, made, strlen(made));
}

static const char *field_text(const struct filling *fill, struct shape *shape,
                              enum payload_field field)
{
    return shape_text(shape, field, fill->arena);
}

static const char *field_clean(const struct filling *fill, struct shape *shape,
                               enum payload_field field)
{
    return clean(fill, field_text(fill, shape, field), LIMIT_TEXT);
}

/* ---- who ---- */

/* Something, one '@', and a domain; nothing that ends an address. */
static bool is_email(const char *text)
{
    const char *at = strchr(text, '@');

    return at && at > text && at[1] && !strchr(at + 1, '@') &&
           !strpbrk(text, " \t\r\n<>\"/,;:") && strlen(text) <= 320;
}

/* PostHog falls back to the address for a person without a name. */
static bool is_no_email(const char *text)
{
    return !is_email(text);
}

static void find_person(const struct filling *fill, struct shape *shape,
                        struct event *event)
{
    struct event_person *person = &event->person;

    if (shape_is_message(shape))
        return; /* whoever posted it */
    person->id = field_clean(fill, shape, PAYLOAD_DISTINCT_ID);
    person->email = clean(fill,
                          shape_text_if(shape, PAYLOAD_PERSON_EMAIL, is_email,
                                        fill->arena),
                          LIMIT_TEXT);
    person->name = clean(fill,
                         shape_text_if(shape, PAYLOAD_PERSON_NAME, is_no_email,
                                       fill->arena),
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

static void search_string(const struct filling *fill, const cJSON *node,
                          struct event *event)
{
    const char *text = node->valuestring;

    if (strlen(text) > LIMIT_TEXT || is_of_form(node))
        return;
    if (!event->person.email && is_email(text))
        event->person.email = clean(fill, text, LIMIT_TEXT);
    else if (!event->account.id && in_book(fill->decoder->book, text))
        event->account.id = clean(fill, text, LIMIT_TEXT);
    else if (!event->url && links_clean(text))
        event->url = clean(fill, text, LIMIT_TEXT);
}

/* A nameless thing may still hold an address or an account somewhere. */
static void search_strings(const struct filling *fill,
                           const struct shape *shape, struct event *event)
{
    struct slice all = json_raw(shape->root);
    const cJSON *node = shape->root;

    for (; node && json_raw(node).at < all.at + all.len;
         node = json_after(node))
        if (cJSON_IsString(node))
            search_string(fill, node, event);
}

/* ---- which account ---- */

static const char *lower(struct arena *arena, const char *text)
{
    char *copy = arena_strndup(arena, text, strlen(text));

    for (char *at = copy; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

static const char *account_key(const struct filling *fill, struct shape *shape,
                               enum payload_field field)
{
    const char *id = field_clean(fill, shape, field);

    return id ? lower(fill->arena, id) : NULL;
}

/* Hand-made payloads have a field "organization" with either in it. */
static void split_account(const struct filling *fill, struct shape *shape,
                          struct event_account *account)
{
    const char *text = field_clean(fill, shape, PAYLOAD_ACCOUNT);
    struct uuid uuid;

    if (!text)
        return;
    if (uuid_parse(text, strlen(text), &uuid) ||
        in_book(fill->decoder->book, text)) {
        if (!account->id)
            account->id = lower(fill->arena, text);
    } else if (!account->name) {
        account->name = text;
    }
}

/* "$groupidentify" says which group it is about by type and key. */
static void identified_group(const struct filling *fill, struct shape *shape,
                             struct event_account *account)
{
    static const char *const places[][3] = {
        {"properties.$group_type", "properties.$group_key",
         "properties.$group_set.name"},
        {"event.properties.$group_type", "event.properties.$group_key",
         "event.properties.$group_set.name"},
        {"$group_type", "$group_key", "$group_set.name"}};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *type = shape_at(shape, places[i][0], fill->arena);
        const char *key =
            type ? shape_at(shape, places[i][1], fill->arena) : NULL;

        if (!key || (text_casecmp(type, "organization") != 0 &&
                     !in_book(fill->decoder->book, key)))
            continue;
        account->id = lower(fill->arena, clean(fill, key, LIMIT_TEXT));
        if (!account->name)
            account->name =
                clean(fill, shape_at(shape, places[i][2], fill->arena),
                      LIMIT_TEXT);
        return;
    }
}

static void find_account(const struct filling *fill, struct shape *shape,
                         struct event *event)
{
    struct event_account *account = &event->account;

    account->id = account_key(fill, shape, PAYLOAD_ACCOUNT_ID);
    account->name = field_clean(fill, shape, PAYLOAD_ACCOUNT_NAME);
    if (!account->id || !account->name)
        split_account(fill, shape, account);
    if (!account->id && strcmp(event->name, "$groupidentify") == 0)
        identified_group(fill, shape, account);
    if (!account->id)
        account->id = account_key(fill, shape, PAYLOAD_PERSON_ACCOUNT_ID);
}

/* The one account of that name; two of the same name are none. */
static const struct account *by_name(const struct book *book, const char *name)
{
    const struct account *found = NULL;

    for (size_t i = 0; i < book_count(book); i++) {
        const struct account *account = book_at(book, i);

        if (text_casecmp(account->name, name) != 0)
            continue;
        if (found)
            return NULL;
        found = account;
    }
    return found;
}

void decode_relabel(const struct book *book, struct event *event,
                    struct arena *arena)
{
    struct event_account *account = &event->account;
    const struct account *found = NULL;

    if (account->id)
        found = in_book(book, account->id);
    else if (book && event->person.email)
        found = book_find_email(book, event->person.email);
    if (book && !found && !account->id && account->name)
        found = by_name(book, account->name);
    account->listed = found;
    if (!found)
        return;
    account->id = arena_strdup(arena, found->id);
    account->name = arena_strdup(arena, found->name);
}

/* ---- when ---- */

/* "… 19:00:00 +0000", "… Z" and "… UTC" as clock_parse() knows them. */
static size_t join_zone(char *text, size_t len)
{
    size_t zone = len;

    if (len > 4 && (!strcasecmp(text + len - 4, " UTC") ||
                    !strcasecmp(text + len - 4, " GMT")))
        len -= 3;
    else if (len > 2 && text[len - 2] == ' ' && strchr("zZ", text[len - 1]))
        len--;
    if (len < zone) {
        text[len - 1] = 'Z';
        return len;
    }
    while (zone && strchr("0123456789:", text[zone - 1]))
        zone--;
    if (zone < 11 || !strchr("+-", text[zone - 1]) || text[zone - 2] != ' ')
        return len;
    memmove(text + zone - 2, text + zone - 1, len - zone + 1);
    return len - 1;
}

/* Seconds or milliseconds with a fraction, as PostHog's $time is:
 * clock_parse() reads only whole ones. */
static int64_t parse_number(const char *text, size_t whole)
{
    int64_t ms = clock_parse(text, whole);

    for (int i = 1, unit = 100; whole == 10 && i <= 3; i++, unit /= 10) {
        char c = text[whole + (size_t)i];

        if (c < '0' || c > '9')
            break;
        ms += (c - '0') * unit;
    }
    return ms;
}

static int64_t parse_time(const char *text)
{
    size_t len = strlen(text);
    size_t whole = strspn(text, "0123456789");
    char joined[64];

    if (text[whole] == '.' && (whole == 10 || whole == 13) &&
        whole + 1 + strspn(text + whole + 1, "0123456789") == len)
        return parse_number(text, whole);
    if (len >= sizeof joined)
        return CLOCK_NONE;
    memcpy(joined, text, len + 1);
    return clock_parse(joined, join_zone(joined, len));
}

static void find_time(const struct filling *fill, struct shape *shape,
                      struct event *event)
{
    const char *text = field_text(fill, shape, PAYLOAD_TIMESTAMP);
    int64_t at = text ? parse_time(text) : fill->arrival->received_at;

    event->received_at = fill->arrival->received_at;
    if (at == CLOCK_NONE) {
        at = event->received_at;
        event->flags |= EVENT_CLOCK_OFF;
    } else if (fill->arrival->follow_clock) {
        event->received_at = at;
    }
    event->occurred_at = at;
    if (event_time(event) != at)
        event->flags |= EVENT_CLOCK_OFF;
}

/* ---- what ---- */

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
static const cJSON *find_properties(const struct filling *fill,
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

        held = json_tree(text, fill->trees, NULL);
        if (!cJSON_IsObject(held))
            return NULL;
    }
    note_range(shape, json_raw(node), event);
    return cJSON_IsObject(held) ? held : NULL;
}

static const struct {
    const char *word;
    enum tone tone;
} severities[] = {
    {"warning", TONE_WARN},  {"warn", TONE_WARN},     {"error", TONE_BAD},
    {"critical", TONE_BAD},  {"fatal", TONE_BAD},     {"high", TONE_BAD},
    {"emergency", TONE_BAD}, {"resolved", TONE_GOOD},
};

static void judge_severity(const struct filling *fill, struct shape *shape,
                           struct event *event)
{
    const char *word = field_text(fill, shape, PAYLOAD_SEVERITY);

    for (size_t i = 0; word && i < sizeof severities / sizeof *severities; i++)
        if (text_casecmp(severities[i].word, word) == 0)
            event->tone = severities[i].tone;
}

/* A title and a text, as far as there are any, read as prose. */
static bool find_prose(const struct filling *fill, struct shape *shape,
                       struct chat_text *out)
{
    const char *title = field_text(fill, shape, PAYLOAD_TITLE);
    const char *text = field_text(fill, shape, PAYLOAD_TEXT);
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
    *out = chat_text_read(both.data, fill->arena);
    buf_free(&both);
    return true;
}

/* What a nameless event is called and says. */
struct words {
    const char *sentence; /* NULL: the catalogue's */
    struct chat_text prose;
    bool nameless;
};

static void name_from_prose(const struct filling *fill, struct shape *shape,
                            struct event *event, struct words *words)
{
    struct chat_text *prose = &words->prose;

    if (!find_prose(fill, shape, prose)) {
        if (event->name)
            return; /* the kind says as much as there is */
        words->sentence = SAYS_SHAPELESS;
        event->flags |= EVENT_SHAPELESS;
        return;
    }
    if (cJSON_IsString(shape->root))
        event->flags |= EVENT_SHAPELESS;
    words->sentence = clean(fill, prose->what, LIMIT_SENTENCE);
    if (!words->sentence)
        words->sentence = SAYS_SHAPELESS;
    if (prose->who && (nothing_said(prose->who, strlen(prose->who)) ||
                       nothing_filled(prose->who)))
        prose->who = NULL;
    if (prose->who && is_email(prose->who) && !event->person.email)
        event->person.email = clean(fill, prose->who, LIMIT_TEXT);
    else if (prose->who && !event->person.name)
        event->person.name = clean(fill, prose->who, LIMIT_TEXT);
    if (prose->event) {
        event->name = clean(fill, prose->event, LIMIT_TEXT);
        words->sentence = NULL;
        words->nameless = false;
    }
}

/* The name, else a kind and what the message says. */
static void find_name(const struct filling *fill, struct shape *shape,
                      struct event *event, struct words *words)
{
    const char *text = field_text(fill, shape, PAYLOAD_EVENT);
    const cJSON *node;

    if (text) {
        event->name =
            text_sanitised(fill->arena, text, strlen(text), LIMIT_TEXT);
        return;
    }
    node = shape_node(shape, PAYLOAD_EVENT);
    event->name = cJSON_IsString(node)
                      ? clean(fill, node->valuestring, LIMIT_TEXT)
                      : NULL;
    if (shape->unrendered) {
        words->sentence = SAYS_UNRENDERED;
        words->nameless = true;
    } else if (!shape_mentions(shape, PAYLOAD_EVENT)) {
        words->nameless = true;
        event->name = field_clean(fill, shape, PAYLOAD_KIND);
        name_from_prose(fill, shape, event, words);
    }
    if (!event->name)
        event->name = "";
}

/* Category, tone and sentence. */
static void classify(const struct filling *fill, struct shape *shape,
                     struct event *event, const struct words *words,
                     const cJSON *props)
{
    struct slice raw = {event->raw + event->props_at, event->props_len};

    catalog_apply(fill->decoder->catalog, event, props, raw, fill->arena);
    if (!words->nameless)
        return;
    if (!*event->name || shape->unrendered)
        event->flags &= ~(unsigned)EVENT_UNKNOWN;
    if (words->sentence &&
        (!*event->name || shape->unrendered || event->flags & EVENT_UNKNOWN)) {
        event->category = CATEGORY_OTHER;
        event->sentence = words->sentence;
        judge_severity(fill, shape, event);
    }
}

/* ---- the event ---- */

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

static const char *find_uuid(const struct filling *fill, struct shape *shape,
                             const struct event *event)
{
    const char *text =
        shape_text_if(shape, PAYLOAD_UUID, is_uuid, fill->arena);

    if (text || !fill->many || !is_row(shape->root))
        return text;
    text = shape_at(shape, "id", fill->arena);
    if (!text || !is_uuid(text) ||
        (event->person.id && text_casecmp(text, event->person.id) == 0))
        return NULL;
    return text;
}

/* FNV-1a of the event as it came. */
static uint64_t hash_of(const struct event *event)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < event->raw_len; i++)
        hash = (hash ^ (unsigned char)event->raw[i]) * UINT64_C(1099511628211);
    return hash;
}

static const char *outer_text(const struct filling *fill, struct shape *shape,
                              const char *path)
{
    struct shape outer = {.root = shape->outer};
    const char *text =
        shape->outer ? shape_at(&outer, path, fill->arena) : NULL;

    return text ? text : shape_at(shape, path, fill->arena);
}

/* What other senders call a delivery. CloudEvents' ids are unique within
 * their source. A plain "id" may be that of anything, a person's too: with it
 * only the very same text of the very same moment is the same event. */
static void sender_key(const struct filling *fill, struct shape *shape,
                       const struct event *event, struct buf *key)
{
    static const char *const names[] = {"messageId", "message_id", "MessageId",
                                        "delivery_id", "deliveryId"};
    const char *id = outer_text(fill, shape, "id");
    const char *source = outer_text(fill, shape, "source");

    if (id && source && outer_text(fill, shape, "specversion")) {
        buf_addf(key, "cloudevent/%.200s/%.200s", source, id);
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = outer_text(fill, shape, names[i]);

        if (name) {
            buf_addf(key, "message/%.400s", name);
            return;
        }
    }
    if (id && field_text(fill, shape, PAYLOAD_TIMESTAMP))
        buf_addf(key, "id/%.300s/%016llx", id,
                 (unsigned long long)hash_of(event));
}

/* The key by which a second delivery is known. */
static void find_key(const struct filling *fill, struct shape *shape,
                     struct event *event)
{
    const char *text = find_uuid(fill, shape, event);
    const char *id = fill->arrival->webhook_id;
    struct buf key;

    event->has_uuid = text && uuid_parse(text, strlen(text), &event->uuid);
    if (event->has_uuid || shape->unrendered)
        return;
    buf_init(&key, LIMIT_TEXT);
    if (id && *id) {
        buf_add(&key, id, strnlen(id, LIMIT_TEXT - 32));
        if (fill->many)
            buf_addf(&key, "/%zu", fill->index);
    } else if (cJSON_IsObject(shape->root)) {
        sender_key(fill, shape, event, &key);
    }
    event->key = clean(fill, key.data, LIMIT_TEXT);
    buf_free(&key);
}

/* Events that a server sends for a whole team or project carry an id that is
 * nobody's: no person came with it, nor a session. Sessions are looked for
 * later, so the shape is asked. */
static bool is_nobody(const struct filling *fill, struct shape *shape,
                      const struct event *event, const cJSON *props)
{
    const char *id = event->person.id;
    struct uuid uuid;

    if (cJSON_IsFalse(json_member(props, "$process_person_profile")))
        return true;
    return id && !event->person.email && !event->person.name &&
           (uuid_parse(id, strlen(id), &uuid) ||
            strncmp(id, "team_", 5) == 0) &&
           !field_text(fill, shape, PAYLOAD_PERSON_URL) &&
           !field_text(fill, shape, PAYLOAD_SESSION_ID);
}

static void find_links(const struct filling *fill, struct shape *shape,
                       const struct chat_text *prose, struct event *event)
{
    struct link_hints hints = {
        .replay = field_text(fill, shape, PAYLOAD_REPLAY_URL),
        .person = field_text(fill, shape, PAYLOAD_PERSON_URL),
        .event = field_text(fill, shape, PAYLOAD_EVENT_URL),
        .source = field_text(fill, shape, PAYLOAD_SOURCE_URL),
        .project_url = field_text(fill, shape, PAYLOAD_PROJECT_URL),
    };

    if (!hints.person)
        hints.person = prose->person_url;
    if (!hints.event)
        hints.event = prose->link;
    links_fill(fill->decoder->links, &hints,
               field_text(fill, shape, PAYLOAD_SESSION_ID), event,
               fill->arena);
}

static void quote(const struct filling *fill, const struct shape *shape,
                  struct event *event)
{
    const char *prompt = prompt_find(shape->root, fill->trees);

    if (prompt)
        prompt_quote(prompt, event, fill->arena);
}

/* The last resort: some events carry nothing but their project's number. */
static void find_team(const struct filling *fill, const cJSON *props,
                      struct event *event)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(props, "team_id");
    const char *text = cJSON_GetStringValue(id), *account;
    double number = cJSON_GetNumberValue(id);

    if (!fill->decoder->teams || !(text || (number >= 0 && number < 1e15)))
        return;
    account = teams_account(fill->decoder->teams,
                            text ? strtoll(text, NULL, 10) : (int64_t)number);
    if (!account)
        return;
    event->account.id = arena_strndup(fill->arena, account, strlen(account));
    decode_relabel(fill->decoder->book, event, fill->arena);
}

void fill_event(const struct filling *fill, struct shape *shape,
                struct event *event)
{
    struct words words = {0};
    const cJSON *props;

    find_person(fill, shape, event);
    find_name(fill, shape, event, &words);
    find_account(fill, shape, event);
    find_time(fill, shape, event);
    event->url = field_clean(fill, shape, PAYLOAD_URL);
    if (words.nameless)
        search_strings(fill, shape, event);
    decode_relabel(fill->decoder->book, event, fill->arena);
    find_key(fill, shape, event);
    props = find_properties(fill, shape, event);
    if (!event->account.id && !event->account.name)
        find_team(fill, props, event);
    if (is_nobody(fill, shape, event, props))
        event->person.id = NULL;
    find_links(fill, shape, &words.prose, event);
    event->hidden =
        hide_judge(fill->decoder->hide, event->person.email, props);
    classify(fill, shape, event, &words, props);
    if (fill->decoder->quote_prompts)
        quote(fill, shape, event);
    if (shape->unrendered)
        event->flags |= EVENT_UNRENDERED;
}
