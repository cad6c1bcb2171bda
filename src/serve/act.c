/* Changes of signals: read, written on the writer's thread, told. They are
 * few, so each is a transaction's part of its own. */
#include "serve/act_internal.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/json_tree.h"
#include "serve/access.h"
#include "serve/params.h"

#include "base/banned.h"

/* Who asked: from the head of the request until the answer. */
struct asked {
    struct viewer_token by;
};

struct change_job {
    struct act *act;
    bool asked; /* over HTTP: id is to be answered */
    struct request_id id;
    char by[VIEWER_NAME_SIZE];
    struct signal_change change;
    bool by_name; /* the newest signal about that; else change.id */
    struct signal_about about;
    struct arena arena; /* its text */
    char *note;
    bool there;        /* there is such a signal */
    struct buf signal; /* as it is now, JSON */
};

struct act *act_new(struct journal *journal, const struct viewers *viewers,
                    struct feed *feed, struct looks *looks,
                    const struct act_calls *calls)
{
    struct act *act = xcalloc(1, sizeof *act);

    act->journal = journal;
    act->viewers = viewers;
    act->feed = feed;
    act->looks = looks;
    act->calls = *calls;
    return act;
}

void act_free(struct act *act)
{
    free(act);
}

static void drop_job(void *ctx)
{
    struct change_job *job = ctx;

    free(job->note);
    arena_free(&job->arena);
    buf_free(&job->signal);
    free(job);
}

/* ---- the writer's thread ---- */

static bool take_row(void *ctx, const struct signal_row *row)
{
    struct change_job *job = ctx;

    signal_to_json(&job->signal, row);
    return false;
}

/* As it is, then as it will have been: what is not there is told apart from
 * what cannot be written. */
static bool write_change(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct change_job *job = ctx;
    struct signal_filter filter = {.all = true, .now = job->change.at};

    buf_clear(&job->signal);
    if (job->by_name && !table_find(db, &job->about, &job->change.id, err))
        return false;
    filter.id = job->change.id;
    if (filter.id && !table_each(db, &filter, take_row, job, err))
        return false;
    job->there = job->signal.len > 0;
    buf_clear(&job->signal);
    return table_change(db, &job->change, err) &&
           table_each(db, &filter, take_row, job, err);
}

/* ---- the loop again ---- */

static void tell_feed(const struct change_job *job)
{
    char at[CLOCK_ISO_SIZE];
    struct buf rest;

    clock_format_iso(job->change.at, at);
    buf_init(&rest, MIB);
    buf_addf(&rest, ",\"do\":\"%s\",\"by\":\"%s\",\"at\":\"%s\",\"signal\":",
             signal_change_verb(&job->change), job->by, at);
    buf_adds(&rest, job->signal.data);
    if (buf_ok(&rest))
        feed_say(job->act->feed, "act", rest.data);
    buf_free(&rest);
}

static void answer_done(const struct change_job *job)
{
    struct buf body;
    struct answer answer = {.status = 200};

    buf_init(&body, MIB);
    buf_addf(&body, "{\"ok\":true,\"signal\":%s}\n", job->signal.data);
    answer.body = body.data;
    answer.len = body.len;
    server_answer(job->act->server, job->id, &answer);
    buf_free(&body);
}

static void on_changed(void *ctx, bool ok, const struct err *err)
{
    struct change_job *job = ctx;

    if (ok) {
        tell_feed(job);
        job->act->calls.changed(job->act->calls.ctx);
    }
    if (!ok && !job->asked)
        log_line(LOG_WARN, "the signal is as it was: %s", err->text);
    if (job->asked && ok)
        answer_done(job);
    else if (job->asked)
        act_answer_error(job->act, job->id, job->there ? 503 : 404,
                         job->there ? "it cannot be kept now, try again"
                                    : "there is no signal with that id");
    drop_job(job);
}

static void write_job(struct act *act, struct change_job *job,
                      const struct signal_change *change, const char *by)
{
    job->act = act;
    job->change = *change;
    if (change->note)
        job->change.note = job->note = xstrdup(change->note);
    memcpy(job->by, by, strlen(by) + 1);
    buf_init(&job->signal, MIB);
    journal_write_owned(act->journal, write_change, on_changed, job, drop_job);
}

void act_change(struct act *act, const struct signal_change *change,
                const char *by)
{
    write_job(act, xcalloc(1, sizeof(struct change_job)), change, by);
}

/* ---- POST /act ---- */

static enum admission act_admit(void *ctx, const struct request *request,
                                struct answer *answer, void **note)
{
    struct act *act = ctx;
    struct asked *asked = xcalloc(1, sizeof *asked);

