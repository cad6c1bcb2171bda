/* What is said over POST /act that is not of a signal: that somebody makes a
 * copy, looks at an account, has read it, writes a note on it, or marks an
 * event. */
#include "serve/act_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "journal/acts.h"
#include "journal/exports.h"
#include "journal/notes.h"
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

/* ---- exports ---- */

static uint64_t token_of(struct request_id id)
{
    return (uint64_t)id.slot << 32 | id.generation;
}

static void on_noted(void *ctx, uint64_t token, bool ok, const struct err *err)
{
    struct act *act = ctx;
    struct request_id id = {(uint32_t)(token >> 32), (uint32_t)token};

    (void)err;
    if (ok)
        answer_ok(act, id);
    else
        act_answer_error(act, id, 503, "it cannot be kept now, try again");
}

/* "maya, csv". The caller frees it. */
static char *name_target(const char *by, const char *form)
{
    struct buf out;

    buf_init(&out, 400);
    buf_addf(&out, "%s, %s", *by ? by : "a viewer", form);
    return buf_take(&out);
}

void act_export(struct act *act, struct request_id id,
                const struct act_words *words, const char *by)
{
    char *target = name_target(by, words->form);
    struct export_note note = {.id = words->export_id,
                               .at = clock_now_ms(),
                               .query = words->query,
                               .target = target,
                               .events = words->events};

    exports_write(act->journal, &note, on_noted, act, token_of(id));
    free(target);
}

/* ---- looks ---- */

/* Nothing is kept of it, and nothing logged. */
void act_look(struct act *act, struct request_id id,
              const struct act_words *words, const char *by)
{
    if (!act->looks)
        act_answer_error(act, id, 409, "who looks where is not told here");
    else if (!*by)
        act_answer_error(act, id, 409,
                         "a viewer without a name is not shown: "
                         "telltale viewers add makes one with it");
    else if (!looks_set(act->looks, by, words->account))
        act_answer_error(act, id, 409, "who looks follows the feed, too");
    else
        answer_ok(act, id);
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
        feed_say_act(act->feed, rest.data);
    buf_free(&rest);
    cJSON_free(text);
    cJSON_Delete(words);
}

/* ---- accounts that were read, or have a note ---- */

struct account_job {
    struct act *act;
    bool asked; /* over HTTP: id is to be answered */
    struct request_id id;
    char by[VIEWER_NAME_SIZE];
    char *account, *note;
    bool noted; /* else: read */
    bool full;  /* the writer's */
    int64_t at;
};

static void drop_account(void *ctx)
{
    struct account_job *job = ctx;

    free(job->account);
    free(job->note);
    free(job);
}

static const char *verb_of(const struct account_job *job)
{
    return job->noted ? "note" : "read";
}

/* A note that is written here stands in the journal already. */
static bool write_account(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct account_job *job = ctx;
    struct act_note note = {.verb = verb_of(job),
                            .who = job->by,
                            .at = job->at};
    struct buf subject;
    bool ok;

    if (job->noted && job->asked &&
        !notes_set(db, job->account, job->note, job->at, &job->full, err))
        return false;
    if (job->full)
        return true;
    buf_init(&subject, LIMIT_TEXT + 16);
    buf_addf(&subject, "%s %s", job->noted ? "about" : "read", job->account);
    note.subject = subject.data;
    ok = acts_note(db, &note, err);
    buf_free(&subject);
    return ok;
}

static void tell_account(const struct account_job *job)
{
    cJSON *words = cJSON_CreateObject();

    cJSON_AddStringToObject(words, "account", job->account);
    if (job->noted)
        cJSON_AddStringToObject(words, "note", job->note ? job->note : "");
    tell(job->act, words, verb_of(job), job->by);
}

static void tell_screen(const struct account_job *job)
{
    const struct act_calls *calls = &job->act->calls;

    if (job->noted)
        calls->on_noted(calls->ctx);
    else
        calls->on_read(calls->ctx, job->account, job->at);
}

