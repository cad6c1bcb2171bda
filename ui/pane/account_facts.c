/* What is known of the selected account. */
#include "ui/pane/account_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "live/usage.h"
#include "live/working.h"
#include "ui/pane/account_note.h"
#include "ui/pane/account_table.h"
#include "ui/pane/below.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_order.h"
#include "ui/pane/time_text.h"
#include "ui/pane/wrap.h"

#include "base/banned.h"

#define SIGNALS_MAX 5
#define TITLE_AT 3
#define PERSON_AT 17
#define PERSON_CELLS 16
#define WHY_AT 34
#define NOTE_LINES 3

static const struct tally_account *account_of(const struct pane *pane)
{
    return account_table_selected(below_of(pane)->table);
}

/* "90000" → "$90,000 a year"; as it was written, if that is no number. */
static void add_arr(struct buf *out, const char *arr)
{
    char number[NUMBER_SIZE];

    if (strspn(arr, "0123456789") == strlen(arr) && strlen(arr) < 16) {
        number_text(strtoull(arr, NULL, 10), number);
        buf_addf(out, " · $%s a year", number);
    } else {
        buf_addf(out, " · %s a year", arr);
    }
}

static void facts_title(const struct pane *pane, struct buf *left,
                        struct buf *right)
{
    const struct display_host *host = screen_host(pane->screen);
    const struct tally_account *account = account_of(pane);
    const struct account *listed =
        account && account->id ? book_find(host->book(host->ctx), account->id)
                               : NULL;

    if (account)
        buf_adds(left, account->id ? mask_account(account->id, account->name,
                                                  MASK_ANY_CELLS)
                                   : "no account");
    if (!listed)
        return;
    buf_adds(right, listed->segment ? listed->segment : "listed");
    if (listed->arr)
        add_arr(right, listed->arr);
    if (listed->owner)
        buf_addf(right, " · owner %s",
                 mask_owner(listed->owner, MASK_ANY_CELLS));
}

static bool facts_update(struct pane *pane)
{
    const struct tally_account *account = account_of(pane);

    return account && pane_shows(pane) &&
           below_update(pane, &(struct drill){.id = account->id,
                                              .name = account->name,
                                              .category = INBOX_NO_CATEGORY});
}

/* ---- drawing ---- */

static void draw_signal(const struct pane *pane, struct draw *draw, int y,
                        const struct inbox_signal *signal)
{
    const struct rect *rect = &pane->rect;
    int why = rect->w >= 60 ? WHY_AT : PERSON_AT;
    struct buf text;

    buf_init(&text, LIMIT_TEXT);
    draw_text(draw, y, rect->x + 1, 1, signal_role(signal),
              signal_mark(signal));
    draw_cut(draw, y, rect->x + TITLE_AT, PERSON_AT - TITLE_AT - 1,
             signal_role(signal), signal_called(pane->screen, signal));
    name_person(&text, signal->person_id, signal->person, PERSON_CELLS);
    if (why == WHY_AT)
        draw_text(draw, y, rect->x + PERSON_AT, PERSON_CELLS, ROLE_TEXT,
                  text.data);
    buf_clear(&text);
    name_sentence(&text, signal->sentence ? signal->sentence : "",
                  rect->w - why - 1);
    draw_text(draw, y, rect->x + why, rect->w - why - 1, ROLE_TEXT, text.data);
    buf_free(&text);
}

static int draw_signals(const struct pane *pane, struct draw *draw, int line,
                        const char *id)
{
    const struct inbox *inbox = screen_host(pane->screen)->inbox;
    struct inbox_key keys[SIGNALS_MAX];
    size_t count = signal_keys(pane->screen, id, keys, SIGNALS_MAX);

    for (size_t i = 0; i < count && line < pane->rect.h; i++)
        draw_signal(pane, draw, pane->rect.y + line++,
                    inbox_find(inbox, keys[i].id));
    return count ? line + 1 : line;
}

