/* Title row, category row, status row. Each knows several forms and takes
 * the first one that fits. */
#include "ui/head.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "ui/pane/account_note.h"
#include "ui/pane/mask.h"
#include "ui/pane/stream.h"
#include "ui/pane/time_text.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define SHORT_TITLE 60 /* cells; below: no tabs */
#define PARTS_MAX 12
#define KEY_CATEGORIES 10 /* 1 … 9, 0 */
#define NOTE_CELLS 100

/* ---- title ---- */

static bool problem_row(const struct screen *screen)
{
    const struct display_status *status = screen_status(screen);
    enum role role = status->problem_mark == '!' ? ROLE_BAD : ROLE_WARN;
    int cols = screen->layout.cols;
    char more[16] = "";

    if (!status->problem)
        return false;
    if (status->problems > 1)
        snprintf(more, sizeof more, " +%u ", status->problems - 1);
    draw_format(screen->draw, 0, 0, 2, role, "%c", status->problem_mark);
    mask_draw(screen->draw, 0, 2, cols - 3 - (int)strlen(more), role,
              status->problem);
    draw_right(screen->draw, 0, cols - 8, 8, role, more);
    return true;
}

static void today_text(const struct screen *screen, struct buf *out)
{
    const struct display_host *host = screen->host;
    size_t accounts = book_count(host->book(host->ctx));
    bool narrow = screen->layout.cols < SHORT_TITLE;
    size_t signals = tab_number(screen, TAB_signals);
    char number[NUMBER_SIZE];

    if (stream_is_empty(screen->panes[PANE_STREAM])) {
        buf_adds(out, "nothing yet");
        return;
    }
    number_text(tally_today(host->tally), number);
    if (accounts && screen->layout.cols >= 100)
        buf_addf(out, "%zu account%s · ", accounts, plural_text(accounts));
    if (narrow)
        buf_addf(out, "%s today", number);
    else
        buf_addf(out, "%s event%s today", number,
                 plural_text(tally_today(host->tally)));
    if (narrow && signals)
        buf_addf(out, " · Signals %zu", signals);
}

/* "Signals 3" */
static void tab_text(const struct screen *screen, enum tab tab, char out[32])
{
    size_t number = tab_number(screen, tab);

    if (number)
        snprintf(out, 32, "%s %zu", tab_name(tab), number);
    else
        snprintf(out, 32, "%s", tab_name(tab));
}

static int tabs_width(const struct screen *screen)
{
    char text[32];
    int width = 0;

    for (int i = 0; i < TAB_COUNT; i++) {
        tab_text(screen, (enum tab)i, text);
        width += text_width(text) + 2;
    }
    return width;
}

static int tabs_at(const struct screen *screen)
{
    return 1 +
           text_width(screen_status(screen)->demo ? "telltale demo"
                                                  : "telltale") +
           2;
}

/* " Live [Accounts] People …": the open one in brackets. */
static void draw_tabs(const struct screen *screen, int x)
{
    char text[32];

    for (int i = 0; i < TAB_COUNT; i++) {
        bool on = (enum tab)i == screen->tab;
        enum role role = on ? ROLE_TAB_ON : ROLE_TAB;

        tab_text(screen, (enum tab)i, text);
        x += draw_text(screen->draw, 0, x, 1, role, on ? "[" : " ");
        x += draw_text(screen->draw, 0, x, 32, role, text);
        x += draw_text(screen->draw, 0, x, 1, role, on ? "]" : " ");
    }
}

static bool tabs_show(const struct screen *screen)
{
    return screen->layout.cols >= SHORT_TITLE &&
           !screen_status(screen)->problem &&
           tabs_at(screen) + tabs_width(screen) <= screen->layout.cols;
}

bool head_tab_at(const struct screen *screen, int x, enum tab *tab)
{
    int end = tabs_at(screen);
    char text[32];

    for (int i = 0; tabs_show(screen) && x >= end && i < TAB_COUNT; i++) {
        tab_text(screen, (enum tab)i, text);
        end += text_width(text) + 2;
        if (x < end) {
            *tab = (enum tab)i;
            return true;
        }
    }
    return false;
}

