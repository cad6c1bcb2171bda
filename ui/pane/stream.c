/* The event list: which rows are shown, where the cursor is, whether it
 * follows. How that is drawn is stream_draw.c's, what it says stream_words.c's,
 * the journal beyond the ring stream_past.c's. The cursor is a number, not a
 * row: it stays on its event whatever arrives, is evicted or is filtered
 * away. */
#include "ui/pane/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/labels.h"
#include "ui/pane/highlight.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"
#include "ui/pane/stream_internal.h"
#include "ui/pane/time_text.h"
#include "ui/pane/welcome.h"
#include "base/banned.h"

static struct stream *stream_of(struct pane *pane)
{
    return (struct stream *)pane;
}

const struct stream *stream_const(const struct pane *pane)
{
    return (const struct stream *)pane;
}

/* The stream in the middle, and no pane beside it. */
bool stream_is_main(const struct stream *stream)
{
    return stream->category == CATEGORY_COUNT && !stream->name;
}

static uint64_t newest_live(const struct stream *stream)
{
    return ring_newest(screen_host(stream->pane.screen)->ring);
}

static uint64_t number_at(const struct stream *stream, size_t row)
{
    struct view_row found;

    return view_row(stream->view, row, &found) ? found.number : 0;
}

size_t stream_last_row(const struct stream *stream)
{
    size_t rows = view_rows(stream->view);

    return rows ? rows - 1 : 0;
}

size_t stream_cursor_row(const struct stream *stream)
{
    return stream->cursor ? view_find(stream->view, stream->cursor) : 0;
}

static void place_lines(struct stream *stream)
{
    struct sheet *sheet = &stream->sheet;
    size_t row = stream_cursor_row(stream);
    size_t top = stream->top ? view_find(stream->view, stream->top) : 0;
    const struct line *last;

    if (stream->follow) {
        sheet_up(sheet, stream_last_row(stream));
        return;
    }
    sheet_down(sheet, row < top ? row : top);
    if (!sheet->count)
        return;
    last = &sheet->list[sheet->count - 1];
    if (last->row < row || (last->row == row && last->kind != LINE_EVENT))
        sheet_up(sheet, row);
    else if (sheet->count < sheet->room && top)
        sheet_up(sheet, stream_last_row(stream));
}

static void set_lines(struct stream *stream)
{
    const struct screen *screen = stream->pane.screen;

    stream->sheet.above = stream->past || ring_evicted(stream->ring) > 0;

    sheet_room(&stream->sheet, stream->pane.rect.h);
    stream->sheet.looked_number =
        stream->past ? 0 : screen_looked_number(screen);
    stream->sheet.today = clock_day(screen_now(screen));
}

void stream_drop_finder(struct stream *stream)
{
    finder_free(stream->finder);
    stream->finder = NULL;
}

static void take_found(struct stream *stream);

/* Said once a filter: the prompt, which says it too, is gone by then. */
static void tell_unjudged(struct stream *stream)
{
    const struct query *query = view_query(stream->live);
    struct err err;

    if (!query || query_explain_unjudged(query, &err)) {
        stream->told = false;
    } else if (!stream->told) {
        stream->told = true;
        screen_message(stream->pane.screen, "%s: those are left out.",
                       err.text);
    }
}

static bool stream_update(struct pane *pane)
{
    struct stream *stream = stream_of(pane);
    bool more = view_update(stream->live, UPDATE_BUDGET_US);

    reading_go_on(stream->reading);
    more |= past_go_on(stream);
    if (stream->finder)
        take_found(stream);
    more |= stream->finder != NULL;
    tell_unjudged(stream);
    set_lines(stream);
    if (!view_rows(stream->view)) {
        stream->cursor = stream->top = 0;
        stream->follow = !view_frozen(stream->view) && !stream->past;
        return more;
    }
    if (stream->follow)
        stream->cursor = number_at(stream, stream_last_row(stream));
    else if (!stream->cursor)
        stream->cursor = number_at(stream, 0);
    if (!stream->sheet.room)
        return more;
    place_lines(stream);
    if (stream->sheet.count)
        stream->top = number_at(stream, stream->sheet.list[0].row);
    return past_settle(stream) || more;
}

