/* Which line of the detail holds what: facts, what else that person did,
 * what was folded with it, properties, raw text; and drawing one. */
#include <stdint.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "ui/pane/detail_draw.h"
#include "ui/pane/detail_internal.h"
#include "ui/pane/facts.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

#define LOW 12 /* rows; below, no line is left blank */

static void add(struct detail *detail, enum detail_part part, size_t item,
                int pieces)
{
    for (int piece = 0; piece < pieces; piece++) {
        if (detail->line_count == detail->line_room) {
            detail->line_room = detail->line_room ? 2 * detail->line_room : 64;
            detail->lines = xreallocarray(detail->lines, detail->line_room,
                                          sizeof *detail->lines);
        }
        detail->lines[detail->line_count++] =
            (struct detail_line){part, (uint32_t)item, (uint16_t)piece,
                                 (uint16_t)pieces};
    }
}

static void fact_of(const struct detail *detail, enum fact which,
                    struct fact_text *fact)
{
    facts_fill(detail->pane.screen, &detail->event, which, fact);
}

static int fact_pieces(const struct detail *detail, enum fact which)
{
    struct fact_text fact;

    fact_of(detail, which, &fact);
    return detail_fact_lines(&fact, detail->pane.rect.w);
}

/* Ages grow: they may need another line. */
static int all_fact_pieces(const struct detail *detail)
{
    int all = 0;

    for (int which = 0; which < FACT_COUNT; which++)
        all += fact_pieces(detail, (enum fact)which);
    return all;
}

/* Whole, where that takes no line more. */
static int sentence_lines(struct detail *detail)
{
    int cells = detail->pane.rect.w, lines;

    detail->event.sentence = detail->cut;
    lines = detail_sentence_lines(&detail->event, cells);
    if (!detail->whole)
        return lines;
    detail->event.sentence = detail->whole;
    if (detail_sentence_lines(&detail->event, cells) > lines)
        detail->event.sentence = detail->cut;
    return lines;
}

static void add_facts(struct detail *detail)
{
    add(detail, DETAIL_SENTENCE, 0, sentence_lines(detail));
    if (detail->pane.rect.h >= LOW)
        add(detail, DETAIL_BLANK, 0, 1);
    for (int which = 0; which < FACT_COUNT; which++)
        add(detail, DETAIL_FACT, (size_t)which,
            fact_pieces(detail, (enum fact)which));
}

static void add_others(struct detail *detail)
{
    if (!detail->day.all)
        return;
    add(detail, DETAIL_DAY, 0, 1);
    for (size_t i = 0; detail->day_open && i < detail->day.count; i++)
        add(detail, DETAIL_OTHER, i, 1);
}

static void add_members(struct detail *detail)
{
    size_t count = members_lines(&detail->members);

    if (count)
        add(detail, DETAIL_FOLD_RULE, 0, 1);
    for (size_t i = 0; i < count; i++)
        add(detail, DETAIL_MEMBER, i, 1);
}

static void add_properties(struct detail *detail)
{
    size_t rows = detail->tree ? tree_rows(detail->tree) : 0;

    add(detail, DETAIL_TREE_RULE, 0, 1);
    for (size_t i = 0; i < rows; i++) {
        struct tree_row row = tree_row(detail->tree, i);

        add(detail, DETAIL_PROPERTY, i,
            detail_property_lines(&row, detail->pane.rect.w));
    }
}

/* Masked, raw text is one line: that it is not shown. */
static void add_raw(struct detail *detail)
{
    size_t count = detail->raw.count;

    add(detail, DETAIL_RAW_RULE, 0, 1);
    for (size_t i = 0; i < (mask_on() && count ? 1 : count); i++)
        add(detail, DETAIL_RAW, i, 1);
}

static bool is_laid_out(const struct detail *detail)
{
    return !detail->stale && detail->laid_width == detail->pane.rect.w &&
           detail->laid_height == detail->pane.rect.h &&
           detail->laid_masked == mask_on() &&
           detail->laid_facts == all_fact_pieces(detail);
}

size_t detail_find_line(const struct detail *detail, enum detail_part part,
                        size_t item)
{
    for (size_t i = 0; i < detail->line_count; i++)
        if (detail->lines[i].part == part && detail->lines[i].item == item)
            return i;
    return SIZE_MAX;
}

bool detail_line_held(const struct detail *detail, size_t line)
{
    return line < detail->line_count &&
           detail->lines[line].part >= DETAIL_HELD;
}

void detail_lay_out(struct detail *detail)
{
    struct detail_line on = {DETAIL_BLANK, 0, 0, 0};
    size_t line;

    if (is_laid_out(detail))
        return;
    if (detail->cursor < detail->line_count)
        on = detail->lines[detail->cursor];
    raw_text_fit(&detail->raw, detail->pane.rect.w - 2);
    detail->line_count = 0;
    add_facts(detail);
    add_others(detail);
    add_members(detail);
    add_properties(detail);
    add_raw(detail);
    detail->laid_width = detail->pane.rect.w;
    detail->laid_height = detail->pane.rect.h;
    detail->laid_masked = mask_on();
    detail->laid_facts = all_fact_pieces(detail);
    detail->stale = false;
    line = on.part >= DETAIL_HELD ? detail_find_line(detail, on.part, on.item)
                                  : SIZE_MAX;
    if (line != SIZE_MAX)
        detail->cursor = line;
}

