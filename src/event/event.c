/* The record and the ways it is written down: the names of its numbers, the
 * one JSON form in both directions, and the plain line. What an event means
 * is the catalogue's affair, where it is kept the journal's. */
#include "event/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "event/url.h"
#include "event/slice.h"

#include "base/banned.h"

/* ---- names ---- */

static const char *const hiddens[HIDDEN_COUNT] = {NULL, "internal",
                                                  "impersonated", "machine"};
static const char *const sources[SOURCE_COUNT] = {"webhook", "feed", "nats",
                                                  "posthog", "file"};

/* The index of word in a list of count words, or -1. */
static int find_word(const char *const *list, int count, const char *word)
{
    for (int i = 0; i < count; i++)
        if (list[i] && strcmp(list[i], word) == 0)
            return i;
    return -1;
}

const char *hidden_name(enum hidden hidden)
{
    return hiddens[hidden];
}

const char *source_name(enum source source)
{
    return sources[source];
}

bool hidden_parse(const char *word, enum hidden *out)
{
    int found = find_word(hiddens, HIDDEN_COUNT, word);

    if (found >= 0)
        *out = (enum hidden)found;
    return found >= 0;
}

bool source_parse(const char *word, enum source *out)
{
    int found = find_word(sources, SOURCE_COUNT, word);

    if (found >= 0)
        *out = (enum source)found;
    return found >= 0;
}

/* ---- time ---- */

int64_t event_time(const struct event *event)
{
    int64_t occurred = event->occurred_at, received = event->received_at;
    bool old_is_fine = event->flags & EVENT_BACKFILLED;

    if (occurred > received + EVENT_LATEST_MS)
        return received;
    if (occurred < received - EVENT_EARLIEST_MS && !old_is_fine)
        return received;
    return occurred;
}

/* ---- the one JSON form, written ---- */

static void put_string(struct buf *out, const char *text)
{
    if (text)
        buf_add_json(out, text, strlen(text));
    else
        buf_adds(out, "null");
}

static void put_member(struct buf *out, const char *key, const char *text)
{
    buf_addf(out, "\"%s\":", key);
    put_string(out, text);
    buf_addc(out, ',');
}

static void put_time(struct buf *out, const char *key, int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];

    clock_format_iso(ms, iso);
    put_member(out, key, iso);
}

static void put_people(struct buf *out, const struct event *event)
{
    buf_adds(out, "\"account\":{");
    put_member(out, "id", event->account.id);
    put_member(out, "name", event->account.name);
    buf_addf(out, "\"listed\":%s},\"person\":{",
             event->account.listed ? "true" : "false");
    put_member(out, "id", event->person.id);
    put_member(out, "email", event->person.email);
    buf_adds(out, "\"name\":");
    put_string(out, event->person.name);
    buf_adds(out, "},");
}

static void put_links(struct buf *out, const struct event_links *links)
{
    buf_adds(out, "\"links\":{");
    put_member(out, "replay", links->replay);
    put_member(out, "person", links->person);
    buf_adds(out, "\"event\":");
    put_string(out, links->event);
    buf_adds(out, "},");
}

static void put_origin(struct buf *out, const struct event *event,
                       const struct uuid *journal_id)
{
    const struct uuid *id = event->has_origin ? &event->origin_id : journal_id;
    char text[UUID_TEXT_SIZE];

    if (!id) {
        buf_adds(out, "\"origin\":null,");
        return;
    }
    uuid_format(id, text);
    buf_addf(out, "\"origin\":{\"id\":\"%s\",\"seq\":%" PRIu64 "},", text,
             event->has_origin ? event->origin_seq : event->seq);
}

bool event_properties(struct buf *out, const struct event *event)
{
    struct slice props = {event->raw + event->props_at, event->props_len};
    struct buf inner;
    bool done;

    if (!event->props_len)
        return buf_adds(out, "{}");
    if (slice_kind(props) != '"')
        return slice_compact(out, props);
    buf_init(&inner, props.len); /* sent as JSON in a string */
    done = slice_string(props, &inner) &&
           slice_compact(out, (struct slice){inner.data, inner.len});
    buf_free(&inner);
    return done;
}

bool event_to_json(struct buf *out, const struct event *event,
                   const struct uuid *journal_id)
{
    char uuid[UUID_TEXT_SIZE];

    uuid_format(&event->uuid, uuid);
    buf_addf(out, "{\"seq\":%" PRIu64 ",", event->seq);
    put_member(out, "uuid", event->has_uuid ? uuid : NULL);
    put_member(out, "event", event->name);
    put_member(out, "category", category_name(event->category));
    put_member(out, "tone", tone_name(event->tone));
    put_member(out, "sentence", event->sentence);
    put_time(out, "occurred_at", event->occurred_at);
    put_time(out, "received_at", event->received_at);
    put_people(out, event);
    put_member(out, "hidden", hidden_name(event->hidden));
    put_member(out, "url", event->url);
    put_member(out, "session_id", event->session_id);
    put_links(out, &event->links);
    put_member(out, "source", source_name(event->source));
    put_origin(out, event, journal_id);
    buf_adds(out, "\"properties\":");
    event_properties(out, event);
    return buf_addc(out, '}');
}