static void draw_name(const struct screen *screen)
{
    int cols = screen->layout.cols, x = 1;

    x += draw_text(screen->draw, 0, x, cols - x, ROLE_TITLE, "telltale");
    if (screen_status(screen)->demo)
        x += draw_text(screen->draw, 0, x, cols - x, ROLE_MODE, " demo");
    if (screen_status(screen)->problem_away)
        draw_text(screen->draw, 0, x, cols - x, ROLE_BAD, "!");
}

/* In a narrow window the number outlasts the screen's name, in a wide one the
 * names of the screens the number; the program's name outlasts all. */
static void draw_title(const struct screen *screen, const char *right)
{
    int cols = screen->layout.cols, number = text_width(right);
    int x = tabs_at(screen), end = cols - 1 - number;
    bool tabs = tabs_show(screen);
    const char *name = tab_name(screen->tab);

    draw_name(screen);
    if (end < (tabs ? x + tabs_width(screen) + 1 : x))
        end = cols - 1;
    else
        draw_text(screen->draw, 0, end, number, ROLE_TITLE, right);
    if (tabs)
        draw_tabs(screen, x);
    else if (x + text_width(name) + 2 <= end)
        draw_text(screen->draw, 0, x, end - x, ROLE_TAB_ON, name);
}

void head_title(const struct screen *screen)
{
    struct buf right;

    if (problem_row(screen))
        return;
    buf_init(&right, 256);
    if (screen->tab == TAB_live)
        today_text(screen, &right);
    else
        tab_summary(screen, &right);
    draw_title(screen, right.data);
    buf_free(&right);
}

/* ---- categories ---- */

enum form { FORM_NAMES, FORM_LABELS, FORM_TIGHT, FORM_BARE, FORM_COUNT };

/* The ten that have a key, and what is none of them while there is some: so
 * that the row adds up to the title. */
static int category_count(const struct screen *screen)
{
    return KEY_CATEGORIES +
           (tally_category(screen->host->tally, CATEGORY_OTHER) > 0);
}

static enum category category_at(int i)
{
    return i < KEY_CATEGORIES ? (enum category)(i + 1) : CATEGORY_OTHER;
}

/* "$Billing 11", "$BIL 11", "$BIL11", "$11": what follows the key. */
static void category_text(const struct screen *screen, enum category category,
                          enum form form, char out[64])
{
    unsigned count = tally_category(screen->host->tally, category);
    const char *word = form == FORM_NAMES  ? category_title(category)
                       : form != FORM_BARE ? category_label(category)
                                           : "";
    char number[16] = "";

    if (count)
        snprintf(number, sizeof number, "%s%u",
                 form == FORM_NAMES || form == FORM_LABELS ? " " : "", count);
    /* "AI " is padded for columns; here nothing stands under it. */
    snprintf(out, 64, "%.*s%s", (int)strcspn(word, " "), word, number);
}

static int category_width(const struct screen *screen, int i, enum form form)
{
    char text[64];

    category_text(screen, category_at(i), form, text);
    return 3 + text_width(text);
}

static enum form category_form(const struct screen *screen)
{
    for (int form = 0; form < FORM_BARE; form++) {
        int width = 0;

        for (int i = 0; i < category_count(screen); i++)
            width += category_width(screen, i, (enum form)form);
        if (width <= screen->layout.cols)
            return (enum form)form;
    }
    return FORM_BARE;
}

void head_categories(const struct screen *screen)
{
    struct draw *draw = screen->draw;
    const struct query *query = view_query(screen->view);
    unsigned chosen = query ? query_categories(query) : 0;
    enum form form = category_form(screen);
    int cols = screen->layout.cols;
    int x = 0;

    for (int i = 0; i < category_count(screen); i++) {
        enum category category = category_at(i);
        bool on = chosen & 1u << category;
        enum role role = ROLE_CATEGORY(category);
        char text[64];

        if (chosen && !on)
            role = ROLE_DIM;
        category_text(screen, category, form, text);
        draw_text(draw, 1, x, cols - x, ROLE_KEY, on ? "+" : " ");
        if (i < KEY_CATEGORIES)
            draw_format(draw, 1, x + 1, cols - x - 1, ROLE_KEY, "%d",
                        (i + 1) % 10);
        draw_glyph(draw, 1, x + 2, role, category);
        draw_text(draw, 1, x + 3, cols - x - 3,
                  on ? ROLE_TITLE
                  : (tally_category(screen->host->tally, category) && !chosen)
                      ? ROLE_TEXT
                      : ROLE_DIM,
                  text);
        x += 3 + text_width(text);
    }
}

