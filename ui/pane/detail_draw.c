/* Lines of the detail: columns and roles. */
#include "ui/pane/detail_draw.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/mask.h"
#include "ui/pane/wrap.h"

#include "base/banned.h"

#define LABEL_AT 1
#define VALUE_AT 11
#define MORE_AT 34
#define TREE_VALUE_AT 26
#define NARROW 60      /* cells; below, long values go over some lines */
#define FEW_LINES 3    /* so many */
#define MANY_LINES 400 /* of one that was opened */
#define BELOW_CELLS 14 /* with less room behind its name, a value is below */

/* ---- the sentence ---- */

/* "Tomás Herrera created a feature flag"; how many bytes the name has. */
static size_t sentence_text(const struct event *event, struct buf *out)
{
    struct arena arena = ARENA_INIT;
    const char *who = event_person_label(event, &arena);
    size_t len = 0;

    if (mask_on() && strcmp(who, "-"))
        who = mask_event_person(event, MASK_ANY_CELLS);
    if (strcmp(who, "-")) {
        buf_adds(out, who);
        len = out->len;
        buf_addc(out, ' ');
    }
    mask_add(out, event->sentence ? event->sentence : event->name);
    arena_free(&arena);
    return len;
}

static int at_most(int lines, int most)
{
    return lines < 1 ? 1 : lines > most ? most : lines;
}

int detail_sentence_lines(const struct event *event, int cells)
{
    struct buf text;
    int lines;

    buf_init(&text, LIMIT_BODY);
    sentence_text(event, &text);
    lines = wrap_lines(text.data, cells - 2);
    buf_free(&text);
    return at_most(lines, MANY_LINES);
}

void detail_draw_sentence(struct draw *draw, struct rect rect, int piece,
                          const struct event *event)
{
    struct buf text;
    size_t who, len, title;
    const char *line;
    int x = rect.x + 1;

    buf_init(&text, LIMIT_BODY);
    who = sentence_text(event, &text);
    line = wrap_piece(text.data, rect.w - 2, piece, MANY_LINES, &len);
    title = line < text.data + who ? (size_t)(text.data + who - line) : 0;
    if (title > len)
        title = len;
    x += draw_format(draw, rect.y, x, rect.w - 1, ROLE_TITLE, "%.*s",
                     (int)title, line);
    draw_format(draw, rect.y, x, rect.x + rect.w - x, theme_tone(event->tone),
                "%.*s", (int)(len - title), line + title);
    buf_free(&text);
}

/* ---- facts ---- */

/* Where what more there is stands on the first line; 0: below it. */
static int more_at(const struct fact_text *fact, int cells)
{
    int at = VALUE_AT + text_width(fact->value) + 2;

    if (at < MORE_AT)
        at = MORE_AT;
    if (!*fact->more || at + text_width(fact->more) <= cells)
        return at;
    at = VALUE_AT + text_width(fact->value) + 2;
    return at + text_width(fact->more) <= cells ? at : 0;
}

static int value_lines(const struct fact_text *fact, const char *text,
                       int cells)
{
    return *text ? at_most(wrap_lines(text, cells - VALUE_AT),
                           fact->whole ? MANY_LINES : FEW_LINES)
                 : 0;
}

int detail_fact_lines(const struct fact_text *fact, int cells)
{
    int lines = value_lines(fact, fact->value, cells);

    if (*fact->more && !more_at(fact, cells))
        lines += value_lines(fact, fact->more, cells);
    return fact->whole ? lines : at_most(lines, 2 * FEW_LINES);
}