    if (!access_granted(act->viewers, request, &asked->by)) {
        free(asked);
        access_refuse(act->viewers, answer);
        return ADMIT_ANSWER;
    }
    if (request->content_length > (int64_t)LIMIT_ACT) {
        free(asked);
        params_answer(answer, 413, "the body is too large");
        return ADMIT_ANSWER;
    }
    *note = asked;
    return ADMIT;
}

static void act_gone(void *ctx, void *note)
{
    (void)ctx;
    free(note);
}

static bool read_until(const cJSON *value, int64_t now, int64_t *out)
{
    const char *text = cJSON_GetStringValue(value);

    *out = text ? clock_parse(text, strlen(text)) : CLOCK_NONE;
    return *out != CLOCK_NONE && *out > now;
}

/* What somebody writes is shown to others. */
static bool read_note(const cJSON *value, struct buf *out)
{
    const char *text = cJSON_GetStringValue(value);

    return text && text_sanitise(out, text, strlen(text), LIMIT_TEXT);
}

/* By its id, or as the JSON form of one of another journal. */
static bool read_signal(const cJSON *value, struct change_job *job,
                        struct signal_change *change)
{
    if (!cJSON_IsObject(value))
        return act_read_number(value, &change->id);
    job->by_name = true;
    return signal_about_read(json_raw(value), &job->arena, &job->about);
}

/* NULL, or what is wrong with the words. */
static const char *read_words(const cJSON *words, struct change_job *job,
                              struct signal_change *change, struct buf *note)
{
    const char *verb = cJSON_GetStringValue(json_member(words, "do"));

    change->at = clock_now_ms();
    if (!read_signal(json_member(words, "signal"), job, change))
        return "signal is the id of one, or one as JSON";
    if (!verb || !signal_change_read(verb, change))
        return "do is done, seen, new, snooze or note";
    if (!change->noted && change->state == STATE_SNOOZED)
        return read_until(json_member(words, "until"), change->at,
                          &change->until)
                   ? NULL
                   : "until is a time to come, like 2026-12-24T08:00:00Z";
    if (!change->noted)
        return NULL;
    if (!read_note(json_member(words, "note"), note))
        return "note is a text";
    change->note = note->len ? note->data : NULL;
    return NULL;
}

static void do_signal(struct act *act, struct request_id id,
                      const cJSON *words, const char *by)
{
    struct change_job *job = xcalloc(1, sizeof *job);
    struct signal_change change = {.id = 0};
    struct buf text;
    const char *why;

    buf_init(&text, 4 * LIMIT_TEXT);
    why = read_words(words, job, &change, &text);
    if (why) {
        act_answer_error(act, id, 400, why);
        drop_job(job);
    } else {
        job->asked = true;
        job->id = id;
        write_job(act, job, &change, by);
    }
    buf_free(&text);
}

/* ---- all of them ---- */

/* What is not here is said of a signal. */
static const struct {
    const char *verb;
    act_verb *run;
} verbs[] = {{"export", act_export},
             {"look", act_look},
             {"pin", act_pin},
             {"unpin", act_pin},
             {"read", act_read_account}};

static void run_verb(struct act *act, struct request_id id, const cJSON *words,
                     const char *by)
{
    const char *verb = cJSON_GetStringValue(json_member(words, "do"));

    for (size_t i = 0; verb && i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verb, verbs[i].verb)) {
            verbs[i].run(act, id, words, by);
            return;
        }
    do_signal(act, id, words, by);
}

static void act_complete(void *ctx, struct request_id id, const char *peer,
                         void *note, char *body, size_t len)
{
    struct act *act = ctx;
    struct asked *asked = note;
    struct arena arena = ARENA_INIT;
    const cJSON *words = NULL;
    struct err err;

    (void)peer;
    if (len <= LIMIT_ACT)
        words = json_tree((struct slice){body, len}, &arena, &err);
    if (cJSON_IsObject(words))
        run_verb(act, id, words, asked->by.name);
    else
        act_answer_error(act, id, 400, "the body is a JSON object");
    arena_free(&arena);
    free(asked);
}

void act_serve(struct act *act, struct server *server)
{
    static const struct route_ops ops = {.admit = act_admit,
                                         .complete = act_complete,
                                         .gone = act_gone};
    struct route route = {.methods = "POST",
                          .path = "/act",
                          .ops = &ops,
                          .ctx = act,
                          .late = "not kept in time, look before you ask "
                                  "again"};

    act->server = server;
    server_route(server, &route);
}
