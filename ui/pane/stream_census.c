/* "3 of 8", where what is found lies in the journal: all that match are
 * counted there once, in slices, while one reads on. A window of the past
 * knows only its own. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ui/pane/screen.h"
#include "ui/pane/stream_internal.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

void census_stop(struct stream *stream)
{
    struct census *census = &stream->census;

    scan_free(census->scan);
    free(census->text);
    free(census->filter);
    free(census->seqs);
    *census = (struct census){0};
}

static const char *filter_of(const struct stream *stream)
{
    const char *filter = stream_filter(stream);

    return filter ? filter : "";
}

/* Of the same text and filter. */
static bool is_of_now(const struct stream *stream)
{
    const struct census *census = &stream->census;

    return census->text &&
           !strcmp(census->text, screen_find_text(stream->pane.screen)) &&
           !strcmp(census->filter, filter_of(stream)) &&
           census->shows_hidden == screen_shows_hidden(stream->pane.screen);
}

static void begin(struct stream *stream)
{
    const char *text = screen_find_text(stream->pane.screen);
    bool shows_hidden = screen_shows_hidden(stream->pane.screen);
    const struct scan_plan plan = {.filter = stream_filter(stream),
                                   .find = text,
                                   .show_hidden = shows_hidden};

    census_stop(stream);
    stream->census = (struct census){
        .scan = scan_new(stream_host(stream), &plan, stream_changed, stream),
        .text = xstrdup(text),
        .filter = xstrdup(filter_of(stream)),
        .shows_hidden = shows_hidden,
    };
}

static void note(struct census *census, uint64_t seq)
{
    if (census->count == census->room) {
        census->room = census->room ? 2 * census->room : 256;
        census->seqs =
            xreallocarray(census->seqs, census->room, sizeof *census->seqs);
    }
    census->seqs[census->count++] = seq;
}

/* The oldest is the first, as among rows; they were counted from the newest
 * on. */
static void tell(const struct stream *stream)
{
    const struct census *census = &stream->census;
    const struct record *record = ring_get(stream->ring, stream->cursor);
    char which[NUMBER_SIZE], all[NUMBER_SIZE];

    for (size_t i = 0; record && i < census->count; i++)
        if (census->seqs[i] == record->seq) {
            number_text(census->count - i, which);
            number_text(census->count, all);
            screen_message(stream->pane.screen,
                           "\"%.40s\": %s of %s in the journal.", census->text,
                           which, all);
            return;
        }
}

void census_ask(struct stream *stream)
{
    if (!is_of_now(stream))
        begin(stream);
    else if (stream->census.done)
        tell(stream);
    stream->census.asked = true;
}

/* Where there are too many nobody is told how many. */
static void end(struct stream *stream, bool all)
{
    struct census *census = &stream->census;

    scan_free(census->scan);
    census->scan = NULL;
    census->done = all;
    if (all && census->asked && is_of_now(stream))
        tell(stream);
}

bool census_on(struct stream *stream)
{
    struct census *census = &stream->census;
    int64_t deadline = clock_mono_us() + UPDATE_BUDGET_US;
    const struct event *event;

    while (census->scan) {
        switch (scan_next(census->scan, deadline, &event)) {
        case SCAN_FOUND:
            note(census, event->seq);
            scan_pass(census->scan);
            if (census->count == LIMIT_CENSUS)
                end(stream, false);
            break;
        case SCAN_END:
            end(stream, true);
            break;
        case SCAN_FAILED:
            end(stream, false);
            break;
        case SCAN_BUSY:
            return true;
        case SCAN_WAITS:
            return false;
        }
    }
    return false;
}
