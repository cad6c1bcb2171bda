/* Evidence. Each event is asked for alone; who asked may be gone when the
 * answer comes, so a request is its own and knows. */
#include "ui/pane/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/links.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define TIME_CELLS 6    /* "10:45" and the blank */
#define DAY_CELLS 7     /* "14 Sep" and the blank */
#define SECONDS_CELLS 9 /* "10:45:40" and the blank */
#define WIDE 120 /* a row of a list: seconds, and the category in letters */
#define LABEL_CELLS 4 /* "ENG" and the blank */

struct evidence_request {
    struct evidence *evidence; /* NULL: nobody waits any more */
    size_t item;
    struct evidence_request *next;
};

static void drop_item(struct evidence_item *item)
{
    free(item->sentence);
    free(item->person);
    free(item->person_id);
    free(item->email);
    free(item->account_id);
    *item = (struct evidence_item){0};
}

void evidence_clear(struct evidence *evidence)
{
    for (; evidence->requests; evidence->requests = evidence->requests->next)
        evidence->requests->evidence = NULL;
    for (size_t i = 0; i < evidence->count; i++)
        drop_item(&evidence->items[i]);
    evidence->count = 0;
}

static void unlink_request(struct evidence_request *request)
{
    struct evidence_request **at = &request->evidence->requests;

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
}

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static void keep(struct evidence_item *item, const struct event *event)
{
    struct arena arena = ARENA_INIT;

    item->at = event->flags & EVENT_CLOCK_OFF ? event->received_at
                                              : event->occurred_at;
    item->occurred_at = event->occurred_at;
    item->received_at = event->received_at;
    item->category = event->category;
    item->tone = event->tone;
    item->replay = event->links.replay != NULL;
    item->sentence = xstrdup(event->sentence ? event->sentence : event->name);
    item->person = xstrdup(event_person_label(event, &arena));
    item->person_id = copy(event->person.id);
    item->email = copy(event->person.email);
    item->account_id = copy(event->account.id);
    arena_free(&arena);
}

/* Of neighbours that are the same the last stands for all. */
static void fold(struct evidence *evidence)
{
    for (size_t i = 0; i < evidence->count; i++)
        evidence->items[i].times = 1;
    for (size_t i = 1; i < evidence->count; i++) {
        struct evidence_item *item = &evidence->items[i], *last = item - 1;

        if (!item->sentence || !last->sentence ||
            strcmp(item->sentence, last->sentence) ||
            strcmp(item->person, last->person))
            continue;
        item->times += last->times;
        last->times = 0;
    }
}

static void found(void *ctx, const struct event *event)
{
    struct evidence_request *request = ctx;
    struct evidence *evidence = request->evidence;
    size_t item = request->item;

    if (evidence)
        unlink_request(request);
    free(request);
    if (!evidence)
        return;
    evidence->items[item].asked = false;
    if (event)
        keep(&evidence->items[item], event);
    fold(evidence);
    screen_dirty(evidence->screen);
}

static void ask(struct evidence *evidence, size_t item)
{
    const struct display_host *host = screen_host(evidence->screen);
    struct evidence_request *request = xcalloc(1, sizeof *request);

    request->evidence = evidence;
    request->item = item;
    request->next = evidence->requests;
    evidence->requests = request;
    evidence->items[item].asked = true;
    host->fetch(host->ctx, evidence->items[item].seq, found, request);
}

void evidence_load(struct evidence *evidence, struct screen *screen,
                   const uint64_t *seqs, size_t count)
{
    evidence_clear(evidence);
    evidence->screen = screen;
    evidence->count = count < INBOX_EVIDENCE ? count : INBOX_EVIDENCE;
    for (size_t i = 0; i < evidence->count; i++) {
        evidence->items[i].seq = seqs[i];
        evidence->items[i].times = 1;
    }
    for (size_t i = 0; i < evidence->count; i++)
        ask(evidence, i);
}

size_t evidence_rows(const struct evidence *evidence)
{
    size_t rows = 0;

    for (size_t i = 0; i < evidence->count; i++)
        rows += evidence->items[i].times > 0;
    return rows;
}