static void on_account(void *ctx, bool ok, const struct err *err)
{
    struct account_job *job = ctx;
    struct act *act = job->act;

    (void)err;
    if (ok && !job->full)
        tell_account(job);
    if (job->asked && !ok) {
        act_answer_error(act, job->id, 503,
                         "it cannot be kept now, try again");
    } else if (job->asked && job->full) {
        act_answer_error(act, job->id, 409, "there are too many notes");
    } else if (job->asked) {
        tell_screen(job);
        answer_ok(act, job->id);
    }
    drop_account(job);
}

static struct account_job *account_new(struct act *act, const char *account,
                                       const char *by)
{
    struct account_job *job = xcalloc(1, sizeof *job);

    job->act = act;
    job->account = xstrdup(account);
    job->at = clock_now_ms();
    memcpy(job->by, by, strlen(by) + 1);
    return job;
}

static void account_write(struct account_job *job)
{
    journal_write_owned(job->act->journal, write_account, on_account, job,
                        drop_account);
}

void act_read(struct act *act, const char *account)
{
    account_write(account_new(act, account, ""));
}

void act_noted(struct act *act, const char *account, const char *note)
{
    struct account_job *job = account_new(act, account, "");

    job->noted = true;
    job->note = note ? xstrdup(note) : NULL;
    account_write(job);
}

void act_read_account(struct act *act, struct request_id id,
                      const struct act_words *words, const char *by)
{
    struct account_job *job = account_new(act, words->account, by);

    job->asked = true;
    job->id = id;
    account_write(job);
}

void act_note_account(struct act *act, struct request_id id,
                      const struct act_words *words, const char *by)
{
    struct account_job *job = account_new(act, words->account, by);

    job->asked = job->noted = true;
    job->id = id;
    job->note = words->note ? xstrdup(words->note) : NULL;
    account_write(job);
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

static bool note_pin(struct sqlite3 *db, const struct pin_place *place,
                     bool on, const char *by, struct err *err)
{
    struct act_note note = {.verb = on ? "pin" : "unpin",
                            .who = by,
                            .at = clock_now_ms()};
    char id[UUID_TEXT_SIZE], subject[80];

    uuid_format(&place->journal, id);
    snprintf(subject, sizeof subject, "pin %s %" PRIu64, id, place->seq);
    note.subject = subject;
    return acts_note(db, &note, err);
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
    if (!(job->on
              ? pins_set(db, seq, clock_now_ms(), job->note, &job->full, err)
              : pins_remove(db, seq, err)))
        return false;
    return job->full || note_pin(db, &job->place, job->on, job->by, err);
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
        act->calls.on_pinned(act->calls.ctx);
        answer_ok(act, job->id);
    }
    drop_pin(job);
}

void act_pin(struct act *act, struct request_id id,
             const struct act_words *words, const char *by)
{
    struct pin_job *job = xcalloc(1, sizeof *job);

    job->act = act;
    job->id = id;
    job->place = words->place;
    job->on = words->verb == ACT_PIN;
    job->note = words->note ? xstrdup(words->note) : NULL;
    memcpy(job->by, by, strlen(by) + 1);
    journal_write_owned(act->journal, write_pin, on_pin, job, drop_pin);
}

/* ---- pinned here ---- */

/* What the screen here has done already. */
static bool write_pinned(void *ctx, struct sqlite3 *db, struct err *err)
{
    const struct pin_job *job = ctx;

    return note_pin(db, &job->place, job->on, "", err);
}

static void on_pinned(void *ctx, bool ok, const struct err *err)
{
    struct pin_job *job = ctx;

    if (ok)
        tell_pin(job->act, &job->place, job->note, job->on, "");
    else
        log_limited(LOG_WARN, "a pin is not told: %s", err->text);
    drop_pin(job);
}

void act_pinned(struct act *act, const struct pin_place *place,
                const char *note, bool on)
{
    struct pin_job *job = xcalloc(1, sizeof *job);

    job->act = act;
    job->place = *place;
    job->on = on;
    job->note = note ? xstrdup(note) : NULL;
    journal_write_owned(act->journal, write_pinned, on_pinned, job, drop_pin);
}
