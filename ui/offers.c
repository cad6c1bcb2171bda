/* Words to complete with: where they come from, and their box. */
#include "ui/offers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "query/query.h"
#include "ui/pane/action.h"
#include "ui/pane/mask.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define COUNT_SIZE (NUMBER_SIZE + 2)
#define ROWS_COUNTED 5000 /* newest events, for the numbers */
#define PERSONS_SEEN 5000 /* newest events looked through for names */
#define WIDTH_LEAST 14
#define ACCOUNT_LEAST 4 /* cells that say something of an account */

void offers_clear(struct offers *offers)
{
    for (size_t i = 0; i < offers->count; i++) {
        free(offers->list[i].word);
        free(offers->list[i].account);
    }
    offers->count = offers->marked = offers->left_out = 0;
}

static void take_offer(void *ctx, const char *word)
{
    struct offers *offers = ctx;

    for (offers->taken = 0; offers->taken < offers->count; offers->taken++)
        if (!strcmp(offers->list[offers->taken].word, word))
            return;
    if (offers->count == OFFERS_MAX)
        offers->left_out++;
    else
        offers->list[offers->count++] = (struct offer){.word = xstrdup(word)};
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
    const char *word = name;

    while (!text_starts(word, looking->folded, true, &looking->offers->left)) {
        word += strcspn(word, " ");
        word += strspn(word, " ");
        if (!*word)
            return;
    }
    looking->offer(looking->ctx, name);
}

static void offer_accounts(const struct looking *looking)
{
    const struct tally *tally = looking->host->tally;

    for (size_t i = 0; i < tally_accounts(tally) && looks_on(looking); i++) {
        const struct tally_account *account = tally_account(tally, i);

        if (account->id && account->name)
            look_at(looking,
                    mask_account(account->id, account->name, MASK_ANY_CELLS));
    }
}

