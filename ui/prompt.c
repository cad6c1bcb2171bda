/* One line of input: editing, history, completion, and what is wrong with
 * it. The filter and the search are applied while one types; a command is
 * the screen's to run. */
#include "ui/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/moment.h"
#include "base/text.h"
#include "base/utf8.h"
#include "live/ring.h"
#include "live/view.h"
#include "query/query.h"
#include "ui/history.h"
#include "ui/offers.h"
#include "ui/pane/action.h"
#include "ui/pane/mask.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define MAX_TEXT LIMIT_PASTE
struct prompt {
    struct screen *screen;
    enum prompt_kind kind;
    struct buf text;
    size_t at;    /* byte the caret stands before */
    size_t older; /* 0: what is typed; n: the n-th line back */
    char *draft;  /* what was typed before going back */
    char *began;  /* the filter, as it was when this was opened */
    struct offers offers;
    bool hushed; /* what was typed before is not for others */
    bool full;   /* the last key's text did not all fit */
    bool wrong;
    struct query_error error;
};

static const char *const labels[PROMPT_KINDS] = {" filter: ", " find: ", " :",
                                                 " go to: "};

/* ---- history ---- */

static void set_text(struct prompt *prompt, const char *text)
{
    buf_clear(&prompt->text);
    buf_adds(&prompt->text, text);
    prompt->at = prompt->text.len;
}

static bool go_back(struct prompt *prompt, int by)
{
    size_t older = prompt->older;

    prompt->hushed = mask_on();
    if (prompt->hushed ||
        (by > 0 ? older >= history_count(prompt->kind) : older == 0))
        return false;
    if (!older) {
        free(prompt->draft);
        prompt->draft = xstrdup(prompt->text.data);
    }
    prompt->older = by > 0 ? older + 1 : older - 1;
    set_text(prompt, prompt->older ? history_back(prompt->kind, prompt->older)
                                   : prompt->draft);
    return true;
}

/* ---- editing ---- */

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

    if (!prompt->offers.count)
        return false;
    word = prompt->offers.list[prompt->offers.marked].word;
    buf_init(&value, MAX_TEXT);
    buf_adds(&value, word);
    if (!strchr(":<>.", word[strlen(word) - 1]))
        buf_addc(&value, ' ');
    replace(prompt, prompt->offers.from, prompt->at, value.data);
    buf_free(&value);
    return true;
}

static void complete(struct prompt *prompt)
{
    prompt->offers.where = screen_where(prompt->screen);
    prompt->offers.shows_hidden = screen_shows_hidden(prompt->screen);
    offers_find(&prompt->offers, screen_host(prompt->screen), prompt->kind,
                prompt->text.data, prompt->at);
}

/* While the screen is shared, a filter that cannot be shown so that it still
 * says the same is begun anew. */
static void set_shown(struct prompt *prompt, const char *text)
{
    struct buf shown;

    buf_init(&shown, 2 * MAX_TEXT);
    mask_add_query(&shown, text);
    set_text(prompt, mask_on() && strstr(shown.data, "…") ? "" : shown.data);
    buf_free(&shown);
}

/* Kept as what is meant by it. */
static void remember(const struct prompt *prompt)
{
    struct buf meant;

    buf_init(&meant, 2 * MAX_TEXT);
    mask_reveal_query(&meant, prompt->text.data);
    history_add(prompt->kind, meant.data);
    buf_free(&meant);
}

