/* The body of a JSON mirror. The event's own JSON form is event.c's; here is
 * only what a mirror leaves out of it. */
#include "mirror/json.h"

#include <string.h>

#include "base/limits.h"
#include "event/slice.h"

#include "base/banned.h"

static void redact_person(struct event *event, struct arena *arena,
                          const struct message_redaction *redaction)
{
    struct event_person *person = &event->person;

    if (redaction->no_people) {
        *person = (struct event_person){0};
        event->links.person = NULL;
        return;
    }
    if (!redaction->mask_emails)
        return;
    if (person->email)
        person->email = message_mask(arena, person->email);
    if (person->name && strchr(person->name, '@'))
        person->name = message_mask(arena, person->name);
    if (person->id && strchr(person->id, '@'))
        person->id = message_mask(arena, person->id);
}

/* Properties may say again what the person's fields no longer say: with
 * people or addresses redacted they stay out altogether. */
static void redact_properties(struct event *event, struct buf *raw,
                              const struct mirror_settings *settings)
{
    struct slice properties = {event->raw + event->props_at, event->props_len};

    if (settings->redaction.mask_emails || settings->redaction.no_people) {
        event->props_len = 0;
        return;
    }
    if (!settings->drop || !event->props_len)
        return;
    if (!redaction_apply(settings->drop, properties, raw))
        return;
    event->raw = raw->data;
    event->raw_len = raw->len;
    event->props_at = 0;
    event->props_len = raw->len;
}

bool json_add(struct buf *out, const struct event *event,
              const struct mirror_settings *settings,
              const struct uuid *journal_id)
{
    struct arena arena = ARENA_INIT;
    struct event copy = *event;
    struct buf raw;
    bool ok;

    buf_init(&raw, 8 * MIB);
    redact_person(&copy, &arena, &settings->redaction);
    redact_properties(&copy, &raw, settings);
    ok = (!out->len || buf_addc(out, ',')) &&
         event_to_json(out, &copy, journal_id);
    buf_free(&raw);
    arena_free(&arena);
    return ok;
}

bool json_render(struct buf *out, const char *message)
{
    struct slice array = {message, strlen(message)};
    const char *cursor = NULL, *again;
    struct slice key, first, second;

    if (!slice_next(array, &cursor, &key, &first))
        return buf_adds(out, message);
    again = cursor;
    if (slice_next(array, &again, &key, &second))
        return buf_adds(out, message);
    return buf_add(out, first.at, first.len);
}
