/* Gathering events into a message, and its JSON form. What Slack or anybody
 * else makes of it is slack.c's business. */
#include "mirror/message.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "event/prompt.h"
#include "base/banned.h"

struct message *message_new(void)
{
    return xcalloc(1, sizeof(struct message));
}

void message_free(struct message *message)
{
    if (!message)
        return;
    for (size_t i = 0; i < message->group_count; i++)
        free(message->groups[i]);
    arena_free(&message->arena);
    free(message->signals);
    free(message);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static struct message_group *add_group(struct message *message)
{
    struct message_group *group = xcalloc(1, sizeof *group);

    message->groups[message->group_count++] = group;
    return group;
}

/* PostHog's page of an account is <project>/groups/0/<organisation id>. */
static const char *account_link(struct arena *arena, const struct event *event)
{
    const char *id = event->account.id;
    char *text = NULL;
    struct buf link;

    if (!event->project_url || !id ||
        strspn(id, "0123456789abcdef-") != strlen(id))
        return NULL;
    buf_init(&link, 2048);
    if (buf_addf(&link, "%s/groups/0/%s", event->project_url, id))
        text = arena_strdup(arena, link.data);
    buf_free(&link);
    return text;
}

static struct message_group *find_group(const struct message *message,
                                        const char *account_id)
{
    for (size_t i = 0; i < message->group_count; i++)
        if (same(message->groups[i]->account_id, account_id))
            return message->groups[i];
    return NULL;
}

/* The account's group; NULL when there are too many accounts. */
static struct message_group *event_group(struct message *message,
                                         const struct event *event)
{
    struct arena *arena = &message->arena;
    struct message_group *group = find_group(message, event->account.id);

    if (group || message->group_count == MESSAGE_GROUPS)
        return group;
    group = add_group(message);
    group->account_id = arena_strdup(arena, event->account.id);
    group->account =
        arena_strdup(arena, event->account.name ? event->account.name
                                                : event->account.id);
    group->account_link = account_link(arena, event);
    return group;
}

char *message_mask(struct arena *arena, const char *email)
{
    const char *at = strchr(email, '@');
    struct buf text;
    char *masked;
    size_t first = 1;

    if (!at || at == email)
        return arena_strdup(arena, "someone");
    while ((email[first] & 0xc0) == 0x80)
        first++;
    buf_init(&text, 8192);
    buf_add(&text, email, first);
    buf_adds(&text, "…");
    buf_adds(&text, at);
    masked = arena_strdup(arena, text.data);
    buf_free(&text);
    return masked;
}

/* PostHog's name of a person often is the address: that is masked too. */
static const char *masked_person(struct arena *arena,
                                 const struct event_person *person)
{
    if (person->name && !strchr(person->name, '@'))
        return arena_strdup(arena, person->name);
    if (person->email)
        return message_mask(arena, person->email);
    return person->name ? message_mask(arena, person->name) : NULL;
}

const char *message_person(struct arena *arena, const struct event *event,
                           const struct message_redaction *redaction)
{
    const struct event_person *person = &event->person;

    if (redaction && redaction->no_people)
        return NULL;
    if (redaction && redaction->mask_emails)
        return masked_person(arena, person);
    if (!person->name && !person->email && !person->id)
        return NULL;
    return arena_strdup(arena, event_person_label(event, arena));
}

static void count_person(struct arena *arena, struct message_group *group,
                         const char *who)
{
    if (!who || group->people_count == MESSAGE_PEOPLE)
        return;
    for (size_t i = 0; i < group->people_count; i++)
        if (same(group->people[i], who))
            return;
    group->people[group->people_count++] = arena_strdup(arena, who);
}

static int weight(enum tone tone)
{
    return tone == TONE_BAD ? 2 : tone == TONE_WARN;
}

/* Makes room for a line that weighs so much by dropping the least: the
 * lightest, of those the oldest. False: the new one is the least. */
static bool make_room(struct message_group *group, int heaviness)
{
    size_t least = 0;

    if (group->line_count < MESSAGE_LINES)
        return true;
    for (size_t i = 1; i < group->line_count; i++)
        if (weight(group->lines[i].tone) < weight(group->lines[least].tone))
            least = i;
    if (weight(group->lines[least].tone) > heaviness)
        return false;
    group->line_count--;
    memmove(group->lines + least, group->lines + least + 1,
            (group->line_count - least) * sizeof *group->lines);
    return true;
}

static void add_line(struct message *message, struct message_group *group,
                     const struct event *event,
                     const struct message_redaction *redaction)
{
    struct arena *arena = &message->arena;
    bool people = !redaction || !redaction->no_people;
    const char *sentence = redaction && redaction->prompts
                               ? event->sentence
                               : prompt_unquoted(event, arena);

    if (!make_room(group, weight(event->tone)))
        return;
    group->lines[group->line_count++] = (struct message_line){
        .seq = event->seq,
        .at = event_time(event),
        .tone = event->tone,
        .category = event->category,
        .person = message_person(arena, event, redaction),
        .sentence = arena_strdup(arena, sentence ? sentence : event->name),
        .replay = arena_strdup(arena, event->links.replay),
        .person_link =
            people ? arena_strdup(arena, event->links.person) : NULL,
    };
}

static void widen(struct message *message, uint64_t first_seq,
                  uint64_t last_seq, int64_t first_at, int64_t last_at)
{
    bool first = !message->events;

    if (first || first_seq < message->first_seq)
        message->first_seq = first_seq;
    if (last_seq > message->last_seq)
        message->last_seq = last_seq;
    if (first || first_at < message->first_at)
        message->first_at = first_at;
    if (first || last_at > message->last_at)
        message->last_at = last_at;
}

void message_add(struct message *message, const struct event *event,
                 const struct message_redaction *redaction)
{
    struct message_group *group = event_group(message, event);

    widen(message, event->seq, event->seq, event_time(event),
          event_time(event));
    message->events++;
    if (!group) {
        message->other_events++;
        return;
    }
    group->events++;
    count_person(&message->arena, group,
                 event->person.id ? event->person.id : event->person.email);
    add_line(message, group, event, redaction);
}

void message_add_signal(struct message *message, const struct event *event,
                        const char *title, const char *opener,
                        const struct message_redaction *redaction)
{
    struct message_line *line;

    message_add(message, event, redaction);
    line = &message->groups[0]->lines[0];
    line->signal = arena_strdup(&message->arena, title);
    line->opener = arena_strdup(&message->arena, opener);
}

void message_note_signal(struct message *message, int64_t id)
{
    for (size_t i = 0; i < message->signal_count; i++)
        if (message->signals[i] == id)
            return;
    message->signals =
        xreallocarray(message->signals, message->signal_count + 1,
                      sizeof *message->signals);
    message->signals[message->signal_count++] = id;
}

static void merge_line(struct message *message, struct message_group *group,
                       const struct message_line *line)
{
    struct arena *arena = &message->arena;

    if (!make_room(group, weight(line->tone)))
        return;
    group->lines[group->line_count] = *line;
    group->lines[group->line_count].person = arena_strdup(arena, line->person);
    group->lines[group->line_count].sentence =
        arena_strdup(arena, line->sentence);
    group->lines[group->line_count].replay = arena_strdup(arena, line->replay);
    group->lines[group->line_count].person_link =
        arena_strdup(arena, line->person_link);
    group->lines[group->line_count].signal = arena_strdup(arena, line->signal);
    group->lines[group->line_count].opener = arena_strdup(arena, line->opener);
    group->line_count++;
}

static void merge_group(struct message *message,
                        const struct message_group *more)
{
    struct arena *arena = &message->arena;
    struct message_group *group = find_group(message, more->account_id);

    if (!group && message->group_count == MESSAGE_GROUPS) {
        message->other_events += more->events;
        return;
    }
    if (!group) {
        group = add_group(message);
        group->account_id = arena_strdup(arena, more->account_id);
        group->account = arena_strdup(arena, more->account);
        group->account_link = arena_strdup(arena, more->account_link);
    }
    group->events += more->events;
    for (size_t i = 0; i < more->people_count; i++)
        count_person(arena, group, more->people[i]);
    for (size_t i = 0; i < more->line_count; i++)
        merge_line(message, group, &more->lines[i]);
}

void message_merge(struct message *message, const struct message *more)
{
    if (more->events)
        widen(message, more->first_seq, more->last_seq, more->first_at,
              more->last_at);
    for (size_t i = 0; i < more->signal_count; i++)
        message_note_signal(message, more->signals[i]);
    message->events += more->events;
    message->other_events += more->other_events;
    for (size_t i = 0; i < more->group_count; i++)
        merge_group(message, more->groups[i]);
}

void message_summary(struct buf *out, unsigned events, size_t people)
{
    buf_addf(out, "%u event%s", events, events == 1 ? "" : "s");
    if (people > 1)
        buf_addf(out, " by %zu people", people);
}

/* ---- the JSON form: what the outbox keeps ---- */

static void put_text(cJSON *object, const char *key, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, key, text);
}