/* ---- and read back ---- */

/* The members that are read, of the whole and of the objects in it. */
enum member {
    SEQ,
    UUID,
    EVENT,
    CATEGORY,
    TONE,
    SENTENCE,
    OCCURRED_AT,
    RECEIVED_AT,
    ACCOUNT,
    PERSON,
    HIDDEN,
    URL,
    SESSION_ID,
    LINKS,
    SOURCE,
    ORIGIN,
    PROPERTIES,
    MEMBER_COUNT
};
static const char *const members[MEMBER_COUNT] = {
    "seq",      "uuid",        "event",       "category", "tone",
    "sentence", "occurred_at", "received_at", "account",  "person",
    "hidden",   "url",         "session_id",  "links",    "source",
    "origin",   "properties"};
static const char *const account_members[] = {"id", "name", "listed"};
static const char *const person_members[] = {"id", "email", "name"};
static const char *const link_members[] = {"replay", "person", "event"};
static const char *const origin_members[] = {"id", "seq"};

/* Text of a member, sanitised again: the line may come from anywhere. */
static const char *get_text(struct slice value, struct arena *arena)
{
    struct buf plain;
    const char *text = NULL;

    if (!value.len || slice_kind(value) != '"')
        return NULL;
    if (!memchr(value.at, '\\', value.len))
        return text_sanitised(arena, value.at + 1, value.len - 2, LIMIT_TEXT);
    buf_init(&plain, value.len);
    if (slice_string(value, &plain))
        text = text_sanitised(arena, plain.data, plain.len, LIMIT_TEXT);
    buf_free(&plain);
    return text;
}

static const char *get_filled(struct slice value, struct arena *arena)
{
    const char *text = get_text(value, arena);

    return text && *text ? text : NULL;
}

static const char *get_link(struct slice value, struct arena *arena)
{
    const char *url = get_filled(value, arena);

    return url && url_clean(url) ? url : NULL;
}

static uint64_t get_number(struct slice value)
{
    if (!value.len || value.at[0] < '0' || value.at[0] > '9')
        return 0;
    return strtoull(value.at, NULL, 10);
}

static bool get_uuid(struct slice value, struct uuid *out)
{
    return value.len == 38 && uuid_parse(value.at + 1, 36, out);
}

static int64_t get_time(struct slice value)
{
    return value.len < 2 ? CLOCK_NONE
                         : clock_parse(value.at + 1, value.len - 2);
}

static void get_people(const struct slice *all, struct arena *arena,
                       struct event *out)
{
    struct slice account[3], person[3];

    slice_members(all[ACCOUNT], account_members, 3, account);
    slice_members(all[PERSON], person_members, 3, person);
    out->account.id = get_filled(account[0], arena);
    out->account.name = get_filled(account[1], arena);
    out->account.listed = account[2].len && slice_kind(account[2]) == 't';
    out->person.id = get_filled(person[0], arena);
    out->person.email = get_filled(person[1], arena);
    out->person.name = get_filled(person[2], arena);
}

static void get_links(const struct slice *all, struct arena *arena,
                      struct event *out)
{
    struct slice links[3];

    slice_members(all[LINKS], link_members, 3, links);
    out->links.replay = get_link(links[0], arena);
    out->links.person = get_link(links[1], arena);
    out->links.event = get_link(links[2], arena);
}

static void get_origin(const struct slice *all, struct event *out)
{
    struct slice origin[2];

    slice_members(all[ORIGIN], origin_members, 2, origin);
    out->has_origin = get_uuid(origin[0], &out->origin_id);
    out->origin_seq = get_number(origin[1]);
}

/* Words: an unknown one (a newer telltale) leaves the default. */
static void get_words(const struct slice *all, struct arena *arena,
                      struct event *out)
{
    const char *category = get_text(all[CATEGORY], arena);
    const char *tone = get_text(all[TONE], arena);
    const char *hidden = get_text(all[HIDDEN], arena);
    const char *source = get_text(all[SOURCE], arena);

    if (category)
        category_parse(category, &out->category);
    if (tone)
        tone_parse(tone, &out->tone);
    if (hidden)
        hidden_parse(hidden, &out->hidden);
    if (source)
        source_parse(source, &out->source);
}

static void get_times(const struct slice *all, struct event *out)
{
    out->occurred_at = get_time(all[OCCURRED_AT]);
    out->received_at = get_time(all[RECEIVED_AT]);
    if (out->received_at == CLOCK_NONE)
        out->received_at = out->occurred_at;
    if (out->occurred_at == CLOCK_NONE)
        out->occurred_at = out->received_at;
    if (out->occurred_at == CLOCK_NONE)
        return;
    if (event_time(out) != out->occurred_at)
        out->flags |= EVENT_CLOCK_OFF;
}