struct prompt *prompt_new(struct screen *screen, enum prompt_kind kind,
                          const char *text)
{
    struct prompt *prompt = xcalloc(1, sizeof *prompt);

    prompt->screen = screen;
    prompt->kind = kind;
    prompt->began = xstrdup(screen_filter_text(screen));
    buf_init(&prompt->text, MAX_TEXT);
    if (text && kind == PROMPT_FILTER)
        set_shown(prompt, text);
    else
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
    offers_clear(&prompt->offers);
    buf_free(&prompt->text);
    free(prompt->draft);
    free(prompt->began);
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

const char *prompt_began(const struct prompt *prompt)
{
    return prompt->began;
}

/* ---- keys ---- */

/* Where the grapheme that begins there ends. */
static size_t end_of(const struct prompt *prompt, size_t at)
{
    return at +
           text_grapheme(prompt->text.data + at, prompt->text.len - at).bytes;
}

/* Where the grapheme before the caret begins: from there on back nothing tells
 * how long it is. */
static size_t before(const struct prompt *prompt)
{
    size_t at = 0, end;

    while ((end = end_of(prompt, at)) < prompt->at)
        at = end;
    return at;
}

static size_t after(const struct prompt *prompt)
{
    return end_of(prompt, prompt->at);
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

/* Nothing matches, and the word may be meant otherwise: "surveys" is a
 * category. */
static bool is_meant_otherwise(const struct prompt *prompt)
{
    const struct view *view = screen_view(prompt->screen);
    const struct offers *offers = &prompt->offers;

    return prompt->kind == PROMPT_FILTER && view_complete(view) &&
           !view_events(view) && offers->count &&
           offers->list[offers->marked].events;
}

static bool take_meaning(struct prompt *prompt)
{
    if (!is_meant_otherwise(prompt) || !take_completion(prompt))
        return false;
    complete(prompt);
    return true;
}

enum prompt_end prompt_key(struct prompt *prompt, const struct key *key)
{
    prompt->full = prompt->hushed = false;
    if (key->code == KEY_CODE_ESC || key->code == 0x03)
        return PROMPT_LEFT;
    if (key->code == KEY_CODE_ENTER) {
        if (prompt->wrong)
            return PROMPT_OPEN; /* the error says why */
        if (take_meaning(prompt))
            return PROMPT_CHANGED;
        remember(prompt);
        return PROMPT_ENTERED;
    }
    /* Backspace in the empty line leaves, as in every pager. */
    if (key->code == KEY_CODE_BACKSPACE && !prompt->text.len)
        return PROMPT_LEFT;
    if (key->code == KEY_CODE_BACK_TAB && prompt->offers.count) {
        prompt->offers.marked =
            (prompt->offers.marked + 1) % prompt->offers.count;
        return PROMPT_OPEN;
    }
    if (move_key(prompt, key->code)) {
        complete(prompt);
        return PROMPT_OPEN;
    }
    if (!edit_key(prompt, key))
        return PROMPT_OPEN;
    complete(prompt);
    return PROMPT_CHANGED;
}

void prompt_judge(struct prompt *prompt, const struct query_error *error)
{
    prompt->wrong = error != NULL;
    if (error)
        prompt->error = *error;
}

/* ---- drawing ---- */

int prompt_rows(const struct prompt *prompt, int screen_rows)
{
    (void)prompt;
    return screen_rows >= 6 ? 2 : 1;
}

static void none_text(const struct prompt *prompt, size_t all, struct buf *out)
{
    char of[NUMBER_SIZE];

    number_text(all, of);
    buf_addf(out, "None of %s match. ", of);
    if (is_meant_otherwise(prompt)) {
        buf_adds(out, "Enter: ");
        offers_say(&prompt->offers, out);
    } else {
        buf_adds(out, "Esc clears the filter and stays here.");
    }
}

/* Hidden events count neither here nor in the stream's title. */
static size_t events_shown(const struct prompt *prompt)
{
    const struct display_host *host = screen_host(prompt->screen);
    size_t all = ring_count(host->ring);
    size_t hidden =
        screen_shows_hidden(prompt->screen) ? 0 : ring_hidden(host->ring);

    return all > hidden ? all - hidden : all;
}

static void count_text(const struct prompt *prompt, struct buf *out)
{
    const struct view *view = screen_view(prompt->screen);
    size_t all = events_shown(prompt), matching = view_events(view);
    char found[NUMBER_SIZE], of[NUMBER_SIZE];

    if (!matching && view_complete(view)) {
        none_text(prompt, all, out);
        return;
    }
    number_text(matching, found);
    number_text(all, of);
    buf_addf(out, "%s%s of %s match", found, view_complete(view) ? "" : "+",
             of);
    if (view_query(view) && query_deep(view_query(view)) &&
        !view_complete(view)) {
        number_text(view_left(view), of);
        buf_addf(out, ", %s to read; Esc stops", of);
    }
}

/* When that is, whole: "Sun 13 Sep 2026 09:00". */
static void time_note(const struct prompt *prompt, struct buf *out)
{
    char day[AGE_SIZE], date[AGE_SIZE], time[AGE_SIZE];
    int64_t ms;

    if (!prompt->text.len ||
        !moment_parse(prompt->text.data, screen_now(prompt->screen), &ms)) {
        buf_adds(out, MOMENT_WORDS);
        return;
    }
    time_day(ms, day);
    time_date(ms, date);
    time_minutes(ms, time);
    buf_addf(out, "%.3s %s %s", day, date, time);
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
    if (prompt->hushed) {
        buf_adds(out, "What was typed before is not shown: the screen is "
                      "shared");
        return;
    }
    switch (prompt->kind) {
    case PROMPT_FILTER:
        count_text(prompt, out);
        break;
    case PROMPT_FIND:
        buf_adds(out, "Enter finds it; then n and N go on");
        break;
    case PROMPT_TIME:
        time_note(prompt, out);
        break;
    default:
        if (!prompt->text.len)
            buf_adds(out, "Tab completes, ? lists every command");
        else if (action_parse(prompt->text.data, &action, &arg, &err))
            buf_adds(out, action_row(action)->help);
        else if (!prompt->offers.count)
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

/* Below its column; before the mark where there is no room behind it. */
static void draw_error(const struct prompt *prompt, struct draw *draw,
                       struct rect row, int indent)
{
    const char *text = prompt->error.err.text;
    int at = indent + prompt->error.column, width = text_width(text);

    if (at > row.w - 2)
        at = row.w - 2;
    draw_text(draw, row.y, row.x + at, 1, ROLE_ERROR, "^");
    if (at + 2 + width <= row.w || width + 1 > at)
        draw_cut(draw, row.y, row.x + at + 2, row.w - at - 2, ROLE_ERROR,
                 text);
    else
        draw_text(draw, row.y, row.x + at - 1 - width, width, ROLE_ERROR,
                  text);
}

static void draw_note(const struct prompt *prompt, struct draw *draw,
                      struct rect row, int indent)
{
    static const char *const keys[PROMPT_KINDS] = {
        "Tab takes it   ↑ older   Enter keeps   Esc clears ",
        "↑ older   Enter finds   Esc leaves ",
        "Tab takes it   ↑ older   Enter runs   Esc leaves ",
        "↑ older   Enter goes there   Esc leaves "};
    struct buf text;
    struct err err;
    int used;

    if (!prompt->wrong && too_costly(prompt, &err)) {
        draw_cut(draw, row.y, row.x + 1, row.w - 1, ROLE_ERROR, err.text);
        return;
    }
    if (prompt->wrong && !prompt->full) {
        draw_error(prompt, draw, row, indent);
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
    if (prompt->offers.count)
        offers_draw(&prompt->offers, draw, rect,
                    rect.x + indent +
                        text_width_n(text + skip,
                                     prompt->offers.from > (size_t)skip
                                         ? prompt->offers.from - (size_t)skip
                                         : 0));
}
