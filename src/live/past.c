/* Two scans, one each way, which bring what the filter shows; the ring takes
 * it in at its ends. A scan whose end was cut off begins anew beside what is
 * left there. */
#include "live/past.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "live/display.h"
#include "live/scan.h"

#include "base/banned.h"

#define DROP 1000                   /* events that go at once */
#define JOIN_MOST (PAST_EVENTS / 2) /* events taken over from a view */
#define RING_BYTES (32 * MIB)
#define VIEW_BUDGET_US 20000 /* of which a whole ring takes a tenth */

struct side {
    bool newer;
    struct reader_place from; /* where its scan begins */
    struct scan *scan;        /* NULL: not asked for yet */
    enum past_end end;
};

struct past {
    const struct display_host *host;
    char *filter;
    bool show_hidden;
    struct ring *ring;
    struct view *view;
    unsigned relabels; /* of the host's ring */
    struct side older, newer;
    int64_t until, next; /* CLOCK_NONE */
    void (*changed)(void *ctx);
    void *ctx;
};

struct past *past_new(const struct display_host *host, const char *filter,
                      bool show_hidden, void (*changed)(void *ctx), void *ctx)
{
    struct past *past = xcalloc(1, sizeof *past);

    past->host = host;
    past->filter = filter ? xstrdup(filter) : NULL;
    past->show_hidden = show_hidden;
    past->ring = ring_new(PAST_EVENTS + 1, RING_BYTES);
    past->view = view_new(past->ring);
    view_show_hidden(past->view, true); /* they were judged before */
    past->relabels = ring_relabels(host->ring) - 1;
    past->newer.newer = true;
    past->until = past->next = CLOCK_NONE;
    past->changed = changed;
    past->ctx = ctx;
    return past;
}

static void end_scan(struct side *side)
{
    scan_free(side->scan);
    side->scan = NULL;
    side->end = PAST_MORE;
}

void past_free(struct past *past)
{
    if (!past)
        return;
    end_scan(&past->older);
    end_scan(&past->newer);
    view_free(past->view);
    ring_free(past->ring);
    free(past->filter);
    free(past);
}

struct ring *past_ring(const struct past *past)
{
    return past->ring;
}

struct view *past_view(const struct past *past)
{
    return past->view;
}

/* ---- where it begins ---- */

static struct reader_place place_of(const struct record *record)
{
    return (struct reader_place){
        .seq = record->seq,
        .ms = record->row.received_at,
        .past = (record->flags & EVENT_BACKFILLED) != 0,
    };
}

/* Copies to the newest end. */
static void copy(struct past *past, const struct ring *ring,
                 const struct record *record)
{
    struct event event = ring_event(ring, record);

    ring_push(past->ring, &event);
}

static void label(struct past *past)
{
    const struct display_host *host = past->host;

    if (past->relabels == ring_relabels(host->ring))
        return;
    past->relabels = ring_relabels(host->ring);
    ring_relabel(past->ring, host->book(host->ctx));
}

void past_join(struct past *past, const struct view *view, size_t count)
{
    const struct ring *ring = past->host->ring;
    const struct record *oldest = ring_at(ring, 0), *last = oldest;

    label(past);
    if (oldest)
        past->older.from = place_of(oldest);
    if (count > JOIN_MOST)
        count = JOIN_MOST;
    for (size_t i = 0; i < count && i < view_events(view); i++) {
        const struct record *record = ring_get(ring, view_event(view, i));

        if (!record)
            continue;
        copy(past, ring, record);
        last = record;
    }
    if (last)
        past->newer.from = place_of(last);
}

void past_go(struct past *past, int64_t ms)
{
    past->older.from.ms = past->newer.from.ms = ms;
}

void past_show(struct past *past, const struct event *event)
{
    label(past);
    ring_push(past->ring, event);
    past->older.from = past->newer.from = place_of(ring_at(past->ring, 0));
}

/* Time begins after 1970. */
void past_go_oldest(struct past *past)
{
    past_go(past, 1);
    past->older.end = PAST_END;
}

/* ---- taking in ---- */

