/* Title row and category row. Each knows several forms and takes the first one
 * that fits. */
#include "ui/head.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/pane/mask.h"
#include "ui/pane/stream.h"
#include "ui/pane/time_text.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define KEY_CATEGORIES 10 /* 1 … 9, 0 */

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
    bool narrow = screen->layout.cols < HEAD_SHORT;
    char number[NUMBER_SIZE], signals[NUMBER_SIZE];

    if (stream_is_empty(screen->panes[PANE_STREAM])) {
        buf_adds(out, "nothing yet");
        return;
    }
    number_text(accounts, number);
    if (accounts && screen->layout.cols >= 100)
        buf_addf(out, "%s account%s · ", number, plural_text(accounts));
    number_text(tally_today(host->tally), number);
    if (narrow)
        buf_addf(out, "%s today", number);
    else
        buf_addf(out, "%s event%s today", number,
                 plural_text(tally_today(host->tally)));
    tab_number(screen, TAB_signals, signals);
    if (narrow && *signals)
        buf_addf(out, " · Signals %s", signals);
}

/* "Signals 3" */
static void tab_text(const struct screen *screen, enum tab tab, char out[64])
{
    char number[NUMBER_SIZE];

    tab_number(screen, tab, number);
    snprintf(out, 64, "%s%s%s", tab_name(tab), *number ? " " : "", number);
}

static int tabs_width(const struct screen *screen)
{
    char text[64];
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
    char text[64];

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
    return screen->layout.cols >= HEAD_SHORT &&
           !screen_status(screen)->problem &&
           tabs_at(screen) + tabs_width(screen) <= screen->layout.cols;
}

bool head_tab_at(const struct screen *screen, int x, enum tab *tab)
{
    int end = tabs_at(screen);
    char text[64];

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
    char number[NUMBER_SIZE] = "";

    if (count)
        number_text(count, number);
    /* "AI " is padded for columns; here nothing stands under it. */
    snprintf(out, 64, "%.*s%s%s", (int)strcspn(word, " "), word,
             count && (form == FORM_NAMES || form == FORM_LABELS) ? " " : "",
             number);
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
