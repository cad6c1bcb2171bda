/* Two directions, each a job: a change of our journal, and a question to
 * another telltale. */
#include "source/feed_act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/secret.h"
#include "journal/cursor.h"
#include "journal/db.h"
#include "journal/notes.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define PLACES "feed acts" /* of readers: in the acts of another journal */
#define AGAIN_US 500000
#define TRIES 60 /* for our signals, which may be switched off */

/* ---- said there ---- */

struct act_here {
    struct act_here *next;
    struct feed_acts *acts;
    struct uuid there;
    uint64_t act; /* 0: it has no place */
    enum { OF_SIGNAL, OF_PIN, OF_READ, OF_NOTE } of;
    struct arena arena; /* text of all below */
    struct signal_about about;
    struct signal_change change;
    struct pin_place place;
    bool pinned, elsewhere; /* the writer's: its event is not here */
    const char *note, *account;
    int64_t at;
    unsigned tries;
    bool again; /* the writer's: it is too early for it */
};

static const char *copied(struct act_here *act, const char *text)
{
    return text ? arena_strdup(&act->arena, text) : NULL;
}

static void try_first(struct feed_acts *acts);

/* ---- on the writer's thread ---- */

/* Whether our signals have seen all that the journal has. */
static bool signals_are_behind(struct sqlite3 *db, bool *behind,
                               struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT seq < (SELECT coalesce(max(seq), 0) FROM events) FROM cursors "
        "WHERE reader = 'signals' AND origin = x''",
        false, err);
    int code;

    *behind = false;
    if (!row)
        return false;
    code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        *behind = sqlite3_column_int(row, 0);
    return db_end(row, code, err);
}

static bool write_signal(struct act_here *act, struct sqlite3 *db,
                         struct err *err)
{
    if (!table_find(db, &act->about, &act->change.id, err))
        return false;
    if (act->change.id)
        return table_change(db, &act->change, err);
    return act->tries >= TRIES || signals_are_behind(db, &act->again, err);
}

/* What is not here cannot be marked. */
static bool write_pin(struct act_here *act, struct sqlite3 *db,
                      struct err *err)
{
    bool full;
    uint64_t seq;

    if (!pins_find(db, &act->place, journal_id(act->acts->journal), &seq, err))
        return false;
    act->elsewhere = !seq;
    if (!seq)
        return true;
    return act->pinned
               ? pins_set(db, seq, clock_now_ms(), act->note, &full, err)
               : pins_remove(db, seq, err);
}

static bool write_note(struct act_here *act, struct sqlite3 *db,
                       struct err *err)
{
    bool full;

    return notes_set(db, act->account, act->note, clock_now_ms(), &full, err);
}

static bool write_one(struct act_here *act, struct sqlite3 *db,
                      struct err *err)
{
    act->again = false;
    if (act->of == OF_SIGNAL && !write_signal(act, db, err))
        return false;
    if (act->of == OF_PIN && !write_pin(act, db, err))
        return false;
    if (act->of == OF_NOTE && !write_note(act, db, err))
        return false;
    return act->again || !act->act ||
           cursor_move_there(db, PLACES, &act->there, act->act, err);
}

static bool write_here(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct feed_acts *acts = ctx;
    bool ok = true, again = false;

    acts->tried.done = 0;
    while (ok && !again && acts->tried.done < acts->tried.count) {
        struct act_here *act = acts->tried.list[acts->tried.done];

        ok = write_one(act, db, err);
        again = ok && act->again;
        acts->tried.done += ok && !again;
    }
    return ok;
}

bool feed_acts_place(struct sqlite3 *db, const struct uuid *there,
                     uint64_t *act, struct err *err)
{
    return cursor_find_in(db, PLACES, there, act, err);
}

bool feed_acts_anew(struct sqlite3 *db, const struct uuid *there,
                    struct err *err)
{
    return cursor_put_there(db, PLACES, there, 0, err);
}

/* ---- on the loop ---- */

static void drop_first(struct feed_acts *acts)
{
    struct act_here *act = acts->here;

    acts->here = act->next;
    if (!acts->here)
        acts->here_end = &acts->here;
    acts->waiting--;
    arena_free(&act->arena);
    free(act);
}

static void tell_here(const struct act_here *act)
{
    struct feed_acts *acts = act->acts;

    if (act->of == OF_PIN && act->elsewhere)
        acts->pin_told(acts->ctx, &act->place, act->note, act->pinned);
    else if (act->of == OF_PIN)
        acts->pins_changed(acts->ctx);
    else if (act->of == OF_NOTE)
        acts->notes_changed(acts->ctx);
    else if (act->of == OF_READ)
        acts->others_read(acts->ctx, act->account, act->at);
    else if (act->change.id)
        acts->changed(acts->ctx);
}