/* The account of the person that was just looked at, if it is offered. */
static void set_account(const struct looking *looking,
                        const struct record *record)
{
    const struct ring *ring = looking->host->ring;
    struct offers *offers = looking->offers;
    const char *account;
    struct offer *offer;

    if (offers->taken >= offers->count)
        return;
    offer = &offers->list[offers->taken];
    account =
        mask_account(ring_text(ring, record->row.account_id),
                     ring_text(ring, record->row.account), MASK_ANY_CELLS);
    if (!offer->account && !offer->several && account) {
        offer->account = xstrdup(account);
    } else if (offer->account && account && strcmp(offer->account, account)) {
        offer->several = true;
        free(offer->account);
        offer->account = NULL;
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
        if (!name)
            continue;
        looking->offers->taken = OFFERS_MAX;
        look_at(looking, mask_person(ring_text(ring, record->row.person_id),
                                     name, ring_text(ring, record->row.email),
                                     MASK_ANY_CELLS));
        set_account(looking, record);
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

/* Owners or segments of the book; what occurs twice is offered once. */
static void offer_of_book(const struct looking *looking, bool owners)
{
    const struct book *book =
        looking->host->book ? looking->host->book(looking->host->ctx) : NULL;

    for (size_t i = 0; book && i < book_count(book) && looks_on(looking);
         i++) {
        const struct account *account = book_at(book, i);
        const char *name = owners ? mask_owner(account->owner, MASK_ANY_CELLS)
                                  : account->segment;

        if (name)
            look_at(looking, name);
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
    else if (!strcmp(field, "owner") || !strcmp(field, "segment"))
        offer_of_book(&looking, field[0] == 'o');
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

        if (!(action_row(action)->where & offers->where) ||
            strncmp(command, text, at))
            continue;
        buf_init(&name, 64);
        buf_add(&name, command, strcspn(command, " "));
        take_offer(offers, name.data);
        buf_free(&name);
    }
}

/* ---- how many there are ---- */

/* The text of a filter that asks for it alone: behind a field's name, up to
 * where it begins, the value. */
static void filter_of(const struct offers *offers, const char *word,
                      const char *text, struct buf *out)
{
    size_t start = offers->from;

    while (start && !strchr(" ()|-!", text[start - 1]))
        start--;
    buf_add(out, text + start, offers->from - start);
    buf_adds(out, word);
}

/* Hidden ones count where the stream shows them. */
static void count_rows(const struct ring *ring, const struct query *query,
                       bool hidden, struct offer *offer)
{
    struct query_bound *bound = query_bind(query, ring_texts(ring));
    size_t count = ring_count(ring), i;
    int64_t now_ms = clock_now_ms();

    for (i = 0; i < count && i < ROWS_COUNTED &&
                query_steps(query) < LIMIT_SLICE_STEPS / OFFERS_MAX;
         i++) {
        const struct query_row *row = &ring_at(ring, count - 1 - i)->row;

        offer->events +=
            (hidden || !row->hidden) && query_match_row(bound, row, now_ms);
    }
    offer->counted = true;
    offer->more = i < count;
    query_unbind(bound);
}

/* "prop.": the property's name is still to come; until then it is a word. */
static bool is_begun(const char *word)
{
    size_t len = strlen(word);

    return len && word[len - 1] == '.';
}

static void count_offers(struct offers *offers,
                         const struct display_host *host, const char *text)
{
    struct query *query;
    struct buf filter, meant;

    for (size_t i = 0; i < offers->count; i++) {
        if (is_begun(offers->list[i].word))
            continue;
        buf_init(&filter, LIMIT_PASTE);
        buf_init(&meant, LIMIT_PASTE * 2);
        filter_of(offers, offers->list[i].word, text, &filter);
        mask_reveal_query(&meant, filter.data);
        query = query_parse(meant.data, NULL);
        buf_free(&meant);
        if (query && !query_deep(query))
            count_rows(host->ring, query,
                       offers->shows_hidden || query_asks_hidden(query),
                       &offers->list[i]);
        query_free(query);
        buf_free(&filter);
    }
}

static void count_text(const struct offer *offer, char out[COUNT_SIZE])
{
    char number[NUMBER_SIZE];

    number_text(offer->events, number);
    snprintf(out, COUNT_SIZE, "%s%s", number, offer->more ? "+" : "");
    if (!offer->counted || (offer->more && !offer->events))
        out[0] = '\0';
}

/* The word as it is shown: quotes are for who reads the filter. */
static char *shown_word(const struct offer *offer)
{
    struct buf out;

    buf_init(&out, LIMIT_PASTE);
    for (const char *at = offer->word; *at; at++) {
        if (*at == '"')
            continue;
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        buf_addc(&out, *at);
    }
    return buf_take(&out);
}

bool offers_say(const struct offers *offers, struct buf *out)
{
    const struct offer *offer = &offers->list[offers->marked];
    char count[COUNT_SIZE], *word;

    if (!offers->count || !offer->events)
        return false;
    count_text(offer, count);
    word = shown_word(offer);
    buf_addf(out, "%s, %s", word, count);
    free(word);
    return true;
}

/* What is typed already is no offer. */
static bool is_typed(const struct offers *offers, const char *text, size_t at)
{
    size_t len = at - offers->from;

    return offers->count == 1 && strlen(offers->list[0].word) == len &&
           !strncmp(offers->list[0].word, text + offers->from, len);
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
    else if (kind == PROMPT_FILTER && host->ring)
        count_offers(offers, host, text);
}

/* Border, mark and blank stand around it. */
static int offer_width(const struct offer *offer)
{
    char *word = shown_word(offer), count[COUNT_SIZE];
    int width = text_width(word) + 4;

    free(word);
    count_text(offer, count);
    if (offer->account)
        width += 2 + text_width(offer->account);
    if (*count)
        width += 2 + text_width(count);
    return width;
}

static int box_width(const struct offers *offers)
{
    int width = WIDTH_LEAST;

    for (size_t i = 0; i < offers->count; i++) {
        int wide = offer_width(&offers->list[i]);

        if (wide > width)
            width = wide;
    }
    return width;
}

static void draw_offer(const struct offer *offer, struct draw *draw,
                       struct rect row, bool on)
{
    enum role role = on ? ROLE_CURSOR : ROLE_POPUP;
    char *word = shown_word(offer), count[COUNT_SIZE];
    int end = row.x + row.w - 1, x = row.x + 1;

    count_text(offer, count);
    draw_text(draw, row.y, row.x, 1, ROLE_CURSOR, on ? ">" : " ");
    if (*count) {
        end -= text_width(count);
        draw_text(draw, row.y, end, row.x + row.w - end, ROLE_DIM, count);
        end -= 2;
    }
    x += draw_cut(draw, row.y, x, end - x, role, word) + 2;
    if (offer->account && x + ACCOUNT_LEAST <= end)
        draw_cut(draw, row.y, x, end - x, ROLE_DIM, offer->account);
    free(word);
}

/* On the border below: how many there are besides those rows. */
static void draw_more(const struct offers *offers, struct draw *draw,
                      struct rect box)
{
    size_t more = offers->left_out + offers->count - (size_t)(box.h - 2);

    if (more)
        draw_format(draw, box.y + box.h - 1, box.x + 2, box.w - 4, ROLE_POPUP,
                    " %zu more ", more);
}

void offers_draw(const struct offers *offers, struct draw *draw,
                 struct rect row, int x)
{
    int width = box_width(offers), rows = (int)offers->count;
    int marked = (int)offers->marked, first = 0;
    struct rect box;

    if (rows > row.y - 2)
        rows = row.y - 2;
    if (rows < 1)
        return;
    if (marked >= rows)
        first = marked - rows + 1;
    if (width > row.w)
        width = row.w;
    if (x + width > row.x + row.w)
        x = row.x + row.w - width;
    box = (struct rect){row.y - rows - 2, x, rows + 2, width};
    draw_box(draw, box, "", "");
    draw_more(offers, draw, box);
    for (int i = 0; i < rows; i++)
        draw_offer(&offers->list[first + i], draw,
                   (struct rect){box.y + 1 + i, x + 1, 1, width - 2},
                   first + i == marked);
}