static cJSON *line_json(const struct message_line *line)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddNumberToObject(object, "seq", (double)line->seq);
    cJSON_AddNumberToObject(object, "at", (double)line->at);
    cJSON_AddStringToObject(object, "tone", tone_name(line->tone));
    cJSON_AddStringToObject(object, "category", category_name(line->category));
    put_text(object, "person", line->person);
    put_text(object, "sentence", line->sentence);
    put_text(object, "replay", line->replay);
    put_text(object, "person_link", line->person_link);
    put_text(object, "signal", line->signal);
    put_text(object, "opener", line->opener);
    return object;
}

static cJSON *group_json(const struct message_group *group)
{
    cJSON *object = cJSON_CreateObject(), *people, *lines;

    put_text(object, "account_id", group->account_id);
    put_text(object, "account", group->account);
    put_text(object, "account_link", group->account_link);
    cJSON_AddNumberToObject(object, "events", group->events);
    people = cJSON_AddArrayToObject(object, "people");
    for (size_t i = 0; i < group->people_count; i++)
        cJSON_AddItemToArray(people, cJSON_CreateString(group->people[i]));
    lines = cJSON_AddArrayToObject(object, "lines");
    for (size_t i = 0; i < group->line_count; i++)
        cJSON_AddItemToArray(lines, line_json(&group->lines[i]));
    return object;
}