/* Those that were written; after a failure all that were tried. */
static void end_tried(struct feed_acts *acts, size_t count, bool ok)
{
    for (size_t i = 0; i < count; i++) {
        if (ok)
            tell_here(acts->here);
        drop_first(acts);
    }
    if (count)
        acts->written(acts->source);
}

static void on_here(void *ctx, bool ok, const struct err *err)
{
    struct feed_acts *acts = ctx;

    acts->trying = false;
    if (!ok)
        log_limited(LOG_WARN, "what was said there is not done here: %s",
                    err->text);
    end_tried(acts, ok ? acts->tried.done : acts->tried.count, ok);
    if (!ok || acts->tried.done == acts->tried.count) {
        try_first(acts);
        return;
    }
    acts->here->tries++;
    if (acts->timer)
        loop_timer_set(acts->timer, AGAIN_US);
}

/* The list's, whatever becomes of the journal. */
static void keep_here(void *ctx)
{
    struct feed_acts *acts = ctx;

    acts->trying = false;
}

static void try_first(struct feed_acts *acts)
{
    if (acts->trying || !acts->here || !acts->timer)
        return;
    acts->trying = true;
    acts->tried.count = 0;
    for (struct act_here *act = acts->here;
         act && acts->tried.count < FEED_ACTS_TOGETHER; act = act->next)
        acts->tried.list[acts->tried.count++] = act;
    journal_write_owned(acts->journal, write_here, on_here, acts, keep_here);
}

static void on_again(void *ctx)
{
    try_first(ctx);
}

void feed_acts_init(struct feed_acts *acts, struct loop *loop)
{
    acts->here_end = &acts->here;
    acts->timer = loop_timer_new(loop, on_again, acts);
}

void feed_acts_stop(struct feed_acts *acts)
{
    if (acts->timer)
        loop_timer_free(acts->timer);
    acts->timer = NULL;
}

static bool read_change(const struct feed_word *word,
                        struct signal_change *change)
{
    const char *verb = word->verb ? word->verb : "";

    *change =
        (struct signal_change){.at = clock_now_ms(), .until = word->until};
    return signal_change_read(verb, change) &&
           (change->noted || change->state != STATE_SNOOZED || word->until);
}

/* False: it is nothing that can be done here. */
static bool read_here(struct act_here *act, const struct feed_word *word)
{
    if (word->is_pin) {
        act->of = OF_PIN;
        act->place = word->place;
        act->pinned = word->pinned;
        act->note = copied(act, word->note);
        return true;
    }
    if (word->account) {
        act->of = word->is_note ? OF_NOTE : OF_READ;
        act->account = copied(act, word->account);
        act->note = copied(act, word->note);
        act->at = word->at;
        return true;
    }
    if (!word->is_about || !read_change(word, &act->change))
        return false;
    act->about = word->about;
    act->about.account = copied(act, word->about.account);
    act->about.person = copied(act, word->about.person);
    act->change.note = copied(act, word->note);
    return true;
}

void feed_act_apply(struct feed_acts *acts, const struct uuid *there,
                    const struct feed_word *word)
{
    struct act_here *act = xcalloc(1, sizeof *act);

    act->acts = acts;
    act->there = *there;
    act->act = word->act;
    if (!read_here(act, word)) {
        arena_free(&act->arena);
        free(act);
        return;
    }
    acts->waiting++;
    *acts->here_end = act;
    acts->here_end = &act->next;
    try_first(acts);
}

/* ---- said here ---- */

struct act_there {
    struct act_there *next;
    struct feed_acts *acts;
    char *url, *token, *note;
    struct signal_change change;
    struct buf signal; /* ours, as JSON */
};

static void drop_there(struct act_there *act)
{
    struct act_there **at = &act->acts->first;

    while (*at != act)
        at = &(*at)->next;
    *at = act->next;
    free(act->url);
    secret_free(act->token);
    free(act->note);
    buf_free(&act->signal);
    free(act);
}

void feed_acts_free(struct feed_acts *acts)
{
    feed_acts_stop(acts);
    while (acts->here)
        drop_first(acts);
    while (acts->first)
        drop_there(acts->first);
}

static bool take_row(void *ctx, const struct signal_row *row)
{
    struct act_there *act = ctx;

    signal_to_json(&act->signal, row);
    return false;
}

