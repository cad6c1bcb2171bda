/* The pinned events as a pane, the newest pin first: when and whose, what
 * happened, and the note. The list is the program's. */
#include "ui/pane/pins.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "event/event.h"
#include "ui/pane/detail.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/over.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define WIDE 60    /* cells: room for the day and the account */
#define ACCOUNT 16 /* cells */
#define TEXT_MAX 2048

struct pins {
    struct pane pane;
    struct list list;
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

bool pins_has(const struct screen *screen, uint64_t seq)
{
    struct display_pin pin;

    for (size_t i = 0; pin_at(screen, i, &pin); i++)
        if (pin.seq == seq)
            return true;
    return false;
}

void pinned_read(struct pinned *pinned, const struct screen *screen)
{
    struct display_pin pin;

    pinned->count = 0;
    while (pinned->count < LIMIT_PINS && pin_at(screen, pinned->count, &pin))
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

static int draw_when(struct draw *draw, struct rect rect, int64_t at)
{
    char day[AGE_SIZE], minutes[AGE_SIZE];

    time_minutes(at, minutes);
    if (rect.w < WIDE)
        return 1 + draw_text(draw, rect.y, rect.x, 6, ROLE_DIM, minutes);
    time_day(at, day);
    draw_format(draw, rect.y, rect.x, 17, ROLE_DIM, "%s %s", day, minutes);
    return 18;
}

static int draw_account(struct draw *draw, struct rect rect, int x,
                        const struct event *event)
{
    struct buf text;

    if (rect.w < WIDE)
        return 0;
    buf_init(&text, TEXT_MAX);
    name_account(&text, event->account.id,
                 event->account.name ? event->account.name : event->account.id,
                 event->account.name != NULL, ACCOUNT);
    draw_text(draw, rect.y, rect.x + x, ACCOUNT,
              theme_account(event->account.id), text.data);
    buf_free(&text);
    return ACCOUNT + 1;
}

/* The note comes first: it is why the event was pinned. */
static void draw_what(struct draw *draw, struct rect rect, int x,
                      const struct display_pin *pin)
{
    int end = rect.x + rect.w;
    struct buf text;

    x += rect.x;
    if (pin->note)
        x += draw_cut(draw, rect.y, x, (end - x) / 2, ROLE_TITLE,
                      mask_own_words(pin->note)) +
             2;
    buf_init(&text, TEXT_MAX);
    name_sentence(&text,
                  pin->event->sentence ? pin->event->sentence
                                       : pin->event->name,
                  end - x);
    draw_text(draw, rect.y, x, end - x, theme_tone(pin->event->tone),
              text.data);
    buf_free(&text);
}

static void draw_pin(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    struct display_pin pin;
    int x;

    if (!pin_at(pane->screen, row, &pin))
        return;
    rect.x++;
    rect.w--;
    if (!pin.event) {
        draw_cut(draw, rect.y, rect.x, rect.w, ROLE_DIM,
                 "This event is no longer in the journal.");
        return;
    }
    x = draw_when(draw, rect, pin.event->occurred_at);
    x += draw_account(draw, rect, x, pin.event);
    draw_what(draw, rect, x, &pin);
}

static void pins_draw(const struct pane *pane, struct draw *draw)
{
    struct rect rect = pane->rect;

    if (!self_const(pane)->list.count)
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                 "Nothing is pinned. m pins an event, :pin TEXT with a note.");
    list_draw(&self_const(pane)->list, pane, draw, draw_pin);
}

static bool pins_update(struct pane *pane)
{
    list_fit(&self(pane)->list, count(pane->screen), pane->rect.h);
    return false;
}

static uint64_t pins_selected(const struct pane *pane)
{
    struct display_pin pin;

    return pin_at(pane->screen, self_const(pane)->list.cursor, &pin) ? pin.seq
                                                                     : 0;
}

static const char *pins_account(const struct pane *pane)
{
    struct display_pin pin;

    if (!pin_at(pane->screen, self_const(pane)->list.cursor, &pin) ||
        !pin.event)
        return NULL;
    return pin.event->account.id;
}

static void open_pin(struct pane *pane)
{
    uint64_t seq = pins_selected(pane);

    if (seq)
        screen_show(pane->screen, detail_of(pane->screen, seq));
}

static void take_off(struct pane *pane)
{
    const struct display_host *host = screen_host(pane->screen);
    uint64_t seq = pins_selected(pane);

    if (seq)
        host->pin_remove(host->ctx, seq);
}

static bool pins_action(struct pane *pane, enum action action, const char *arg)
{
    (void)arg;
    if (action == ACTION_open)
        open_pin(pane);
    else if (action == ACTION_remove)
        take_off(pane);
    else
        return list_action(&self(pane)->list, action);
    return true;
}

static void pins_click(struct pane *pane, int line, int col)
{
    size_t before = self(pane)->list.cursor, row;

    (void)col;
    if (list_at(&self(pane)->list, line, &row) && row == before)
        open_pin(pane);
    else
        list_click(&self(pane)->list, line);
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
    return &pins->pane;
}
