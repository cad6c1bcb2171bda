/* The one JSON form of a signal, read back: from another telltale, so text is
 * made harmless again and what is no signal is refused. */
#include "signal/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

static const char *text_of(struct slice object, const char *path,
                           struct arena *arena)
{
    struct slice value;
    struct buf plain;
    const char *text = NULL;

    buf_init(&plain, object.len + 1);
    if (slice_path(object, path, &value) && slice_kind(value) == '"' &&
        slice_string(value, &plain))
        text = text_sanitised(arena, plain.data ? plain.data : "", plain.len,
                              LIMIT_TEXT);
    buf_free(&plain);
    return text;
}

/* As it stands there, without white space, if it is of that kind. */
static const char *raw_of(struct slice object, const char *key, char kind,
                          struct arena *arena)
{
    struct slice value;
    struct buf raw;
    const char *text = NULL;

    buf_init(&raw, 8 * object.len);
    if (slice_member(object, key, &value) && slice_kind(value) == kind &&
        slice_compact(&raw, value))
        text = arena_strndup(arena, raw.data, raw.len);
    buf_free(&raw);
    return text;
}

static bool number_of(struct slice object, const char *key, int64_t *out)
{
    struct slice value;
    char digits[17]; /* a number of JSON is exact so far */

    if (!slice_member(object, key, &value) || value.len >= sizeof digits - 1)
        return false;
    memcpy(digits, value.at, value.len);
    digits[value.len] = '\0';
    *out = strtoll(digits, NULL, 10);
    return value.len && strspn(digits, "0123456789") == value.len;
}

static int64_t time_of(struct slice object, const char *key,
                       struct arena *arena)
{
    const char *text = text_of(object, key, arena);
    int64_t at = text ? clock_parse(text, strlen(text)) : CLOCK_NONE;

    return at == CLOCK_NONE ? 0 : at;
}

static bool read_state(const char *name, enum signal_state *out)
{
    for (int i = 0; name && i < STATE_COUNT; i++)
        if (!strcmp(name, signal_state_name((enum signal_state)i))) {
            *out = (enum signal_state)i;
            return true;
        }
    return false;
}

static bool read_words(struct slice object, struct arena *arena,
                       struct signal_row *out)
{
    const char *kind = text_of(object, "kind", arena);
    const char *tone = text_of(object, "tone", arena);
    const char *category = text_of(object, "category", arena);
    enum category known;

    if (!kind || !signal_parse(kind, &out->kind) || !tone ||
        !tone_parse(tone, &out->tone) ||
        !read_state(text_of(object, "state", arena), &out->state))
        return false;
    out->category = SIGNAL_NO_CATEGORY;
    if (category && category_parse(category, &known))
        out->category = (int)known;
    return true;
}

bool signal_row_read(const char *json, size_t len, struct arena *arena,
                     struct signal_row *out, struct err *err)
{
    struct slice object;
    int64_t seq = 0;

    *out = (struct signal_row){.id = 0};
    if (!slice_check(json, len, err))
        return false;
    object = slice_trim(json, len);
    if (slice_kind(object) != '{' || !number_of(object, "id", &out->id) ||
        !read_words(object, arena, out))
        return err_set(err, "no signal");
    if (number_of(object, "seq", &seq))
        out->seq = (uint64_t)seq;
    out->account_id = text_of(object, "account.id", arena);
    out->account_name = text_of(object, "account.name", arena);
    out->person_id = text_of(object, "person.id", arena);
    out->person_email = text_of(object, "person.email", arena);
    out->person_name = text_of(object, "person.name", arena);
    out->fired_at = time_of(object, "fired_at", arena);
    out->until = time_of(object, "until", arena);
    out->sentence = text_of(object, "sentence", arena);
    out->opener = text_of(object, "opener", arena);
    out->note = text_of(object, "note", arena);
    out->numbers = raw_of(object, "numbers", '{', arena);
    out->evidence = raw_of(object, "evidence", '[', arena);
    return true;
}