bool head_category_at(const struct screen *screen, int x,
                      enum category *category)
{
    enum form form = category_form(screen);
    int end = 0;

    for (int i = 0; i < category_count(screen); i++) {
        end += category_width(screen, i, form);
        if (x < end) {
            *category = category_at(i);
            return true;
        }
    }
    return false;
}

/* ---- status ---- */

/* Parts that can be left out, in the order they stand. */
enum part_id {
    PART_ADDRESS,
    PART_LAST,
    PART_RATE,
    PART_FILTER,
    PART_FOLLOW,
    PART_SHARE,
    PART_MIRROR,
    PART_HIDDEN,
    PART_COUNT
};

struct part {
    char text[512];
    enum role role;
};

static void address_part(const struct screen *screen, struct part *part,
                         bool whole)
{
    const struct display_status *status = screen_status(screen);
    const char *address =
        status->attached ? status->attached : status->listening;
    const char *port = address ? strrchr(address, ':') : NULL;

    if (address)
        snprintf(part->text, sizeof part->text, "%s",
                 whole || !port ? address : port);
}

static void last_part(const struct screen *screen, struct part *part,
                      bool whole, bool narrow)
{
    int64_t last = tally_last_at(screen->host->tally);
    char text[AGE_SIZE];
    int64_t age;

    if (last == CLOCK_NONE) {
        snprintf(part->text, sizeof part->text, "no event yet");
        return;
    }
    age = screen_now(screen) - last;
    age_text(age, text);
    if (narrow || !strcmp(text, "now"))
        snprintf(part->text, sizeof part->text, "%s", text);
    else
        snprintf(part->text, sizeof part->text, "%s%s ago",
                 whole ? "last event " : "", text);
}

static void rate_part(const struct screen *screen, struct part *part)
{
    unsigned rate = tally_rate_x10(screen->host->tally, screen_now(screen));

    if (tally_last_at(screen->host->tally) == CLOCK_NONE)
        return;
    /* Rounded up: what happens is never "0/min". */
    snprintf(part->text, sizeof part->text, "%u/min", (rate + 9) / 10);
}

static void filter_part(const struct screen *screen, struct part *part)
{
    const char *filter = screen_filter_text(screen);
    struct buf cut, shown;

    if (!*filter) {
        snprintf(part->text, sizeof part->text, "no filter");
        return;
    }
    buf_init(&cut, 512);
    buf_init(&shown, LIMIT_PASTE * 2);
    mask_add_query(&shown, filter);
    text_cut(&cut, shown.data, 32, "…");
    buf_free(&shown);
    snprintf(part->text, sizeof part->text, "filter: %s", cut.data);
    part->role = ROLE_MODE;
    buf_free(&cut);
}

/* On another screen than Live, what its keys do stands in its place. */
static bool advice_part(const struct screen *screen, struct part *part)
{
    const struct pane *table = screen_table(screen);
    struct buf text;

    if (!table || !table->ops->advice)
        return false;
    buf_init(&text, sizeof part->text);
    table->ops->advice(table, &text);
    snprintf(part->text, sizeof part->text, "%s", text.data);
    buf_free(&text);
    return true;
}

/* The note on the account at the cursor, where nothing else says it. */
static bool note_part(const struct screen *screen, struct part *part)
{
    const struct pane *facts = screen_facts(screen);
    bool is_told = facts && pane_shows(facts) && screen->tab != TAB_coverage;
    const char *note;
    struct buf cut;

    if (screen->over_count || is_told ||
        (screen->tab == TAB_live && screen->focus != PANE_ACCOUNTS))
        return false;
    note = account_note_shown(screen, screen_selected_account(screen));
    if (!note)
        return false;
    buf_init(&cut, sizeof part->text - 1);
    text_cut(&cut, note, NOTE_CELLS, "…");
    snprintf(part->text, sizeof part->text, "note: %s", cut.data);
    buf_free(&cut);
    return true;
}

