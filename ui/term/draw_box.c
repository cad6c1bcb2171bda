/* The frame of a popup, over whatever stands there. */
#include <curses.h>

#include <stdio.h>
#include <wchar.h>

#include "ui/term/draw.h"
#include "base/banned.h"

/* Does a wide letter stand on both sides of the edge before cell x? */
static bool is_split(int y, int x)
{
    wchar_t codes[CCHARW_MAX + 1];
    attr_t attrs;
    short pair;
    cchar_t cell;
    int at = 0;

    while (at < x) {
        bool wide = mvin_wch(y, at, &cell) == OK &&
                    getcchar(&cell, codes, &attrs, &pair, NULL) == OK &&
                    wcwidth(codes[0]) > 1;

        at += wide ? 2 : 1;
    }
    return at > x;
}

/* Curses keeps half a letter beside what covers the other half, and is a cell
 * off in that row from then on. */
static void blank_halves(struct draw *draw, struct rect rect)
{
    int end = rect.x + rect.w;

    for (int y = rect.y; y < rect.y + rect.h; y++) {
        bool left = is_split(y, rect.x), right = is_split(y, end);

        if (left)
            draw_text(draw, y, rect.x - 1, 1, ROLE_TEXT, " ");
        if (right)
            draw_text(draw, y, end, 1, ROLE_TEXT, " ");
    }
}

void draw_box(struct draw *draw, struct rect rect, const char *title,
              const char *right)
{
    int bottom = rect.y + rect.h - 1;
    int end = rect.x + rect.w - 1;

    blank_halves(draw, rect);
    draw_blank(draw, rect, ROLE_POPUP);
    draw_line(draw, rect.y, rect.x, rect.w, ROLE_POPUP);
    draw_line(draw, bottom, rect.x, rect.w, ROLE_POPUP);
    draw_column(draw, rect.y, rect.x, rect.h, ROLE_POPUP);
    draw_column(draw, rect.y, end, rect.h, ROLE_POPUP);
    draw_mark(draw, rect.y, rect.x, ROLE_POPUP, MARK_TOP_LEFT);
    draw_mark(draw, rect.y, end, ROLE_POPUP, MARK_TOP_RIGHT);
    draw_mark(draw, bottom, rect.x, ROLE_POPUP, MARK_BOTTOM_LEFT);
    draw_mark(draw, bottom, end, ROLE_POPUP, MARK_BOTTOM_RIGHT);
    if (title && *title)
        draw_format(draw, rect.y, rect.x + 2, rect.w - 4, ROLE_POPUP, "[%s]",
                    title);
    if (right && *right) {
        char text[128];

        snprintf(text, sizeof text, " %s ", right);
        draw_right(draw, rect.y, rect.x + rect.w / 2, rect.w / 2 - 2,
                   ROLE_POPUP, text);
    }
}
