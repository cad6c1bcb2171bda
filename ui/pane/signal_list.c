/* The table of signals. It is sorted when it opens and holds still then:
 * what comes meanwhile goes on top, and no row moves because its state
 * changed under the cursor. */
#include "ui/pane/signal_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ui/pane/account_note.h"
#include "ui/pane/columns.h"
#include "ui/pane/evidence_pane.h"
#include "ui/pane/labels.h"
#include "ui/pane/list.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_order.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

struct signal_list {
    struct pane pane;
    struct list list;
    struct inbox_key *order; /* top row first, as they were put there */
    size_t count, room;
    int64_t cursor; /* id; 0: none yet */
    struct evidence evidence;
    int64_t evidence_of; /* id */
    unsigned copied;     /* openers, of the one under the cursor */
};

static struct signal_list *self(struct pane *pane)
{
    return (struct signal_list *)(void *)pane;
}

static const struct signal_list *self_const(const struct pane *pane)
{
    return (const struct signal_list *)(const void *)pane;
}

static const struct inbox *inbox_of(const struct pane *pane)
{
    return screen_host(pane->screen)->inbox;
}

/* ---- order ---- */

static size_t row_of(const struct signal_list *signals, int64_t id)
{
    for (size_t i = 0; i < signals->count; i++)
        if (signals->order[i].id == id)
            return i;
    return SIZE_MAX;
}

/* Into the rows, before the first that it stands before. */
static void put_row(struct signal_list *signals,
                    const struct inbox_signal *signal)
{
    struct inbox_key key = signal_key(signals->pane.screen, signal);
    size_t row = 0;

    if (signals->count == signals->room) {
        signals->room = signals->room ? signals->room * 2 : 32;
        signals->order = xreallocarray(signals->order, signals->room,
                                       sizeof *signals->order);
    }
    while (row < signals->count &&
           inbox_by_key(&signals->order[row], &key) < 0)
        row++;
    memmove(signals->order + row + 1, signals->order + row,
            (signals->count - row) * sizeof *signals->order);
    signals->order[row] = key;
    signals->count++;
}

static void drop_gone(struct signal_list *signals)
{
    size_t kept = 0;

    for (size_t i = 0; i < signals->count; i++)
        if (inbox_find(inbox_of(&signals->pane), signals->order[i].id))
            signals->order[kept++] = signals->order[i];
    signals->count = kept;
}

/* Rows that went are taken out, new ones put where they belong. */
static void take_inbox(struct signal_list *signals)
{
    const struct inbox *inbox = inbox_of(&signals->pane);

    drop_gone(signals);
    for (size_t i = 0; i < inbox_count(inbox); i++)
        if (row_of(signals, inbox_at(inbox, i)->id) == SIZE_MAX)
            put_row(signals, inbox_at(inbox, i));
}

static void keep_cursor(struct signal_list *signals)
{
    if (signals->count)
        signals->cursor = signals->order[signals->list.cursor].id;
}

void signal_list_open(struct pane *pane)
{
    struct signal_list *signals = self(pane);

    signals->count = 0;
    take_inbox(signals);
    list_fit(&signals->list, signals->count, pane->rect.h);
    list_go(&signals->list, 0);
    signals->cursor = 0;
    keep_cursor(signals);
}

bool signal_list_select(struct pane *pane, int64_t id)
{
    struct signal_list *signals = self(pane);
    size_t row = row_of(signals, id);

    signals->cursor = 0;
    if (row == SIZE_MAX || !inbox_find(inbox_of(pane), id))
        return false;
    list_go(&signals->list, row);
    keep_cursor(signals);
    return true;
}

void signal_list_forget(struct pane *pane)
{
    evidence_clear(&self(pane)->evidence);
    self(pane)->evidence_of = 0;
}

const struct inbox_signal *signal_list_selected(const struct pane *pane)
{
    return inbox_find(inbox_of(pane), self_const(pane)->cursor);
}

const struct evidence *signal_list_evidence(const struct pane *pane)
{
    return &self_const(pane)->evidence;
}

static void load_evidence(struct signal_list *signals)
{
    const struct inbox_signal *signal = signal_list_selected(&signals->pane);

    if (signals->evidence_of == signals->cursor)
        return;
    signals->evidence_of = signals->cursor;
    signals->copied = 0;
    if (signal)
        evidence_load(&signals->evidence, signals->pane.screen,
                      signal->evidence, signal->evidence_count);
    else
        evidence_clear(&signals->evidence);
}

