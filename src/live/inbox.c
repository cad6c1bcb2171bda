/* An array of signals whose texts lie in one arena: it is filled whole, from
 * the journal, and given back whole. */
#include "live/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

struct inbox {
    struct inbox_signal *list;
    size_t count, room;
    bool more; /* than there is room for */
    struct arena arena;
};

struct inbox *inbox_new(void)
{
    return xcalloc(1, sizeof(struct inbox));
}

void inbox_free(struct inbox *inbox)
{
    if (!inbox)
        return;
    free(inbox->list);
    arena_free(&inbox->arena);
    free(inbox);
}

static void copy_texts(struct inbox_signal *signal, struct arena *arena)
{
    const char **texts[] = {
        &signal->title,  &signal->account_id, &signal->account,
        &signal->person, &signal->person_id,  &signal->sentence,
        &signal->note,   &signal->openers[0], &signal->openers[1],
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_strdup(arena, *texts[i]);
}

bool inbox_add(struct inbox *inbox, const struct inbox_signal *signal)
{
    if (inbox->count == LIMIT_INBOX) {
        inbox->more = true;
        return false;
    }
    if (inbox->count == inbox->room) {
        inbox->room = inbox->room ? inbox->room * 2 : 32;
        inbox->list =
            xreallocarray(inbox->list, inbox->room, sizeof *inbox->list);
    }
    inbox->list[inbox->count] = *signal;
    copy_texts(&inbox->list[inbox->count++], &inbox->arena);
    return true;
}

void inbox_take(struct inbox *inbox, struct inbox *from)
{
    struct inbox old = *inbox;

    *inbox = *from;
    *from = old;
    inbox_free(from);
}

size_t inbox_count(const struct inbox *inbox)
{
    return inbox->count;
}

const struct inbox_signal *inbox_at(const struct inbox *inbox, size_t index)
{
    return &inbox->list[index];
}

static struct inbox_signal *find(const struct inbox *inbox, int64_t id)
{
    for (size_t i = 0; i < inbox->count; i++)
        if (inbox->list[i].id == id)
            return &inbox->list[i];
    return NULL;
}

const struct inbox_signal *inbox_find(const struct inbox *inbox, int64_t id)
{
    return find(inbox, id);
}

void inbox_set_state(struct inbox *inbox, int64_t id, enum inbox_state state,
                     int64_t until)
{
    struct inbox_signal *signal = find(inbox, id);

    if (!signal)
        return;
    signal->state = state;
    signal->until = until;
}

void inbox_set_note(struct inbox *inbox, int64_t id, const char *note)
{
    struct inbox_signal *signal = find(inbox, id);

    if (signal)
        signal->note = arena_strdup(&inbox->arena, note);
}

enum inbox_state inbox_state(const struct inbox_signal *signal, int64_t now_ms)
{
    return signal->state == INBOX_SNOOZED && signal->until <= now_ms
               ? INBOX_NEW
               : signal->state;
}

bool inbox_is_open(const struct inbox_signal *signal, int64_t now_ms)
{
    enum inbox_state state = inbox_state(signal, now_ms);

    return state == INBOX_NEW || state == INBOX_SEEN;
}

struct inbox_totals inbox_totals(const struct inbox *inbox, int64_t now_ms)
{
    struct inbox_totals totals = {.more = inbox->more};

    for (size_t i = 0; i < inbox->count; i++) {
        enum inbox_state state = inbox_state(&inbox->list[i], now_ms);

        totals.fresh += state == INBOX_NEW;
        totals.open += state == INBOX_SEEN;
    }
    return totals;
}

int64_t inbox_next(const struct inbox *inbox, int64_t now_ms)
{
    int64_t next = CLOCK_NONE;

    for (size_t i = 0; i < inbox->count; i++) {
        const struct inbox_signal *signal = &inbox->list[i];

        if (inbox_state(signal, now_ms) == INBOX_SNOOZED &&
            (next == CLOCK_NONE || signal->until < next))
            next = signal->until;
    }
    return next;
}

/* bad, warn, and the rest. */
static int urgency(const struct inbox_signal *signal)
{
    return signal->tone == TONE_BAD ? 0 : signal->tone == TONE_WARN ? 1 : 2;
}

const struct inbox_signal *inbox_worst(const struct inbox *inbox,
                                       const char *account_id, int64_t now_ms,
                                       size_t *open)
{
    const struct inbox_signal *worst = NULL;

    *open = 0;
    for (size_t i = 0; account_id && i < inbox->count; i++) {
        const struct inbox_signal *signal = &inbox->list[i];

        if (!signal->account_id || strcmp(signal->account_id, account_id) ||
            !inbox_is_open(signal, now_ms))
            continue;
        ++*open;
        if (!worst || urgency(signal) < urgency(worst) ||
            (urgency(signal) == urgency(worst) &&
             signal->fired_at > worst->fired_at))
            worst = signal;
    }
    return worst;
}

struct inbox_key inbox_key(const struct inbox_signal *signal, bool now,
                           int64_t now_ms)
{
    return (struct inbox_key){.id = signal->id,
                              .rank = (int)inbox_state(signal, now_ms) * 4 +
                                      (now ? 0 : 1 + urgency(signal)),
                              .fired_at = signal->fired_at};
}

int inbox_by_key(const void *a, const void *b)
{
    const struct inbox_key *left = a, *right = b;

    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    if (left->fired_at != right->fired_at)
        return left->fired_at > right->fired_at ? -1 : 1;
    return (left->id < right->id) - (left->id > right->id);
}