const struct evidence_item *evidence_row(const struct evidence *evidence,
                                         size_t row)
{
    for (size_t i = 0; i < evidence->count; i++)
        if (evidence->items[i].times && row-- == 0)
            return &evidence->items[i];
    return NULL;
}

/* Of another day than today: a time alone would not say when. */
static bool is_old(const struct evidence_item *item, int64_t now)
{
    return item->sentence && clock_day(item->at) != clock_day(now);
}

/* The column of times, and the blank behind it: "14 Sep" needs a cell more
 * than "10:45". */
static int when_cells(const struct evidence *evidence, int64_t now, bool wide)
{
    if (wide)
        return SECONDS_CELLS;
    for (size_t i = 0; i < evidence->count; i++)
        if (evidence->items[i].times && is_old(&evidence->items[i], now))
            return DAY_CELLS;
    return TIME_CELLS;
}

/* "10:45" today, or "10:45:40", "14 Sep" before. */
static void draw_when(struct draw *draw, int y, int x,
                      const struct evidence_item *item, int64_t now, bool wide)
{
    char text[AGE_SIZE];

    time_day(item->at, text);
    if (!is_old(item, now) && wide)
        time_seconds(item->at, text);
    else if (!is_old(item, now))
        time_minutes(item->at, text);
    draw_text(draw, y, x, SECONDS_CELLS - 1, ROLE_DIM,
              is_old(item, now) ? text + 4 : text);
}

static int draw_times(struct draw *draw, int y, int end, unsigned times)
{
    char text[16];

    if (times < 2)
        return 0;
    snprintf(text, sizeof text, " %s%u", draw_mark_text(draw, MARK_TIMES),
             times);
    draw_right(draw, y, end - text_width(text), text_width(text), ROLE_DIM,
               text);
    return text_width(text);
}

static const char *person_mask(const struct evidence_item *item, int cells)
{
    const char *mask = mask_person(item->person_id, NULL, item->email, cells);

    return mask ? mask : "-";
}

static void draw_sentence(struct draw *draw, int y, int x, int cells,
                          const struct evidence_item *item, bool person,
                          bool wide)
{
    struct buf text;
    int name = cells >= 60 ? 18 : 10;

    buf_init(&text, 4096);
    if (person && cells >= 40) {
        if (mask_on())
            buf_adds(&text, person_mask(item, name));
        else
            name_person(&text, NULL, item->person, name);
        draw_text(draw, y, x, name, ROLE_TEXT, text.data);
        buf_clear(&text);
        x += name + 1;
        cells -= name + 1;
    }
    draw_glyph(draw, y, x, ROLE_CATEGORY(item->category), item->category);
    if (wide) {
        draw_text(draw, y, x + 2, LABEL_CELLS, ROLE_CATEGORY(item->category),
                  category_label(item->category));
        x += LABEL_CELLS;
        cells -= LABEL_CELLS;
    }
    name_sentence(&text, item->sentence, cells - 2);
    draw_text(draw, y, x + 2, cells - 2, theme_tone(item->tone), text.data);
    buf_free(&text);
}

void evidence_draw(const struct evidence *evidence, struct draw *draw,
                   struct rect rect, size_t row, bool person)
{
    const struct evidence_item *item = evidence_row(evidence, row);
    int64_t now = screen_now(evidence->screen);
    bool wide = person && rect.w >= WIDE, young;
    int end = rect.x + rect.w - 2, when = when_cells(evidence, now, wide);

    if (!item)
        return;
    if (!item->sentence) {
        draw_cut(draw, rect.y, rect.x, rect.w, ROLE_DIM,
                 item->asked ? "Reading it from the journal."
                             : "No longer in the journal.");
        return;
    }
    draw_when(draw, rect.y, rect.x, item, now, wide);
    end -= draw_times(draw, rect.y, end, item->times);
    draw_sentence(draw, rect.y, rect.x + when, end - rect.x - when, item,
                  person, wide);
    young = links_replay_age(item->occurred_at, item->received_at, now) <
            REPLAY_READY_MS;
    if (item->replay)
        draw_mark(draw, rect.y, rect.x + rect.w - 1,
                  young ? ROLE_REPLAY_WAIT : ROLE_REPLAY,
                  young ? MARK_REPLAY_WAIT : MARK_REPLAY);
}
