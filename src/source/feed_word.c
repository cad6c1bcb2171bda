/* Lines of a feed, read strictly. Numbers are those of JSON that a seq can be;
 * everything else is left as if it had not been said. */
#include "source/feed_word.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "event/archive.h"
#include "event/slice.h"

#include "base/banned.h"

#define PART (16 * KIB) /* of a line that is long */
#define QUIET_MS 15000  /* when hello does not say */
#define QUIETS 3        /* so many of them: the link is dead */

static const struct {
    const char *name;
    enum feed_word_kind kind;
} kinds[] = {
    {"hello", FEED_WORD_HELLO}, {"alive", FEED_WORD_ALIVE},
    {"tick", FEED_WORD_TICK},   {"gap", FEED_WORD_GAP},
    {"act", FEED_WORD_ACT},     {"too-long", FEED_WORD_TOO_LONG},
    {"bye", FEED_WORD_BYE},     {"forgotten", FEED_WORD_FORGOTTEN},
    {"look", FEED_WORD_LOOK},   {"fork", FEED_WORD_FORK},
};

static enum feed_word_kind kind_of(struct slice name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (name.len == strlen(kinds[i].name) + 2 &&
            !memcmp(name.at + 1, kinds[i].name, name.len - 2))
            return kinds[i].kind;
    return FEED_WORD_OTHER;
}

static uint64_t number_of(struct slice object, const char *key)
{
    struct slice value;
    char text[20];

    if (!slice_member(object, key, &value) || value.len >= sizeof text - 1)
        return 0;
    memcpy(text, value.at, value.len);
    text[value.len] = '\0';
    if (strspn(text, "0123456789") != value.len)
        return 0;
    return strtoull(text, NULL, 10);
}

static const char *text_up_to(struct slice object, const char *key,
                              struct arena *arena, size_t max)
{
    struct slice value;
    struct buf plain;
    const char *text = NULL;

    buf_init(&plain, object.len);
    if (slice_member(object, key, &value) && slice_string(value, &plain))
        text = text_sanitised(arena, plain.data, plain.len, max);
    buf_free(&plain);
    return text && *text ? text : NULL;
}

static const char *text_of(struct slice object, const char *key,
                           struct arena *arena)
{
    return text_up_to(object, key, arena, LIMIT_SENTENCE);
}

static bool uuid_of(struct slice object, const char *key, struct uuid *out)
{
    struct slice value;

    return slice_member(object, key, &value) && value.len == 38 &&
           uuid_parse(value.at + 1, 36, out);
}

static int64_t time_of(struct slice object, const char *key)
{
    struct slice value;
    int64_t at = CLOCK_NONE;

    if (slice_path(object, key, &value) && value.len > 2)
        at = clock_parse(value.at + 1, value.len - 2);
    return at == CLOCK_NONE ? 0 : at;
}