void detail_draw_fact(struct draw *draw, struct rect rect, int piece,
                      const struct fact_text *fact)
{
    int at = more_at(fact, rect.w),
        lines = value_lines(fact, fact->value, rect.w);
    bool below = piece >= lines && piece > 0;
    const char *text = below ? fact->more : fact->value, *line;
    int pieces = below ? value_lines(fact, text, rect.w) : lines;
    size_t len;
    char copy[FACT_SIZE];

    if (!piece)
        draw_text(draw, rect.y, rect.x + LABEL_AT, VALUE_AT - LABEL_AT - 1,
                  ROLE_DIM, fact->label);
    line = wrap_piece(text, rect.w - VALUE_AT, below ? piece - lines : piece,
                      pieces, &len);
    snprintf(copy, sizeof copy, "%.*s", (int)len, line);
    draw_cut(draw, rect.y, rect.x + VALUE_AT, rect.w - VALUE_AT,
             below ? ROLE_DIM : ROLE_TEXT, copy);
    if (!piece && at && *fact->more)
        draw_cut(draw, rect.y, rect.x + at, rect.w - at, ROLE_DIM, fact->more);
}

void detail_draw_rule(struct draw *draw, struct rect rect, const char *title,
                      size_t count)
{
    char text[32];
    int used;

    draw_line(draw, rect.y, rect.x, rect.w, ROLE_BORDER);
    used = draw_format(draw, rect.y, rect.x + 1, rect.w - 2, ROLE_TAB, " %s ",
                       title);
    if (!count || rect.w < used + 12)
        return;
    snprintf(text, sizeof text, " %zu ", count);
    draw_right(draw, rect.y, rect.x + rect.w - 12, 11, ROLE_TAB, text);
}

/* ---- properties ---- */

struct value_place {
    int key;  /* column of the name */
    int at;   /* and of the value */
    int room; /* its cells */
    bool below;
};

static struct value_place place_of(const struct tree_row *row, int cells)
{
    struct value_place place = {.key = 1 + 2 * row->depth};
    int end = place.key + text_width(row->key) + 1;

    place.at = cells < NARROW        ? end + 1
               : end > TREE_VALUE_AT ? end
                                     : TREE_VALUE_AT;
    place.room = cells - place.at;
    if (cells < NARROW && place.room < BELOW_CELLS &&
        text_width(row->value) > place.room) {
        place.below = true;
        place.at = place.key + 2;
        place.room = cells - place.at;
    }
    return place;
}

static void value_text(const struct tree_row *row, struct buf *out)
{
    mask_add_value(out, row->value, row->text);
}

int detail_property_lines(const struct tree_row *row, int cells)
{
    struct value_place place = place_of(row, cells);
    bool whole = row->open && !row->folds;
    struct buf text;
    int lines;

    if (place.room < 1 || (cells >= NARROW && !whole))
        return 1;
    buf_init(&text, 2 * LIMIT_TEXT);
    value_text(row, &text);
    lines = wrap_lines(text.data, place.room);
    buf_free(&text);
    return at_most(lines, whole ? MANY_LINES : FEW_LINES) + place.below;
}

static void draw_value(struct draw *draw, struct rect rect,
                       const struct value_place *place, int piece, int pieces,
                       const struct tree_row *row)
{
    struct buf text, line;
    const char *at;
    size_t len;

    if (place->room < 1 || piece < 0)
        return;
    buf_init(&text, 2 * LIMIT_TEXT);
    buf_init(&line, 2 * LIMIT_TEXT);
    value_text(row, &text);
    at = wrap_piece(text.data, place->room, piece, pieces, &len);
    buf_add(&line, at, len);
    draw_cut(draw, rect.y, rect.x + place->at, place->room,
             row->folds ? ROLE_DIM : ROLE_TEXT, line.data);
    buf_free(&text);
    buf_free(&line);
}

void detail_draw_property(struct draw *draw, struct rect rect, int piece,
                          int pieces, const struct tree_row *row, bool cursor)
{
    struct value_place place = place_of(row, rect.w);
    const char *fold = !row->folds ? " " : row->open ? "-" : "+";

    if (!piece) {
        if (!cursor && !row->depth)
            draw_text(draw, rect.y, rect.x, 1, ROLE_KEY, fold);
        if (row->depth && row->folds)
            draw_text(draw, rect.y, rect.x + place.key - 1, 1, ROLE_DIM, fold);
        mask_draw(draw, rect.y, rect.x + place.key, rect.w - place.key,
                  ROLE_INFO, row->key);
    }
    draw_value(draw, rect, &place, piece - place.below, pieces - place.below,
               row);
}
