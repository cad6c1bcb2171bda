/* The journal beyond the ring. Rows above the ring's oldest are read into a
 * window (live/past.h), which begins with what the ring shows there, so that
 * nothing moves when the list goes over to it; the way back is the same, or a
 * key. A time is gone back to in such a window too; how it is played from is
 * stream_play.c's, finding stream_seek.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"
#include "ui/pane/stream_internal.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

#define AT_ONCE 200    /* events asked for at an end */
#define JOIN_LEAST 400 /* events taken along into the past */
#define LOOK_AROUND 5000

void stream_changed(void *ctx)
{
    struct stream *stream = ctx;

    screen_go_on(stream->pane.screen);
}

const struct display_host *stream_host(const struct stream *stream)
{
    return screen_host(stream->pane.screen);
}

const char *stream_filter(const struct stream *stream)
{
    const struct query *query = view_query(stream->live);

    return query ? query_text(query) : NULL;
}

static struct past *new_past(struct stream *stream)
{
    return past_new(stream_host(stream), stream_filter(stream),
                    screen_shows_hidden(stream->pane.screen), stream_changed,
                    stream);
}

static void drop_coming(struct stream *stream)
{
    past_free(stream->coming);
    stream->coming = NULL;
}

void past_free_all(struct stream *stream)
{
    drop_coming(stream);
    past_free(stream->past);
    stream->past = NULL;
    seek_stop(stream);
    census_stop(stream);
}

/* ---- from one ring to the other ---- */

/* The first record that was not received before that time, were they in its
 * order; nearly all are. */
