/* What is known of an account and a category, and what to talk about. */
#include "ui/pane/coverage_facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "live/usage.h"
#include "ui/pane/below.h"
#include "ui/pane/cells.h"
#include "ui/pane/coverage_table.h"
#include "ui/pane/labels.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define BARS_AT 14
#define SENTENCE_AT 44
#define ACCOUNTS_AT 17

static const struct usage *usage_of(const struct pane *pane)
{
    return screen_host(pane->screen)->usage;
}

/* The cell under the cursor. */
static const struct tally_account *cell_of(const struct pane *pane,
                                           enum category *category)
{
    return coverage_table_selected(below_of(pane)->table, category);
}

static void facts_title(const struct pane *pane, struct buf *left,
                        struct buf *right)
{
    enum category category;
    const struct tally_account *account = cell_of(pane, &category);
    const struct usage_account *usage =
        account ? usage_find(usage_of(pane), account->id) : NULL;
    uint32_t events = usage ? usage_category(usage, category) : 0;
    char number[NUMBER_SIZE];

    if (!account)
        return;
    buf_addf(left, "%s · %s",
             mask_account(account->id, account->name, MASK_ANY_CELLS),
             category_title(category));
    number_text(events, number);
    buf_addf(right, "%s event%s in %d days", number, plural_text(events),
             USAGE_MONTH);
}

static bool facts_update(struct pane *pane)
{
    enum category category;
    const struct tally_account *account = cell_of(pane, &category);

    return account && pane_shows(pane) &&
           below_update(pane, &(struct drill){.id = account->id,
                                              .name = account->name,
                                              .category = (int)category});
}

/* ---- drawing ---- */

static void put_bars(const struct pane *pane, struct draw *draw, int line,
                     const struct usage_account *account,
                     enum category category)
{
    struct column column = {"30 days", BARS_AT, USAGE_MONTH, false, false};
    uint32_t days[USAGE_MONTH];
    struct rect row = pane->rect;

    if (!below_label(pane, draw, line, "30 days"))
        return;
    row.y += line;
    for (int i = 0; i < USAGE_MONTH; i++)
        days[i] = usage_category_on(usage_of(pane), account, category,
                                    USAGE_MONTH - 1 - i);
    cells_bars(draw, row, &column, days, USAGE_MONTH);
}

/* "today", "3 Mar 2026" */
static void add_day(struct buf *out, const struct usage *usage, int32_t day)
{
    char text[AGE_SIZE];

    if (day == usage_today(usage)) {
        buf_adds(out, "today");
        return;
    }
    time_day_number(day, text);
    buf_adds(out, text);
}

static void put_moment(const struct pane *pane, struct draw *draw, int line,
                       const char *label, const struct usage_moment *moment,
                       const struct record *record)
{
    const struct usage *usage = usage_of(pane);
    const struct usage_person *person = usage_person(usage, moment->person);
    const struct ring *ring = screen_host(pane->screen)->ring;
    int y = pane->rect.y + line, x = pane->rect.x;
    char at[AGE_SIZE];
    struct buf text;

    if (!below_label(pane, draw, line, label))
        return;
    buf_init(&text, LIMIT_TEXT);
    add_day(&text, usage, moment->day);
    if (record && moment->day == usage_today(usage)) {
        time_minutes(row_time(record), at);
        buf_addf(&text, " %s", at);
    }
    if (person)
        buf_addf(&text, ", %s",
                 mask_person(person->key, person->name, NULL, MASK_ANY_CELLS));
    draw_cut(draw, y, x + BELOW_TEXT_AT, SENTENCE_AT - BELOW_TEXT_AT - 1,
             ROLE_TEXT, text.data);
    if (record && ring_text(ring, record->row.sentence))
        mask_draw(draw, y, x + SENTENCE_AT, pane->rect.w - SENTENCE_AT - 1,
                  ROLE_DIM, ring_text(ring, record->row.sentence));
    buf_free(&text);
}

/* Those who did it, most first, in no more than a line. */
static void put_people(const struct pane *pane, struct draw *draw, int line,
                       const struct usage_account *account,
                       enum category category)
{
    const struct usage_person *top[BELOW_PEOPLE];
    int count = below_top(usage_of(pane), account, category, top);
    int x = BELOW_TEXT_AT;

    if (!below_label(pane, draw, line, "people"))
        return;
    for (int i = 0; i < count; i++) {
        char events[NUMBER_SIZE];

        number_text(top[i]->by_category[category], events);
        if (!below_person(pane, draw, line, &x, top[i], events))
            return;
    }
}

