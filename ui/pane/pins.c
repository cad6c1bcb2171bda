/* The pinned events as a pane, the newest pin first: when, whose and by whom,
 * what happened, and the note. The list is the program's. */
#include "ui/pane/pins.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "event/event.h"
#include "ui/pane/detail.h"
#include "ui/pane/labels.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/over.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define TEXT_MAX 2048

/* Cells by width, and how much of what is left a note may take. */
static const struct widths {
    int at_least, when, account, person, note_percent;
} widths[] = {{140, TIME_WHEN_CELLS, 20, 18, 35},
              {100, TIME_WHEN_CELLS, 14, 12, 40},
              {60, TIME_WHEN_CELLS, 9, 7, 40},
              {0, 5, 0, 0, 50}};

struct pins {
    struct pane pane;
    struct list list;
    uint64_t seq; /* of the one under the cursor: it keeps that; 0: none */
};

static struct pins *self(struct pane *pane)
{
    return (struct pins *)(void *)pane;
}

static const struct pins *self_const(const struct pane *pane)
{
    return (const struct pins *)(const void *)pane;
}

static size_t count(const struct screen *screen)
{
    const struct display_host *host = screen_host(screen);

    return host->pins ? host->pins(host->ctx) : 0;
}

static bool pin_at(const struct screen *screen, size_t index,
                   struct display_pin *out)
{
    const struct display_host *host = screen_host(screen);

    return host->pin && host->pin(host->ctx, index, out);
}

void pinned_read(struct pinned *pinned, const struct display_host *host)
{
    struct display_pin pin;

    pinned->count = 0;
    while (pinned->count < LIMIT_PINS && host->pin &&
           host->pin(host->ctx, pinned->count, &pin))
        pinned->seqs[pinned->count++] = pin.seq;
}

bool pinned_has(const struct pinned *pinned, uint64_t seq)
{
    for (size_t i = 0; i < pinned->count; i++)
        if (pinned->seqs[i] == seq)
            return true;
    return false;
}

static void pins_free(struct pane *pane)
{
    free(pane);
}

static void pins_title(const struct pane *pane, struct buf *left,
                       struct buf *right)
{
    size_t rows = count(pane->screen);

    buf_adds(left, "Pins");
    if (rows)
        buf_addf(right, "%zu pin%s", rows, plural_text(rows));
}

static const struct widths *widths_for(int cells)
{
    const struct widths *found = widths;

    while (found->at_least > cells)
        found++;
    return found;
}

static void draw_account(const struct pane *pane, struct draw *draw,
                         struct rect rect, const struct event *event)
{
    const char *id = event->account.id, *name = event->account.name;
    const char *label = labels_text(screen_labels(pane->screen), id, rect.w);
    struct buf text;

    buf_init(&text, TEXT_MAX);
    if (label)
        buf_adds(&text, label);
    else
        name_account(&text, id, name ? name : id, name != NULL, rect.w);
    draw_text(draw, rect.y, rect.x, rect.w, theme_account(id), text.data);
    buf_free(&text);
}

static void draw_person(struct draw *draw, struct rect rect,
                        const struct event *event)
{
    struct arena arena = ARENA_INIT;
    const char *who = event_person_label(event, &arena);
    struct buf text;

    buf_init(&text, TEXT_MAX);
    if (mask_on() && strcmp(who, "-"))
        buf_adds(&text, mask_event_person(event, rect.w));
    else
        name_person(&text, NULL, who, rect.w);
    draw_text(draw, rect.y, rect.x, rect.w, ROLE_TEXT, text.data);
    buf_free(&text);
    arena_free(&arena);
}

static void draw_sentence(struct draw *draw, struct rect rect,
                          const struct event *event)
{
    struct buf text;

    buf_init(&text, TEXT_MAX);
    name_sentence(&text, event->sentence ? event->sentence : event->name,
                  rect.w);
    draw_text(draw, rect.y, rect.x, rect.w, theme_tone(event->tone),
              text.data);
    buf_free(&text);
}

/* The next cells of a row, and the blank behind them. */
static struct rect take(struct rect *row, int cells)
{
    struct rect taken = {row->y, row->x, 1, cells};

    row->x += cells + 1;
    row->w -= cells + 1;
    return taken;
}

static void draw_note(struct draw *draw, struct rect *row, const char *note,
                      int percent)
{
    int cells = row->w * percent / 100;

    if (!note)
        return;
    draw_cut(draw, row->y, row->x + row->w - cells, cells, ROLE_TITLE,
             mask_own_words(note));
    row->w -= cells + 1;
}

