/* What the event list says of itself: how many there are, whether it follows,
 * how far back it is, and the rules between its rows. */
#include "ui/pane/stream.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "ui/pane/mask.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"
#include "ui/pane/stream_internal.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

void past_begins(const struct stream *stream, char *out, size_t size)
{
    const struct record *oldest = ring_at(stream->ring, 0);
    const char *filter = stream_filter(stream);
    char date[AGE_SIZE] = "", time[AGE_SIZE] = "";

    if (oldest) {
        time_date(row_time(oldest), date);
        time_minutes(row_time(oldest), time);
    }
    if (!oldest)
        snprintf(out, size, "The journal is empty.");
    else if (filter && *filter)
        snprintf(out, size, "Nothing older in the journal matches.");
    else
        snprintf(out, size, "The journal begins here, %s %s.", date, time);
}

static void past_rule(const struct stream *stream, char *out, size_t size)
{
    const struct display_host *host = stream_host(stream);
    const struct display_status *status = host->status(host->ctx);
    char text[120];

    switch (past_older(stream->past)) {
    case PAST_END:
        past_begins(stream, text, sizeof text);
        break;
    case PAST_FAILED:
        snprintf(text, sizeof text, "%s",
                 past_failed(past_away(stream->past)));
        break;
    default:
        snprintf(text, sizeof text, "%s",
                 status->linking ? "waiting for the link …"
                                 : "reading the journal …");
        break;
    }
    snprintf(out, size, " %s ", text);
}

void stream_rule(const struct stream *stream, const struct line *line,
                 char *out, size_t size)
{
    const struct screen *screen = stream->pane.screen;
    struct view_row found;
    const struct record *record =
        sheet_record(&stream->sheet, line->row, &found);
    char number[NUMBER_SIZE];
    char when[AGE_SIZE] = "";

    if (line->kind == LINE_NEW) {
        time_point(screen_looked_at(screen), screen_now(screen), when);
        snprintf(out, size, " new since %s ", when);
    } else if (line->kind == LINE_OLDER && stream->past) {
        past_rule(stream, out, size);
    } else if (line->kind == LINE_OLDER) {
        uint64_t evicted = ring_evicted(stream->ring);

        number_text(evicted, number);
        snprintf(out, size, " %s older one%s in the journal ", number,
                 evicted == 1 ? " is" : "s are");
    } else {
        if (record)
            time_day_whole(row_place(record), screen_now(screen), when);
        snprintf(out, size, " %s ", when);
    }
}

/* How much of a time there is room for. */
enum place { PLACE_YEAR, PLACE_DAY, PLACE_TIME };

/* Where it is: the cursor, or the clock that plays. */
static void place_text(const struct stream *stream, enum place how,
                       struct buf *out)
{
    const struct record *record = ring_get(stream->ring, stream->cursor);
    char text[AGE_SIZE] = "";
    int64_t ms = stream->player.on ? play_time(stream)
                 : record          ? row_time(record)
                                   : CLOCK_NONE;

    if (ms == CLOCK_NONE)
        return;
    if (how == PLACE_YEAR)
        time_day_whole(ms, screen_now(stream->pane.screen), text);
    else if (how == PLACE_DAY)
        time_day(ms, text);
    buf_addf(out, "%s%s", text, *text ? " " : "");
    time_minutes(ms, text);
    buf_adds(out, text);
}

void stream_past_state(const struct pane *pane, struct buf *out)
{
    const struct stream *stream = stream_const(pane);
    const struct record *record = ring_get(stream->ring, stream->cursor);
    char age[AGE_SIZE];

    if (stream->player.on) {
        buf_addf(out, "PAST ×%u", play_speed(stream));
    } else if (record) {
        age_text(screen_now(pane->screen) - row_time(record), age);
        buf_addf(out, "%s back", age);
    } else {
        buf_adds(out, "PAST");
    }
}

static void add_missed(struct buf *out, size_t missed)
{
    char number[NUMBER_SIZE];

    number_text(missed, number);
    if (missed)
        buf_addf(out, ", +%s new", number);
}

/* The first form that has room: with its keys, without, without the year,
 * without the day. */
static void past_title(const struct stream *stream, int cells, struct buf *out)
{
    static const enum place places[] = {PLACE_YEAR, PLACE_YEAR, PLACE_DAY,
                                        PLACE_TIME};
    size_t missed = stream_missed(&stream->pane);

    for (size_t form = 0; form < sizeof places / sizeof *places; form++) {
        buf_clear(out);
        place_text(stream, places[form], out);
        if (stream->player.on)
            buf_addf(out, " · ×%u", play_speed(stream));
        if (form == 0)
            buf_addf(out, " · Space %s",
                     stream->player.on ? "pauses" : "plays");
        buf_adds(out, " · G: now");
        add_missed(out, missed);
        if (text_width(out->data) <= cells)
            return;
    }
}

static void count_text(const struct stream *stream, struct buf *out)
{
    const struct screen *screen = stream->pane.screen;
    size_t all = ring_count(stream->ring);
    size_t hidden =
        screen_shows_hidden(screen) ? 0 : ring_hidden(stream->ring);
    char number[NUMBER_SIZE];

    number_text(view_events(stream->view), number);
    buf_adds(out, number);
    if (!view_complete(stream->view))
        buf_adds(out, "+");
    if (stream_is_main(stream) && *screen_filter_text(screen)) {
        number_text(all > hidden ? all - hidden : all, number);
        buf_addf(out, " of %s", number);
    }
}

static void follow_text(const struct stream *stream, struct buf *out)
{
    const struct screen *screen = stream->pane.screen;
    size_t missed = stream_missed(&stream->pane);
    char when[AGE_SIZE];

    if (screen_frozen_at(screen) != CLOCK_NONE) {
        time_point(screen_frozen_at(screen), screen_now(screen), when);
        buf_addf(out, "frozen %s", when);
    } else {
        buf_adds(out, stream->follow ? "following" : "G follows");
    }
    add_missed(out, missed);
}

/* What the rule has beside the name. */
static int title_cells(const struct stream *stream, const struct buf *left)
{
    return stream->pane.rect.w - text_width(left->data) - 8;
}

void stream_title(const struct pane *pane, struct buf *left, struct buf *right)
{
    const struct stream *stream = stream_const(pane);

    if (stream->name) {
        mask_add(left, stream->name);
        if (stream->past)
            past_title(stream, title_cells(stream, left), right);
        else
            count_text(stream, right);
        return;
    }
    if (stream->category != CATEGORY_COUNT) {
        unsigned count =
            tally_category(screen_host(pane->screen)->tally, stream->category);
        char number[NUMBER_SIZE];

        number_text(count, number);
        buf_addf(left, "%s %s",
                 draw_glyph_text(screen_drawing(pane->screen),
                                 stream->category),
                 category_title(stream->category));
        if (stream->past)
            past_title(stream, title_cells(stream, left), right);
        else if (count)
            buf_addf(right, "%s today", number);
        return;
    }
    buf_adds(left, stream->past ? "The past" : "Stream");
    if (stream->past) {
        past_title(stream, title_cells(stream, left), right);
        return;
    }
    if (!stream_is_empty(pane)) {
        count_text(stream, right);
        buf_adds(right, " · ");
    }
    follow_text(stream, right);
}
