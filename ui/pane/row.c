/* Drawing one event. Which columns there are, the width of the pane says. */
#include "ui/pane/row.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "event/links.h"
#include "ui/pane/list.h"
#include "ui/pane/names.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

#define TEXT_MAX 1024
#define TEST_CELLS 4
#define AGE_CELLS 6           /* "59 min" */
#define LATE_MS CLOCK_HOUR_MS /* on its way: it stands where it came */

struct columns {
    int at_least; /* the pane's width */
    int time, account, person, glyph;
};

/* Names have room once a sentence has 60 cells. */
static const struct columns table[] = {
    {140, 8, 20, 18, 5}, {120, 8, 14, 12, 5}, {100, 5, 12, 10, 1},
    {56, 5, 9, 7, 1},    {0, 5, 8, 0, 1},
};

static const struct columns *columns_for(int cells)
{
    const struct columns *columns = table;

    while (columns->at_least > cells)
        columns++;
    return columns;
}

int64_t row_time(const struct record *record)
{
    return record->flags & EVENT_CLOCK_OFF ? record->row.received_at
                                           : record->row.occurred_at;
}

int64_t row_place(const struct record *record)
{
    int64_t came = record->row.received_at, time = row_time(record);

    return came - time > LATE_MS ? came : time;
}

struct pen {
    struct draw *draw;
    int y, x, end; /* end: first cell that is not ours */
};

/* A column of text, and the blank behind it. */
static void column(struct pen *pen, int cells, enum role role,
                   const char *text)
{
    int room = pen->end - pen->x;

    draw_text(pen->draw, pen->y, pen->x, cells < room ? cells : room, role,
              text);
    pen->x += cells + 1;
}

/* The first cell of a row that has not the cursor. */
static void gutter(struct draw *draw, int y, int x,
                   const struct row_look *look)
{
    if (look->pinned)
        draw_text(draw, y, x, 1, ROLE_KEY, "#");
    else if (look->tone == TONE_BAD)
        draw_text(draw, y, x, 1, ROLE_BAD, "!");
    else if (look->tone == TONE_WARN)
        draw_text(draw, y, x, 1, ROLE_WARN, "~");
    else if (look->highlight)
        draw_text(draw, y, x, 1, ROLE_KEY, "*");
}

static int time_cells(const struct columns *columns,
                      const struct row_look *look)
{
    return look->age ? AGE_CELLS : columns->time;
}

/* How long ago keeps to the cells of a time, where a row has it alone. */
static void time_column(struct pen *pen, const struct record *record,
                        const struct row_look *look, int cells)
{
    bool age = look->age || look->other_day;
    char text[AGE_SIZE];

    age_text(look->now_ms - row_time(record), text);
    age = age && text_width(text) <= cells;
    if (!age && cells == 8)
        time_seconds(row_time(record), text);
    else if (!age)
        time_minutes(row_time(record), text);
    if (age)
        pen->x += cells - text_width(text);
    column(pen, age ? text_width(text) : cells,
           look->highlight ? ROLE_MATCH : ROLE_DIM, text);
}

static void account_column(struct pen *pen, const struct ring *ring,
                           const struct record *record, struct labels *labels,
                           int cells, struct buf *text)
{
    const char *id = ring_text(ring, record->row.account_id);
    const char *label = labels_text(labels, id, cells);
    const char *name = ring_text(ring, record->row.account);

    buf_clear(text);
    if (label)
        buf_adds(text, label);
    else
        name_account(text, id, name ? name : id, record->row.listed, cells);
    column(pen, cells, name || id ? theme_account(id) : ROLE_DIM, text->data);
}

static void person_column(struct pen *pen, const struct ring *ring,
                          const struct record *record, int cells,
                          struct buf *text)
{
    buf_clear(text);
    name_of_person(text, ring, record, cells);
    column(pen, cells, ROLE_TEXT, text->data);
}

static void glyph_column(struct pen *pen, const struct record *record,
                         int cells)
{
    enum category category = record->row.category;

    draw_glyph(pen->draw, pen->y, pen->x, ROLE_CATEGORY(category), category);
    if (cells > 1)
        draw_text(pen->draw, pen->y, pen->x + 2, cells - 2,
                  ROLE_CATEGORY(category), category_label(category));
    pen->x += cells + 1;
}