static bool signal_list_update(struct pane *pane)
{
    struct signal_list *signals = self(pane);
    size_t row;

    take_inbox(signals);
    row = row_of(signals, signals->cursor);
    if (row != SIZE_MAX)
        signals->list.cursor = row;
    list_fit(&signals->list, signals->count, pane->rect.h);
    signals->cursor = signals->count ? signals->cursor : 0;
    keep_cursor(signals);
    if (pane_shows(pane))
        load_evidence(signals);
    return false;
}

/* ---- drawing ---- */

enum column_id { SIGNAL, ACCOUNT, PERSON, WHY, SINCE, COLUMNS };

/* Cells of account, person and age by width; 0: left out. */
static const struct {
    int at_least, account, person, since;
} widths[] = {{140, 20, 18, 8},
              {100, 14, 16, 8},
              {80, 9, 14, 6},
              {56, 9, 0, 6},
              {0, 8, 0, 0}};

#define STATE_AT 1
#define TONE_AT 3
#define TITLE_AT 5
#define TITLE_CELLS 13 /* "champion away" */

static void place_columns(int w, struct column columns[COLUMNS])
{
    int i = 0, x = TITLE_AT + TITLE_CELLS + 1;

    while (widths[i].at_least > w)
        i++;
    memset(columns, 0, COLUMNS * sizeof *columns);
    columns[SIGNAL] = (struct column){"Signal", 2, 0, false, false};
    columns[ACCOUNT] =
        (struct column){"Account", x, widths[i].account, false, false};
    x += widths[i].account + 1;
    if (widths[i].person) {
        columns[PERSON] =
            (struct column){"Person", x, widths[i].person, false, false};
        x += widths[i].person + 1;
    }
    columns[WHY] = (struct column){"Why", x, w - x, false, false};
    if (widths[i].since) {
        columns[WHY].cells -= widths[i].since + 1;
        columns[SINCE] = (struct column){"Since", w - widths[i].since,
                                         widths[i].since, true, false};
    }
}

static void signal_list_rule(const struct pane *pane, struct draw *draw,
                             struct rect rule)
{
    struct column columns[COLUMNS];

    place_columns(rule.w, columns);
    columns[SINCE].cells--; /* a blank before the edge */
    columns_draw(draw, rule, pane->focus, columns, COLUMNS);
}

static void draw_marks(struct draw *draw, struct rect rect,
                       const struct inbox_signal *signal,
                       enum inbox_state state)
{
    static const char letters[] = {[INBOX_SNOOZED] = 's', [INBOX_DONE] = 'd'};

    if (state == INBOX_NEW)
        draw_mark(draw, rect.y, rect.x + STATE_AT, ROLE_UNREAD, MARK_BULLET);
    else if (state != INBOX_SEEN)
        draw_format(draw, rect.y, rect.x + STATE_AT, 1, ROLE_KEY, "%c",
                    letters[state]);
    draw_text(draw, rect.y, rect.x + TONE_AT, 1, signal_role(signal),
              signal_mark(signal));
}

static void draw_names(const struct pane *pane, struct draw *draw,
                       struct rect rect, const struct column *columns,
                       const struct inbox_signal *signal)
{
    const struct column *account = &columns[ACCOUNT];
    const struct column *person = &columns[PERSON];
    const char *label = labels_text(screen_labels(pane->screen),
                                    signal->account_id, account->cells);
    struct buf text;

    buf_init(&text, LIMIT_TEXT);
    if (label)
        buf_adds(&text, label);
    else
        name_account(&text, signal->account_id, signal->account, true,
                     account->cells);
    draw_text(draw, rect.y, rect.x + account->at, account->cells,
              theme_account(signal->account_id), text.data);
    buf_clear(&text);
    name_person(&text, signal->person_id, signal->person, person->cells);
    if (person->name)
        draw_text(draw, rect.y, rect.x + person->at, person->cells, ROLE_TEXT,
                  text.data);
    buf_free(&text);
}

void signal_since(const struct inbox_signal *signal, int64_t now,
                  char out[SINCE_SIZE])
{
    char day[AGE_SIZE];

    switch (inbox_state(signal, now)) {
    case INBOX_DONE:
        snprintf(out, SINCE_SIZE, "done");
        return;
    case INBOX_SNOOZED:
        time_day(signal->until, day);
        if (signal->until - now < 7 * CLOCK_DAY_MS)
            snprintf(out, SINCE_SIZE, "to %.3s", day);
        else
            snprintf(out, SINCE_SIZE, "%s", day + 4);
        return;
    default:
        age_text(now - signal->fired_at, day);
        snprintf(out, SINCE_SIZE, "%s", day);
    }
}