static int draw_people(const struct pane *pane, struct draw *draw, int line,
                       const char *id)
{
    const struct usage *usage = screen_host(pane->screen)->usage;
    const struct usage_account *account = usage_find(usage, id);
    const struct usage_person *top[BELOW_PEOPLE];
    int count =
        account && id ? below_top(usage, account, CATEGORY_COUNT, top) : 0;
    int x = BELOW_TEXT_AT;

    if (!count || !below_label(pane, draw, line, "People"))
        return line;
    for (int i = 0; i < count; i++) {
        char share[16];

        snprintf(share, sizeof share, "%u %%",
                 (usage_share_x10(usage, top[i]) + 5) / 10);
        if (!below_person(pane, draw, line, &x, top[i], share))
            break;
    }
    return line + 2;
}

/* Who works now, and when they did something last. */
static int draw_working(const struct pane *pane, struct draw *draw, int line,
                        const char *id)
{
    const struct usage *usage = screen_host(pane->screen)->usage;
    const struct usage_account *account = id ? usage_find(usage, id) : NULL;
    int64_t now = screen_now(pane->screen);
    const struct usage_person *person;
    int x = BELOW_TEXT_AT;

    if (!account || !working_person(usage, account, now, 0) ||
        !below_label(pane, draw, line, "Now"))
        return line;
    for (size_t n = 0; (person = working_person(usage, account, now, n));
         n++) {
        char age[AGE_SIZE];

        age_text(now - person->last_at, age);
        if (!below_person(pane, draw, line, &x, person, age))
            break;
    }
    return line + 2;
}

/* "Also here: maya, ben": who else of the team looks at it just now. */
static int draw_looks(const struct pane *pane, struct draw *draw, int line,
                      const char *id)
{
    const struct display_host *host = screen_host(pane->screen);
    const char *who;
    struct buf text;
    size_t at = 0;

    if (!host->looks || !id || line >= pane->rect.h)
        return line;
    buf_init(&text, LIMIT_TEXT);
    while ((who = host->looks(host->ctx, id, &at)))
        buf_addf(&text, "%s%s", text.len ? ", " : "",
                 *who ? mask_owner(who, MASK_ANY_CELLS) : "the receiver");
    if (text.len)
        draw_format(draw, pane->rect.y + line, pane->rect.x + TITLE_AT,
                    pane->rect.w - TITLE_AT - 1, ROLE_DIM, "Also here: %s",
                    text.data);
    line += text.len ? 2 : 0;
    buf_free(&text);
    return line;
}

/* What the user wrote about it. */
static int draw_note(const struct pane *pane, struct draw *draw, int line,
                     const char *id)
{
    struct rect rect = {pane->rect.y + line, pane->rect.x + BELOW_TEXT_AT,
                        pane->rect.h - line, pane->rect.w - BELOW_TEXT_AT - 1};
    const char *note = account_note_shown(pane->screen, id);

    if (!note || !below_label(pane, draw, line, "Note"))
        return line;
    if (rect.h > NOTE_LINES)
        rect.h = NOTE_LINES;
    return line + wrap_draw(draw, rect, ROLE_TEXT, note) + 1;
}

static void facts_draw(const struct pane *pane, struct draw *draw)
{
    const struct tally_account *account = account_of(pane);
    struct rect rect = pane->rect;
    int line = 1;

    if (!account)
        return;
    line = draw_looks(pane, draw, line, account->id);
    line = draw_note(pane, draw, line, account->id);
    line = draw_signals(pane, draw, line, account->id);
    line = draw_working(pane, draw, line, account->id);
    line = draw_people(pane, draw, line, account->id);
    rect.y += line;
    rect.h -= line;
    event_rows_draw(&below_of(pane)->events, pane->screen, draw, rect);
}

struct pane *account_facts_new(struct screen *screen, const struct pane *table)
{
    static const struct pane_ops ops = {
        .free = below_free,
        .title = facts_title,
        .draw = facts_draw,
        .update = facts_update,
    };

    return below_new(&ops, screen, table);
}