static enum reader_step read_signal(void *ctx, struct journal_reader *reader,
                                    struct err *err)
{
    struct act_there *act = ctx;
    struct signal_filter filter = {.id = act->change.id,
                                   .all = true,
                                   .now = act->change.at};

    return table_each(reader_db(reader), &filter, take_row, act, err)
               ? READER_DONE
               : READER_FAILED;
}

static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct act_there *act = ctx;

    if (answer->outcome != CLIENT_ANSWERED)
        log_line(LOG_WARN, "not said there: %s", answer->error);
    else if (answer->status != 200)
        log_line(LOG_WARN, "not said there: it answers %d", answer->status);
    drop_there(act);
}

static void add_change(cJSON *body, const struct act_there *act)
{
    const struct signal_change *change = &act->change;
    bool snooze = !change->noted && change->state == STATE_SNOOZED;
    char until[CLOCK_ISO_SIZE];

    cJSON_AddStringToObject(body, "do", signal_change_verb(change));
    if (change->noted)
        cJSON_AddStringToObject(body, "note", act->note ? act->note : "");
    clock_format_iso(change->until, until);
    if (snooze)
        cJSON_AddStringToObject(body, "until", until);
    cJSON_AddRawToObject(body, "signal", act->signal.data);
}

/* Takes text over, which is cJSON's. */
static void send_text(struct act_there *act, char *text)
{
    char token[600];
    const char *headers[] = {token, "Content-Type: application/json", NULL};
    struct client_request request = {.headers = headers, .allow_http = true};

    snprintf(token, sizeof token, "Authorization: Bearer %s", act->token);
    request.url = act->url;
    request.body = text;
    request.len = strlen(text);
    client_send(act->acts->client, &request, on_answer, act);
    cJSON_free(text);
}

/* Takes body over. */
static void send_words(struct act_there *act, cJSON *body)
{
    send_text(act, cJSON_PrintUnformatted(body));
    cJSON_Delete(body);
}

static void send_act(struct act_there *act)
{
    cJSON *body = cJSON_CreateObject();

    add_change(body, act);
    send_words(act, body);
}

static void on_signal(void *ctx, bool ok, const struct err *err)
{
    struct act_there *act = ctx;

    if (ok && act->signal.len) {
        send_act(act);
        return;
    }
    if (!ok)
        log_line(LOG_WARN, "the signal is as it was: %s", err->text);
    drop_there(act);
}

static struct act_there *act_new(struct feed_acts *acts, const char *url,
                                 const char *token)
{
    struct act_there *act = xcalloc(1, sizeof *act);
    struct buf address;

    buf_init(&address, 8 * KIB);
    buf_addf(&address, "%s/act", url);
    act->url = buf_take(&address);
    act->token = xstrdup(token);
    act->acts = acts;
    act->next = acts->first;
    acts->first = act;
    return act;
}

char *feed_pin_words(const struct pin_place *place, const char *note, bool on)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *origin = cJSON_AddObjectToObject(body, "origin");
    char id[UUID_TEXT_SIZE], *text;

    uuid_format(&place->journal, id);
    cJSON_AddStringToObject(origin, "id", id);
    cJSON_AddNumberToObject(origin, "seq", (double)place->seq);
    cJSON_AddStringToObject(body, "do", on ? "pin" : "unpin");
    if (note)
        cJSON_AddStringToObject(body, "note", note);
    text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    return text;
}

void feed_pin_ask(struct feed_acts *acts, const char *url, const char *token,
                  const struct pin_place *place, const char *note, bool on)
{
    send_text(act_new(acts, url, token), feed_pin_words(place, note, on));
}

void feed_read_ask(struct feed_acts *acts, const char *url, const char *token,
                   const char *account)
{
    cJSON *body = cJSON_CreateObject();

    cJSON_AddStringToObject(body, "do", "read");
    cJSON_AddStringToObject(body, "account", account);
    send_words(act_new(acts, url, token), body);
}

void feed_note_ask(struct feed_acts *acts, const char *url, const char *token,
                   const char *account, const char *note)
{
    cJSON *body = cJSON_CreateObject();

    cJSON_AddStringToObject(body, "do", "note");
    cJSON_AddStringToObject(body, "account", account);
    cJSON_AddStringToObject(body, "note", note ? note : "");
    send_words(act_new(acts, url, token), body);
}

void feed_act_ask(struct feed_acts *acts, const char *url, const char *token,
                  const struct signal_change *change)
{
    struct act_there *act = act_new(acts, url, token);

    act->note = change->note ? xstrdup(change->note) : NULL;
    act->change = *change;
    buf_init(&act->signal, MIB);
    journal_read(acts->journal, read_signal, on_signal, act);
}
