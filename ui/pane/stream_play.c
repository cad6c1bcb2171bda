/* Playing the past: a clock that runs from an event on, up to 60 times as fast
 * as ours, and up to which what came is shown. */
#include <stdlib.h>

#include "base/clock.h"
#include "ui/pane/screen.h"
#include "ui/pane/stream_internal.h"
#include "base/banned.h"

static const unsigned speeds[] = {1, 2, 5, 10, 30, 60};
#define SPEEDS (sizeof speeds / sizeof *speeds)

int64_t play_time(const struct stream *stream)
{
    const struct player *player = &stream->player;

    return player->ms + (clock_mono_us() - player->at) / 1000 *
                            (int64_t)speeds[player->speed];
}

static void set_clock(struct stream *stream, int64_t ms)
{
    stream->player.ms = ms;
    stream->player.at = clock_mono_us();
}

unsigned play_speed(const struct stream *stream)
{
    return speeds[stream->player.speed];
}

int64_t play_until(struct stream *stream)
{
    struct player *player = &stream->player;

    if (!player->on)
        return CLOCK_NONE;
    if (player->skips && past_next(stream->past) != CLOCK_NONE) {
        set_clock(stream, past_next(stream->past));
        player->skips = false;
    }
    return play_time(stream);
}

static void play_due(struct screen *screen)
{
    screen_dirty(screen);
}

/* When the next one comes, or the minute in the title is another. */
static void wait_for_next(struct stream *stream)
{
    const struct player *player = &stream->player;
    int64_t now = play_time(stream), next = past_next(stream->past);
    int64_t minute = (now / 60000 + 1) * 60000;
    int64_t due = next != CLOCK_NONE && next < minute ? next : minute;

    screen_later(stream->pane.screen,
                 player->at +
                     ((due - player->ms) / speeds[player->speed] + 1) * 1000,
                 play_due);
}

bool play_on(struct stream *stream)
{
    bool skips = stream->player.skips && past_next(stream->past) != CLOCK_NONE;

    if (!stream->player.on)
        return skips;
    if (past_newer(stream->past) == PAST_END ||
        play_time(stream) >= screen_now(stream->pane.screen)) {
        past_leave(stream, false);
        screen_message(stream->pane.screen, "This is now: live again.");
        return skips;
    }
    wait_for_next(stream);
    return skips;
}

static void toggle_play(struct stream *stream)
{
    const struct record *record = ring_get(stream->ring, stream->cursor);

    if (stream->player.on) {
        set_clock(stream, play_time(stream));
        stream->player.on = false;
        stream->follow = false;
        screen_message(stream->pane.screen,
                       "Paused. Space plays on from the cursor, G goes to "
                       "now.");
        return;
    }
    if (!record)
        return;
    set_clock(stream, record->row.received_at);
    past_cut(stream->past, stream->cursor);
    stream->player.on = stream->follow = true;
    stream->player.skips = false;
    screen_message(stream->pane.screen,
                   "Playing the past, ×%u. > faster, < slower, . skips, "
                   "Space pauses, G: now.",
                   speeds[stream->player.speed]);
}

static void change_speed(struct stream *stream, int by)
{
    struct player *player = &stream->player;
    size_t speed = player->speed + (size_t)by;

    if (player->on)
        set_clock(stream, play_time(stream));
    if (speed < SPEEDS)
        player->speed = speed;
    screen_message(stream->pane.screen, "×%u%s", speeds[player->speed],
                   player->on ? "." : ": Space plays.");
}

/* It may not be known yet which is next. */
static void skip(struct stream *stream)
{
    stream->player.skips = stream->player.on;
}

bool play_action(struct stream *stream, enum action action)
{
    switch (action) {
    case ACTION_freeze:
        toggle_play(stream);
        return true;
    case ACTION_faster:
        change_speed(stream, 1);
        return true;
    case ACTION_slower:
        change_speed(stream, -1);
        return true;
    case ACTION_skip:
        skip(stream);
        return true;
    default:
        return false;
    }
}
