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
#include "source/feed_word.h"

#include "base/banned.h"

/* ---- said there ---- */

struct act_here {
    struct feed_acts *acts;
    struct arena arena;
    struct signal_about about;
    struct signal_change change;
};

static const char *copied(struct act_here *act, const char *text)
{
    return text ? arena_strdup(&act->arena, text) : NULL;
}

static void drop_here(void *ctx)
{
    struct act_here *act = ctx;

    arena_free(&act->arena);
    free(act);
}

static bool write_here(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct act_here *act = ctx;

    if (!table_find(db, &act->about, &act->change.id, err))
        return false;
    return !act->change.id || table_change(db, &act->change, err);
}

static void on_here(void *ctx, bool ok, const struct err *err)
{
    struct act_here *act = ctx;
    struct feed_acts *acts = act->acts;

    if (!ok)
        log_limited(LOG_WARN, "a signal is as it was: %s", err->text);
    else if (act->change.id)
        acts->changed(acts->ctx);
    drop_here(act);
    acts->waiting--;
    acts->written(acts->source);
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

static void apply_pin(struct feed_acts *acts, const struct feed_word *word);

void feed_act_apply(struct feed_acts *acts, const struct feed_word *word)
{
    struct act_here *act = xcalloc(1, sizeof *act);

    if (word->is_pin) {
        free(act);
        apply_pin(acts, word);
        return;
    }
    act->acts = acts;
    if (!word->is_about || !read_change(word, &act->change)) {
        free(act);
        return;
    }
    act->about = word->about;
    act->about.account = copied(act, word->about.account);
    act->about.person = copied(act, word->about.person);
    act->change.note = copied(act, word->note);
    acts->waiting++;
    journal_write_owned(acts->journal, write_here, on_here, act, drop_here);
}

/* ---- pinned there ---- */

struct pin_here {
    struct feed_acts *acts;
    struct pin_place place;
    char *note;
    bool on;
};

static void drop_pin(void *ctx)
{
    free(((struct pin_here *)ctx)->note);
    free(ctx);
}

/* What is not here cannot be marked. */
static bool write_pin(void *ctx, struct sqlite3 *db, struct err *err)
{
    const struct pin_here *pin = ctx;
    bool full;
    uint64_t seq;

    if (!pins_find(db, &pin->place, journal_id(pin->acts->journal), &seq, err))
        return false;
    if (!seq)
        return true;
    return pin->on ? pins_set(db, seq, clock_now_ms(), pin->note, &full, err)
                   : pins_remove(db, seq, err);
}

static void on_pin(void *ctx, bool ok, const struct err *err)
{
    struct feed_acts *acts = ((struct pin_here *)ctx)->acts;

    if (ok)
        acts->pins_changed(acts->ctx);
    else
        log_limited(LOG_WARN, "a pin is as it was: %s", err->text);
    drop_pin(ctx);
    acts->waiting--;
    acts->written(acts->source);
}

static void apply_pin(struct feed_acts *acts, const struct feed_word *word)
{
    struct pin_here *pin = xcalloc(1, sizeof *pin);

    pin->acts = acts;
    pin->place = word->place;
    pin->on = word->pinned;
    pin->note = word->note ? xstrdup(word->note) : NULL;
    acts->waiting++;
    journal_write_owned(acts->journal, write_pin, on_pin, pin, drop_pin);
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

/* Takes body over. */
static void send_words(struct act_there *act, cJSON *body)
{
    char token[600];
    const char *headers[] = {token, "Content-Type: application/json", NULL};
    struct client_request request = {.headers = headers, .allow_http = true};
    char *text = cJSON_PrintUnformatted(body);

    snprintf(token, sizeof token, "Authorization: Bearer %s", act->token);
    request.url = act->url;
    request.body = text;
    request.len = strlen(text);
    client_send(act->acts->client, &request, on_answer, act);
    cJSON_free(text);
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

void feed_pin_ask(struct feed_acts *acts, const char *url, const char *token,
                  const struct pin_place *place, const char *note, bool on)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *origin = cJSON_AddObjectToObject(body, "origin");
    char id[UUID_TEXT_SIZE];

    uuid_format(&place->journal, id);
    cJSON_AddStringToObject(origin, "id", id);
    cJSON_AddNumberToObject(origin, "seq", (double)place->seq);
    cJSON_AddStringToObject(body, "do", on ? "pin" : "unpin");
    if (note)
        cJSON_AddStringToObject(body, "note", note);
    send_words(act_new(acts, url, token), body);
}

void feed_read_ask(struct feed_acts *acts, const char *url, const char *token,
                   const char *account)
{
    cJSON *body = cJSON_CreateObject();

    cJSON_AddStringToObject(body, "do", "read");
    cJSON_AddStringToObject(body, "account", account);
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