static void add_signals(cJSON *object, const struct message *message)
{
    cJSON *list = cJSON_AddArrayToObject(object, "signals");

    for (size_t i = 0; i < message->signal_count; i++)
        cJSON_AddItemToArray(list,
                             cJSON_CreateNumber((double)message->signals[i]));
}

bool message_to_json(struct buf *out, const struct message *message)
{
    cJSON *object = cJSON_CreateObject(), *groups;
    char *text;
    bool ok;

    cJSON_AddNumberToObject(object, "events", message->events);
    cJSON_AddNumberToObject(object, "other_events", message->other_events);
    cJSON_AddNumberToObject(object, "first_seq", (double)message->first_seq);
    cJSON_AddNumberToObject(object, "last_seq", (double)message->last_seq);
    cJSON_AddNumberToObject(object, "first_at", (double)message->first_at);
    cJSON_AddNumberToObject(object, "last_at", (double)message->last_at);
    groups = cJSON_AddArrayToObject(object, "groups");
    for (size_t i = 0; i < message->group_count; i++)
        cJSON_AddItemToArray(groups, group_json(message->groups[i]));
    if (message->signal_count)
        add_signals(object, message);
    text = cJSON_PrintUnformatted(object);
    ok = text && buf_adds(out, text);
    cJSON_free(text);
    cJSON_Delete(object);
    return ok;
}

static const cJSON *item_of(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *item = item_of(object, key);

    return cJSON_IsNumber(item) && item->valuedouble > 0 &&
                   item->valuedouble < 9e15
               ? item->valuedouble
               : 0;
}

static unsigned count_of(const cJSON *object, const char *key)
{
    double number = number_of(object, key);

    return number < UINT_MAX ? (unsigned)number : UINT_MAX;
}

static const char *text_of(struct arena *arena, const cJSON *object,
                           const char *key)
{
    return arena_strdup(arena, cJSON_GetStringValue(item_of(object, key)));
}

static void read_line(struct message *message, struct message_group *group,
                      const cJSON *item)
{
    struct arena *arena = &message->arena;
    struct message_line *line = &group->lines[group->line_count++];
    const char *tone = text_of(arena, item, "tone");
    const char *category = text_of(arena, item, "category");
    const char *sentence = text_of(arena, item, "sentence");

    line->seq = (uint64_t)number_of(item, "seq");
    line->at = (int64_t)number_of(item, "at");
    if (!tone || !tone_parse(tone, &line->tone))
        line->tone = TONE_INFO;
    if (!category || !category_parse(category, &line->category))
        line->category = CATEGORY_OTHER;
    line->person = text_of(arena, item, "person");
    line->sentence = sentence ? sentence : "";
    line->replay = text_of(arena, item, "replay");
    line->person_link = text_of(arena, item, "person_link");
    line->signal = text_of(arena, item, "signal");
    line->opener = text_of(arena, item, "opener");
}

static void read_people(struct message *message, struct message_group *group,
                        const cJSON *people)
{
    const cJSON *item = people ? people->child : NULL;

    for (; item && group->people_count < MESSAGE_PEOPLE; item = item->next)
        if (cJSON_IsString(item))
            group->people[group->people_count++] =
                arena_strdup(&message->arena, item->valuestring);
}

static void read_group(struct message *message, const cJSON *item)
{
    struct message_group *group = add_group(message);
    const cJSON *lines = item_of(item, "lines");
    const cJSON *line = lines ? lines->child : NULL;

    group->account_id = text_of(&message->arena, item, "account_id");
    group->account = text_of(&message->arena, item, "account");
    group->account_link = text_of(&message->arena, item, "account_link");
    group->events = count_of(item, "events");
    read_people(message, group, item_of(item, "people"));
    for (; line && group->line_count < MESSAGE_LINES; line = line->next)
        read_line(message, group, line);
}

static void read_signals(struct message *message, const cJSON *list)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list) if (cJSON_IsNumber(item))
        message_note_signal(message, (int64_t)item->valuedouble);
}

struct message *message_from_json(const char *json, size_t len)
{
    cJSON *object = cJSON_ParseWithLength(json, len);
    const cJSON *groups = item_of(object, "groups");
    const cJSON *item = groups ? groups->child : NULL;
    struct message *message = NULL;

    if (cJSON_IsArray(groups)) {
        message = message_new();
        message->events = count_of(object, "events");
        message->other_events = count_of(object, "other_events");
        message->first_seq = (uint64_t)number_of(object, "first_seq");
        message->last_seq = (uint64_t)number_of(object, "last_seq");
        message->first_at = (int64_t)number_of(object, "first_at");
        message->last_at = (int64_t)number_of(object, "last_at");
    }
    if (message)
        read_signals(message, item_of(object, "signals"));
    for (; message && item && message->group_count < MESSAGE_GROUPS;
         item = item->next)
        read_group(message, item);
    cJSON_Delete(object);
    return message;
}
