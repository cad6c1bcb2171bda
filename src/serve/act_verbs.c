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

void act_answer_not_kept(struct act *act, struct request_id id,
                         const struct err *err)
{
    log_line(LOG_WARN, "what a viewer did is not kept: %s", err->text);
    act_answer_error(act, id, 503, "it cannot be kept now, try again");
}

void act_answer_done(struct act *act, struct request_id id,
                     const struct act_verdict *verdict, const char *more)
{
    struct buf body;
    struct answer answer = {.status = 200};

    buf_init(&body, 2 * MIB + KIB);
    buf_adds(&body, "{\"ok\":true");
    if (verdict->act)
        buf_addf(&body, ",\"act\":%lld", (long long)verdict->act);
    if (verdict->older) {
        buf_adds(&body, ",\"stands\":");
        buf_adds(&body, verdict->stands.data);
    }
    buf_adds(&body, more);
    buf_adds(&body, "}\n");
    answer.body = body.data;
    answer.len = body.len;
    server_answer(act->server, id, &answer);
    buf_free(&body);
}

static void answer_ok(struct act *act, struct request_id id)
{
    struct act_verdict none = {.act = 0};

    act_answer_done(act, id, &none, "");
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

    if (ok)
        answer_ok(act, id);
    else
        act_answer_not_kept(act, id, err);
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
                 const char *by, int64_t when)
{
    char at[CLOCK_ISO_SIZE], *text;
    struct buf rest;

    clock_format_iso(when, at);
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
    struct act_when when;
    /* The writer's: */
    struct act_verdict verdict;
    bool full, gone;
};

static bool is_done(const struct account_job *job)
{
    return !job->full && !job->gone && !job->verdict.older;
}

static void drop_account(void *ctx)
{
    struct account_job *job = ctx;

    free(job->account);
    free(job->note);
    act_verdict_free(&job->verdict);
    free(job);
}

static const char *verb_of(const struct account_job *job)
{
    return job->noted ? "note" : "read";
}

/* A note that is written here stands in the journal already. */
static bool do_account(struct account_job *job, struct sqlite3 *db,
                       const char *subject, struct err *err)
{
    struct act_row row = {.subject = subject,
                          .verb = verb_of(job),
                          .who = job->by,
                          .at = job->when.at};

    if (job->noted && job->asked &&
        !notes_set(db, job->account, job->note, job->when.at, &job->full, err))
        return false;
    return job->full || act_stands(db, &row, &job->verdict, err);
}

static bool write_account(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct account_job *job = ctx;
    struct buf subject;
    bool ok;

    job->full = false;
    if (!act_judge_account(db, job->account, &job->when, &job->gone, err))
        return false;
    buf_init(&subject, LIMIT_TEXT + 16);
    act_subject_account(&subject, job->noted, job->account);
    ok = act_judge(db, journal_id(job->act->journal), subject.data, &job->when,
                   job->by, &job->verdict, err) &&
         (!is_done(job) || do_account(job, db, subject.data, err));
    buf_free(&subject);
    return ok;
}

static void tell_account(const struct account_job *job)
{
    cJSON *words = cJSON_CreateObject();

    cJSON_AddStringToObject(words, "account", job->account);
    if (job->noted)
        cJSON_AddStringToObject(words, "note", job->note ? job->note : "");
    tell(job->act, words, verb_of(job), job->by, job->when.at);
}

static void tell_screen(const struct account_job *job)
{
    const struct act_calls *calls = &job->act->calls;

    if (job->noted)
        calls->on_noted(calls->ctx);
    else
        calls->on_read(calls->ctx, job->account, job->when.at);
}

static void on_account(void *ctx, bool ok, const struct err *err)
{
    struct account_job *job = ctx;
    struct act *act = job->act;

    if (ok && is_done(job))
        tell_account(job);
    if (job->asked && !ok) {
        act_answer_not_kept(act, job->id, err);
    } else if (job->asked && job->full) {
        act_answer_error(act, job->id, 409, "there are too many notes");
    } else if (job->asked && job->gone) {
        act_answer_error(act, job->id, 404,
                         "this account was forgotten since");
    } else if (job->asked) {
        if (is_done(job))
            tell_screen(job);
        act_answer_done(act, job->id, &job->verdict, "");
    }
    drop_account(job);
}