/* "0a1b…", of just so many bytes. */
static bool bytes_of(struct slice object, const char *key, unsigned char *out,
                     size_t size)
{
    struct slice value;

    if (!slice_member(object, key, &value) || value.len != 2 * size + 2)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(value.at[1 + 2 * i]);
        int low = hex_digit(value.at[2 + 2 * i]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static bool is_true(struct slice object, const char *key)
{
    struct slice value;

    return slice_member(object, key, &value) && slice_kind(value) == 't';
}

/* ,"do":"pin","origin":{"id":"…","seq":7},"note":"…" */
static void read_pin(struct slice object, struct arena *arena,
                     struct feed_word *out)
{
    bool on = out->verb && !strcmp(out->verb, "pin");
    struct slice origin;

    if (!on && (!out->verb || strcmp(out->verb, "unpin") != 0))
        return;
    if (!slice_member(object, "origin", &origin) ||
        !uuid_of(origin, "id", &out->place.journal))
        return;
    out->place.seq = number_of(origin, "seq");
    out->is_pin = out->place.seq > 0;
    out->pinned = on;
    out->note = text_of(object, "note", arena);
}

/* ,"do":"read","account":"…"; or "note", with a note on it, or "" */
static void read_account(struct slice object, struct arena *arena,
                         struct feed_word *out)
{
    out->is_note = out->verb && !strcmp(out->verb, "note");
    if (!out->is_note && (!out->verb || strcmp(out->verb, "read") != 0))
        return;
    out->account = text_up_to(object, "account", arena, LIMIT_TEXT);
    if (out->is_note && out->account)
        out->note = text_up_to(object, "note", arena, LIMIT_NOTE);
}

static void read_act(struct slice object, struct arena *arena,
                     struct feed_word *out)
{
    struct slice signal;

    out->verb = text_of(object, "do", arena);
    out->act = number_of(object, "act");
    out->by = text_of(object, "by", arena);
    read_account(object, arena, out);
    read_pin(object, arena, out);
    if (out->is_pin || out->account ||
        !slice_member(object, "signal", &signal))
        return;
    out->is_about = signal_about_read(signal, arena, &out->about);
    out->note = text_up_to(signal, "note", arena, LIMIT_TEXT);
    out->until = time_of(signal, "until");
}

static bool read_forgotten(struct slice object, struct arena *arena,
                           struct feed_word *out, struct err *err)
{
    out->who = text_of(object, "kind", arena);
    out->at = time_of(object, "at");
    return (out->who && out->at &&
            bytes_of(object, "salt", out->salt, sizeof out->salt) &&
            bytes_of(object, "hash", out->hash, sizeof out->hash)) ||
           err_set(err, "it does not say who is forgotten");
}

static bool read_word(struct slice object, struct slice name,
                      struct arena *arena, struct feed_word *out,
                      struct err *err)
{
    bool known = uuid_of(object, "journal", &out->journal);

    out->kind = kind_of(name);
    out->version = number_of(object, "version");
    out->after = number_of(object, "after");
    out->last = number_of(object, "last");
    out->oldest = number_of(object, "oldest");
    out->upto = number_of(object, "upto");
    out->from = number_of(object, "from");
    out->quiet_ms = (int64_t)number_of(object, "quiet_ms");
    out->zone = text_of(object, "zone", arena);
    out->why = text_of(object, "why", arena);
    out->all = is_true(object, "all");
    out->late = is_true(object, "late");
    out->at = time_of(object, "at");
    out->viewer =
        text_of(object, out->kind == FEED_WORD_LOOK ? "who" : "viewer", arena);
    if (out->kind == FEED_WORD_LOOK)
        out->account = text_up_to(object, "account", arena, LIMIT_TEXT);
    if (out->kind == FEED_WORD_ACT)
        read_act(object, arena, out);
    if (out->kind == FEED_WORD_FORGOTTEN)
        return read_forgotten(object, arena, out, err);
    return known || out->kind != FEED_WORD_HELLO ||
           err_set(err, "a hello that does not say whose journal it is");
}

bool feed_word_read(const struct decoder *decoder, const char *line,
                    size_t len, struct arena *arena, struct feed_word *out,
                    struct err *err)
{
    struct archived read;
    struct slice object, name;

    *out = (struct feed_word){.kind = FEED_WORD_EVENT};
    if (!slice_check(line, len, err))
        return false;
    object = slice_trim(line, len);
    if (slice_kind(object) != '{')
        return err_set(err, "no JSON object");
    out->seq = number_of(object, "seq");
    if (slice_member(object, "feed", &name))
        return read_word(object, name, arena, out, err);
    if (!out->seq)
        return err_set(err, "an event without a number");
    if (!archive_read(decoder, line, len, arena, &read, err))
        return false;
    if (read.is_tick)
        return err_set(err, "no line of a feed");
    out->event = read.event;
    out->event.source = SOURCE_FEED;
    return true;
}

void feed_word_answer(const struct decoder *decoder, const char *body,
                      size_t len, struct arena *arena, struct feed_answer *out)
{
    struct slice object, stands;
    struct feed_word word;
    struct err err;

    *out = (struct feed_answer){.act = 0};
    if (!slice_check(body, len, &err))
        return;
    object = slice_trim(body, len);
    if (slice_kind(object) != '{')
        return;
    out->act = number_of(object, "act");
    out->error = text_of(object, "error", arena);
    if (!slice_member(object, "stands", &stands) ||
        !feed_word_read(decoder, stands.at, stands.len, arena, &word, &err) ||
        word.kind != FEED_WORD_ACT)
        return;
    out->stands = arena_alloc(arena, sizeof word);
    *out->stands = word;
}

int64_t feed_word_patience_us(const struct feed_word *hello)
{
    bool known = hello->quiet_ms > 0 && hello->quiet_ms < CLOCK_HOUR_MS;

    return QUIETS * (known ? hello->quiet_ms : QUIET_MS) * INT64_C(1000);
}

void feed_lines_init(struct feed_lines *lines)
{
    buf_init(&lines->rest, LIMIT_ANSWER);
    lines->parts = 0;
    lines->ended = false;
}

void feed_lines_free(struct feed_lines *lines)
{
    buf_free(&lines->rest);
}

/* The first line, with what came of it before. */
static bool end_rest(struct feed_lines *lines, const char *data, size_t len,
                     bool (*line)(void *ctx, const char *text, size_t len),
                     void *ctx)
{
    bool ok;

    if (!lines->rest.len)
        return line(ctx, data, len);
    ok = buf_add(&lines->rest, data, len) &&
         line(ctx, lines->rest.data, lines->rest.len);
    if (lines->rest.cap > MIB)
        buf_free(&lines->rest);
    buf_clear(&lines->rest);
    return ok;
}

bool feed_lines_take(struct feed_lines *lines, const char *data, size_t len,
                     bool (*line)(void *ctx, const char *text, size_t len),
                     void *ctx)
{
    const char *end;

    while ((end = memchr(data, '\n', len))) {
        size_t took = (size_t)(end - data);

        if (!end_rest(lines, data, took, line, ctx))
            return false;
        lines->ended = true;
        data += took + 1;
        len -= took + 1;
    }
    return buf_add(&lines->rest, data, len);
}

bool feed_lines_heard(struct feed_lines *lines)
{
    size_t parts = lines->rest.len / PART;
    bool heard = lines->ended || parts > lines->parts;

    lines->ended = false;
    lines->parts = parts;
    return heard;
}
