/* The list of replays to open later: a small array, and what becomes of each.
 * Who asks and opens is ui/links.c. */
#include "ui/pane/replays.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "base/banned.h"

static void item_free(struct replay_item *item)
{
    free(item->url);
    free(item->project_url);
    free(item->session_id);
    free(item->account);
    free(item->account_id);
    free(item->person);
    free(item->person_id);
    free(item->what);
}

void replays_remove(struct replays *replays, size_t index)
{
    if (index >= replays->count)
        return;
    item_free(&replays->items[index]);
    replays->count--;
    memmove(replays->items + index, replays->items + index + 1,
            (replays->count - index) * sizeof *replays->items);
}

void replays_clear(struct replays *replays)
{
    while (replays->count)
        replays_remove(replays, replays->count - 1);
}

static bool waits(const struct replay_item *item)
{
    return item->fate == REPLAY_TIMED || item->fate == REPLAY_ASKED;
}

/* Drops the oldest that waits no longer; false when all do. */
static bool make_room(struct replays *replays)
{
    for (size_t i = replays->count; i > 0; i--)
        if (!waits(&replays->items[i - 1])) {
            replays_remove(replays, i - 1);
            return true;
        }
    return false;
}

struct replay_item *replays_add(struct replays *replays,
                                const struct replay_item *item)
{
    struct replay_item copy = *item;

    if (replays->count == REPLAYS_MAX && !make_room(replays)) {
        item_free(&copy);
        return NULL;
    }
    memmove(replays->items + 1, replays->items,
            replays->count * sizeof *replays->items);
    replays->items[0] = copy;
    replays->count++;
    return &replays->items[0];
}

struct replay_item *replays_find(struct replays *replays, uint64_t seq)
{
    for (size_t i = 0; i < replays->count; i++)
        if (replays->items[i].seq == seq && waits(&replays->items[i]))
            return &replays->items[i];
    return NULL;
}

size_t replays_waiting(const struct replays *replays)
{
    size_t waiting = 0;

    for (size_t i = 0; i < replays->count; i++)
        waiting += waits(&replays->items[i]);
    return waiting;
}

int64_t replay_next(const struct replay_item *item)
{
    if (item->fate == REPLAY_ASKED)
        return item->ask_at;
    return item->fate == REPLAY_TIMED ? item->opens_at : CLOCK_NONE;
}

int64_t replays_next(const struct replays *replays)
{
    int64_t next = CLOCK_NONE;

    for (size_t i = 0; i < replays->count; i++) {
        int64_t at = replay_next(&replays->items[i]);

        if (at != CLOCK_NONE && (next == CLOCK_NONE || at < next))
            next = at;
    }
    return next;
}

/* The last time is when the wait is over. */
static void ask_again(struct replay_item *item, int64_t now)
{
    item->ask_at = now + REPLAY_ASK_MS;
    if (item->ask_at > item->opens_at)
        item->ask_at = item->opens_at;
}

bool replay_heard(struct replay_item *item, enum recording recording,
                  int64_t now)
{
    bool over = now >= item->opens_at;

    if (recording == RECORDING_READY || (recording == RECORDING_SHORT && over))
        return true;
    if (recording == RECORDING_UNKNOWN)
        item->fate = REPLAY_TIMED;
    else if (over)
        item->fate = REPLAY_MISSED;
    else
        ask_again(item, now);
    return false;
}

void replay_opened(struct replay_item *item, int64_t now)
{
    item->fate = REPLAY_OPENED;
    item->opens_at = now;
}
