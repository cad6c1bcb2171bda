/* The cursor of the detail, and what is in sight: it goes from one thing to
 * the next, and through what takes more lines than there are. */
#include <stdint.h>

#include "ui/pane/detail_internal.h"
#include "base/banned.h"

static size_t window(const struct detail *detail)
{
    return detail->pane.rect.h > 0 ? (size_t)detail->pane.rect.h : 1;
}

/* Behind the last line of what the cursor is on. */
static size_t cursor_end(const struct detail *detail)
{
    return detail->cursor + detail->lines[detail->cursor].pieces;
}

/* Where the cursor begins: the event's own line of a fold, else the first
 * property. */
static size_t first_place(const struct detail *detail)
{
    size_t member =
        detail_find_line(detail, DETAIL_MEMBER,
                         members_line(&detail->members, detail->number));
    size_t line = member == SIZE_MAX
                      ? detail_find_line(detail, DETAIL_PROPERTY, 0)
                      : member;

    if (line == SIZE_MAX)
        line = detail_find_line(detail, DETAIL_RAW, 0);
    return line == SIZE_MAX ? 0 : line;
}

/* Above the first line that the cursor goes to are the facts: they stay in
 * sight as long as they can, and at the start whatever the height. */
void detail_settle(struct detail *detail)
{
    size_t height = window(detail), last;

    if (!detail->moved)
        detail->cursor = first_place(detail);
    if (detail->cursor >= detail->line_count)
        detail->cursor = detail->line_count - 1;
    last = detail->line_count > height ? detail->line_count - height : 0;
    if (detail->top > last)
        detail->top = last;
    if (!detail->moved)
        return;
    if (cursor_end(detail) > detail->top + height)
        detail->top = cursor_end(detail) - height;
    if (detail->cursor < detail->top)
        detail->top = detail->cursor;
}

/* The nearest line from there on that begins something the cursor goes to;
 * false: there is none that way. */
static bool held_from(const struct detail *detail, size_t line, bool down,
                      size_t *out)
{
    for (; line < detail->line_count; line += down ? 1 : SIZE_MAX) {
        if (detail_line_held(detail, line) && !detail->lines[line].piece) {
            *out = line;
            return true;
        }
    }
    return false;
}

/* Scrolls through what is higher than the window; false: there is nothing of
 * it out of sight that way. */
static bool scroll(struct detail *detail, long by)
{
    size_t height = window(detail), steps = (size_t)(by < 0 ? -by : by), most;

    if (by > 0 && cursor_end(detail) > detail->top + height) {
        most = cursor_end(detail) - height - detail->top;
        detail->top += steps < most ? steps : most;
        return true;
    }
    if (by < 0 && detail->cursor < detail->top) {
        most = detail->top - detail->cursor;
        detail->top -= steps < most ? steps : most;
        return true;
    }
    return false;
}

/* What is above the first place is read by going up from it. */
static void scroll_up(struct detail *detail, size_t steps)
{
    detail->top -= steps < detail->top ? steps : detail->top;
}

void detail_move(struct detail *detail, long by)
{
    size_t line = detail->cursor, to, steps = (size_t)(by < 0 ? -by : by);

    if (scroll(detail, by))
        return;
    if (by > 0)
        to = line + steps < detail->line_count ? line + steps
                                               : detail->line_count - 1;
    else
        to = steps < line ? line - steps : 0;
    if (held_from(detail, to, by > 0, &line) ||
        held_from(detail, to, by < 0, &line)) {
        if (line == detail->cursor && by < 0)
            scroll_up(detail, steps);
        else if (by > 0 ? line > detail->cursor : line < detail->cursor)
            detail->cursor = line;
    }
    detail->moved = true;
}

void detail_go_to(struct detail *detail, size_t line)
{
    detail_lay_out(detail);
    if (line < detail->line_count)
        detail->cursor = line;
    detail->moved = true;
    detail_settle(detail);
}

void detail_go_to_end(struct detail *detail)
{
    size_t line;

    if (held_from(detail, detail->line_count - 1, false, &line))
        detail_go_to(detail, line);
}