static void open_scan(struct past *past, struct side *side)
{
    struct scan_plan plan = {.filter = past->filter,
                             .show_hidden = past->show_hidden,
                             .newer = side->newer,
                             .from = side->from};

    side->scan = scan_new(past->host, &plan, past->changed, past->ctx);
}

/* A full ring lets go at the other end. */
static void make_room(struct past *past, bool newer)
{
    struct side *other = newer ? &past->older : &past->newer;
    size_t count = ring_count(past->ring);

    if (count < PAST_EVENTS && ring_bytes(past->ring) < RING_BYTES - MIB)
        return;
    if (count <= DROP)
        return;
    if (newer)
        ring_drop_oldest(past->ring, DROP);
    else
        ring_drop_newest(past->ring, DROP);
    end_scan(other);
    other->from =
        place_of(ring_at(past->ring, newer ? 0 : ring_count(past->ring) - 1));
}

static void take(struct past *past, struct side *side,
                 const struct event *event)
{
    make_room(past, side->newer);
    if (side->newer)
        ring_push(past->ring, event);
    else
        ring_push_old(past->ring, event);
}

static bool is_kept_out(struct past *past, const struct side *side,
                        const struct event *event)
{
    if (!side->newer || past->until == CLOCK_NONE ||
        event->received_at <= past->until)
        return false;
    past->next = event->received_at;
    return true;
}

/* True: there is work left. */
static bool update_side(struct past *past, struct side *side, size_t wanted,
                        int64_t deadline_us)
{
    const struct event *event;

    if (side->end == PAST_END || side->end == PAST_FAILED)
        return false;
    side->end = PAST_MORE;
    if (!wanted)
        return false;
    if (!side->scan)
        open_scan(past, side);
    for (; wanted; wanted--) {
        enum scan_result result = scan_next(side->scan, deadline_us, &event);

        if (result == SCAN_END)
            side->end = PAST_END;
        else if (result == SCAN_FAILED)
            side->end = PAST_FAILED;
        else if (result != SCAN_FOUND)
            side->end = PAST_READING;
        if (result != SCAN_FOUND)
            return result == SCAN_BUSY;
        if (is_kept_out(past, side, event))
            return false;
        take(past, side, event);
        scan_pass(side->scan);
        if (clock_mono_us() >= deadline_us)
            return wanted > 1;
    }
    return false;
}

bool past_update(struct past *past, size_t older, size_t newer,
                 int64_t budget_us)
{
    int64_t deadline_us = clock_mono_us() + budget_us;
    bool more;

    label(past);
    past->next = CLOCK_NONE;
    more = update_side(past, &past->newer, newer, deadline_us);
    more |= update_side(past, &past->older, older, deadline_us);
    return view_update(past->view, VIEW_BUDGET_US) || more;
}

void past_until(struct past *past, int64_t ms)
{
    past->until = ms;
}

int64_t past_next(const struct past *past)
{
    return past->next;
}

void past_cut(struct past *past, uint64_t number)
{
    const struct record *record = ring_get(past->ring, number);
    struct reader_place from;

    if (!record)
        return;
    from = place_of(record);
    ring_drop_newest(past->ring, ring_count(past->ring) - 1 -
                                     ring_index(past->ring, number));
    end_scan(&past->newer);
    past->newer.from = from;
}

enum past_end past_older(const struct past *past)
{
    return past->older.end;
}

enum past_end past_newer(const struct past *past)
{
    return past->newer.end;
}

bool past_away(const struct past *past)
{
    return (past->older.scan && scan_away(past->older.scan)) ||
           (past->newer.scan && scan_away(past->newer.scan));
}

uint64_t past_seen(const struct past *past)
{
    return past->older.scan ? scan_seen(past->older.scan) : 0;
}

uint64_t past_gone_over(const struct past *past)
{
    return past_seen(past) +
           (past->newer.scan ? scan_seen(past->newer.scan) : 0);
}

int64_t past_reached(const struct past *past)
{
    return past->older.scan ? scan_reached(past->older.scan) : CLOCK_NONE;
}
