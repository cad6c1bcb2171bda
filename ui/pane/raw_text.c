/* Raw text as lines: whole graphemes, as many as fit. */
#include "ui/pane/raw_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define MAX_RAW (256 * KIB)

void raw_text_set(struct raw_text *raw, const char *bytes, size_t len)
{
    size_t kept = len < MAX_RAW ? len : MAX_RAW;
    struct buf text;

    raw_text_clear(raw);
    buf_init(&text, 8 * MIB);
    text_sanitise(&text, bytes ? bytes : "", kept, 4 * MAX_RAW);
    if (kept < len)
        buf_addf(&text, "… %zu byte%s more", len - kept,
                 plural_text(len - kept));
    raw->text = buf_take(&text);
}

void raw_text_clear(struct raw_text *raw)
{
    free(raw->text);
    free(raw->lines);
    *raw = (struct raw_text){0};
}

void raw_text_fit(struct raw_text *raw, int width)
{
    const char *text = raw->text;
    size_t len = text ? strlen(text) : 0;
    size_t at = 0, size = 0;

    if (width == raw->width || width < 1 || !text)
        return;
    raw->width = width;
    raw->count = 0;
    while (at < len) {
        size_t fits = text_fit(text + at, len - at, width, NULL);

        if (raw->count + 2 > size) {
            size = size ? size * 2 : 64;
            raw->lines = xreallocarray(raw->lines, size, sizeof *raw->lines);
        }
        raw->lines[raw->count++] = at;
        at += fits ? fits : text_grapheme(text + at, len - at).bytes;
    }
    if (raw->count)
        raw->lines[raw->count] = len;
}

void raw_text_draw(const struct raw_text *raw, struct draw *draw,
                   struct rect rect, size_t line)
{
    size_t from = raw->lines[line];

    draw_format(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM, "%.*s",
                (int)(raw->lines[line + 1] - from), raw->text + from);
}
