/* Finding in the journal, where the rows that show do not have it: a scan
 * (live/scan.h) that says how far it is, can be stopped and goes on. What it
 * finds is shown by stream_past.c. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/pane/screen.h"
#include "ui/pane/stream_internal.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

void seek_stop(struct stream *stream)
{
    scan_free(stream->seeking.scan);
    free(stream->seeking.text);
    stream->seeking = (struct seeking){0};
}

bool seek_begin(struct stream *stream, const char *text, bool down)
{
    struct seeking *seeking = &stream->seeking;
    const struct record *edge =
        ring_at(stream->ring, down ? ring_count(stream->ring) - 1 : 0);
    struct scan_plan plan = {.filter = stream_filter(stream),
                             .find = text,
                             .newer = down};

    if (!stream_can_read(stream) || (down && !stream->past) || !edge)
        return false;
    if (seeking->scan && seeking->paused && seeking->down == down &&
        !strcmp(seeking->text, text)) {
        seeking->paused = false;
        return true;
    }
    seek_stop(stream);
    stream->census.asked = false;
    plan.show_hidden = screen_shows_hidden(stream->pane.screen);
    plan.from = (struct reader_place){edge->seq, edge->row.received_at,
                                      (edge->flags & EVENT_BACKFILLED) != 0};
    *seeking = (struct seeking){
        .scan = scan_new(stream_host(stream), &plan, stream_changed, stream),
        .text = xstrdup(text),
        .down = down,
    };
    return true;
}

static void tell_seeking(struct stream *stream)
{
    struct seeking *seeking = &stream->seeking;
    int64_t reached = scan_reached(seeking->scan);
    char number[NUMBER_SIZE], date[AGE_SIZE] = "";

    seeking->told = scan_seen(seeking->scan);
    number_text(seeking->told, number);
    if (reached != CLOCK_NONE)
        time_date(reached, date);
    if (seeking->paused)
        screen_message(stream->pane.screen,
                       "Stopped after %s events%s%s: n goes on.", number,
                       *date ? ", at " : "", date);
    else
        screen_message(stream->pane.screen,
                       "Looking in the journal: %s events, %s %s. Esc stops.",
                       number, seeking->down ? "up to" : "back to", date);
}

/* Nowhere: then the newest that matches is next, as in any list. */
static void not_found(struct stream *stream)
{
    struct seeking *seeking = &stream->seeking;
    char number[NUMBER_SIZE], *text;
    struct err err;

    if (!scan_explain(seeking->scan, &err)) {
        screen_message(stream->pane.screen, "%s.", err.text);
        seek_stop(stream);
        return;
    }
    if (stream->past) {
        number_text(scan_seen(seeking->scan), number);
        screen_message(stream->pane.screen, "No \"%.40s\" in the %s %s.",
                       seeking->text, number,
                       seeking->down ? "newer events" : "older events");
        seek_stop(stream);
        return;
    }
    text = seeking->text;
    seeking->text = NULL;
    seek_stop(stream);
    stream_find_round(stream, text, false);
    free(text);
}

bool seek_on(struct stream *stream)
{
    struct seeking *seeking = &stream->seeking;
    const struct event *event;

    if (!seeking->scan || seeking->paused)
        return false;
    switch (
        scan_next(seeking->scan, clock_mono_us() + UPDATE_BUDGET_US, &event)) {
    case SCAN_FOUND:
        past_show_event(stream, event);
        seek_stop(stream);
        if (stream->past)
            census_ask(stream);
        return true;
    case SCAN_END:
        not_found(stream);
        return true;
    case SCAN_FAILED:
        screen_message(stream->pane.screen, "%s",
                       past_failed(scan_away(seeking->scan)));
        seek_stop(stream);
        return false;
    case SCAN_BUSY:
        break;
    case SCAN_WAITS:
        if (!past_tell_linking(stream) &&
            scan_seen(seeking->scan) > seeking->told + TELL_EVERY)
            tell_seeking(stream);
        return false;
    }
    return true;
}

bool seek_pause(struct stream *stream)
{
    struct seeking *seeking = &stream->seeking;

    if (!seeking->scan || seeking->paused)
        return false;
    seeking->paused = true;
    tell_seeking(stream);
    return true;
}
