/* The event list in cells: rows, the rules between them, what is said where
 * there are none, and of the selected row what its place is too narrow for. */
#include "ui/pane/stream.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "ui/pane/highlight.h"
#include "ui/pane/labels.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/pins.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"
#include "ui/pane/stream_internal.h"
#include "ui/pane/time_text.h"
#include "ui/pane/welcome.h"
#include "base/banned.h"

#define PERSON_CELLS 24 /* in the status line */

static void draw_rule(const struct stream *stream, struct draw *draw, int y,
                      const struct line *line)
{
    const struct rect *rect = &stream->pane.rect;
    char text[80];

    stream_rule(stream, line, text, sizeof text);
    row_rule(draw, y, rect->x, rect->w,
             line->kind == LINE_NEW ? ROLE_UNREAD : ROLE_DIM, text);
}

/* What is said of a fold whose events say different things. It tells how many
 * there are where every event has a name of its own: "changed 3 settings". */
static void fold_look(const struct stream *stream, size_t row,
                      const struct record *record, struct buf *text,
                      struct row_look *look)
{
    const struct catalog *catalog = screen_host(stream->pane.screen)->catalog;
    const char *group = ring_text(stream->ring, record->fold);
    struct view_fold fold = view_fold(stream->view, row);

    if (!fold.differ || !catalog ||
        !catalog_folded(catalog, group, look->times, fold.names, text))
        return;
    look->sentence = text->data;
    if (fold.names == look->times && strpbrk(text->data, "0123456789"))
        look->times = 1;
}

/* How a row looks; NULL: it left memory. The look may point into text. */
static const struct record *look_at(const struct stream *stream, size_t row,
                                    struct buf *text, struct row_look *look)
{
    struct view_row found;
    const struct record *record = sheet_record(&stream->sheet, row, &found);

    if (!record)
        return NULL;
    *look = (struct row_look){
        .no_glyph = stream->category != CATEGORY_COUNT,
        .labels = screen_labels(stream->pane.screen),
        .now_ms = screen_now(stream->pane.screen),
        .age = screen_shows_ages(stream->pane.screen),
        .highlight = highlight_is(screen_highlight(stream->pane.screen),
                                  record, screen_now(stream->pane.screen)),
        .times = found.times,
        .tone = found.tone,
        .link = screen_row_link(stream->pane.screen, record->seq),
        .cursor = stream->pane.focus && row == stream_cursor_row(stream),
    };
    if (found.times > 1)
        fold_look(stream, row, record, text, look);
    return record;
}

static void draw_event(const struct stream *stream, struct draw *draw,
                       int line)
{
    const struct rect *rect = &stream->pane.rect;
    const struct record *record;
    struct row_look look;
    struct buf text;

    buf_init(&text, LIMIT_BODY);
    record = look_at(stream, stream->sheet.list[line].row, &text, &look);
    look.other_day = record && sheet_hides_day(&stream->sheet, line);
    look.pinned =
        record && pinned_has(screen_pinned(stream->pane.screen), record->seq);
    if (record)
        row_draw(draw, rect->y + line, rect->x, rect->w, stream->ring, record,
                 &look);
    buf_free(&text);
}

/* Nothing came, and nothing else is to be told in that row. */
static bool is_for_tour(const struct pane *pane)
{
    return stream_is_empty(pane) && !screen_status(pane->screen)->refused;
}

/* The selected row whole, when its own place is too narrow for it. Who
 * follows reads what comes; who freezes must see that it is frozen. */
void stream_hint(const struct pane *pane, struct buf *out)
{
    const struct stream *stream = stream_const(pane);
    const struct ring *ring = stream->ring;
    const struct record *record;
    struct row_look look;
    struct buf text;

    if (is_for_tour(pane))
        buf_adds(out, ":tour says in six lines what to know");
    if (stream->follow || view_frozen(stream->view) ||
        !view_rows(stream->view))
        return;
    buf_init(&text, LIMIT_BODY);
    record = look_at(stream, stream_cursor_row(stream), &text, &look);
    if (record && row_is_cut(screen_drawing(pane->screen), pane->rect.w, ring,
                             record, &look)) {
        name_of_person(out, ring, record, PERSON_CELLS);
        buf_adds(out, ": ");
        mask_add(out, row_sentence(ring, record, &look));
    }
    buf_free(&text);
}

/* Of as many as the title says. */
static void draw_none(const struct stream *stream, struct draw *draw)
{
    size_t all = ring_count(stream->ring);
    char number[NUMBER_SIZE], text[80];

    if (!screen_shows_hidden(stream->pane.screen))
        all -= ring_hidden(stream->ring);
    number_text(all, number);
    snprintf(text, sizeof text, "None of %s match. Esc clears the filter.",
             number);
    list_draw_none(&stream->pane, draw, text);
}

/* NULL: what there was left memory. */
static const char *why_nothing(const struct stream *stream)
{
    if (!view_complete(stream->view))
        return "Looking …";
    if (screen_floor(stream->pane.screen))
        return "Nothing since. x shows what was hidden.";
    if (ring_evicted(stream->ring))
        return NULL;
    if (stream_is_main(stream) && view_frozen(stream->view))
        return "Frozen before the first event. Space shows what came.";
    return stream_is_main(stream) ? "Nothing but hidden events. H shows them."
                                  : "Nothing yet.";
}

/* How many of today's left memory, for a category; for a view, or beside what
 * came since it was frozen, nobody counts them. */
static void draw_evicted(const struct stream *stream, struct draw *draw)
{
    const struct display_host *host = screen_host(stream->pane.screen);
    bool known = stream->category != CATEGORY_COUNT &&
                 !view_frozen(stream->view) && !stream->past;
    unsigned today = known ? tally_category(host->tally, stream->category) : 0;
    const char *keys = !stream_can_read(stream) ? ""
                       : today == 1             ? " k reads it."
                                                : " k reads them.";
    char number[NUMBER_SIZE], text[NUMBER_SIZE + 80];

    number_text(today, number);
    if (today)
        snprintf(text, sizeof text, "%s of today %s in the journal.%s", number,
                 today == 1 ? "is" : "are", keys);
    else
        snprintf(text, sizeof text, "Older events are in the journal.%s",
                 keys);
    list_draw_none(&stream->pane, draw, text);
}

static void draw_nothing(const struct stream *stream, struct draw *draw)
{
    const struct rect *rect = &stream->pane.rect;
    const char *filter = screen_filter_text(stream->pane.screen);
    const char *why = why_nothing(stream);

    if (stream_is_empty(&stream->pane))
        welcome_draw(stream->pane.screen, draw, *rect);
    else if (stream_is_main(stream) && view_complete(stream->view) && *filter)
        draw_none(stream, draw);
    else if (why)
        list_draw_none(&stream->pane, draw, why);
    else
        draw_evicted(stream, draw);
}

void stream_draw(const struct pane *pane, struct draw *draw)
{
    const struct stream *stream = stream_const(pane);

    if (!stream->sheet.count) {
        draw_nothing(stream, draw);
        return;
    }
    for (int i = 0; i < stream->sheet.count; i++) {
        const struct line *line = &stream->sheet.list[i];

        if (line->kind == LINE_EVENT)
            draw_event(stream, draw, i);
        else
            draw_rule(stream, draw, pane->rect.y + i, line);
    }
}