static void past_text(const struct screen *screen, const char *fresh,
                      struct part *part)
{
    struct buf text;

    buf_init(&text, 64);
    stream_past_state(screen->panes[PANE_STREAM], &text);
    snprintf(part->text, sizeof part->text, "%s%s", text.data, fresh);
    part->role = ROLE_MODE;
    buf_free(&text);
}

static void follow_part(const struct screen *screen, struct part *part)
{
    size_t missed = stream_missed(screen->panes[PANE_STREAM]);
    bool following = stream_following(screen->panes[PANE_STREAM]);
    char fresh[32] = "";

    if (missed)
        snprintf(fresh, sizeof fresh, " +%zu new", missed);
    if (stream_is_past(screen->panes[PANE_STREAM])) {
        past_text(screen, fresh, part);
    } else if (screen->frozen) {
        snprintf(part->text, sizeof part->text, "FROZEN%s", fresh);
        part->role = ROLE_MODE;
    } else {
        snprintf(part->text, sizeof part->text, "%s%s",
                 following ? "following" : "not following", fresh);
    }
}

static void share_part(struct part *part, bool narrow)
{
    if (!mask_on())
        return;
    snprintf(part->text, sizeof part->text, "%s",
             narrow ? "SHARE" : "SCREEN SHARE");
    part->role = ROLE_MODE;
}

static void mirror_part(const struct screen *screen, struct part *part)
{
    const struct display_status *status = screen_status(screen);
    struct buf text;

    buf_init(&text, sizeof part->text);
    mask_add(&text, status->mirror ? status->mirror : "no mirror");
    snprintf(part->text, sizeof part->text, "%s", text.len ? text.data : "");
    buf_free(&text);
    if (status->mirror_trouble)
        part->role = ROLE_WARN;
}

static void add_number(struct buf *out, uint64_t number, const char *what)
{
    if (number)
        buf_addf(out, "%s%llu %s", out->len ? ", " : "",
                 (unsigned long long)number, what);
}

/* What came and is not in the stream. */
static void hidden_part(const struct screen *screen, struct part *part)
{
    const struct display_status *status = screen_status(screen);
    struct buf text;

    buf_init(&text, sizeof part->text - 1);
    add_number(&text, ring_hidden(screen->host->ring),
               screen->show_hidden ? "hidden shown" : "hidden");
    add_number(&text, status->rejects, "refused");
    add_number(&text, status->forgotten, "forgotten");
    snprintf(part->text, sizeof part->text, "%s", text.len ? text.data : "");
    buf_free(&text);
}

/* Cells of the parts and the separators between them. */
static int parts_width(const struct part *parts, int separator)
{
    int width = 1 - separator;

    for (int i = 0; i < PART_COUNT; i++)
        if (parts[i].text[0])
            width += text_width(parts[i].text) + separator;
    return width;
}

static void fill_parts(const struct screen *screen, struct part *parts,
                       bool whole, bool narrow)
{
    memset(parts, 0, PART_COUNT * sizeof *parts);
    for (int i = 0; i < PART_COUNT; i++)
        parts[i].role = ROLE_STATUS;
    address_part(screen, &parts[PART_ADDRESS], whole);
    last_part(screen, &parts[PART_LAST], whole, narrow);
    rate_part(screen, &parts[PART_RATE]);
    if (!narrow || *screen_filter_text(screen))
        filter_part(screen, &parts[PART_FILTER]);
    if (!note_part(screen, &parts[PART_FOLLOW]) &&
        !advice_part(screen, &parts[PART_FOLLOW]))
        follow_part(screen, &parts[PART_FOLLOW]);
    share_part(&parts[PART_SHARE], narrow);
    if (!narrow || screen_status(screen)->mirror_trouble)
        mirror_part(screen, &parts[PART_MIRROR]);
    if (!narrow)
        hidden_part(screen, &parts[PART_HIDDEN]);
}

