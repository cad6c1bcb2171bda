/* The event list: which rows are shown, where the cursor is, whether it
 * follows. How a row looks is row.c's, the journal beyond the ring
 * stream_past.c's. The cursor is a number, not a row: it
 * stays on its event whatever arrives, is evicted or is filtered away. */
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

#define PERSON_CELLS 24 /* in the status line */

static struct stream *stream_of(struct pane *pane)
{
    return (struct stream *)pane;
}

static const struct stream *stream_const(const struct pane *pane)
{
    return (const struct stream *)pane;
}

/* The stream in the middle, and no pane beside it. */
static bool is_main(const struct stream *stream)
{
    return stream->category == CATEGORY_COUNT && !stream->name;
}

static const struct ring *ring_of(const struct stream *stream)
{
    return stream->ring;
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
    return ring_get(ring_of(stream_const(pane)), stream_cursor(pane));
}

static uint64_t stream_selected(const struct pane *pane)
{
    const struct record *record = selected_record(pane);

    return record ? record->seq : 0;
}

static const char *stream_account(const struct pane *pane)
{
    const struct record *record = selected_record(pane);

    return record
               ? ring_text(ring_of(stream_const(pane)), record->row.account_id)
               : NULL;
}

void stream_stop_following(struct stream *stream)
{
    if (!stream->follow)
        return;
    stream->follow = false;
    stream->left_at = newest_live(stream);
    if (is_main(stream))
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
    struct err err;
    size_t row, which, all;

    switch (finder_step(stream->finder, screen_now(screen), UPDATE_BUDGET_US,
                        &row, &err)) {
    case FINDER_MORE:
        return;
    case FINDER_FOUND:
        stream_stop_following(stream);
        stream_go_to_row(stream, row);
        if (stream->past) /* a window's number is no number */
            stream_drop_finder(stream);
        return;
    case FINDER_COUNTED:
        finder_count(stream->finder, &which, &all);
        screen_message(screen, "\"%s\": %zu of %zu.", screen_find_text(screen),
                       which, all);
        break;
    case FINDER_NOWHERE:
        if (!stream->round) {
            find_further(stream);
            return;
        }
        screen_message(screen, "No \"%s\" in %zu event%s.",
                       screen_find_text(screen), view_events(stream->view),
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
    stream->finder = finder_new(ring_of(stream), stream->view, text, down,
                                round, stream_cursor_row(stream), &error);
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
    if (!past_seek(stream, text, down))
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

static void rule_text(const struct stream *stream, const struct line *line,
                      char *out, size_t size)
{
    const struct screen *screen = stream->pane.screen;
    struct view_row found;
    const struct record *record =
        sheet_record(&stream->sheet, line->row, &found);
    char number[NUMBER_SIZE];
    char when[AGE_SIZE] = "";

    if (line->kind == LINE_NEW) {
        time_minutes(screen_looked_at(screen), when);
        snprintf(out, size, " new since %s ", when);
    } else if (line->kind == LINE_OLDER && stream->past) {
        past_rule(stream, out, size);
    } else if (line->kind == LINE_OLDER) {
        uint64_t evicted = ring_evicted(ring_of(stream));

        number_text(evicted, number);
        snprintf(out, size, " %s older one%s in the journal ", number,
                 evicted == 1 ? " is" : "s are");
    } else {
        if (record)
            time_day(row_time(record), when);
        snprintf(out, size, " %s ", when);
    }
}

static void draw_rule(const struct stream *stream, struct draw *draw, int y,
                      const struct line *line)
{
    const struct rect *rect = &stream->pane.rect;
    char text[80];

    rule_text(stream, line, text, sizeof text);
    draw_line(draw, y, rect->x, rect->w, ROLE_BORDER);
    draw_text(draw, y, rect->x + 1, rect->w - 2,
              line->kind == LINE_NEW ? ROLE_UNREAD : ROLE_DIM, text);
}

/* What is said of a fold whose events say different things. It tells how many
 * there are where every event has a name of its own: "changed 3 settings". */
static void fold_look(const struct stream *stream, size_t row,
                      const struct record *record, struct buf *text,
                      struct row_look *look)
{
    const struct catalog *catalog = screen_host(stream->pane.screen)->catalog;
    const char *group = ring_text(ring_of(stream), record->fold);
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
        .highlight = highlight_is(screen_highlight(stream->pane.screen),
                                  record, screen_now(stream->pane.screen)),
        .times = found.times,
        .tone = found.tone,
        .cursor = stream->pane.focus && row == stream_cursor_row(stream),
    };
    if (found.times > 1)
        fold_look(stream, row, record, text, look);
    return record;
}

static void draw_event(const struct stream *stream, struct draw *draw, int y,
                       size_t row)
{
    const struct rect *rect = &stream->pane.rect;
    const struct record *record;
    struct row_look look;
    struct buf text;

    buf_init(&text, LIMIT_BODY);
    record = look_at(stream, row, &text, &look);
    if (record)
        row_draw(draw, y, rect->x, rect->w, ring_of(stream), record, &look);
    buf_free(&text);
}

/* Nothing came, and nothing else is to be told in that row. */
static bool is_for_tour(const struct pane *pane)
{
    return stream_is_empty(pane) && !screen_status(pane->screen)->refused;
}

/* The selected row whole, when its own place is too narrow for it. Who
 * follows reads what comes; who freezes must see that it is frozen. */
static void stream_hint(const struct pane *pane, struct buf *out)
{
    const struct stream *stream = stream_const(pane);
    const struct ring *ring = ring_of(stream);
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

static void draw_nothing(const struct stream *stream, struct draw *draw)
{
    const struct rect *rect = &stream->pane.rect;
    const char *filter = screen_filter_text(stream->pane.screen);

    if (stream_is_empty(&stream->pane))
        welcome_draw(stream->pane.screen, draw, *rect);
    else if (!is_main(stream))
        draw_cut(draw, rect->y, rect->x + 1, rect->w - 2, ROLE_DIM,
                 view_complete(stream->view) ? "Nothing yet." : "Looking …");
    else if (!view_complete(stream->view))
        draw_cut(draw, rect->y, rect->x + 1, rect->w - 2, ROLE_DIM,
                 "Looking …");
    else if (*filter)
        draw_format(draw, rect->y, rect->x + 1, rect->w - 2, ROLE_DIM,
                    "None of %zu match. Esc clears the filter.",
                    ring_count(ring_of(stream)));
    else
        draw_cut(draw, rect->y, rect->x + 1, rect->w - 2, ROLE_DIM,
                 "Nothing since. x shows what was hidden.");
}

static void stream_draw(const struct pane *pane, struct draw *draw)
{
    const struct stream *stream = stream_const(pane);

    if (!stream->sheet.count) {
        draw_nothing(stream, draw);
        return;
    }
    for (int i = 0; i < stream->sheet.count; i++) {
        const struct line *line = &stream->sheet.list[i];

        if (line->kind == LINE_EVENT)
            draw_event(stream, draw, pane->rect.y + i, line->row);
        else
            draw_rule(stream, draw, pane->rect.y + i, line);
    }
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

    return is_main(stream) && !ring_count(ring) && !ring_evicted(ring);
}

static void count_text(const struct stream *stream, struct buf *out)
{
    const struct screen *screen = stream->pane.screen;
    const struct display_host *host = screen_host(screen);
    size_t all = ring_count(ring_of(stream));
    size_t hidden =
        screen_shows_hidden(screen) ? 0 : tally_hidden(host->tally);
    char number[NUMBER_SIZE];

    number_text(view_events(stream->view), number);
    buf_adds(out, number);
    if (!view_complete(stream->view))
        buf_adds(out, "+");
    if (is_main(stream) && *screen_filter_text(screen)) {
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
        time_minutes(screen_frozen_at(screen), when);
        buf_addf(out, "frozen %s", when);
    } else {
        buf_adds(out, stream->follow ? "following" : "G follows");
    }
    if (missed)
        buf_addf(out, ", +%zu new", missed);
}

/* What the rule has beside the name. */
static int title_cells(const struct stream *stream, const struct buf *left)
{
    return stream->pane.rect.w - text_width(left->data) - 8;
}

static void stream_title(const struct pane *pane, struct buf *left,
                         struct buf *right)
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

        buf_addf(left, "%s %s",
                 draw_glyph_text(screen_drawing(pane->screen),
                                 stream->category),
                 category_title(stream->category));
        if (stream->past)
            past_title(stream, title_cells(stream, left), right);
        else if (count)
            buf_addf(right, "%u", count);
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
    stream->sheet.all_rules = is_main(stream);
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
    stream->follow = false;
    stream->left_at = newest_live(stream);
    stream->cursor = number;
}

void stream_select(struct pane *pane, uint64_t number)
{
    struct stream *stream = stream_of(pane);

    stream_stop_following(stream);
    stream->cursor = number;
    screen_dirty(pane->screen);
}

void stream_follow(struct pane *pane)
{
    follow_newest(stream_of(pane));
}