static void put_nothing(const struct pane *pane, struct draw *draw, int line,
                        const struct usage_account *account)
{
    bool is_known = account || !usage_partial(usage_of(pane));

    if (line < pane->rect.h)
        draw_cut(draw, pane->rect.y + line, pane->rect.x + BELOW_LABEL_AT,
                 pane->rect.w - BELOW_LABEL_AT - 1, ROLE_DIM,
                 is_known ? "never used"
                          : "not counted: there are too many accounts");
}

static int put_cell(const struct pane *pane, struct draw *draw, int line)
{
    enum category category;
    const struct tally_account *account = cell_of(pane, &category);
    const struct usage_account *usage =
        account ? usage_find(usage_of(pane), account->id) : NULL;

    if (!usage || usage->first[category].day == USAGE_NEVER) {
        put_nothing(pane, draw, line, usage);
        return line + 1;
    }
    put_bars(pane, draw, line, usage, category);
    put_moment(pane, draw, line + 1, "first", &usage->first[category], NULL);
    put_moment(pane, draw, line + 2, "last", &usage->last[category],
               event_rows_newest(&below_of(pane)->events, pane->screen));
    put_people(pane, draw, line + 3, usage, category);
    return line + 4;
}

/* ---- what to talk about ---- */

/* The accounts of the book that never used it: how many, and so many of their
 * names as fit; *left: others. */
static size_t add_strangers(const struct pane *pane, struct buf *out,
                            int cells, enum category category, size_t *book,
                            size_t *left)
{
    const struct display_host *host = screen_host(pane->screen);
    size_t count = 0;

    *book = *left = 0;
    for (size_t i = 0; i < tally_accounts(host->tally); i++) {
        const struct tally_account *account = tally_account(host->tally, i);
        const struct usage_account *usage =
            usage_find(host->usage, account->id);
        const char *label;

        if (!account->listed)
            continue;
        ++*book;
        if (usage && usage->first[category].day != USAGE_NEVER)
            continue;
        count++;
        if (*left) {
            ++*left;
            continue;
        }
        label = labels_text(screen_labels(pane->screen), account->id, 18);
        if (!label)
            label = account->name;
        if (text_width(out->data) + 2 + text_width(label) > cells)
            ++*left;
        else
            buf_addf(out, "%s%s", out->len ? ", " : "", label);
    }
    return count;
}

#define NEVER ": never used"
#define MORE " more"
/* "Cobalt Kitchen, Dunes Health, 12 more: never used" */
static size_t add_never(const struct pane *pane, struct buf *out, int cells,
                        enum category category, size_t *book)
{
    int room = cells - text_width(NEVER);
    size_t left, count;
    char more[NUMBER_SIZE];

    count = add_strangers(pane, out, room, category, book, &left);
    if (left) {
        number_text(count, more);
        buf_clear(out);
        add_strangers(pane, out,
                      room - text_width(more) - text_width(MORE) - 2, category,
                      book, &left);
        number_text(left, more);
        buf_addf(out, "%s%s" MORE, out->len ? ", " : "", more);
    }
    buf_adds(out, NEVER);
    return count;
}

static bool put_area(const struct pane *pane, struct draw *draw, int line,
                     enum category category)
{
    const struct rect *rect = &pane->rect;
    int y = rect->y + line, x = rect->x;
    size_t book, strangers;
    struct buf text;
    bool any;

    buf_init(&text, LIMIT_TEXT);
    strangers =
        add_never(pane, &text, rect->w - ACCOUNTS_AT - 1, category, &book);
    any = strangers && strangers < book;
    if (any) {
        draw_glyph(draw, y, x + BELOW_LABEL_AT, ROLE_CATEGORY(category),
                   category);
        draw_text(draw, y, x + BELOW_LABEL_AT + 2,
                  ACCOUNTS_AT - BELOW_LABEL_AT - 3, ROLE_TEXT,
                  category_title(category));
        draw_cut(draw, y, x + ACCOUNTS_AT, rect->w - ACCOUNTS_AT - 1,
                 ROLE_TEXT, text.data);
    }
    buf_free(&text);
    return any;
}

static void put_areas(const struct pane *pane, struct draw *draw, int line)
{
    if (line + 1 >= pane->rect.h)
        return;
    draw_text(draw, pane->rect.y + line++, pane->rect.x + BELOW_LABEL_AT, 40,
              ROLE_TITLE, "Open to talk about");
    for (int i = 1; i < CATEGORY_COUNT && line < pane->rect.h; i++)
        line += put_area(pane, draw, line, (enum category)i);
}

static void facts_draw(const struct pane *pane, struct draw *draw)
{
    int line = put_cell(pane, draw, 1);

    put_areas(pane, draw, line + 1);
}

struct pane *coverage_facts_new(struct screen *screen,
                                const struct pane *table)
{
    static const struct pane_ops ops = {
        .free = below_free,
        .title = facts_title,
        .draw = facts_draw,
        .update = facts_update,
    };

    return below_new(&ops, screen, table);
}
