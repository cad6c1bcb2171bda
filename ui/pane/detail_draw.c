/* Lines of the detail: columns and roles. */
#include "ui/pane/detail_draw.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "ui/pane/mask.h"

#include "base/banned.h"

#define LABEL_AT 1
#define VALUE_AT 11
#define MORE_AT 34
#define TREE_VALUE_AT 26

void detail_draw_sentence(struct draw *draw, struct rect rect,
                          const struct event *event)
{
    struct arena arena = ARENA_INIT;
    const char *who = event_person_label(event, &arena);
    int x = rect.x + 1;

    if (mask_on() && strcmp(who, "-"))
        who = mask_event_person(event, MASK_ANY_CELLS);
    if (strcmp(who, "-"))
        x += draw_cut(draw, rect.y, x, rect.w - 1, ROLE_TITLE, who) + 1;
    if (x < rect.x + rect.w)
        mask_draw(draw, rect.y, x, rect.x + rect.w - x,
                  theme_tone(event->tone),
                  event->sentence ? event->sentence : event->name);
    arena_free(&arena);
}

void detail_draw_fact(struct draw *draw, struct rect rect,
                      const struct fact_text *fact)
{
    int x, used;

    draw_text(draw, rect.y, rect.x + LABEL_AT, VALUE_AT - LABEL_AT - 1,
              ROLE_DIM, fact->label);
    used = draw_cut(draw, rect.y, rect.x + VALUE_AT, rect.w - VALUE_AT,
                    ROLE_TEXT, fact->value);
    x = VALUE_AT + used + 2;
    if (x < MORE_AT)
        x = MORE_AT;
    if (*fact->more && rect.w - x > 3)
        draw_cut(draw, rect.y, rect.x + x, rect.w - x, ROLE_DIM, fact->more);
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

static void draw_value(struct draw *draw, int y, int x, int cells,
                       const struct tree_row *row)
{
    struct buf text;

    buf_init(&text, 2 * LIMIT_TEXT);
    mask_add_value(&text, row->value, row->text);
    draw_cut(draw, y, x, cells, row->folds ? ROLE_DIM : ROLE_TEXT, text.data);
    buf_free(&text);
}

void detail_draw_property(struct draw *draw, struct rect rect,
                          const struct tree_row *row, bool cursor)
{
    const char *fold = !row->folds ? " " : row->open ? "-" : "+";
    int x = rect.x + 1 + 2 * row->depth, end = rect.x + rect.w;
    int value_at = rect.x + TREE_VALUE_AT, used;

    if (!cursor)
        draw_text(draw, rect.y, rect.x, 1, ROLE_KEY, fold);
    if (row->depth && row->folds)
        draw_text(draw, rect.y, x - 1, 1, ROLE_DIM, fold);
    used = mask_draw(draw, rect.y, x, end - x, ROLE_INFO, row->key);
    if (x + used + 1 > value_at)
        value_at = x + used + 1;
    if (value_at < end)
        draw_value(draw, rect.y, value_at, end - value_at, row);
}