static size_t index_at(const struct ring *ring, int64_t ms)
{
    size_t low = 0, high = ring_count(ring);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ring_at(ring, middle)->row.received_at < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where an event is in another ring; 0: it is not there. */
static uint64_t number_in(const struct ring *ring, uint64_t seq, int64_t ms)
{
    size_t at = index_at(ring, ms), count = ring_count(ring);
    size_t from = at > LOOK_AROUND ? at - LOOK_AROUND : 0;

    for (size_t i = from; seq && i < count && i < at + LOOK_AROUND; i++)
        if (ring_at(ring, i)->seq == seq)
            return ring_number(ring, i);
    return 0;
}

static uint64_t moved(const struct stream *stream, const struct ring *to,
                      uint64_t number)
{
    const struct record *record = ring_get(stream->ring, number);

    return record ? number_in(to, record->seq, record->row.received_at) : 0;
}

static void show(struct stream *stream, struct view *view,
                 const struct ring *ring)
{
    uint64_t cursor = moved(stream, ring, stream->cursor);
    uint64_t top = moved(stream, ring, stream->top);

    stream_drop_finder(stream);
    stream->sheet.view = stream->view = view;
    stream->sheet.ring = stream->ring = ring;
    stream->cursor = cursor;
    stream->top = top;
    screen_dirty(stream->pane.screen);
}

/* What came is shown. */
static void enter(struct stream *stream)
{
    struct past *before = stream->past;

    stream_stop_following(stream);
    stream->past = stream->coming;
    stream->coming = NULL;
    stream->placed = 0;
    stream->player.on = stream->asked = stream->linking = false;
    show(stream, past_view(stream->past), past_ring(stream->past));
    if (!before)
        screen_message(stream->pane.screen,
                       "From the journal. G goes to now.");
    past_free(before);
    if (stream->above) {
        size_t row = stream_cursor_row(stream);

        stream_go_to_row(stream,
                         row > stream->above ? row - stream->above : 0);
    }
    stream->above = 0;
}

void past_leave(struct stream *stream, bool keep)
{
    struct past *past = stream->past;

    stream->stopped = false;
    drop_coming(stream);
    seek_stop(stream);
    if (!keep)
        census_stop(stream);
    stream->aim_ms = CLOCK_NONE;
    stream->player.on = false;
    if (!past)
        return;
    stream->past = NULL;
    show(stream, stream->live, stream_host(stream)->ring);
    past_free(past);
    if (!keep || !stream->cursor)
        stream->follow = true;
}

bool past_keep(struct stream *stream)
{
    bool aimed = stream->aim_ms != CLOCK_NONE;

    census_stop(stream);
    if (!stream->past && !aimed)
        drop_coming(stream);
    return stream->past || stream->coming || stream->seeking.scan;
}

/* ---- going up ---- */

bool stream_can_read(const struct stream *stream)
{
    return stream_host(stream)->read_past &&
           !screen_floor(stream->pane.screen);
}

/* All that shows is taken along, and some more below it. */
static void join(struct stream *stream)
{
    size_t count = JOIN_LEAST;
    size_t end = stream->sheet.count
                     ? stream->sheet.list[stream->sheet.count - 1].row
                     : 0;
    struct view_row last;

    if (view_row(stream->view, end, &last))
        count += view_events(stream->view) -
                 view_count_after(stream->view, last.number);
    stream->coming = new_past(stream);
    past_join(stream->coming, stream->live, count);
    stream->joined = ring_count(past_ring(stream->coming));
}

/* What an attached board has not here, the receiver has. */
const char *past_failed(bool away)
{
    return away
               ? "Older events, if any, are at the receiver; there is no link."
               : "The journal cannot be read.";
}

static void tell_failed(struct stream *stream, const struct past *past)
{
    screen_message(stream->pane.screen, "%s", past_failed(past_away(past)));
}

void past_above(struct stream *stream, size_t rows)
{
    stream->asked = true;
    stream->above = rows;
    if (stream->past) {
        if (past_older(stream->past) == PAST_FAILED)
            tell_failed(stream, stream->past);
    } else if (!stream->coming && stream_can_read(stream) &&
               view_complete(stream->live)) {
        join(stream);
    }
    screen_dirty(stream->pane.screen);
}

static void go_to(struct stream *stream, int64_t ms, uint64_t seq)
{
    drop_coming(stream);
    seek_stop(stream);
    stream->coming = new_past(stream);
    stream->joined = stream->above = 0;
    stream->to_oldest = stream->down = false;
    stream->aim_ms = ms;
    stream->aim_seq = seq;
    screen_dirty(stream->pane.screen);
}

void past_oldest(struct stream *stream)
{
    if (!stream_can_read(stream) ||
        (stream->past && past_older(stream->past) == PAST_END))
        return; /* it shows: read again, it would take the cursor back later */
    go_to(stream, INT64_MIN + 1, 0);
    stream->to_oldest = true;
    past_go_oldest(stream->coming);
}

static void tell_beginning(const struct stream *stream)
{
    char text[120];

    past_begins(stream, text, sizeof text);
    screen_message(stream->pane.screen, "%s", text);
}

bool past_tell_linking(struct stream *stream)
{
    const struct display_host *host = stream_host(stream);
    const struct display_status *status = host->status(host->ctx);
    bool told = stream->linking;

    stream->linking = status->linking;
    if (status->linking)
        screen_message(stream->pane.screen,
                       "Waiting for the link to %s. Esc stops.",
                       status->attached);
    else if (told)
        screen_message(stream->pane.screen, "The link to %s is up.",
                       status->attached);
    return status->linking;
}

static void tell_reading(struct stream *stream, const struct past *past)
{
    int64_t reached = past_reached(past);
    char number[NUMBER_SIZE], date[AGE_SIZE] = "";

    if (past_tell_linking(stream) || past_seen(past) < TELL_EVERY ||
        reached == CLOCK_NONE)
        return;
    number_text(past_seen(past), number);
    time_date(reached, date);
    screen_message(stream->pane.screen,
                   "Reading the journal: %s events, back to %s. Esc stops.",
                   number, date);
}

/* The ring holds all there is: the oldest of all is its own. */
static bool is_known(const struct stream *stream, const struct past *past)
{
    const struct record *oldest = ring_at(past_ring(past), 0);
    const struct record *ours =
        ring_get(stream_host(stream)->ring, view_event(stream->live, 0));

    return oldest && ours && oldest->seq == ours->seq;
}

/* Nothing there to show. */
static void give_up(struct stream *stream)
{
    enum past_end end = past_older(stream->coming);

    if (end == PAST_FAILED || past_newer(stream->coming) == PAST_FAILED)
        tell_failed(stream, stream->coming);
    else if (stream->asked || stream->aim_ms != CLOCK_NONE)
        tell_beginning(stream);
    stream->asked = stream->linking = false;
    stream->stopped = true;
    stream->aim_ms = CLOCK_NONE;
    drop_coming(stream);
}

static void show_oldest_row(struct stream *stream)
{
    if (!stream->down)
        stream_go_to_row(stream, 0);
    give_up(stream);
}

static bool is_over(enum past_end end)
{
    return end == PAST_END || end == PAST_FAILED;
}

/* Enough to show: going up, anything, since what shows stays; at a time, a
 * screenful around it, or what there is. */
static bool is_enough(const struct stream *stream, size_t had)
{
    const struct past *past = stream->coming;

    if (!had)
        return false;
    if (stream->aim_ms == CLOCK_NONE)
        return true;
    return (past_older(past) != PAST_READING &&
            past_newer(past) != PAST_READING) ||
           past_gone_over(past) >= TELL_EVERY;
}

static bool take_coming(struct stream *stream)
{
    struct past *past = stream->coming;
    bool aimed = stream->aim_ms != CLOCK_NONE;
    bool more =
        past_update(past, AT_ONCE, aimed ? AT_ONCE : 0, UPDATE_BUDGET_US);
    size_t had = ring_count(past_ring(past)) - stream->joined;

    if (!aimed && stream->down)
        drop_coming(stream);
    else if (had && stream->to_oldest && !stream->past &&
             !view_complete(stream->live))
        return more; /* its oldest row is not known yet */
    else if (had && stream->to_oldest && !stream->past &&
             is_known(stream, past))
        show_oldest_row(stream);
    else if (is_enough(stream, had))
        enter(stream);
    else if (is_over(past_older(past)) &&
             (!aimed || is_over(past_newer(past))))
        give_up(stream);
    else if (stream->asked || aimed)
        tell_reading(stream, past);
    return more || stream->past;
}

/* A window around what was found; where the ring has it, there. */
void past_show_event(struct stream *stream, const struct event *event)
{
    uint64_t here =
        number_in(stream_host(stream)->ring, event->seq, event->received_at);

    if (here && stream->past) {
        past_leave(stream, true);
        stream->follow = false;
        stream->cursor = here;
        return;
    }
    drop_coming(stream);
    stream->coming = new_past(stream);
    past_show(stream->coming, event);
    stream->joined = 0;
    enter(stream);
    stream->aim_ms = CLOCK_NONE;
    stream->cursor = ring_number(stream->ring, 0);
}

/* ---- in the past ---- */

bool past_is_newest(const struct stream *stream)
{
    return past_newer(stream->past) == PAST_END;
}

/* What was before it stands above the cursor, what came then below. */
static uint64_t top_above(const struct stream *stream, uint64_t number)
{
    size_t row = view_find(stream->view, number);
    size_t above = (size_t)stream->sheet.room / 3;
    struct view_row top;

    return view_row(stream->view, row > above ? row - above : 0, &top)
               ? top.number
               : 0;
}

/* The cursor goes where it was meant to once that is there. */
static void take_aim(struct stream *stream)
{
    const struct ring *ring = stream->ring;
    uint64_t number;
    size_t at;

    if (stream->coming || stream->aim_ms == CLOCK_NONE || !ring_count(ring))
        return; /* it is meant for what is coming */
    number = number_in(ring, stream->aim_seq, stream->aim_ms);
    at = index_at(ring, stream->aim_ms);
    if (!number && at == ring_count(ring) &&
        !is_over(past_newer(stream->past)))
        return; /* it may still come */
    if (!number)
        number = ring_number(ring, at < ring_count(ring) ? at : at - 1);
    stream->cursor = stream->placed = number;
    stream->placed_ms = stream->aim_ms;
    stream->placed_seq = stream->aim_seq;
    stream->top = top_above(stream, number);
    stream->aim_ms = CLOCK_NONE;
}

/* What is asked for lies in the direction one reads, and a little behind. */
static bool take_past(struct stream *stream)
{
    struct past *past = stream->past;
    size_t rows = view_rows(stream->view), row = stream_cursor_row(stream);
    size_t need = 2 * (size_t)stream->sheet.room + 2;
    size_t older = row < need && !stream->stopped ? AT_ONCE : 0;
    size_t newer = rows < row + need ? AT_ONCE : 0;
    bool more;

    /* Folds: many events, few rows. */
    if (older && newer && ring_count(stream->ring) > PAST_EVENTS / 2)
        newer = stream->down ? newer : 0, older = stream->down ? 0 : older;
    past_until(past, play_until(stream));
    if (stream->player.on)
        newer = AT_ONCE;
    more = past_update(past, older, newer, UPDATE_BUDGET_US);
    take_aim(stream);
    if (stream->asked && past_older(past) == PAST_READING) {
        tell_reading(stream, past);
    } else {
        if (stream->linking && past_older(past) == PAST_FAILED)
            tell_failed(stream, past);
        stream->asked = stream->linking = false;
    }
    return play_on(stream) || more;
}

/* ---- each time the list is brought up to date ---- */

bool past_go_on(struct stream *stream)
{
    bool more = seek_on(stream);

    more |= census_on(stream);
    if (stream->coming)
        more |= take_coming(stream);
    if (stream->past)
        more |= take_past(stream);
    return more;
}

/* Rows that the ring has are its own again, once one comes down to them. */
bool past_settle(struct stream *stream)
{
    size_t row = stream_cursor_row(stream);

    if (!stream->past) {
        /* What is above the oldest row is at hand when one comes there. */
        if (stream->coming || stream->follow || stream->down ||
            stream->stopped || !stream_can_read(stream) ||
            !ring_evicted(stream->ring) || row >= (size_t)stream->sheet.room ||
            !view_complete(stream->live))
            return false;
        join(stream);
        return true;
    }
    if (!stream->down || stream->player.on || stream->aim_ms != CLOCK_NONE ||
        !moved(stream, stream_host(stream)->ring, stream->top) ||
        !moved(stream, stream_host(stream)->ring, stream->cursor))
        return false;
    past_leave(stream, true);
    return true;
}

/* ---- going to a time ---- */

void stream_go_to_time(struct pane *pane, int64_t ms)
{
    struct stream *stream = (struct stream *)(void *)pane;

    if (!stream_can_read(stream)) {
        screen_message(pane->screen,
                       screen_floor(pane->screen)
                           ? "Everything until now is hidden: x shows it."
                           : "There is no journal here.");
        return;
    }
    go_to(stream, ms, 0);
    past_go(stream->coming, ms);
}

/* As one types a filter, the cursor goes to what is near: where it was before
 * that is kept in mind, as the ring's rows do. */
void stream_refilter(struct pane *pane)
{
    struct stream *stream = (struct stream *)(void *)pane;
    const struct record *record = ring_get(stream->ring, stream->cursor);
    uint64_t seq;
    int64_t ms;

    stream->stopped = false;
    if (!stream->past) {
        drop_coming(stream);
        seek_stop(stream);
        return;
    }
    if (!stream_can_read(stream)) {
        past_leave(stream, false);
        return;
    }
    if (stream->aim_ms != CLOCK_NONE) {
        ms = stream->aim_ms;
        seq = stream->aim_seq;
    } else if (!record || (stream->cursor == stream->placed &&
                           *screen_filter_text(pane->screen))) {
        ms = stream->placed_ms;
        seq = stream->placed_seq;
    } else {
        ms = record->row.received_at;
        seq = record->seq;
    }
    go_to(stream, ms, seq);
    past_go(stream->coming, ms);
}

/* Is something read that was asked for? What is read ahead was not. */
static bool is_reading(const struct stream *stream)
{
    return stream->coming
               ? stream->asked || stream->aim_ms != CLOCK_NONE
               : stream->asked && past_older(stream->past) == PAST_READING;
}

/* Esc: what is under way first, then the find and the filter, then the past
 * itself. */
static bool go_back(struct stream *stream)
{
    struct screen *screen = stream->pane.screen;

    if (seek_pause(stream))
        return true;
    if ((stream->coming || stream->past) && is_reading(stream)) {
        drop_coming(stream);
        stream->asked = stream->linking = false;
        stream->stopped = true;
        stream->aim_ms = CLOCK_NONE;
        screen_message(screen, "Stopped.");
        return true;
    }
    if (!stream->past || *screen_find_text(screen) ||
        *screen_filter_text(screen))
        return false;
    past_leave(stream, false);
    return true;
}

bool past_action(struct stream *stream, enum action action)
{
    if (action == ACTION_back)
        return go_back(stream);
    return stream->past && play_action(stream, action);
}
