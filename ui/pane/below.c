/* What stands below a table, as far as it is the same for each. */
#include "ui/pane/below.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "live/usage.h"
#include "ui/pane/names.h"

#include "base/banned.h"

#define PERSON_CELLS 18
#define GAP 3 /* between two people */

struct pane *below_new(const struct pane_ops *ops, struct screen *screen,
                       const struct pane *table)
{
    struct below *below = xcalloc(1, sizeof *below);

    below->pane.ops = ops;
    below->pane.screen = screen;
    below->table = table;
    return &below->pane;
}

const struct below *below_of(const struct pane *pane)
{
    return (const struct below *)(const void *)pane;
}

void below_free(struct pane *pane)
{
    struct below *below = (struct below *)(void *)pane;

    event_rows_free(&below->events);
    free(below);
}

bool below_update(struct pane *pane, const struct drill *row)
{
    struct below *below = (struct below *)(void *)pane;
    struct buf query;

    buf_init(&query, LIMIT_TEXT * 2);
    drill_query(&query, row);
    event_rows_set(&below->events, pane->screen, query.data);
    buf_free(&query);
    return event_rows_update(&below->events);
}

bool below_label(const struct pane *pane, struct draw *draw, int line,
                 const char *label)
{
    if (line >= pane->rect.h)
        return false;
    draw_text(draw, pane->rect.y + line, pane->rect.x + BELOW_LABEL_AT,
              BELOW_TEXT_AT - BELOW_LABEL_AT, ROLE_DIM, label);
    return true;
}

static uint32_t did(const struct usage_person *person, enum category category)
{
    return category == CATEGORY_COUNT ? person->month
                                      : person->by_category[category];
}

int below_top(const struct usage *usage, const struct usage_account *account,
              enum category category,
              const struct usage_person *top[BELOW_PEOPLE])
{
    int count = 0;

    for (uint32_t at = account->people; at != USAGE_NOBODY;
         at = usage_person(usage, at)->next) {
        const struct usage_person *person = usage_person(usage, at);
        uint32_t events = did(person, category);
        int place;

        if (!events)
            continue;
        place = count < BELOW_PEOPLE ? count++ : BELOW_PEOPLE;
        for (; place && events > did(top[place - 1], category); place--)
            if (place < BELOW_PEOPLE)
                top[place] = top[place - 1];
        if (place < BELOW_PEOPLE)
            top[place] = person;
    }
    return count;
}

bool below_person(const struct pane *pane, struct draw *draw, int line, int *x,
                  const struct usage_person *person, const char *behind)
{
    struct buf text;
    int width;

    buf_init(&text, LIMIT_TEXT);
    name_person(&text, person->key, person->name ? person->name : person->key,
                PERSON_CELLS);
    buf_addf(&text, " %s", behind);
    width = text_width(text.data);
    if (*x + width < pane->rect.w)
        draw_text(draw, pane->rect.y + line, pane->rect.x + *x, width,
                  ROLE_TEXT, text.data);
    *x += width + GAP;
    buf_free(&text);
    return *x - GAP < pane->rect.w;
}
