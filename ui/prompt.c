/* One line of input: editing, history, completion, and what is wrong with
 * it. The filter and the search are applied while one types; a command is
 * the screen's to run. */
#include "ui/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "live/ring.h"
#include "live/tally.h"
#include "live/view.h"
#include "query/query.h"
#include "ui/pane/action.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

#define MAX_TEXT LIMIT_PASTE
#define HISTORY 50
#define OFFERS 6          /* rows of the list */
#define PERSONS_SEEN 5000 /* newest events looked through for names */

/* What was entered before, newest last; one list for each kind. */
static struct history {
    char *lines[HISTORY];
    size_t count;
} histories[PROMPT_KINDS];

struct prompt {
    struct screen *screen;
    enum prompt_kind kind;
    struct buf text;
    size_t at;    /* byte the caret stands before */
    size_t older; /* 0: what is typed; n: the n-th line back */
    char *draft;  /* what was typed before going back */
    char *offers[OFFERS];
    size_t offer_count, offered; /* offered: the marked one */
    size_t offer_from;           /* byte where the word begins */
    bool full; /* the last key's text did not all fit */
    bool wrong;
    struct query_error error;
};

static const char *const labels[PROMPT_KINDS] = {" filter: ", " find: ", " :"};

/* ---- history ---- */

static void remember(enum prompt_kind kind, const char *text)
{
    struct history *history = &histories[kind];

    if (!*text ||
        (history->count && !strcmp(history->lines[history->count - 1], text)))
        return;
    if (history->count == HISTORY) {
        free(history->lines[0]);
        memmove(history->lines, history->lines + 1,
                (HISTORY - 1) * sizeof *history->lines);
        history->count--;
    }
    history->lines[history->count++] = xstrdup(text);
}

static void set_text(struct prompt *prompt, const char *text)
{
    buf_clear(&prompt->text);
    buf_adds(&prompt->text, text);
    prompt->at = prompt->text.len;
}

static bool go_back(struct prompt *prompt, int by)
{
    const struct history *history = &histories[prompt->kind];
    size_t older = prompt->older;

    if (by > 0 ? older >= history->count : older == 0)
        return false;
    if (!older) {
        free(prompt->draft);
        prompt->draft = xstrdup(prompt->text.data);
    }
    prompt->older = by > 0 ? older + 1 : older - 1;
    set_text(prompt, prompt->older
                         ? history->lines[history->count - prompt->older]
                         : prompt->draft);
    return true;
}

/* ---- completion ---- */

static void drop_offers(struct prompt *prompt)
{
    for (size_t i = 0; i < prompt->offer_count; i++)
        free(prompt->offers[i]);
    prompt->offer_count = 0;
    prompt->offered = 0;
}

static void take_offer(void *ctx, const char *word)
{
    struct prompt *prompt = ctx;

    if (prompt->offer_count == OFFERS)
        return;
    for (size_t i = 0; i < prompt->offer_count; i++)
        if (!strcmp(prompt->offers[i], word))
            return;
    prompt->offers[prompt->offer_count++] = xstrdup(word);
}

static bool starts_with(const char *text, const char *folded)
{
    char *own = text_fold(text);
    bool yes = !strncmp(own, folded, strlen(folded));

    free(own);
    return yes;
}

static void offer_accounts(struct prompt *prompt, const char *folded,
                           complete_offer *offer, void *ctx)
{
    const struct tally *tally = screen_host(prompt->screen)->tally;

    for (size_t i = 0; i < tally_accounts(tally); i++) {
        const struct tally_account *account = tally_account(tally, i);

        if (account->id && account->name && starts_with(account->name, folded))
            offer(ctx, account->name);
    }
}

static void offer_persons(struct prompt *prompt, const char *folded,
                          complete_offer *offer, void *ctx)
{
    const struct ring *ring = screen_host(prompt->screen)->ring;
    size_t count = ring_count(ring);
    uint32_t last = 0;

    for (size_t i = 0; i < count && i < PERSONS_SEEN; i++) {
        const struct record *record = ring_at(ring, count - 1 - i);
        const char *name;

        if (!record->row.person || record->row.person == last)
            continue;
        last = record->row.person;
        name = ring_text(ring, last);
        if (name && starts_with(name, folded))
            offer(ctx, name);
    }
}

static void offer_events(struct prompt *prompt, const char *folded,
                         complete_offer *offer, void *ctx)
{
    const struct catalog *catalog = screen_host(prompt->screen)->catalog;

    for (size_t i = 0; i < catalog_rows(catalog); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        for (size_t j = 0; row.names[j]; j++)
            if (starts_with(row.names[j], folded))
                offer(ctx, row.names[j]);
    }
}

