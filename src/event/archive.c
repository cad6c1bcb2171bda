/* The one JSON form is event.c's; here is what a journal keeps besides, and
 * how a line from elsewhere becomes an event that may be kept. */
#include "event/archive.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "event/links.h"
#include "event/redact.h"
#include "event/slice.h"

#include "base/banned.h"

#define FOLD_MAX 80
#define KEY_BYTES 16 /* of the hash of a line */
/* Clocks differ; an event that is further ahead is of no use, and would be
 * kept for longer than anybody wants; a tick would end days to come. */
#define AHEAD_MS CLOCK_DAY_MS

static const struct {
    unsigned flag;
    const char *name;
} flags[] = {
    {EVENT_CLOCK_OFF, "clock_off"},   {EVENT_BACKFILLED, "backfilled"},
    {EVENT_UNRENDERED, "unrendered"}, {EVENT_UNKNOWN, "unknown"},
    {EVENT_SHAPELESS, "shapeless"},   {EVENT_QUOTED, "quoted"},
};
#define FLAG_COUNT (sizeof flags / sizeof *flags)

/* ---- written ---- */

static void put_member(struct buf *out, const char *key, const char *text)
{
    if (!text)
        return;
    buf_addf(out, ",\"%s\":", key);
    buf_add_json(out, text, strlen(text));
}

static void put_flags(struct buf *out, unsigned set)
{
    const char *between = "";

    buf_adds(out, "\"flags\":[");
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (set & flags[i].flag) {
            buf_addf(out, "%s\"%s\"", between, flags[i].name);
            between = ",";
        }
    buf_addc(out, ']');
}

bool archive_event(struct buf *out, const struct event *event,
                   const struct uuid *journal_id)
{
    if (!event_to_json(out, event, journal_id))
        return false;
    buf_truncate(out, out->len - 1);
    buf_adds(out, ",\"kept\":{");
    put_flags(out, event->flags);
    put_member(out, "fold", event->fold);
    put_member(out, "key", event->has_uuid ? NULL : event->key);
    put_member(out, "project", event->project_url);
    return buf_adds(out, "}}");
}

bool archive_tick(struct buf *out, uint64_t seq, int64_t at, const char *zone)
{
    char iso[CLOCK_ISO_SIZE];

    clock_format_iso(at, iso);
    buf_addf(out, "{\"seq\":%" PRIu64 ",\"tick\":\"%s\"", seq, iso);
    put_member(out, "zone", zone);
    return buf_addc(out, '}');
}

/* ---- read ---- */

/* The members that are read here; all others are event.c's. */
enum member { TICK, ZONE, KEPT, MEMBER_COUNT };
static const char *const members[MEMBER_COUNT] = {"tick", "zone", "kept"};
enum kept { KEPT_FLAGS, KEPT_FOLD, KEPT_KEY, KEPT_PROJECT, KEPT_COUNT };
static const char *const kept_members[KEPT_COUNT] = {"flags", "fold", "key",
                                                     "project"};

static const char *text_of(struct slice value, struct arena *arena, size_t max)
{
    struct buf plain;
    const char *text = NULL;

    if (!value.len)
        return NULL;
    buf_init(&plain, value.len);
    if (slice_string(value, &plain))
        text = text_sanitised(arena, plain.data, plain.len, max);
    buf_free(&plain);
    return text && *text ? text : NULL;
}

static bool read_tick(const struct slice *all, struct arena *arena,
                      struct archived *out, struct err *err)
{
    *out = (struct archived){.is_tick = true, .at = CLOCK_NONE};
    if (all[TICK].len > 2)
        out->at = clock_parse(all[TICK].at + 1, all[TICK].len - 2);
    out->zone = text_of(all[ZONE], arena, LIMIT_TEXT);
    if (out->at == CLOCK_NONE)
        return err_set(err, "the tick is no time");
    return out->at <= clock_now_ms() + AHEAD_MS ||
           err_set(err, "the tick is of the future");
}

static void take_flags(struct slice list, struct event *event)
{
    struct slice key, value;
    const char *cursor = NULL;

    if (!list.len || slice_kind(list) != '[')
        return;
    event->flags = 0;
    while (slice_next(list, &cursor, &key, &value))
        for (size_t i = 0; i < FLAG_COUNT; i++)
            if (value.len == strlen(flags[i].name) + 2 &&
                !memcmp(value.at + 1, flags[i].name, value.len - 2))
                event->flags |= flags[i].flag;
    /* Whatever the line says: the times are there. */
    if (event_time(event) != event->occurred_at)
        event->flags |= EVENT_CLOCK_OFF;
}