/* ---- drawing ---- */

/* "+today     7 more of the same person, 08:22 to 10:47" */
static void draw_day(const struct detail *detail, struct draw *draw,
                     struct rect rect, bool cursor)
{
    const struct same_day *day = &detail->day;
    int32_t today = clock_day(screen_now(detail->pane.screen));
    char from[AGE_SIZE], upto[AGE_SIZE], label[AGE_SIZE], text[128];

    time_minutes(day->from, from);
    time_minutes(day->upto, upto);
    time_day(day->upto, label);
    if (!cursor)
        draw_text(draw, rect.y, rect.x, 1, ROLE_KEY,
                  detail->day_open ? "-" : "+");
    draw_text(draw, rect.y, rect.x + 1, 9, ROLE_DIM,
              clock_day(day->upto) == today ? "today" : label + 4);
    snprintf(text, sizeof text, "%zu more by the same person, %s%s%s",
             day->all, from, day->all > 1 ? " to " : "",
             day->all > 1 ? upto : "");
    draw_cut(draw, rect.y, rect.x + 11, rect.w - 11, ROLE_TEXT, text);
}

static void draw_other(const struct detail *detail, struct draw *draw,
                       struct rect rect, size_t item, bool cursor)
{
    const struct ring *ring = screen_host(detail->pane.screen)->ring;
    const struct record *record = ring_get(ring, detail->day.numbers[item]);
    struct row_look look = {.cursor = cursor,
                            .no_account = true,
                            .no_person = true,
                            .now_ms = screen_now(detail->pane.screen),
                            .age = screen_shows_ages(detail->pane.screen)};

    if (!record) {
        draw_cut(draw, rect.y, rect.x + 11, rect.w - 11, ROLE_DIM,
                 "left memory");
        return;
    }
    look.tone = record->row.tone;
    row_draw(draw, rect.y, rect.x, rect.w, ring, record, &look);
}

static void draw_raw(const struct detail *detail, struct draw *draw,
                     struct rect rect, size_t item)
{
    if (mask_on())
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM, MASK_NO_RAW);
    else
        raw_text_draw(&detail->raw, draw, rect, item);
}

static void draw_held(const struct detail *detail, struct draw *draw,
                      struct rect rect, const struct detail_line *line,
                      bool cursor)
{
    const struct ring *ring = screen_host(detail->pane.screen)->ring;
    struct tree_row row;

    if (cursor)
        list_draw_cursor(draw, rect);
    if (cursor && line->piece)
        draw_text(draw, rect.y, rect.x, 1, ROLE_KEY, " ");
    if (line->part == DETAIL_DAY) {
        draw_day(detail, draw, rect, cursor);
    } else if (line->part == DETAIL_OTHER) {
        draw_other(detail, draw, rect, line->item, cursor);
    } else if (line->part == DETAIL_MEMBER) {
        members_draw(&detail->members, ring, draw, rect, line->item);
    } else if (line->part == DETAIL_PROPERTY) {
        row = tree_row(detail->tree, line->item);
        detail_draw_property(draw, rect, line->piece, line->pieces, &row,
                             cursor);
    } else {
        draw_raw(detail, draw, rect, line->item);
    }
    draw_under(draw, ROLE_TEXT);
}

static void draw_fact(const struct detail *detail, struct draw *draw,
                      struct rect rect, const struct detail_line *line)
{
    struct fact_text fact;

    fact_of(detail, (enum fact)line->item, &fact);
    detail_draw_fact(draw, rect, line->piece, &fact);
}

void detail_draw_one(const struct detail *detail, struct draw *draw,
                     struct rect rect, size_t number)
{
    const struct detail_line *line = &detail->lines[number];

    switch (line->part) {
    case DETAIL_SENTENCE:
        detail_draw_sentence(draw, rect, line->piece, &detail->event);
        break;
    case DETAIL_BLANK:
        break;
    case DETAIL_FACT:
        draw_fact(detail, draw, rect, line);
        break;
    case DETAIL_FOLD_RULE:
        detail_draw_rule(draw, rect, "Folded", detail->members.times);
        break;
    case DETAIL_TREE_RULE:
        detail_draw_rule(draw, rect, "Properties",
                         detail->tree ? tree_count(detail->tree) : 0);
        break;
    case DETAIL_RAW_RULE:
        detail_draw_rule(draw, rect, "Raw", 0);
        break;
    default:
        draw_held(detail, draw, rect, line,
                  number >= detail->cursor &&
                      line->item == detail->lines[detail->cursor].item &&
                      line->part == detail->lines[detail->cursor].part);
        break;
    }
}
