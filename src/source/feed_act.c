/* A list in order, of which as many as are there are written in one go. */
#include "source/feed_act.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/acts.h"
#include "journal/cursor.h"
#include "journal/db.h"
#include "journal/notes.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define PLACES "feed acts" /* of readers: in the acts of another journal */
#define AGAIN_US 500000
#define TRIES 60 /* for our signals, which may be switched off */

struct act_here {
    struct act_here *next;
    struct feed_acts *acts;
    struct uuid there;
    bool judged;
    uint64_t act; /* 0: it has no place */
    int64_t ends; /* ours of that id is told; 0: none is */
    uint64_t upto;
    enum { OF_NOTHING, OF_SIGNAL, OF_PIN, OF_READ, OF_NOTE } of;
    struct arena arena; /* text of all below */
    struct signal_about about;
    struct signal_change change;
    struct pin_place place;
    bool pinned, elsewhere; /* the writer's: its event is not here */
    const char *note, *account;
    int64_t at;
    unsigned tries;
    /* The writer's: it is too early for it; ours about the same waits; ours
     * waits no longer. */
    bool again, held, ended;
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
    int64_t number;
    bool ok = db_number(
        db,
        "SELECT seq < (SELECT coalesce(max(seq), 0) FROM events) FROM cursors "
        "WHERE reader = 'signals' AND origin = x''",
        &number, err);

    *behind = ok && number;
    return ok;
}

/* Does something of ours about the same wait to be told? Where nobody judges,
 * what is newer by the clocks stands. */
static bool find_ours(struct act_here *act, struct sqlite3 *db,
                      const char *subject, struct err *err)
{
    int64_t id, at;
    bool ended;

    if (!acts_meet(db, subject, act->act, &id, &at, err))
        return false;
    act->held = id && (act->judged || act->at <= at);
    return !id || act->held || acts_told(db, id, INT64_MAX, &ended, err);
}

static bool write_signal(struct act_here *act, struct sqlite3 *db,
                         struct err *err)
{
    struct buf subject;
    bool ok;

    if (!table_find(db, &act->about, &act->change.id, err))
        return false;
    if (!act->change.id)
        return act->tries >= TRIES || signals_are_behind(db, &act->again, err);
    buf_init(&subject, 64);
    act_subject_signal(&subject, act->change.noted, act->change.id);
    ok = find_ours(act, db, subject.data, err) &&
         (act->held || table_change(db, &act->change, err));
    buf_free(&subject);
    return ok;
}

static bool change_pin(const struct act_here *act, struct sqlite3 *db,
                       uint64_t seq, struct err *err)
{
    bool full;

    return act->pinned
               ? pins_set(db, seq, clock_now_ms(), act->note, &full, err)
               : pins_remove(db, seq, err);
}

/* What is not here cannot be marked. */
static bool write_pin(struct act_here *act, struct sqlite3 *db,
                      struct err *err)
{
    struct buf subject;
    uint64_t seq;
    bool ok;

    if (!pins_find(db, &act->place, journal_id(act->acts->journal), &seq, err))
        return false;
    act->elsewhere = !seq;
    if (!seq)
        return true;
    buf_init(&subject, 80);
    act_subject_pin(&subject, &act->place);
    ok = find_ours(act, db, subject.data, err) &&
         (act->held || change_pin(act, db, seq, err));
    buf_free(&subject);
    return ok;
}

static bool write_note(struct act_here *act, struct sqlite3 *db,
                       struct err *err)
{
    struct buf subject;
    bool full, ok;

    buf_init(&subject, LIMIT_TEXT + 16);
    act_subject_account(&subject, true, act->account);
    ok = find_ours(act, db, subject.data, err) &&
         (act->held ||
          notes_set(db, act->account, act->note, clock_now_ms(), &full, err));
    buf_free(&subject);
    return ok;
}

/* A reading is nothing of the journal's, and one does not undo another. */
static bool write_what(struct act_here *act, struct sqlite3 *db,
                       struct err *err)
{
    switch (act->of) {
    case OF_SIGNAL:
        return write_signal(act, db, err);
    case OF_PIN:
        return write_pin(act, db, err);
    case OF_NOTE:
        return write_note(act, db, err);
    default:
        return true;
    }
}