uint64_t stream_cursor(const struct pane *pane)
{
    const struct stream *stream = stream_const(pane);

    if (!stream->cursor || !view_rows(stream->view))
        return 0;
    return number_at(stream, stream_cursor_row(stream));
}

/* NULL: none, or it left memory since the rows were brought up to date. */
static const struct record *selected_record(const struct pane *pane)
{
    return ring_get(stream_const(pane)->ring, stream_cursor(pane));
}

static uint64_t stream_selected(const struct pane *pane)
{
    const struct record *record = selected_record(pane);

    return record ? record->seq : 0;
}

static const char *stream_account(const struct pane *pane)
{
    const struct record *record = selected_record(pane);

    return record ? ring_text(stream_const(pane)->ring, record->row.account_id)
                  : NULL;
}

void stream_stop_following(struct stream *stream)
{
    if (!stream->follow)
        return;
    stream->follow = false;
    stream->left_at = newest_live(stream);
    if (stream_is_main(stream))
        screen_message(stream->pane.screen,
                       "Not following. G goes to the newest.");
}

void stream_go_to_row(struct stream *stream, size_t row)
{
    stream->cursor = number_at(stream, row);
    screen_dirty(stream->pane.screen);
}

static void follow_newest(struct stream *stream)
{
    past_leave(stream, false);
    stream->follow = true;
    stream_go_to_row(stream, stream_last_row(stream));
}

static void move_up(struct stream *stream, size_t rows)
{
    size_t row = stream_cursor_row(stream);

    stream->down = stream->stopped = false;
    if (!row) {
        past_above(stream, rows);
        return;
    }
    stream_stop_following(stream);
    stream_go_to_row(stream, row > rows ? row - rows : 0);
}

/* One more step down from the newest row follows again. */
static void move_down(struct stream *stream, size_t rows)
{
    size_t row = stream_cursor_row(stream);
    size_t last = stream_last_row(stream);

    if (!view_rows(stream->view) || stream->follow)
        return;
    stream->down = true;
    if (row == last && stream->player.on)
        stream->follow = true;
    else if (row == last && (!stream->past || past_is_newest(stream)))
        follow_newest(stream);
    else
        stream_go_to_row(stream, row + rows < last ? row + rows : last);
}

static size_t page(const struct stream *stream)
{
    return stream->sheet.room > 2 ? (size_t)stream->sheet.room - 1 : 1;
}

static void toggle_follow(struct stream *stream)
{
    if (stream->follow && !stream->past)
        stream_stop_following(stream);
    else
        follow_newest(stream);
    screen_dirty(stream->pane.screen);
}

static void find_further(struct stream *stream);

/* What became of looking on; the cursor goes to what was found. */
static void take_found(struct stream *stream)
{
    struct screen *screen = stream->pane.screen;
    char found[NUMBER_SIZE], of[NUMBER_SIZE];
    struct err err;
    size_t row, which, all;

    switch (finder_step(stream->finder, screen_now(screen), UPDATE_BUDGET_US,
                        &row, &err)) {
    case FINDER_MORE:
        return;
    case FINDER_FOUND:
        stream_stop_following(stream);
        stream_go_to_row(stream, row);
        if (stream->past) { /* a window's number is no number */
            stream_drop_finder(stream);
            census_ask(stream);
        }
        return;
    case FINDER_COUNTED:
        finder_count(stream->finder, &which, &all);
        number_text(which, found);
        number_text(all, of);
        screen_message(screen, "\"%s\": %s of %s.", screen_find_text(screen),
                       found, of);
        break;
    case FINDER_NOWHERE:
        if (!stream->round) {
            find_further(stream);
            return;
        }
        number_text(view_events(stream->view), of);
        screen_message(screen, "No \"%s\" in %s event%s.",
                       screen_find_text(screen), of,
                       plural_text(view_events(stream->view)));
        break;
    case FINDER_COSTLY:
        screen_message(screen, "%s.", err.text);
        break;
    }
    stream_drop_finder(stream);
    screen_dirty(screen);
}