static bool is_test(const struct ring *ring, const struct record *record)
{
    return event_is_test(ring_text(ring, record->row.person_id));
}

/* "×3" closes the sentence; returns the cells it takes, its blank too. */
static int times_text(struct draw *draw, unsigned times, char out[16])
{
    out[0] = '\0';
    if (times < 2)
        return 0;
    snprintf(out, 16, " %s%u%s", draw_mark_text(draw, MARK_TIMES),
             times > 99 ? 99 : times, times > 99 ? "+" : "");
    return text_width(out);
}

const char *row_sentence(const struct ring *ring, const struct record *record,
                         const struct row_look *look)
{
    const char *sentence = look->sentence
                               ? look->sentence
                               : ring_text(ring, record->row.sentence);

    return sentence ? sentence : "(no name)";
}

static void sentence_column(struct pen *pen, const struct ring *ring,
                            const struct record *record,
                            const struct row_look *look, struct buf *text)
{
    bool test = is_test(ring, record);
    int cells, used;
    char fold[16];
    int fold_cells = times_text(pen->draw, look->times, fold);

    if (test)
        column(pen, TEST_CELLS, ROLE_DIM, "test");
    cells = pen->end - pen->x;
    buf_clear(text);
    name_sentence(text, row_sentence(ring, record, look), cells - fold_cells);
    used = draw_text(pen->draw, pen->y, pen->x, cells - fold_cells,
                     test ? ROLE_DIM : theme_tone(look->tone), text->data);
    draw_link(pen->draw, pen->y, pen->x, used, look->link);
    draw_text(pen->draw, pen->y, pen->end - fold_cells, fold_cells, ROLE_DIM,
              fold);
}

static void replay_column(struct pen *pen, const struct record *record,
                          int64_t now_ms)
{
    bool young =
        links_replay_age(record->row.occurred_at, record->row.received_at,
                         now_ms) < REPLAY_READY_MS;

    if (record->row.has_replay)
        draw_mark(pen->draw, pen->y, pen->end + 1,
                  young ? ROLE_REPLAY_WAIT : ROLE_REPLAY,
                  young ? MARK_REPLAY_WAIT : MARK_REPLAY);
}

void row_rule(struct draw *draw, int y, int x, int cells, enum role role,
              const char *text)
{
    draw_line(draw, y, x, cells, ROLE_BORDER);
    draw_text(draw, y, x + 1, cells - 2, role, text);
}

void row_draw(struct draw *draw, int y, int x, int cells,
              const struct ring *ring, const struct record *record,
              const struct row_look *look)
{
    const struct columns *columns = columns_for(cells);
    struct pen pen = {draw, y, x + 1, x + cells - 2};
    struct buf text;

    buf_init(&text, TEXT_MAX);
    if (look->cursor)
        list_draw_cursor(draw, (struct rect){y, x, 1, cells});
    else
        gutter(draw, y, x, look);
    time_column(&pen, record, look, time_cells(columns, look));
    if (!look->no_account)
        account_column(&pen, ring, record, look->labels, columns->account,
                       &text);
    if (columns->person && !look->no_person)
        person_column(&pen, ring, record, columns->person, &text);
    if (!look->no_glyph)
        glyph_column(&pen, record, columns->glyph);
    sentence_column(&pen, ring, record, look, &text);
    replay_column(&pen, record, look->now_ms);
    draw_under(draw, ROLE_TEXT);
    buf_free(&text);
}

bool row_is_cut(struct draw *draw, int cells, const struct ring *ring,
                const struct record *record, const struct row_look *look)
{
    const struct columns *columns = columns_for(cells);
    int room = cells - 2 - 1 - (time_cells(columns, look) + 1);
    char fold[16];

    if (!look->no_account)
        room -= columns->account + 1;
    if (columns->person && !look->no_person)
        room -= columns->person + 1;
    if (!look->no_glyph)
        room -= columns->glyph + 1;
    return text_width(row_sentence(ring, record, look)) >
           room - times_text(draw, look->times, fold) -
               (is_test(ring, record) ? TEST_CELLS + 1 : 0);
}