/* Only the project's own address, where links may lead there. */
static const char *allowed(const struct link_policy *policy,
                           const char *project, const char *url)
{
    return url && links_allowed(policy, project, url, NULL, 0) ? url : NULL;
}

static void take_kept(const struct decoder *decoder, struct slice object,
                      struct arena *arena, struct event *event)
{
    struct slice kept[KEPT_COUNT];

    if (!object.len || slice_kind(object) != '{')
        return;
    slice_members(object, kept_members, KEPT_COUNT, kept);
    take_flags(kept[KEPT_FLAGS], event);
    event->fold = text_of(kept[KEPT_FOLD], arena, FOLD_MAX);
    event->key = text_of(kept[KEPT_KEY], arena, LIMIT_TEXT);
    event->project_url =
        allowed(decoder->links, NULL,
                text_of(kept[KEPT_PROJECT], arena, LIMIT_TEXT));
}

static void judge_links(const struct link_policy *policy, struct event *event)
{
    const char *project = event->project_url;

    event->links.replay = allowed(policy, project, event->links.replay);
    event->links.person = allowed(policy, project, event->links.person);
    event->links.event = allowed(policy, project, event->links.event);
    if (event->session_id &&
        !links_session_valid(event->session_id, strlen(event->session_id)))
        event->session_id = NULL;
}

/* The properties are all that is kept of the line itself. */
static void take_properties(const struct decoder *decoder, struct arena *arena,
                            struct event *event)
{
    struct slice props = {event->raw + event->props_at, event->props_len};
    struct buf kept;

    if (!props.len || slice_kind(props) != '{')
        props = (struct slice){"{}", 2};
    buf_init(&kept, 4 * props.len + 1);
    if (decoder->redaction &&
        redaction_apply(decoder->redaction, props, &kept) && buf_ok(&kept))
        props = (struct slice){kept.data, kept.len};
    event->raw = arena_strndup(arena, props.at, props.len);
    event->raw_len = event->props_len = props.len;
    event->props_at = 0;
    buf_free(&kept);
}

/* A line's own hash stands in for whatever names its event. */
static void give_key(const char *line, size_t len, struct arena *arena,
                     struct event *event)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    struct buf key;

    if (event->has_uuid || event->key || event->has_origin)
        return;
    if (!EVP_Digest(line, len, hash, NULL, EVP_sha256(), NULL))
        abort();
    buf_init(&key, 5 + 2 * KEY_BYTES);
    buf_adds(&key, "line-");
    buf_add_hex(&key, hash, KEY_BYTES);
    event->key = arena_strndup(arena, key.data, key.len);
    buf_free(&key);
}

static const char *lower(const char *text, struct arena *arena)
{
    char *copy = arena_strdup(arena, text);

    if (copy)
        ascii_lower_text(copy);
    return copy;
}

static bool take_event(const struct decoder *decoder, struct slice line,
                       struct slice kept, struct arena *arena,
                       struct event *event, struct err *err)
{
    const char *sentence;

    if (event->received_at > clock_now_ms() + AHEAD_MS)
        return err_set(err, "it was received in the future");
    sentence = event->sentence;
    if (strlen(sentence) > LIMIT_SENTENCE)
        event->sentence =
            text_sanitised(arena, sentence, strlen(sentence), LIMIT_SENTENCE);
    event->account.id = lower(event->account.id, arena);
    event->source = SOURCE_FILE;
    event->seq = 0;
    if (!event->origin_seq)
        event->has_origin = false;
    take_kept(decoder, kept, arena, event);
    judge_links(decoder->links, event);
    give_key(line.at, line.len, arena, event);
    take_properties(decoder, arena, event);
    if (event->flags & EVENT_QUOTED)
        redaction_conceal(decoder->redaction, event, arena);
    return true;
}

bool archive_read(const struct decoder *decoder, const char *line, size_t len,
                  struct arena *arena, struct archived *out, struct err *err)
{
    struct slice object, all[MEMBER_COUNT];
    bool is_event;

    if (!slice_check(line, len, err))
        return false;
    object = slice_trim(line, len);
    if (slice_kind(object) != '{')
        return err_set(err, "no JSON object");
    *out = (struct archived){.at = CLOCK_NONE};
    is_event = event_from_slice(object, members, MEMBER_COUNT, all, arena,
                                &out->event);
    if (all[TICK].len)
        return read_tick(all, arena, out, err);
    if (!is_event)
        return err_set(err, "no event: it needs \"event\", \"sentence\" and "
                            "a time");
    return take_event(decoder, object, all[KEPT], arena, &out->event, err);
}
