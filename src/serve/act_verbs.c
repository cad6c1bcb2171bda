/* What is said over POST /act that is not of a signal: that somebody makes a
 * copy, looks at an account, has read it, or marks an event. */
#include "serve/act_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/uuid.h"
#include "event/json_tree.h"
#include "journal/exports.h"
#include "journal/pins.h"
#include "serve/params.h"

#include "base/banned.h"

void act_answer_error(struct act *act, struct request_id id, int status,
                      const char *why)
{
    struct answer answer = {.status = 0};

    params_answer(&answer, status, why);
    server_answer(act->server, id, &answer);
    answer_free(&answer);
}

static void answer_ok(struct act *act, struct request_id id)
{
    struct answer answer = {.status = 200};

    answer_copy(&answer, "{\"ok\":true}\n");
    server_answer(act->server, id, &answer);
    answer_free(&answer);
}

/* A whole number that JSON can carry. */
bool act_read_number(const cJSON *value, int64_t *out)
{
    if (!cJSON_IsNumber(value) ||
        !(value->valuedouble >= 1 && value->valuedouble < 9e15) ||
        floor(value->valuedouble) != value->valuedouble)
        return false;
    *out = (int64_t)value->valuedouble;
    return true;
}

/* An export that a viewer makes of the feed. */
struct note_job {
    struct act *act;
    struct request_id id;
    struct export_note note;
    char *query, *target;
};

/* ---- exports ---- */

static bool write_note(void *ctx, struct sqlite3 *db, struct err *err)
{
    return exports_note(db, &((struct note_job *)ctx)->note, err);
}

static void drop_note(void *ctx)
{
    struct note_job *job = ctx;

    free(job->query);
    free(job->target);
    free(job);
}

static void on_noted(void *ctx, bool ok, const struct err *err)
{
    struct note_job *job = ctx;

    (void)err;
    if (ok)
        answer_ok(job->act, job->id);
    else
        act_answer_error(job->act, job->id, 503,
                         "it cannot be kept now, try again");
    drop_note(job);
}

/* "maya, csv". The caller frees it. */
static char *name_target(const char *by, const char *form)
{
    struct buf out;

    buf_init(&out, 400);
    buf_addf(&out, "%s, %s", *by ? by : "a viewer", form);
    return buf_take(&out);
}

static const char *read_note_of_export(const cJSON *words,
                                       struct note_job *job, const char *by)
{
    const char *query = cJSON_GetStringValue(json_member(words, "query"));
    const char *form = cJSON_GetStringValue(json_member(words, "form"));
    const cJSON *events = json_member(words, "events");
    struct buf text;

    if (!act_read_number(json_member(words, "id"), &job->note.id))
        return "id is a number of the exporter's own";
    if (!form || (strcmp(form, "csv") != 0 && strcmp(form, "jsonl") != 0))
        return "form is csv or jsonl";
    if (!cJSON_IsNumber(events) ||
        !(events->valuedouble >= 0 && events->valuedouble < 9e15))
        return "events is how many";
    job->note.events = (uint64_t)events->valuedouble;
    job->note.at = clock_now_ms();
    job->note.target = job->target = name_target(by, form);
    if (!query || !*query)
        return NULL;
    buf_init(&text, 4 * LIMIT_TEXT);
    text_sanitise(&text, query, strlen(query), LIMIT_TEXT);
    job->note.query = job->query = buf_take(&text);
    return NULL;
}

void act_export(struct act *act, struct request_id id, const cJSON *words,
                const char *by)
{
    struct note_job *job = xcalloc(1, sizeof *job);
    const char *why = read_note_of_export(words, job, by);

    job->act = act;
    job->id = id;
    if (!why) {
        journal_write_owned(act->journal, write_note, on_noted, job,
                            drop_note);
        return;
    }
    act_answer_error(act, id, 400, why);
    drop_note(job);
}

/* ---- looks ---- */

/* Nothing is kept of it, and nothing logged. */
void act_look(struct act *act, struct request_id id, const cJSON *words,
              const char *by)
{
    const cJSON *account = json_member(words, "account");
    const char *text = cJSON_GetStringValue(account);
    struct arena arena = ARENA_INIT;
    const char *clean =
        text && *text ? text_sanitised(&arena, text, strlen(text), LIMIT_TEXT)
                      : NULL;

    if (!text && !cJSON_IsNull(account))
        act_answer_error(act, id, 400, "account is the id of one, or null");
    else if (!act->looks)
        act_answer_error(act, id, 409, "who looks where is not told here");
    else if (!*by)
        act_answer_error(act, id, 409,
                         "a viewer without a name is not shown: "
                         "telltale viewers add makes one with it");
    else if (!looks_set(act->looks, by, clean))
        act_answer_error(act, id, 409, "who looks follows the feed, too");
    else
        answer_ok(act, id);
    arena_free(&arena);
}

/* ---- what all are told ---- */

/* ,"do":"pin","by":"maya","at":"…" and what else there is of it; takes words
 * over. */
