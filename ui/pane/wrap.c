/* Wrapping. The text is not changed; lines are ranges of it. */
#include "ui/pane/wrap.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

struct wrap wrap_start(const char *text, int cells)
{
    return (struct wrap){text, cells > 0 ? cells : 1};
}

/* How much of the text is a line: to the last blank that fits, or, when its
 * first word is too wide, as much as fits. Never nothing. */
static size_t line_length(const char *text, int cells)
{
    size_t fits = text_fit(text, strlen(text), cells, NULL), end = fits;

    if (!text[fits])
        return fits;
    while (end && text[end] != ' ')
        end--;
    if (end)
        return end;
    return fits ? fits : text_grapheme(text, strlen(text)).bytes;
}

bool wrap_next(struct wrap *wrap, const char **line, size_t *len)
{
    wrap->rest += strspn(wrap->rest, " ");
    if (!*wrap->rest)
        return false;
    *line = wrap->rest;
    *len = line_length(wrap->rest, wrap->cells);
    wrap->rest += *len;
    return true;
}

int wrap_lines(const char *text, int cells)
{
    struct wrap wrap = wrap_start(text, cells);
    const char *line;
    size_t len;
    int lines = 0;

    while (wrap_next(&wrap, &line, &len))
        lines++;
    return lines;
}

const char *wrap_piece(const char *text, int cells, int piece, int pieces,
                       size_t *len)
{
    struct wrap wrap = wrap_start(text, cells);
    const char *line = text;

    *len = 0;
    for (int i = 0; i <= piece; i++)
        if (!wrap_next(&wrap, &line, len))
            return "";
    if (piece + 1 == pieces)
        *len = strlen(line);
    return line;
}

int wrap_draw(struct draw *draw, struct rect rect, enum role role,
              const char *text)
{
    struct wrap wrap = wrap_start(text, rect.w);
    const char *line;
    struct buf copy;
    size_t len;
    int y = 0;

    buf_init(&copy, 64 * KIB);
    for (; y < rect.h && wrap_next(&wrap, &line, &len); y++) {
        bool last = y + 1 == rect.h;

        buf_clear(&copy);
        buf_add(&copy, line, last ? strlen(line) : len);
        if (last)
            draw_cut(draw, rect.y + y, rect.x, rect.w, role, copy.data);
        else
            draw_text(draw, rect.y + y, rect.x, rect.w, role, copy.data);
    }
    buf_free(&copy);
    return y;
}