static void draw_why(struct draw *draw, struct rect rect,
                     const struct column *why,
                     const struct inbox_signal *signal, enum role role)
{
    struct buf text;

    buf_init(&text, LIMIT_TEXT);
    name_sentence(&text, signal->sentence ? signal->sentence : "", why->cells);
    draw_text(draw, rect.y, rect.x + why->at, why->cells, role, text.data);
    buf_free(&text);
}

static void draw_row(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    const struct inbox_signal *signal =
        inbox_find(inbox_of(pane), self_const(pane)->order[row].id);
    int64_t now = screen_now(pane->screen);
    enum inbox_state state = inbox_state(signal, now);
    enum role role = state > INBOX_SEEN ? ROLE_DIM : ROLE_TEXT;
    struct column columns[COLUMNS];
    char since[SINCE_SIZE];

    place_columns(rect.w, columns);
    draw_marks(draw, rect, signal, state);
    draw_cut(draw, rect.y, rect.x + TITLE_AT, TITLE_CELLS,
             state > INBOX_SEEN ? ROLE_DIM : signal_role(signal),
             signal_called(pane->screen, signal));
    draw_names(pane, draw, rect, columns, signal);
    draw_why(draw, rect, &columns[WHY], signal, role);
    signal_since(signal, now, since);
    if (columns[SINCE].name)
        draw_right(draw, rect.y, rect.x + columns[SINCE].at,
                   columns[SINCE].cells, ROLE_DIM, since);
}

static void signal_list_draw(const struct pane *pane, struct draw *draw)
{
    if (!self_const(pane)->count)
        list_draw_none(
            pane, draw,
            "No signals yet. Billing and who is working now show at once; "
            "what is new in an account after two weeks of events, who goes "
            "quiet after three. telltale backfill brings the past of PostHog "
            "at once.");
    list_draw(&self_const(pane)->list, pane, draw, draw_row);
}

static void signal_list_title(const struct pane *pane, struct buf *left,
                              struct buf *right)
{
    struct inbox_totals totals =
        inbox_totals(inbox_of(pane), screen_now(pane->screen));
    char fresh[NUMBER_SIZE];

    buf_adds(left, "Signals");
    counted_text(totals.fresh, totals.more, fresh);
    buf_addf(right, "%s new · %zu open", fresh, totals.open);
}

static void signal_list_head(const struct pane *pane, struct draw *draw,
                             struct rect row)
{
    (void)pane;
    draw_mark(draw, row.y, row.x + 1, ROLE_UNREAD, MARK_BULLET);
    draw_cut(draw, row.y, row.x + 3, row.w - 3, ROLE_DIM,
             "new   s snoozed   d done    the same keys set it   M note   "
             "y copies the text");
}

/* ---- what is done with one ---- */

static void set_state(struct pane *pane, const struct inbox_signal *signal,
                      enum inbox_state state, int64_t until)
{
    const struct display_host *host = screen_host(pane->screen);

    host->signal_state(host->ctx, signal->id, state, until);
}

/* The user has looked at it and goes on. */
static void see(struct pane *pane)
{
    const struct inbox_signal *signal = signal_list_selected(pane);

    if (signal && inbox_state(signal, screen_now(pane->screen)) == INBOX_NEW)
        set_state(pane, signal, INBOX_SEEN, 0);
}

void signal_list_leave(struct pane *pane)
{
    see(pane);
}

static void mark_done(struct pane *pane, const struct inbox_signal *signal)
{
    bool undo = signal->state == INBOX_DONE;

    set_state(pane, signal, undo ? INBOX_SEEN : INBOX_DONE, 0);
    screen_message(pane->screen,
                   undo ? "Open again." : "Done. d again opens it.");
}

static void say_snoozed(struct pane *pane, int64_t until, const char *more)
{
    char day[AGE_SIZE];

    time_day(until, day);
    screen_message(pane->screen, "Snoozed until %s.%s", day, more);
}

/* Until tomorrow, then until next week, then no longer. */
static void snooze_on(struct pane *pane, const struct inbox_signal *signal)
{
    int64_t now = screen_now(pane->screen), tomorrow, week;

    if (!clock_parse_until("tomorrow", now, &tomorrow) ||
        !clock_parse_until("week", now, &week))
        return;
    if (inbox_state(signal, now) != INBOX_SNOOZED) {
        set_state(pane, signal, INBOX_SNOOZED, tomorrow);
        say_snoozed(pane, tomorrow, " s again: until next week.");
    } else if (signal->until < week) {
        set_state(pane, signal, INBOX_SNOOZED, week);
        say_snoozed(pane, week, " s again wakes it.");
    } else {
        set_state(pane, signal, INBOX_SEEN, 0);
        screen_message(pane->screen, "Awake again.");
    }
}