static void tell(struct act *act, cJSON *words, const char *verb,
                 const char *by)
{
    char at[CLOCK_ISO_SIZE], *text;
    struct buf rest;

    clock_format_iso(clock_now_ms(), at);
    cJSON_AddStringToObject(words, "do", verb);
    cJSON_AddStringToObject(words, "by", by);
    cJSON_AddStringToObject(words, "at", at);
    text = cJSON_PrintUnformatted(words);
    text[strlen(text) - 1] = '\0';
    buf_init(&rest, MIB);
    buf_addf(&rest, ",%s", text + 1);
    if (buf_ok(&rest))
        feed_say(act->feed, "act", rest.data);
    buf_free(&rest);
    cJSON_free(text);
    cJSON_Delete(words);
}

static char *read_text(const cJSON *value, size_t max)
{
    const char *text = cJSON_GetStringValue(value);
    struct buf clean;

    if (!text || !*text)
        return NULL;
    buf_init(&clean, 4 * max);
    text_sanitise(&clean, text, strlen(text), max);
    return buf_take(&clean);
}

/* ---- accounts that were read ---- */

static void tell_read(struct act *act, const char *account, const char *by)
{
    cJSON *words = cJSON_CreateObject();

    cJSON_AddStringToObject(words, "account", account);
    tell(act, words, "read", by);
}

void act_read(struct act *act, const char *account)
{
    tell_read(act, account, "");
}

void act_read_account(struct act *act, struct request_id id,
                      const cJSON *words, const char *by)
{
    char *account = read_text(json_member(words, "account"), LIMIT_TEXT);

    if (!account) {
        act_answer_error(act, id, 400, "account is the id of one");
        return;
    }
    tell_read(act, account, by);
    act->calls.read(act->calls.ctx, account);
    answer_ok(act, id);
    free(account);
}

/* ---- pins ---- */

struct pin_job {
    struct act *act;
    struct request_id id;
    char by[VIEWER_NAME_SIZE];
    struct pin_place place;
    char *note;
    bool on, there, full;
};

static void tell_pin(struct act *act, const struct pin_place *place,
                     const char *note, bool on, const char *by)
{
    cJSON *words = cJSON_CreateObject();
    cJSON *origin = cJSON_AddObjectToObject(words, "origin");
    char id[UUID_TEXT_SIZE];

    uuid_format(&place->journal, id);
    cJSON_AddStringToObject(origin, "id", id);
    cJSON_AddNumberToObject(origin, "seq", (double)place->seq);
    if (note)
        cJSON_AddStringToObject(words, "note", note);
    tell(act, words, on ? "pin" : "unpin", by);
}

void act_pinned(struct act *act, const struct pin_place *place,
                const char *note, bool on)
{
    tell_pin(act, place, note, on, "");
}

static void drop_pin(void *ctx)
{
    struct pin_job *job = ctx;

    free(job->note);
    free(job);
}

static bool write_pin(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct pin_job *job = ctx;
    uint64_t seq;

    job->full = false;
    if (!pins_find(db, &job->place, journal_id(job->act->journal), &seq, err))
        return false;
    job->there = seq > 0;
    if (!seq)
        return true;
    return job->on
               ? pins_set(db, seq, clock_now_ms(), job->note, &job->full, err)
               : pins_remove(db, seq, err);
}

static void on_pin(void *ctx, bool ok, const struct err *err)
{
    struct pin_job *job = ctx;
    struct act *act = job->act;

    (void)err;
    if (!ok) {
        act_answer_error(act, job->id, 503,
                         "it cannot be kept now, try again");
    } else if (!job->there) {
        act_answer_error(act, job->id, 404, "there is no such event");
    } else if (job->full) {
        act_answer_error(act, job->id, 409, "there are too many pins");
    } else {
        tell_pin(act, &job->place, job->note, job->on, job->by);
        act->calls.pinned(act->calls.ctx);
        answer_ok(act, job->id);
    }
    drop_pin(job);
}

static bool read_place(const cJSON *origin, struct pin_place *out)
{
    const char *id = cJSON_GetStringValue(json_member(origin, "id"));
    int64_t seq;

    if (!id || !uuid_parse(id, strlen(id), &out->journal) ||
        !act_read_number(json_member(origin, "seq"), &seq))
        return false;
    out->seq = (uint64_t)seq;
    return true;
}

void act_pin(struct act *act, struct request_id id, const cJSON *words,
             const char *by)
{
    const char *verb = cJSON_GetStringValue(json_member(words, "do"));
    struct pin_job *job;
    struct pin_place place;

    if (!read_place(json_member(words, "origin"), &place)) {
        act_answer_error(act, id, 400,
                         "origin is that of an event, its id "
                         "and its seq");
        return;
    }
    job = xcalloc(1, sizeof *job);
    job->act = act;
    job->id = id;
    job->place = place;
    job->on = !strcmp(verb, "pin");
    job->note = read_text(json_member(words, "note"), LIMIT_NOTE);
    memcpy(job->by, by, strlen(by) + 1);
    journal_write_owned(act->journal, write_pin, on_pin, job, drop_pin);
}