static void draw_pin(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    const struct widths *cells = widths_for(rect.w);
    struct display_pin pin;
    char when[AGE_SIZE];
    struct rect at;

    if (!pin_at(pane->screen, row, &pin))
        return;
    take(&rect, 0);
    if (!pin.event) {
        draw_cut(draw, rect.y, rect.x, rect.w, ROLE_DIM,
                 "This event is no longer in the journal.");
        return;
    }
    time_when(pin.event->occurred_at, screen_now(pane->screen), cells->when,
              when);
    at = take(&rect, cells->when);
    draw_text(draw, at.y, at.x, at.w, ROLE_DIM, when);
    if (cells->account)
        draw_account(pane, draw, take(&rect, cells->account), pin.event);
    if (cells->person)
        draw_person(draw, take(&rect, cells->person), pin.event);
    draw_note(draw, &rect, pin.note, cells->note_percent);
    draw_sentence(draw, rect, pin.event);
}

static void pins_draw(const struct pane *pane, struct draw *draw)
{
    if (!self_const(pane)->list.count)
        list_draw_none(
            pane, draw,
            "Nothing is pinned. m pins an event, :pin TEXT with a note.");
    list_draw(&self_const(pane)->list, pane, draw, draw_pin);
}

static void note_cursor(struct pane *pane)
{
    struct display_pin pin;

    self(pane)->seq =
        pin_at(pane->screen, self(pane)->list.cursor, &pin) ? pin.seq : 0;
}

/* Others pin and unpin, too: its row is asked for each time. */
static bool find_cursor(const struct pane *pane, size_t *row,
                        struct display_pin *pin)
{
    uint64_t seq = self_const(pane)->seq;

    for (*row = 0; seq && pin_at(pane->screen, *row, pin); (*row)++)
        if (pin->seq == seq)
            return true;
    return false;
}

/* The list as it is now; the cursor is on its pin, or where that was. */
static void catch_up(struct pane *pane)
{
    struct list *list = &self(pane)->list;
    struct display_pin pin;
    size_t row;

    if (find_cursor(pane, &row, &pin))
        list->cursor = row;
    list_fit(list, count(pane->screen), pane->rect.h);
}

static bool pins_update(struct pane *pane)
{
    catch_up(pane);
    note_cursor(pane);
    return false;
}

static uint64_t pins_selected(const struct pane *pane)
{
    struct display_pin pin;
    size_t row;

    return find_cursor(pane, &row, &pin) ? pin.seq : 0;
}

static const char *pins_account(const struct pane *pane)
{
    struct display_pin pin;
    size_t row;

    if (!find_cursor(pane, &row, &pin) || !pin.event)
        return NULL;
    return pin.event->account.id;
}

static void open_pin(struct pane *pane)
{
    uint64_t seq = screen_selected(pane->screen);

    if (seq)
        screen_show(pane->screen, detail_of(pane->screen, seq));
}

static void take_off(struct pane *pane)
{
    const struct display_host *host = screen_host(pane->screen);
    uint64_t seq = screen_selected(pane->screen);

    if (!seq)
        return;
    catch_up(pane);
    host->pin_remove(host->ctx, seq);
    catch_up(pane);
    note_cursor(pane);
}

static bool move(struct pane *pane, enum action action)
{
    catch_up(pane);
    if (!list_action(&self(pane)->list, action))
        return false;
    note_cursor(pane);
    return true;
}

static bool pins_action(struct pane *pane, enum action action, const char *arg)
{
    (void)arg;
    if (action == ACTION_open)
        open_pin(pane);
    else if (action == ACTION_remove)
        take_off(pane);
    else
        return move(pane, action);
    return true;
}

static void pins_click(struct pane *pane, int line, int col)
{
    size_t before = self(pane)->list.cursor, row;

    (void)col;
    if (!list_at(&self(pane)->list, line, &row))
        return;
    if (row == before) {
        open_pin(pane);
        return;
    }
    list_go(&self(pane)->list, row);
    note_cursor(pane);
}

static void pins_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "Enter opens │ d takes it off │ :pin TEXT notes │ Esc back");
}

struct pane *pins_pane(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = pins_free,
        .title = pins_title,
        .draw = pins_draw,
        .action = pins_action,
        .click = pins_click,
        .update = pins_update,
        .selected = pins_selected,
        .account = pins_account,
        .hint = pins_hint,
    };
    struct pins *pins = xcalloc(1, sizeof *pins);

    pins->pane.ops = &ops;
    pins->pane.screen = screen;
    pins->pane.where = WHERE_LIST;
    list_fit(&pins->list, count(screen), 0);
    note_cursor(&pins->pane);
    return &pins->pane;
}