static void offer_values(void *ctx, const char *field, const char *prefix,
                         complete_offer *offer, void *offer_ctx)
{
    struct prompt *prompt = ctx;
    char *folded = text_fold(prefix);

    if (!strcmp(field, "account"))
        offer_accounts(prompt, folded, offer, offer_ctx);
    else if (!strcmp(field, "person"))
        offer_persons(prompt, folded, offer, offer_ctx);
    else if (!strcmp(field, "event"))
        offer_events(prompt, folded, offer, offer_ctx);
    free(folded);
}

static void offer_commands(struct prompt *prompt)
{
    const char *text = prompt->text.data;
    size_t word = strcspn(text, " ");

    prompt->offer_from = 0;
    if (prompt->at > word)
        return;
    for (enum action action = 0; action < ACTION_COUNT; action++) {
        const char *command = action_row(action)->command;
        struct buf name;

        if (strncmp(command, text, prompt->at))
            continue;
        buf_init(&name, 64);
        buf_add(&name, command, strcspn(command, " "));
        take_offer(prompt, name.data);
        buf_free(&name);
    }
}

static void complete(struct prompt *prompt)
{
    struct complete_source source = {offer_values, prompt};

    drop_offers(prompt);
    if (prompt->kind == PROMPT_COMMAND && prompt->text.len)
        offer_commands(prompt);
    else if (prompt->kind == PROMPT_FILTER)
        query_complete(prompt->text.data, prompt->at, &source, take_offer,
                       prompt, &prompt->offer_from);
    /* What is typed already is no offer. */
    if (prompt->offer_count == 1 &&
        strlen(prompt->offers[0]) == prompt->at - prompt->offer_from &&
        !strncmp(prompt->offers[0], prompt->text.data + prompt->offer_from,
                 prompt->at - prompt->offer_from))
        drop_offers(prompt);
}

/* Whole graphemes of with, at most room bytes of them. */
static size_t fitting(const char *with, size_t room)
{
    size_t len = strlen(with), fits = 0;

    if (len <= room)
        return len;
    while (fits < len) {
        size_t next = text_grapheme(with + fits, len - fits).bytes;

        if (!next || fits + next > room)
            break;
        fits += next;
    }
    return fits;
}

/* As much of with as there is room for; full says that it was not all. */
static void replace(struct prompt *prompt, size_t from, size_t to,
                    const char *with)
{
    size_t kept = prompt->text.len - (to - from);
    size_t fits = fitting(with, kept < MAX_TEXT ? MAX_TEXT - kept : 0);
    struct buf text;

    buf_init(&text, MAX_TEXT);
    buf_add(&text, prompt->text.data, from);
    buf_add(&text, with, fits);
    prompt->at = text.len;
    buf_adds(&text, prompt->text.data + to);
    buf_free(&prompt->text);
    prompt->text = text;
    prompt->full = fits < strlen(with);
}

static bool take_completion(struct prompt *prompt)
{
    const char *word;
    struct buf value;
    bool quoted;

    if (!prompt->offer_count)
        return false;
    word = prompt->offers[prompt->offered];
    quoted =
        prompt->kind == PROMPT_FILTER && strchr(word, ' ') && *word != '"';
    buf_init(&value, MAX_TEXT);
    buf_addf(&value, quoted ? "\"%s\"" : "%s", word);
    if (value.len && value.data[value.len - 1] != ':')
        buf_addc(&value, ' ');
    replace(prompt, prompt->offer_from, prompt->at, value.data);
    buf_free(&value);
    return true;
}

/* ---- what the text does ---- */

static void apply(struct prompt *prompt)
{
    prompt->wrong = false;
    if (prompt->kind == PROMPT_FILTER)
        prompt->wrong =
            !screen_filter(prompt->screen, prompt->text.data, &prompt->error);
    else if (prompt->kind == PROMPT_FIND)
        screen_find(prompt->screen, prompt->text.data);
    complete(prompt);
    screen_dirty(prompt->screen);
}

struct prompt *prompt_new(struct screen *screen, enum prompt_kind kind,
                          const char *text)
{
    struct prompt *prompt = xcalloc(1, sizeof *prompt);

    prompt->screen = screen;
    prompt->kind = kind;
    buf_init(&prompt->text, MAX_TEXT);
    set_text(prompt, text ? text : "");
    if (prompt->text.len && kind == PROMPT_FILTER &&
        prompt->text.data[prompt->text.len - 1] != ' ')
        buf_addc(&prompt->text, ' ');
    prompt->at = prompt->text.len;
    return prompt;
}

void prompt_free(struct prompt *prompt)
{
    if (!prompt)
        return;
    drop_offers(prompt);
    buf_free(&prompt->text);
    free(prompt->draft);
    free(prompt);
}

