/* Changes of signals: read, written on the writer's thread, told. They are
 * few, so each is a transaction's part of its own. */
#include "serve/act_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/acts.h"
#include "serve/access.h"
#include "serve/params.h"

#include "base/banned.h"

/* Who asked: from the head of the request until the answer. */
struct asked {
    struct viewer_token by;
};

struct change_job {
    struct act *act;
    bool asked;            /* over HTTP: id is to be answered */
    struct kept_call kept; /* done may be NULL */
    struct request_id id;
    char by[VIEWER_NAME_SIZE];
    struct signal_change change;
    bool by_name; /* the newest signal about that; else change.id */
    struct signal_about about;
    struct arena arena; /* its text */
    char *note;
    struct act_when when;
    struct act_verdict verdict;
    bool missing;      /* there is no such signal */
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
    act_verdict_free(&job->verdict);
    free(job);
}

static const char *copied(struct change_job *job, const char *text)
{
    return text ? arena_strdup(&job->arena, text) : NULL;
}

/* ---- the writer's thread ---- */

static bool take_row(void *ctx, const struct signal_row *row)
{
    struct change_job *job = ctx;

    signal_to_json(&job->signal, row);
    return false;
}

static bool note_change(struct change_job *job, struct sqlite3 *db,
                        const char *subject, struct err *err)
{
    struct act_row row = {.subject = subject,
                          .verb = signal_change_verb(&job->change),
                          .who = job->by,
                          .at = job->when.at};

    return act_stands(db, &row, &job->verdict, err);
}

/* Unless something newer stands. */
static bool change_it(struct change_job *job, struct sqlite3 *db,
                      struct err *err)
{
    struct buf subject;
    bool ok;

    buf_init(&subject, 64);
    act_subject_signal(&subject, job->change.noted, job->change.id);
    ok = act_judge(db, journal_id(job->act->journal), subject.data, &job->when,
                   job->by, &job->verdict, err) &&
         (job->verdict.older || (table_change(db, &job->change, err) &&
                                 note_change(job, db, subject.data, err)));
    buf_free(&subject);
    return ok;
}

/* As it is, then as it will have been: what is not there is told apart from
 * what cannot be written. */
static bool write_change(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct change_job *job = ctx;
    struct signal_filter filter = {.all = true, .now = job->change.at};

    job->missing = false;
    buf_clear(&job->signal);
    if (job->by_name && !table_find(db, &job->about, &job->change.id, err))
        return false;
    filter.id = job->change.id;
    if (filter.id && !table_each(db, &filter, take_row, job, err))
        return false;
    job->missing = job->signal.len == 0;
    buf_clear(&job->signal);
    return change_it(job, db, err) &&
           table_each(db, &filter, take_row, job, err);
}

/* ---- the loop again ---- */

static void tell_feed(const struct change_job *job)
{
    char at[CLOCK_ISO_SIZE];
    struct buf rest;

    clock_format_iso(job->when.at, at);
    buf_init(&rest, MIB);
    buf_addf(&rest, ",\"do\":\"%s\",\"by\":\"%s\",\"at\":\"%s\",\"signal\":",
             signal_change_verb(&job->change), job->by, at);
    buf_adds(&rest, job->signal.data);
    if (buf_ok(&rest))
        feed_say_act(job->act->feed, rest.data);
    buf_free(&rest);
}

static void answer_done(const struct change_job *job)
{
    struct buf more;

    buf_init(&more, MIB);
    buf_adds(&more, ",\"signal\":");
    buf_adds(&more, job->signal.data);
    act_answer_done(job->act, job->id, &job->verdict, more.data);
    buf_free(&more);
}

static void on_changed(void *ctx, bool ok, const struct err *err)
{
    struct change_job *job = ctx;

    if (ok && !job->verdict.older) {
        tell_feed(job);
        job->act->calls.on_changed(job->act->calls.ctx);
    }
    if (job->kept.done)
        job->kept.done(job->kept.ctx, job->kept.token, ok, err);
    else if (!ok && !job->asked)
        log_line(LOG_WARN, "the signal is as it was: %s", err->text);
    if (job->asked && ok)
        answer_done(job);
    else if (job->asked && job->missing)
        act_answer_error(job->act, job->id, 404,
                         "there is no signal with that id");
    else if (job->asked)
        act_answer_not_kept(job->act, job->id, err);
    drop_job(job);
}

static void write_job(struct act *act, struct change_job *job,
                      const struct signal_change *change, const char *by)
{
    job->act = act;
    job->change = *change;
    job->when.at = change->at;
    if (change->note)
        job->change.note = job->note = xstrdup(change->note);
    memcpy(job->by, by, strlen(by) + 1);
    buf_init(&job->signal, MIB);
    journal_write_owned(act->journal, write_change, on_changed, job, drop_job);
}

void act_change(struct act *act, const struct signal_change *change,
                const char *by, const struct kept_call *kept)
{
    struct change_job *job = xcalloc(1, sizeof *job);

    if (kept)
        job->kept = *kept;
    write_job(act, job, change, by);
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

void act_signal(struct act *act, struct request_id id,
                const struct act_words *words, const char *by)
{
    struct change_job *job = xcalloc(1, sizeof *job);

    job->asked = true;
    job->id = id;
    job->by_name = !words->change.id;
    job->when.late = words->when.late;
    job->about = words->about;
    job->about.account = copied(job, words->about.account);
    job->about.person = copied(job, words->about.person);
    write_job(act, job, &words->change, by);
}

/* By verb. */
static act_run *const runs[] = {
    [ACT_SIGNAL] = act_signal,     [ACT_EXPORT] = act_export,
    [ACT_LOOK] = act_look,         [ACT_READ] = act_read_account,
    [ACT_NOTE] = act_note_account, [ACT_PIN] = act_pin,
    [ACT_UNPIN] = act_pin};

static void refuse_asked(struct act *act, struct request_id id)
{
    struct answer answer = {.status = 0};

    access_refuse(act->viewers, &answer);
    server_answer(act->server, id, &answer);
}

static void act_complete(void *ctx, struct request_id id, const char *peer,
                         void *note, char *body, size_t len)
{
    struct act *act = ctx;
    struct asked *asked = note;
    struct arena arena = ARENA_INIT;
    struct act_words words;
    const char *why =
        act_words_read(body, len, clock_now_ms(), &arena, &words);

    (void)peer;
    /* The token may have been taken back while the body came. */
    if (!viewers_hold(act->viewers, &asked->by))
        refuse_asked(act, id);
    else if (why)
        act_answer_error(act, id, 400, why);
    else
        runs[words.verb](act, id, &words, asked->by.name);
    arena_free(&arena);
    free(asked);
}

void act_serve(struct act *act, struct server *server)
{
    static const struct route_ops ops = {.admit = act_admit,
                                         .on_complete = act_complete,
                                         .on_gone = act_gone};
    struct route route = {.methods = "POST",
                          .path = "/act",
                          .ops = &ops,
                          .ctx = act,
                          .late = "not kept in time, look before you ask "
                                  "again"};

    act->server = server;
    server_route(server, &route);
}