static bool write_one(struct act_here *act, struct sqlite3 *db,
                      struct err *err)
{
    act->again = act->held = false;
    if (act->ends && !act->ended &&
        !acts_told(db, act->ends, act->upto, &act->ended, err))
        return false;
    if (act->ends && !act->ended)
        return true; /* what stands there comes with another */
    if (!write_what(act, db, err))
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

static void act_free(struct act_here *act)
{
    arena_free(&act->arena);
    free(act);
}

static void drop_first(struct feed_acts *acts)
{
    struct act_here *act = acts->here;

    acts->here = act->next;
    if (!acts->here)
        acts->here_end = &acts->here;
    acts->waiting--;
    act_free(act);
}

static void tell_here(const struct act_here *act)
{
    struct feed_acts *acts = act->acts;

    if (act->held || (act->ends && !act->ended))
        return;
    if (act->of == OF_PIN && act->elsewhere)
        acts->pin_told(acts->ctx, &act->place, act->note, act->pinned);
    else if (act->of == OF_PIN)
        acts->pins_changed(acts->ctx);
    else if (act->of == OF_NOTE)
        acts->notes_changed(acts->ctx);
    else if (act->of == OF_READ)
        acts->others_read(acts->ctx, act->account, act->at);
    else if (act->of == OF_SIGNAL && act->change.id)
        acts->changed(acts->ctx);
}

/* The first of them. */
static void end_first(struct feed_acts *acts, size_t count, bool ok)
{
    for (size_t i = 0; i < count; i++) {
        bool ends = acts->here->ends;

        if (ok)
            tell_here(acts->here);
        if (ok && acts->here->act)
            acts->done = acts->here->act;
        drop_first(acts);
        if (ends)
            acts->ended(acts->source, ok);
    }
    if (count)
        acts->written(acts->source);
}

static void on_here(void *ctx, bool ok, const struct err *err)
{
    struct feed_acts *acts = ctx;

    acts->trying = false;
    end_first(acts, ok ? acts->tried.done : acts->waiting, ok);
    if (!ok) {
        /* What comes behind them would move our place over them. */
        acts->failed(acts->source, err->text);
        return;
    }
    if (acts->tried.done == acts->tried.count) {
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
    act->at = word->at;
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
        return true;
    }
    if (!word->is_about || !read_change(word, &act->change))
        return false;
    act->of = OF_SIGNAL;
    act->about = word->about;
    act->about.account = copied(act, word->about.account);
    act->about.person = copied(act, word->about.person);
    act->change.note = copied(act, word->note);
    return true;
}

/* Takes it over. */
static void queue(struct feed_acts *acts, struct act_here *act)
{
    acts->waiting++;
    *acts->here_end = act;
    acts->here_end = &act->next;
    try_first(acts);
}

static struct act_here *act_new(struct feed_acts *acts,
                                const struct uuid *there)
{
    struct act_here *act = xcalloc(1, sizeof *act);

    act->acts = acts;
    act->there = *there;
    act->judged = acts->judged;
    return act;
}

void feed_act_apply(struct feed_acts *acts, const struct uuid *there,
                    const struct feed_word *word)
{
    struct act_here *act = act_new(acts, there);

    act->act = word->act;
    if (read_here(act, word))
        queue(acts, act);
    else
        act_free(act);
}

/* Its place among the acts there is that of the line, which comes too. */
void feed_act_end(struct feed_acts *acts, const struct uuid *there, int64_t id,
                  uint64_t upto, const struct feed_word *word)
{
    struct act_here *act = act_new(acts, there);

    act->ends = id;
    act->upto = upto;
    if (word && !read_here(act, word))
        act->of = OF_NOTHING;
    queue(acts, act);
}

void feed_acts_free(struct feed_acts *acts)
{
    feed_acts_stop(acts);
    while (acts->here)
        drop_first(acts);
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
