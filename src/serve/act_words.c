/* Reads JSON by hand, a function for each kind of act. Doing it is act.c and
 * act_verbs.c. */
#include "serve/act_words.h"

#include <math.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/uuid.h"
#include "event/json_tree.h"

#include "base/banned.h"

struct reading {
    const cJSON *root;
    int64_t now;
    struct arena *arena;
    struct act_words *out;
};

static const cJSON *member(const struct reading *reading, const char *name)
{
    return json_member(reading->root, name);
}

static const char *text_of(const struct reading *reading, const char *name)
{
    return cJSON_GetStringValue(member(reading, name));
}

/* NULL: there is none, or nothing is left of it. */
static const char *clean_text(const struct reading *reading, const char *name,
                              size_t max)
{
    const char *text = text_of(reading, name);

    if (text)
        text = text_sanitised(reading->arena, text, strlen(text), max);
    return text && *text ? text : NULL;
}

/* A whole number that JSON can carry, from 1 on. */
static bool read_number(const cJSON *value, int64_t *out)
{
    if (!cJSON_IsNumber(value) ||
        !(value->valuedouble >= 1 && value->valuedouble < 9e15) ||
        floor(value->valuedouble) != value->valuedouble)
        return false;
    *out = (int64_t)value->valuedouble;
    return true;
}

/* ---- of a signal ---- */

/* By its id, or as the JSON form of one of another journal. */
static bool read_signal(const struct reading *reading)
{
    const cJSON *value = member(reading, "signal");
    struct act_words *out = reading->out;

    if (!cJSON_IsObject(value))
        return read_number(value, &out->change.id);
    return signal_about_read(json_raw(value), reading->arena, &out->about);
}

static bool read_until(const struct reading *reading)
{
    const char *text = text_of(reading, "until");
    int64_t until = text ? clock_parse(text, strlen(text)) : CLOCK_NONE;

    reading->out->change.until = until;
    return until != CLOCK_NONE && until > reading->now;
}

static const char *read_change(const struct reading *reading)
{
    struct signal_change *change = &reading->out->change;
    const char *verb = text_of(reading, "do");

    change->at = reading->out->when.at;
    if (!read_signal(reading))
        return "signal is the id of one, or one as JSON";
    if (!verb || !signal_change_read(verb, change))
        return "do is done, seen, new, snooze or note";
    if (!change->noted && change->state == STATE_SNOOZED)
        return read_until(reading) ? NULL
                                   : "until is a time to come, like "
                                     "2026-12-24T08:00:00Z";
    if (!change->noted)
        return NULL;
    if (!text_of(reading, "note"))
        return "note is a text";
    change->note = clean_text(reading, "note", LIMIT_TEXT);
    return NULL;
}

/* ---- all else ---- */

static const char *read_export(const struct reading *reading)
{
    struct act_words *out = reading->out;
    const char *form = text_of(reading, "form");
    const cJSON *events = member(reading, "events");

    if (!read_number(member(reading, "id"), &out->export_id))
        return "id is a number of the exporter's own";
    if (!form || (strcmp(form, "csv") != 0 && strcmp(form, "jsonl") != 0))
        return "form is csv or jsonl";
    out->form = strcmp(form, "csv") ? "jsonl" : "csv";
    if (!cJSON_IsNumber(events) ||
        !(events->valuedouble >= 0 && events->valuedouble < 9e15))
        return "events is how many";
    out->events = (uint64_t)events->valuedouble;
    out->query = clean_text(reading, "query", LIMIT_TEXT);
    return NULL;
}

static const char *read_look(const struct reading *reading)
{
    const cJSON *account = member(reading, "account");

    if (!cJSON_IsString(account) && !cJSON_IsNull(account))
        return "account is the id of one, or null";
    reading->out->account = clean_text(reading, "account", LIMIT_TEXT);
    return NULL;
}

static const char *read_read(const struct reading *reading)
{
    reading->out->account = clean_text(reading, "account", LIMIT_TEXT);
    return reading->out->account ? NULL : "account is the id of one";
}

static const char *read_note(const struct reading *reading)
{
    if (!text_of(reading, "note"))
        return "note is a text";
    reading->out->note = clean_text(reading, "note", LIMIT_NOTE);
    return read_read(reading);
}

static const char *read_pin(const struct reading *reading)
{
    const cJSON *origin = member(reading, "origin");
    const char *id = cJSON_GetStringValue(json_member(origin, "id"));
    struct pin_place *place = &reading->out->place;
    int64_t seq;

    if (!id || !uuid_parse(id, strlen(id), &place->journal) ||
        !read_number(json_member(origin, "seq"), &seq))
        return "origin is that of an event, its id and its seq";
    place->seq = (uint64_t)seq;
    reading->out->note = clean_text(reading, "note", LIMIT_NOTE);
    return NULL;
}

/* What is not here is said of a signal. */
static const struct {
    const char *word;
    enum act_verb verb;
    const char *(*read)(const struct reading *reading);
} verbs[] = {{"export", ACT_EXPORT, read_export},
             {"look", ACT_LOOK, read_look},
             {"read", ACT_READ, read_read},
             {"pin", ACT_PIN, read_pin},
             {"unpin", ACT_UNPIN, read_pin}};

/* How long ago it was done, by the clock of who asks: clocks may differ. */
static bool read_ago(const struct reading *reading)
{
    const cJSON *ago = member(reading, "ago");
    struct act_when *when = &reading->out->when;

    when->at = reading->now;
    when->late = ago != NULL;
    if (!ago)
        return true;
    if (!cJSON_IsNumber(ago) ||
        !(ago->valuedouble >= 0 && ago->valuedouble < 9e15))
        return false;
    when->at -= ago->valuedouble < (double)LIMIT_AGO_MS
                    ? (int64_t)ago->valuedouble
                    : LIMIT_AGO_MS;
    return true;
}

/* By its verb; without a known one it is what is said of a signal. */
static const char *read_act(const struct reading *reading)
{
    const char *verb = text_of(reading, "do");

    if (!read_ago(reading))
        return "ago is how many ms ago it was done";
    if (verb && !strcmp(verb, "note") && !member(reading, "signal") &&
        member(reading, "account")) {
        reading->out->verb = ACT_NOTE;
        return read_note(reading);
    }
    for (size_t i = 0; verb && i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verb, verbs[i].word)) {
            reading->out->verb = verbs[i].verb;
            return verbs[i].read(reading);
        }
    return read_change(reading);
}

const char *act_words_read(const char *body, size_t len, int64_t now,
                           struct arena *arena, struct act_words *out)
{
    struct reading reading = {.now = now, .arena = arena, .out = out};
    struct err err;

    *out = (struct act_words){.verb = ACT_SIGNAL};
    if (len <= LIMIT_ACT)
        reading.root = json_tree((struct slice){body, len}, arena, &err);
    if (!cJSON_IsObject(reading.root))
        return "the body is a JSON object";
    return read_act(&reading);
}