bool event_from_slice(struct slice object, const char *const *more,
                      size_t count, struct slice *found, struct arena *arena,
                      struct event *out)
{
    const char *names[MEMBER_COUNT + EVENT_MORE];
    struct slice all[MEMBER_COUNT + EVENT_MORE];

    memcpy(names, members, sizeof members);
    for (size_t i = 0; i < count; i++)
        names[MEMBER_COUNT + i] = more[i];
    slice_members(object, names, MEMBER_COUNT + count, all);
    for (size_t i = 0; i < count; i++)
        found[i] = all[MEMBER_COUNT + i];
    *out = (struct event){.raw = object.at, .raw_len = object.len};
    out->name = get_text(all[EVENT], arena);
    out->sentence = get_text(all[SENTENCE], arena);
    get_times(all, out);
    if (!out->name || !out->sentence || out->occurred_at == CLOCK_NONE)
        return false;
    out->fold = FOLD_SAME;
    out->seq = get_number(all[SEQ]);
    out->has_uuid = get_uuid(all[UUID], &out->uuid);
    get_words(all, arena, out);
    get_people(all, arena, out);
    out->url = get_filled(all[URL], arena);
    out->session_id = get_filled(all[SESSION_ID], arena);
    get_links(all, arena, out);
    get_origin(all, out);
    if (all[PROPERTIES].len)
        out->props_at = (size_t)(all[PROPERTIES].at - out->raw);
    out->props_len = all[PROPERTIES].len;
    return true;
}

bool event_from_json(const char *json, size_t len, struct arena *arena,
                     struct event *out)
{
    struct slice object;
    struct err err;

    if (!slice_check(json, len, &err))
        return false;
    object = slice_trim(json, len);
    object.at = arena_strndup(arena, object.at, object.len);
    return event_from_slice(object, NULL, 0, NULL, arena, out);
}

/* ---- the plain line ---- */

static void put_local_time(struct buf *out, int64_t ms)
{
    struct tm local;
    char text[32] = "";

    if (clock_local(ms, &local))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
    buf_adds(out, text);
}

bool event_is_test(const char *person_id)
{
    return person_id && (!strcmp(person_id, "telltale-test") ||
                         !strcmp(person_id, "distinct-id"));
}

const char *event_person_label(const struct event *event, struct arena *arena)
{
    const char *email = event->person.email;
    size_t local = email ? strcspn(email, "@") : 0;

    if (event->person.name)
        return event->person.name;
    if (local)
        return arena_strndup(arena, email, local);
    return event->person.id ? event->person.id : "-";
}

static const char *account_label(const struct event_account *account)
{
    if (account->name)
        return account->name;
    return account->id ? account->id : "-";
}

static void put_field(struct buf *out, const char *text, bool isolated)
{
    buf_adds(out, "  ");
    if (isolated)
        text_add_isolated(out, text);
    else
        buf_adds(out, text);
}

bool event_to_line(struct buf *out, const struct event *event,
                   bool for_terminal)
{
    struct arena arena = ARENA_INIT;
    const char *label = category_label(event->category);

    put_local_time(out, event_time(event));
    put_field(out, account_label(&event->account), for_terminal);
    put_field(out, event_person_label(event, &arena), for_terminal);
    buf_addf(out, "  %.*s", (int)strcspn(label, " "), label);
    put_field(out, event->sentence, for_terminal);
    if (event->tone == TONE_BAD || event->tone == TONE_WARN)
        buf_addf(out, "  (%s)", tone_name(event->tone));
    if (event->links.replay)
        buf_adds(out, "  replay");
    arena_free(&arena);
    return buf_ok(out);
}

/* ---- batches ---- */

struct event_batch *event_batch_new(void)
{
    return xcalloc(1, sizeof(struct event_batch));
}

void event_batch_free(struct event_batch *batch)
{
    if (!batch)
        return;
    arena_free(&batch->arena);
    free(batch);
}

void event_batch_add(struct event_batch *batch, const struct event *event)
{
    if (batch->count == batch->room) {
        size_t room = batch->room ? batch->room * 2 : 8;
        struct event *events =
            arena_alloc(&batch->arena, room * sizeof *events);

        if (batch->count)
            memcpy(events, batch->events, batch->count * sizeof *events);
        batch->events = events;
        batch->room = room;
    }
    batch->events[batch->count++] = *event;
    batch->bytes += event->raw_len;
}

void event_batch_fresh(struct event_batch *batch)
{
    batch->fresh = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct event event = batch->events[i];

        if (event.flags & EVENT_DUPLICATE)
            continue;
        batch->events[i] = batch->events[batch->fresh];
        batch->events[batch->fresh++] = event;
    }
}
