/* What is known of the selected signal. */
#include "ui/pane/signal_facts.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "ui/pane/account_note.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/pane.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_list.h"
#include "ui/pane/signal_order.h"
#include "ui/pane/wrap.h"

#include "base/banned.h"

#define LABEL_AT 3
#define TEXT_AT 12

struct signal_facts {
    struct pane pane;
    const struct pane *signals;
};

static const struct pane *table(const struct pane *pane)
{
    return ((const struct signal_facts *)(const void *)pane)->signals;
}

static void facts_free(struct pane *pane)
{
    free(pane);
}

static void facts_title(const struct pane *pane, struct buf *left,
                        struct buf *right)
{
    static const char *const words[] = {[INBOX_NEW] = "new, ",
                                        [INBOX_SEEN] = "",
                                        [INBOX_SNOOZED] = "snoozed ",
                                        [INBOX_DONE] = ""};
    const struct inbox_signal *signal = signal_list_selected(table(pane));
    int64_t now = screen_now(pane->screen);
    char since[SINCE_SIZE];

    if (!signal)
        return;
    buf_adds(left, signal_called(pane->screen, signal));
    if (signal->account)
        buf_addf(left, " · %s",
                 mask_account(signal->account_id, signal->account,
                              MASK_ANY_CELLS));
    if (signal->person) {
        buf_adds(left, " · ");
        name_person(left, signal->person_id, signal->person, MASK_ANY_CELLS);
    }
    signal_since(signal, now, since);
    buf_addf(right, "%s%s", words[inbox_state(signal, now)], since);
}

/* A label and wrapped text behind it; moves the line on. */
static void put_text(struct draw *draw, const struct rect *rect, int *line,
                     const char *label, const char *text)
{
    struct rect at = {rect->y + *line, rect->x + TEXT_AT, rect->h - *line,
                      rect->w - TEXT_AT - 1};
    struct buf masked;

    if (at.h <= 0)
        return;
    draw_text(draw, at.y, rect->x + LABEL_AT, TEXT_AT - LABEL_AT, ROLE_DIM,
              label);
    buf_init(&masked, LIMIT_TEXT * 2);
    mask_add(&masked, text);
    *line += wrap_draw(draw, at, ROLE_TEXT, masked.data);
    buf_free(&masked);
}

static void put_events(const struct pane *pane, struct draw *draw, int *line)
{
    const struct evidence *evidence = signal_list_evidence(table(pane));
    const struct rect *rect = &pane->rect;
    size_t rows = evidence_rows(evidence);

    if (rows && *line < rect->h)
        draw_text(draw, rect->y + *line, rect->x + LABEL_AT,
                  TEXT_AT - LABEL_AT, ROLE_DIM, "Events");
    for (size_t row = 0; row < rows && *line < rect->h; row++, ++*line)
        evidence_draw(evidence, draw,
                      (struct rect){rect->y + *line, rect->x + TEXT_AT, 1,
                                    rect->w - TEXT_AT - 1},
                      row, false);
}

static void put_openers(const struct pane *pane, struct draw *draw, int *line,
                        const struct inbox_signal *signal)
{
    struct buf quoted;

    buf_init(&quoted, 4096);
    for (int i = 0; i < INBOX_OPENERS; i++) {
        if (!signal->openers[i])
            continue;
        buf_clear(&quoted);
        buf_addf(&quoted, "“%s”", signal->openers[i]);
        put_text(draw, &pane->rect, line, i ? "" : "Write", quoted.data);
    }
    buf_free(&quoted);
}

static void put_account_note(const struct pane *pane, struct draw *draw,
                             int *line, const struct inbox_signal *signal)
{
    const char *note = account_note_shown(pane->screen, signal->account_id);
    struct buf text;

    if (!note)
        return;
    buf_init(&text, LIMIT_TEXT);
    buf_addf(&text, "on the account: %s", note);
    put_text(draw, &pane->rect, line, "Note", text.data);
    buf_free(&text);
}

static void facts_draw(const struct pane *pane, struct draw *draw)
{
    const struct inbox_signal *signal = signal_list_selected(table(pane));
    const struct rect *rect = &pane->rect;
    int line = 1;

    if (!signal)
        return;
    put_text(draw, rect, &line, "Why",
             signal->sentence ? signal->sentence : "-");
    put_events(pane, draw, &line);
    if (signal->note)
        put_text(draw, rect, &line, "Note", mask_own_words(signal->note));
    put_account_note(pane, draw, &line, signal);
    line++;
    put_openers(pane, draw, &line, signal);
}

struct pane *signal_facts_new(struct screen *screen,
                              const struct pane *signals)
{
    static const struct pane_ops ops = {
        .free = facts_free,
        .title = facts_title,
        .draw = facts_draw,
    };
    struct signal_facts *facts = xcalloc(1, sizeof *facts);

    facts->pane.ops = &ops;
    facts->pane.screen = screen;
    facts->signals = signals;
    return &facts->pane;
}