static void begin_find(struct stream *stream, const char *text, bool down,
                       bool round)
{
    struct screen *screen = stream->pane.screen;
    struct query_error error;

    stream_drop_finder(stream);
    stream->round = round;
    stream->finder = finder_new(stream->ring, stream->view, text, down, round,
                                stream_cursor_row(stream), &error);
    if (stream->finder)
        take_found(stream);
    else
        screen_message(screen, "%s (column %d)", error.err.text,
                       error.column + 1);
}

void stream_find_round(struct stream *stream, const char *text, bool down)
{
    begin_find(stream, text, down, true);
}

/* The rows that show do not have it: the journal may. */
static void find_further(struct stream *stream)
{
    const char *text = screen_find_text(stream->pane.screen);
    bool down = finder_down(stream->finder);

    stream_drop_finder(stream);
    if (!seek_begin(stream, text, down))
        begin_find(stream, text, down, true);
}

/* `n` goes back in time: who reads a stream stands at its newest row. */
static void find(struct stream *stream, bool down)
{
    struct screen *screen = stream->pane.screen;
    const char *text = screen_find_text(screen);

    stream->down = down;
    if (*text)
        begin_find(stream, text, down, false);
    else
        screen_message(screen, "Nothing to find yet: / asks.");
}

static bool stream_action(struct pane *pane, enum action action,
                          const char *arg)
{
    struct stream *stream = stream_of(pane);

    (void)arg;
    if (past_action(stream, action))
        return true;
    switch (action) {
    case ACTION_up:
        move_up(stream, 1);
        return true;
    case ACTION_down:
        move_down(stream, 1);
        return true;
    case ACTION_page_up:
        move_up(stream, page(stream));
        return true;
    case ACTION_page_down:
        move_down(stream, page(stream));
        return true;
    case ACTION_half_up:
        move_up(stream, page(stream) / 2 + 1);
        return true;
    case ACTION_half_down:
        move_down(stream, page(stream) / 2 + 1);
        return true;
    case ACTION_oldest:
        move_up(stream, SIZE_MAX);
        past_oldest(stream);
        return true;
    case ACTION_newest:
        follow_newest(stream);
        return true;
    case ACTION_follow:
        toggle_follow(stream);
        return true;
    case ACTION_find_next:
        find(stream, false);
        return true;
    case ACTION_find_previous:
        find(stream, true);
        return true;
    default:
        return false;
    }
}

/* A second click on a row opens it. */
static void stream_click(struct pane *pane, int row, int col)
{
    struct stream *stream = stream_of(pane);

    (void)col;
    if (row < 0 || row >= stream->sheet.count)
        return;
    if (pane->focus && !stream->follow &&
        stream->sheet.list[row].kind == LINE_EVENT &&
        stream->sheet.list[row].row == stream_cursor_row(stream)) {
        screen_run(pane->screen, "open");
        return;
    }
    stream_stop_following(stream);
    stream_go_to_row(stream, stream->sheet.list[row].row);
}

bool stream_is_rule(const struct pane *pane, int row)
{
    const struct stream *stream = stream_const(pane);

    return row >= 0 && row < stream->sheet.count &&
           stream->sheet.list[row].kind != LINE_EVENT;
}

bool stream_is_past(const struct pane *pane)
{
    return stream_const(pane)->past != NULL;
}

size_t stream_missed(const struct pane *pane)
{
    const struct stream *stream = stream_const(pane);

    if (view_frozen(stream->live))
        return view_fresh(stream->live);
    return stream->follow && !stream->past
               ? 0
               : view_count_after(stream->live, stream->left_at);
}