static void snooze(struct pane *pane, const struct inbox_signal *signal,
                   const char *until)
{
    int64_t at;

    if (!*until) {
        snooze_on(pane, signal);
    } else if (clock_parse_until(until, screen_now(pane->screen), &at)) {
        set_state(pane, signal, INBOX_SNOOZED, at);
        say_snoozed(pane, at, "");
    } else {
        screen_message(pane->screen,
                       "Until when? tomorrow, week, 3d or a date to come, "
                       "like 2026-12-24.");
    }
}

static void note(struct pane *pane, const struct inbox_signal *signal,
                 const char *text)
{
    const struct display_host *host = screen_host(pane->screen);

    if (!account_note_fits(pane->screen, text))
        return;
    host->signal_note(host->ctx, signal->id, *text ? text : NULL);
    screen_message(pane->screen,
                   *text ? "Noted. :note alone takes it away." : "No note.");
}

/* One text, and the next time the other. */
static void copy_opener(struct signal_list *signals,
                        const struct inbox_signal *signal)
{
    const char *text = signal->openers[signals->copied++ % INBOX_OPENERS];

    if (text)
        screen_copy(signals->pane.screen, text,
                    signals->copied % INBOX_OPENERS
                        ? "the first text of two"
                        : "the second text of two");
}

static bool act_on(struct pane *pane, const struct inbox_signal *signal,
                   enum action action, const char *arg)
{
    switch (action) {
    case ACTION_open:
        screen_show(pane->screen, evidence_pane(pane->screen, signal));
        return true;
    case ACTION_done:
        mark_done(pane, signal);
        return true;
    case ACTION_snooze:
        snooze(pane, signal, arg);
        return true;
    case ACTION_note:
        note(pane, signal, arg);
        return true;
    case ACTION_copy:
        copy_opener(self(pane), signal);
        return true;
    default:
        return false;
    }
}

/* The cursor goes on: where it was is seen. */
static void left_row(struct pane *pane)
{
    struct signal_list *signals = self(pane);

    if (signals->count &&
        signals->order[signals->list.cursor].id != signals->cursor)
        see(pane);
    keep_cursor(signals);
}

static bool signal_list_action(struct pane *pane, enum action action,
                               const char *arg)
{
    const struct inbox_signal *signal = signal_list_selected(pane);

    if (signal && act_on(pane, signal, action, arg))
        return true;
    if (!list_action(&self(pane)->list, action))
        return false;
    left_row(pane);
    return true;
}

static void signal_list_click(struct pane *pane, int line, int col)
{
    struct signal_list *signals = self(pane);
    size_t row;

    (void)col;
    if (!list_at(&signals->list, line, &row))
        return;
    if (row == signals->list.cursor) {
        signal_list_action(pane, ACTION_open, "");
    } else {
        list_go(&signals->list, row);
        left_row(pane);
    }
}

static uint64_t signal_list_event(const struct pane *pane)
{
    const struct inbox_signal *signal = signal_list_selected(pane);

    return signal && signal->evidence_count
               ? signal->evidence[signal->evidence_count - 1]
               : 0;
}

static const char *signal_list_account(const struct pane *pane)
{
    const struct inbox_signal *signal = signal_list_selected(pane);

    return signal ? signal->account_id : NULL;
}

static size_t signal_list_rows(const struct pane *pane)
{
    return self_const(pane)->count;
}

static void signal_list_advice(const struct pane *pane, struct buf *out)
{
    if (signal_list_selected(pane))
        buf_adds(out, "Enter shows the events");
}

static void signal_list_free(struct pane *pane)
{
    evidence_clear(&self(pane)->evidence);
    free(self(pane)->order);
    free(pane);
}

struct pane *signal_list_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = signal_list_free,
        .title = signal_list_title,
        .rule = signal_list_rule,
        .draw = signal_list_draw,
        .action = signal_list_action,
        .click = signal_list_click,
        .update = signal_list_update,
        .selected = signal_list_event,
        .account = signal_list_account,
        .head = signal_list_head,
        .rows = signal_list_rows,
        .advice = signal_list_advice,
    };
    struct signal_list *signals = xcalloc(1, sizeof *signals);

    signals->pane.ops = &ops;
    signals->pane.screen = screen;
    signals->pane.where = WHERE_SIGNALS;
    return &signals->pane;
}