static struct account_job *account_new(struct act *act, const char *account,
                                       const char *by)
{
    struct account_job *job = xcalloc(1, sizeof *job);

    job->act = act;
    job->account = xstrdup(account);
    job->when.at = clock_now_ms();
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
    job->when = words->when;
    account_write(job);
}

void act_note_account(struct act *act, struct request_id id,
                      const struct act_words *words, const char *by)
{
    struct account_job *job = account_new(act, words->account, by);

    job->asked = job->noted = true;
    job->id = id;
    job->when = words->when;
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
    bool on;
    struct act_when when;
    /* The writer's: */
    struct act_verdict verdict;
    bool there, full;
};

static void tell_pin(const struct pin_job *job)
{
    cJSON *words = cJSON_CreateObject();
    cJSON *origin = cJSON_AddObjectToObject(words, "origin");
    char id[UUID_TEXT_SIZE];

    uuid_format(&job->place.journal, id);
    cJSON_AddStringToObject(origin, "id", id);
    cJSON_AddNumberToObject(origin, "seq", (double)job->place.seq);
    if (job->note)
        cJSON_AddStringToObject(words, "note", job->note);
    tell(job->act, words, job->on ? "pin" : "unpin", job->by, job->when.at);
}

static bool note_pin(struct pin_job *job, struct sqlite3 *db,
                     const char *subject, struct err *err)
{
    struct act_row row = {.subject = subject,
                          .verb = job->on ? "pin" : "unpin",
                          .who = job->by,
                          .at = job->when.at};

    return act_stands(db, &row, &job->verdict, err);
}

static void drop_pin(void *ctx)
{
    struct pin_job *job = ctx;

    free(job->note);
    act_verdict_free(&job->verdict);
    free(job);
}

static bool do_pin(struct pin_job *job, struct sqlite3 *db, uint64_t seq,
                   const char *subject, struct err *err)
{
    bool ok = job->on
                  ? pins_set(db, seq, job->when.at, job->note, &job->full, err)
                  : pins_remove(db, seq, err);

    return ok && (job->full || note_pin(job, db, subject, err));
}

static bool write_pin(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct pin_job *job = ctx;
    const struct uuid *ours = journal_id(job->act->journal);
    struct buf subject;
    uint64_t seq;
    bool ok;

    job->full = false;
    if (!pins_find(db, &job->place, ours, &seq, err))
        return false;
    job->there = seq > 0;
    if (!seq)
        return true;
    buf_init(&subject, 80);
    act_subject_pin(&subject, &job->place);
    ok = act_judge(db, ours, subject.data, &job->when, job->by, &job->verdict,
                   err) &&
         (job->verdict.older || do_pin(job, db, seq, subject.data, err));
    buf_free(&subject);
    return ok;
}

static void on_pin(void *ctx, bool ok, const struct err *err)
{
    struct pin_job *job = ctx;
    struct act *act = job->act;

    if (!ok) {
        act_answer_not_kept(act, job->id, err);
    } else if (!job->there) {
        act_answer_error(act, job->id, 404, "there is no such event");
    } else if (job->full) {
        act_answer_error(act, job->id, 409, "there are too many pins");
    } else {
        if (!job->verdict.older) {
            tell_pin(job);
            act->calls.on_pinned(act->calls.ctx);
        }
        act_answer_done(act, job->id, &job->verdict, "");
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
    job->when = words->when;
    job->note = words->note ? xstrdup(words->note) : NULL;
    memcpy(job->by, by, strlen(by) + 1);
    journal_write_owned(act->journal, write_pin, on_pin, job, drop_pin);
}

/* ---- pinned here ---- */

/* What the screen here has done already. */
static bool write_pinned(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct pin_job *job = ctx;
    struct buf subject;
    bool ok;

    buf_init(&subject, 80);
    act_subject_pin(&subject, &job->place);
    ok = note_pin(job, db, subject.data, err);
    buf_free(&subject);
    return ok;
}

static void on_pinned(void *ctx, bool ok, const struct err *err)
{
    struct pin_job *job = ctx;

    if (ok)
        tell_pin(job);
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
    job->when.at = clock_now_ms();
    job->note = note ? xstrdup(note) : NULL;
    journal_write_owned(act->journal, write_pinned, on_pinned, job, drop_pin);
}
