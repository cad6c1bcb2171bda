/* Words to complete with: where they come from, and their box. */
#include "ui/offers.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "query/query.h"
#include "ui/pane/action.h"

#include "base/banned.h"

#define PERSONS_SEEN 5000 /* newest events looked through for names */

void offers_clear(struct offers *offers)
{
    for (size_t i = 0; i < offers->count; i++)
        free(offers->words[i]);
    offers->count = offers->marked = 0;
}

static void take_offer(void *ctx, const char *word)
{
    struct offers *offers = ctx;

    if (offers->count == OFFERS_MAX)
        return;
    for (size_t i = 0; i < offers->count; i++)
        if (!strcmp(offers->words[i], word))
            return;
    offers->words[offers->count++] = xstrdup(word);
}

/* Names are looked through until there are enough, or it cost enough: there
 * may be very many, at each key. */
struct looking {
    const struct display_host *host;
    struct offers *offers;
    const char *folded;
    complete_offer *offer;
    void *ctx;
};

static bool looks_on(const struct looking *looking)
{
    return looking->offers->count < OFFERS_MAX && looking->offers->left;
}

static void look_at(const struct looking *looking, const char *name)
{
    if (text_starts(name, looking->folded, true, &looking->offers->left))
        looking->offer(looking->ctx, name);
}

static void offer_accounts(const struct looking *looking)
{
    const struct tally *tally = looking->host->tally;

    for (size_t i = 0; i < tally_accounts(tally) && looks_on(looking); i++) {
        const struct tally_account *account = tally_account(tally, i);

        if (account->id && account->name)
            look_at(looking, account->name);
    }
}

static void offer_persons(const struct looking *looking)
{
    const struct ring *ring = looking->host->ring;
    size_t count = ring_count(ring);
    uint32_t last = 0;

    for (size_t i = 0; i < count && i < PERSONS_SEEN && looks_on(looking);
         i++) {
        const struct record *record = ring_at(ring, count - 1 - i);
        const char *name;

        if (!record->row.person || record->row.person == last)
            continue;
        last = record->row.person;
        name = ring_text(ring, last);
        if (name)
            look_at(looking, name);
    }
}

static void offer_events(const struct looking *looking)
{
    const struct catalog *catalog = looking->host->catalog;

    for (size_t i = 0; i < catalog_rows(catalog) && looks_on(looking); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        for (size_t j = 0; row.names[j]; j++)
            look_at(looking, row.names[j]);
    }
}

static void offer_values(void *ctx, const char *field, const char *prefix,
                         complete_offer *offer, void *offer_ctx)
{
    struct looking looking = *(const struct looking *)ctx;
    char *folded = text_fold(prefix);

    looking.folded = folded;
    looking.offer = offer;
    looking.ctx = offer_ctx;
    if (!strcmp(field, "account"))
        offer_accounts(&looking);
    else if (!strcmp(field, "person"))
        offer_persons(&looking);
    else if (!strcmp(field, "event"))
        offer_events(&looking);
    free(folded);
}

static void offer_commands(struct offers *offers, const char *text, size_t at)
{
    offers->from = 0;
    if (!*text || at > strcspn(text, " "))
        return;
    for (enum action action = 0; action < ACTION_COUNT; action++) {
        const char *command = action_row(action)->command;
        struct buf name;

        if (strncmp(command, text, at))
            continue;
        buf_init(&name, 64);
        buf_add(&name, command, strcspn(command, " "));
        take_offer(offers, name.data);
        buf_free(&name);
    }
}

/* What is typed already is no offer. */
static bool is_typed(const struct offers *offers, const char *text, size_t at)
{
    size_t len = at - offers->from;

    return offers->count == 1 && strlen(offers->words[0]) == len &&
           !strncmp(offers->words[0], text + offers->from, len);
}

void offers_find(struct offers *offers, const struct display_host *host,
                 enum prompt_kind kind, const char *text, size_t at)
{
    struct looking looking = {.host = host, .offers = offers};
    struct complete_source source = {offer_values, &looking};

    offers_clear(offers);
    offers->left = LIMIT_OFFER_STEPS;
    if (kind == PROMPT_COMMAND)
        offer_commands(offers, text, at);
    else if (kind == PROMPT_FILTER)
        query_complete(text, at, &source, take_offer, offers, &offers->from);
    if (is_typed(offers, text, at))
        offers_clear(offers);
}

void offers_draw(const struct offers *offers, struct draw *draw,
                 struct rect row, int x)
{
    int width = 12, rows = (int)offers->count;
    struct rect box;

    if (!rows || row.y < rows + 2)
        return;
    for (int i = 0; i < rows; i++) {
        int wide = text_width(offers->words[i]) + 4;

        if (wide > width)
            width = wide;
    }
    if (width > row.w)
        width = row.w;
    if (x + width > row.x + row.w)
        x = row.x + row.w - width;
    box = (struct rect){row.y - rows - 2, x, rows + 2, width};
    draw_box(draw, box, "", "");
    for (int i = 0; i < rows; i++) {
        bool on = (size_t)i == offers->marked;

        draw_text(draw, box.y + 1 + i, x + 1, 1, ROLE_CURSOR, on ? ">" : " ");
        draw_cut(draw, box.y + 1 + i, x + 2, width - 3,
                 on ? ROLE_CURSOR : ROLE_POPUP, offers->words[i]);
    }
}