enum prompt_kind prompt_kind(const struct prompt *prompt)
{
    return prompt->kind;
}

const char *prompt_text(const struct prompt *prompt)
{
    return prompt->text.data;
}

/* ---- keys ---- */

static size_t before(const struct prompt *prompt)
{
    size_t at = prompt->at;

    while (at && (prompt->text.data[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t after(const struct prompt *prompt)
{
    const char *text = prompt->text.data + prompt->at;

    return prompt->at +
           text_grapheme(text, prompt->text.len - prompt->at).bytes;
}

static size_t word_before(const struct prompt *prompt)
{
    size_t at = prompt->at;

    while (at && prompt->text.data[at - 1] == ' ')
        at--;
    while (at && prompt->text.data[at - 1] != ' ')
        at--;
    return at;
}

/* Moves the caret; false: not such a key. */
static bool move_key(struct prompt *prompt, uint32_t code)
{
    switch (code) {
    case KEY_CODE_LEFT:
        prompt->at = before(prompt);
        return true;
    case KEY_CODE_RIGHT:
        prompt->at = after(prompt);
        return true;
    case KEY_CODE_HOME:
    case 0x01: /* ^A */
        prompt->at = 0;
        return true;
    case KEY_CODE_END:
    case 0x05: /* ^E */
        prompt->at = prompt->text.len;
        return true;
    default:
        return false;
    }
}

static void insert_code(struct prompt *prompt, uint32_t code)
{
    char bytes[5];

    bytes[utf8_encode(code, bytes)] = '\0';
    replace(prompt, prompt->at, prompt->at, bytes);
}

/* Changes the text; false: not such a key. */
static bool edit_key(struct prompt *prompt, const struct key *key)
{
    switch (key->code) {
    case KEY_CODE_BACKSPACE:
        replace(prompt, before(prompt), prompt->at, "");
        return true;
    case KEY_CODE_DELETE:
        replace(prompt, prompt->at, after(prompt), "");
        return true;
    case 0x15: /* ^U */
        replace(prompt, 0, prompt->at, "");
        return true;
    case 0x17: /* ^W */
        replace(prompt, word_before(prompt), prompt->at, "");
        return true;
    case KEY_CODE_PASTE:
        if (key->text)
            replace(prompt, prompt->at, prompt->at, key->text);
        prompt->full |= key->cut;
        return true;
    case KEY_CODE_UP:
        return go_back(prompt, 1);
    case KEY_CODE_DOWN:
        return go_back(prompt, -1);
    case KEY_CODE_TAB:
        return take_completion(prompt);
    default:
        if (key->code < ' ' || key->code >= 0x110000 || key->code == 0x7f)
            return false;
        insert_code(prompt, key->code);
        return true;
    }
}

static enum prompt_end leave(struct prompt *prompt)
{
    if (prompt->kind == PROMPT_FILTER)
        screen_filter(prompt->screen, "", NULL);
    else if (prompt->kind == PROMPT_FIND)
        screen_find(prompt->screen, NULL);
    return PROMPT_LEFT;
}

enum prompt_end prompt_key(struct prompt *prompt, const struct key *key)
{
    prompt->full = false;
    if (key->code == KEY_CODE_ESC || key->code == 0x03)
        return leave(prompt);
    if (key->code == KEY_CODE_ENTER) {
        if (prompt->wrong)
            return PROMPT_OPEN; /* the error says why */
        remember(prompt->kind, prompt->text.data);
        return PROMPT_ENTERED;
    }
    /* Backspace in the empty line leaves, as in every pager. */
    if (key->code == KEY_CODE_BACKSPACE && !prompt->text.len)
        return leave(prompt);
    if (key->code == KEY_CODE_BACK_TAB && prompt->offer_count)
        prompt->offered = (prompt->offered + 1) % prompt->offer_count;
    else if (move_key(prompt, key->code))
        complete(prompt);
    else if (edit_key(prompt, key))
        apply(prompt);
    screen_dirty(prompt->screen);
    return PROMPT_OPEN;
}

/* ---- drawing ---- */

int prompt_rows(const struct prompt *prompt, int screen_rows)
{
    (void)prompt;
    return screen_rows >= 6 ? 2 : 1;
}

static void count_text(const struct prompt *prompt, struct buf *out)
{
    const struct view *view = screen_view(prompt->screen);
    size_t all = ring_count(screen_host(prompt->screen)->ring);
    size_t matching = view_events(view);

    if (!matching && view_complete(view))
        buf_addf(out,
                 "None of %zu match. Esc clears the filter and stays here.",
                 all);
    else
        buf_addf(out, "%zu%s of %zu match", matching,
                 view_complete(view) ? "" : "+", all);
}

static void note(const struct prompt *prompt, struct buf *out)
{
    const char *arg;
    enum action action;
    struct err err = {""};

    if (prompt->full) {
        buf_addf(out, "Too long: only what is here was taken (%zu bytes)",
                 prompt->text.len);
        return;
    }
    switch (prompt->kind) {
    case PROMPT_FILTER:
        count_text(prompt, out);
        break;
    case PROMPT_FIND:
        buf_adds(out, "Enter finds it; then n and N go on");
        break;
    default:
        if (!prompt->text.len)
            buf_adds(out, "Tab completes, ? lists every command");
        else if (action_parse(prompt->text.data, &action, &arg, &err))
            buf_adds(out, action_row(action)->help);
        else if (!prompt->offer_count)
            buf_adds(out, err.text);
        break;
    }
}

/* A filter that reads well and still cannot be carried out. */
static bool too_costly(const struct prompt *prompt, struct err *err)
{
    const struct query *query = view_query(screen_view(prompt->screen));

    return prompt->kind == PROMPT_FILTER && query &&
           !query_explain_unjudged(query, err);
}

static void draw_note(const struct prompt *prompt, struct draw *draw,
                      struct rect row, int indent)
{
    static const char *const keys[PROMPT_KINDS] = {
        "Tab takes it   ↑ older   Enter keeps   Esc clears ",
        "↑ older   Enter finds   Esc leaves ",
        "Tab takes it   ↑ older   Enter runs   Esc leaves "};
    struct buf text;
    struct err err;
    int used;

    if (!prompt->wrong && too_costly(prompt, &err)) {
        draw_cut(draw, row.y, row.x + 1, row.w - 1, ROLE_ERROR, err.text);
        return;
    }
    if (prompt->wrong && !prompt->full) {
        int at = indent + prompt->error.column;

        if (at > row.w - 2)
            at = row.w - 2;
        draw_format(draw, row.y, row.x + at, row.w - at, ROLE_ERROR, "^ %s",
                    prompt->error.err.text);
        return;
    }
    buf_init(&text, 512);
    note(prompt, &text);
    used = draw_cut(draw, row.y, row.x + 1, row.w - 1, ROLE_DIM, text.data);
    buf_free(&text);
    if (row.w - used - 3 > text_width(keys[prompt->kind]))
        draw_right(draw, row.y, row.x + used + 2, row.w - used - 2, ROLE_KEY,
                   keys[prompt->kind]);
}

static void draw_offers(const struct prompt *prompt, struct draw *draw,
                        struct rect row, int x)
{
    int width = 12, rows = (int)prompt->offer_count;
    struct rect box;

    if (!rows || row.y < rows + 2)
        return;
    for (int i = 0; i < rows; i++) {
        int wide = text_width(prompt->offers[i]) + 4;

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
        bool on = (size_t)i == prompt->offered;

        draw_text(draw, box.y + 1 + i, x + 1, 1, ROLE_CURSOR, on ? ">" : " ");
        draw_cut(draw, box.y + 1 + i, x + 2, width - 3,
                 on ? ROLE_CURSOR : ROLE_POPUP, prompt->offers[i]);
    }
}

void prompt_draw(const struct prompt *prompt, struct draw *draw,
                 struct rect rect)
{
    const char *label = labels[prompt->kind], *text = prompt->text.data;
    int indent = text_width(label);
    int caret = text_width_n(text, prompt->at);
    int room = rect.w - indent - 1, skip = 0;

    /* A long text scrolls: the caret stays in sight. */
    while (caret > room && room > 0) {
        struct grapheme first =
            text_grapheme(text + skip, prompt->text.len - (size_t)skip);

        skip += (int)first.bytes;
        caret -= first.width;
    }
    draw_blank(draw, rect, ROLE_TEXT);
    draw_text(draw, rect.y, rect.x, rect.w, ROLE_PROMPT, label);
    draw_text(draw, rect.y, rect.x + indent, room, ROLE_TEXT, text + skip);
    draw_mark(draw, rect.y, rect.x + indent + caret, ROLE_PROMPT, MARK_CARET);
    if (prompt->at < prompt->text.len)
        draw_text(draw, rect.y, rect.x + indent + caret + 1, room - caret - 1,
                  ROLE_TEXT, text + prompt->at);
    if (rect.h > 1)
        draw_note(prompt, draw, (struct rect){rect.y + 1, rect.x, 1, rect.w},
                  indent);
    if (prompt->offer_count)
        draw_offers(prompt, draw, rect,
                    rect.x + indent +
                        text_width_n(text + skip,
                                     prompt->offer_from > (size_t)skip
                                         ? prompt->offer_from - (size_t)skip
                                         : 0));
}
