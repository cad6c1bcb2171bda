/* The list of what was folded into one row. */
#include "ui/pane/members.h"

#include "ui/pane/mask.h"
#include "ui/pane/row.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

#define TIME_CELLS 8
#define SENTENCE_AT 13

void members_load(struct members *members, const struct view *view,
                  uint64_t number)
{
    size_t index;
    struct view_row row;

    members->count = 0;
    members->times = 0;
    if (!number || !view_rows(view))
        return;
    index = view_find(view, number);
    if (!view_row(view, index, &row) || row.times < 2)
        return;
    members->count =
        view_members(view, index, members->numbers, MEMBERS_SHOWN);
    members->times = row.times;
    for (size_t i = 0; i < members->count; i++)
        if (members->numbers[i] == number)
            return;
    if (members->count < MEMBERS_SHOWN)
        members->count = members->times = 0; /* the row of another event */
}

/* The first line of an event: above it stands that there are older ones. */
static size_t first_line(const struct members *members)
{
    return members->times > members->count;
}

size_t members_lines(const struct members *members)
{
    return members->count + first_line(members);
}

uint64_t members_number(const struct members *members, size_t line)
{
    size_t first = first_line(members);

    return line < first || line - first >= members->count
               ? 0
               : members->numbers[members->count - 1 - (line - first)];
}

size_t members_line(const struct members *members, uint64_t number)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->numbers[i] == number)
            return first_line(members) + members->count - 1 - i;
    return 0;
}

static void draw_rest(const struct members *members, struct draw *draw,
                      struct rect row)
{
    size_t left = members->times - members->count;

    draw_format(draw, row.y, row.x + SENTENCE_AT, row.w - SENTENCE_AT,
                ROLE_DIM, "%zu older one%s", left, plural_text(left));
}

/* " ~ 10:40:16  turned off autocapture" */
void members_draw(const struct members *members, const struct ring *ring,
                  struct draw *draw, struct rect row, size_t line)
{
    const struct record *record =
        ring_get(ring, members_number(members, line));
    char when[AGE_SIZE];
    const char *sentence;

    if (line < first_line(members)) {
        draw_rest(members, draw, row);
        return;
    }
    if (!record) {
        draw_cut(draw, row.y, row.x + SENTENCE_AT, row.w - SENTENCE_AT,
                 ROLE_DIM, "left memory");
        return;
    }
    if (record->row.tone == TONE_BAD)
        draw_text(draw, row.y, row.x + 1, 1, ROLE_BAD, "!");
    else if (record->row.tone == TONE_WARN)
        draw_text(draw, row.y, row.x + 1, 1, ROLE_WARN, "~");
    time_seconds(row_time(record), when);
    draw_text(draw, row.y, row.x + 3, TIME_CELLS, ROLE_DIM, when);
    sentence = ring_text(ring, record->row.sentence);
    mask_draw(draw, row.y, row.x + SENTENCE_AT, row.w - SENTENCE_AT,
              theme_tone(record->row.tone), sentence ? sentence : "(no name)");
}