static void drop_parts(const struct screen *screen, struct part *parts,
                       int separator, int room)
{
    static const enum part_id order[] = {PART_HIDDEN, PART_MIRROR,
                                         PART_ADDRESS, PART_RATE};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (parts_width(parts, separator) <= room)
            return;
        if (order[i] == PART_MIRROR && screen_status(screen)->mirror_trouble)
            continue;
        parts[order[i]].text[0] = '\0';
    }
}

static void draw_parts(const struct screen *screen, const struct part *parts,
                       int y, int room, bool narrow)
{
    int x = 1;
    bool first = true;

    for (int i = 0; i < PART_COUNT; i++) {
        if (!parts[i].text[0])
            continue;
        if (!first) {
            if (!narrow)
                draw_mark(screen->draw, y, x + 1, ROLE_BORDER, MARK_VERTICAL);
            x += narrow ? 2 : 3;
        }
        x += draw_cut(screen->draw, y, x, room - x, parts[i].role,
                      parts[i].text);
        first = false;
    }
}

/* That the screen is shared is more than the hint's end. */
static void fit_hint(struct part *parts, int room, const char *hint)
{
    int over = parts_width(parts, 3) - room;
    struct buf cut;

    if (over <= 0 || !parts[PART_SHARE].text[0])
        return;
    buf_init(&cut, sizeof parts->text - 1);
    if (text_width(hint) > over)
        text_cut(&cut, hint, text_width(hint) - over, "…");
    snprintf(parts[PART_FOLLOW].text, sizeof parts->text, "%s",
             cut.len ? cut.data : "");
    buf_free(&cut);
}

/* Address and age, the filter of the list it is about, then what the pane on
 * top has to say. */
static void draw_hint(const struct screen *screen, int y, int room,
                      const char *hint)
{
    struct part parts[PART_COUNT];

    fill_parts(screen, parts, false, screen->layout.cols < SHORT_TITLE);
    for (int i = PART_RATE; i < PART_COUNT; i++)
        if (i != PART_SHARE && (i != PART_FILTER || screen->over_count ||
                                !*screen_filter_text(screen)))
            parts[i].text[0] = '\0';
    snprintf(parts[PART_FOLLOW].text, sizeof parts[PART_FOLLOW].text, "%s",
             hint);
    parts[PART_FOLLOW].role = ROLE_STATUS;
    if (parts_width(parts, 3) > room)
        parts[PART_ADDRESS].text[0] = parts[PART_LAST].text[0] = '\0';
    fit_hint(parts, room, hint);
    draw_parts(screen, parts, y, room, false);
}

static void draw_state(const struct screen *screen, int y, int room)
{
    struct part parts[PART_COUNT];
    bool narrow = screen->layout.cols < SHORT_TITLE;
    int separator = narrow ? 2 : 3;

    fill_parts(screen, parts, screen->layout.cols >= 100, narrow);
    if (parts_width(parts, separator) > room)
        fill_parts(screen, parts, false, narrow);
    drop_parts(screen, parts, separator, room);
    draw_parts(screen, parts, y, room, narrow);
}

void head_status(const struct screen *screen)
{
    struct draw *draw = screen->draw;
    const struct pane *top = screen_top(screen);
    int y = screen->layout.rows - 1;
    int cols = screen->layout.cols;
    const char *keys = cols >= 100 ? ": command   ? help " : " ? help ";
    int room = cols - (int)strlen(keys) - 1;
    struct buf hint;

    draw_under(draw, ROLE_STATUS);
    draw_blank(draw, (struct rect){y, 0, 1, cols}, ROLE_STATUS);
    if (screen->message_until) {
        draw_cut(draw, y, 1, cols - 2, ROLE_TITLE, screen->message);
        draw_under(draw, ROLE_TEXT);
        return;
    }
    draw_right(draw, y, cols / 2, cols - cols / 2, ROLE_KEY, keys);
    buf_init(&hint, 512);
    if (top->ops->hint)
        top->ops->hint(top, &hint);
    if (hint.len)
        draw_hint(screen, y, room, hint.data);
    else
        draw_state(screen, y, room);
    draw_under(draw, ROLE_TEXT);
    buf_free(&hint);
}