bool stream_following(const struct pane *pane)
{
    return stream_const(pane)->follow;
}

bool stream_is_empty(const struct pane *pane)
{
    const struct stream *stream = stream_const(pane);

    const struct ring *ring = screen_host(pane->screen)->ring;

    return stream_is_main(stream) && !ring_count(ring) && !ring_evicted(ring);
}

static void stream_free(struct pane *pane)
{
    struct stream *stream = stream_of(pane);

    stream_drop_finder(stream);
    reading_free(stream->reading);
    past_free_all(stream);
    view_free(stream->live);
    sheet_free(&stream->sheet);
    free(stream->name);
    free(stream);
}

static const struct pane_ops stream_ops = {
    .free = stream_free,
    .title = stream_title,
    .draw = stream_draw,
    .action = stream_action,
    .click = stream_click,
    .update = stream_update,
    .selected = stream_selected,
    .account = stream_account,
    .finds = true,
    .hint = stream_hint,
};

static void ask_category(struct stream *stream)
{
    struct query_error error;
    char text[48];

    snprintf(text, sizeof text, "category:%s",
             category_name(stream->category));
    view_set_query(stream->live, query_parse(text, &error));
}

static struct stream *stream_make(struct screen *screen,
                                  enum category category, const char *name)
{
    struct stream *stream = xcalloc(1, sizeof *stream);

    stream->pane.ops = &stream_ops;
    stream->pane.screen = screen;
    stream->pane.where = WHERE_LIVE;
    stream->category = category;
    stream->name = name ? xstrdup(name) : NULL;
    stream->follow = true;
    stream->ring = screen_host(screen)->ring;
    stream->live = stream->view = view_new(screen_host(screen)->ring);
    stream->reading = reading_new(screen, stream->live);
    stream->aim_ms = CLOCK_NONE;
    stream->sheet.view = stream->view;
    stream->sheet.ring = stream->ring;
    stream->sheet.all_rules = stream_is_main(stream);
    return stream;
}

struct pane *stream_new(struct screen *screen, enum category category)
{
    struct stream *stream = stream_make(screen, category, NULL);

    if (category != CATEGORY_COUNT)
        ask_category(stream);
    return &stream->pane;
}

struct pane *stream_new_view(struct screen *screen, const char *name,
                             const char *query)
{
    struct stream *stream = stream_make(screen, CATEGORY_COUNT, name);

    view_set_query(stream->live, query_parse(query, NULL));
    return &stream->pane;
}

const char *stream_view_name(const struct pane *pane)
{
    return pane->ops == &stream_ops ? stream_const(pane)->name : NULL;
}

struct view *stream_view(const struct pane *pane)
{
    return stream_const(pane)->live;
}

const struct ring *stream_ring(const struct pane *pane)
{
    return stream_const(pane)->ring;
}

void stream_hold(struct pane *pane, uint64_t number)
{
    struct stream *stream = stream_of(pane);
    size_t rows;

    if (stream->past)
        return;
    view_update(stream->view, UPDATE_BUDGET_US);
    rows = view_rows(stream->view);
    if (!number || !rows || view_find(stream->view, number) + 1 == rows)
        return;
    if (stream->follow)
        stream->left_at = newest_live(stream);
    stream->follow = false;
    stream->cursor = number;
}

void stream_select(struct pane *pane, uint64_t number)
{
    struct stream *stream = stream_of(pane);

    stream_stop_following(stream);
    stream->cursor = number;
    screen_dirty(pane->screen);
}

/* What was taken along into the past was of the rows of before. */
void stream_begin_again(struct pane *pane, bool keep_past)
{
    struct stream *stream = stream_of(pane);

    if (!keep_past || !past_keep(stream)) {
        follow_newest(stream);
    } else if (!stream->past) {
        stream_drop_finder(stream);
        stream->follow = true;
        stream_go_to_row(stream, stream_last_row(stream));
    }
}
