/* The account list. It sorts itself by what happened last, but holds still
 * while it has the focus: nobody aims at a moving row. */
#include "ui/pane/accounts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/account_rows.h"
#include "ui/pane/drill.h"
#include "ui/pane/labels.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "ui/pane/screen.h"
#include "ui/pane/signal_order.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

#define UNREAD_CELLS 3
#define FIXED_CELLS (1 + 1 + TALLY_BARS + UNREAD_CELLS) /* but the name */
#define AGE_CELLS 7
#define WIDE 60 /* from here on: when it was last seen, and its signals */
#define NAME_CELLS 24
#define VERY_WIDE 120 /* from here on: whose it is, too */
#define NAME_MOST 32
#define OWNER_CELLS 16
#define SEGMENT_CELLS 10

struct accounts {
    struct pane pane;
    struct account_rows rows; /* its cursor: NULL before the first move */
    unsigned scale;           /* the largest bar of all */
};

static struct accounts *accounts_of(struct pane *pane)
{
    return (struct accounts *)pane;
}

static const struct tally *tally_of(const struct accounts *accounts)
{
    return screen_host(accounts->pane.screen)->tally;
}

static void measure(struct accounts *accounts)
{
    const struct tally *tally = tally_of(accounts);

    accounts->scale = 1;
    for (size_t i = 0; i < tally_accounts(tally); i++)
        for (int bar = 0; bar < TALLY_BARS; bar++)
            if (tally_account(tally, i)->bars[bar] > accounts->scale)
                accounts->scale = tally_account(tally, i)->bars[bar];
}

/* While it has the focus no row moves. */
static bool accounts_update(struct pane *pane)
{
    struct accounts *accounts = accounts_of(pane);
    struct account_rows *rows = &accounts->rows;
    size_t row;

    if (!pane->focus || !rows->count || !account_rows_take(rows, pane->screen))
        account_rows_sort(rows, pane->screen, NULL, false);
    measure(accounts);
    row = account_rows_cursor(rows);
    rows->list.cursor = row == SIZE_MAX ? 0 : row;
    list_fit(&rows->list, rows->count, pane->rect.h);
    if (!pane->focus)
        rows->list.top = 0;
    return false;
}

/* The cursor was moved to a row: it is on that account from now on. */
static void keep_account(struct accounts *accounts)
{
    account_rows_keep(&accounts->rows);
    screen_dirty(accounts->pane.screen);
}

static const struct tally_account *
selected_account(const struct accounts *accounts)
{
    return account_rows_selected(&accounts->rows, accounts->pane.screen);
}

static void drill_in(struct accounts *accounts)
{
    const struct tally_account *account = selected_account(accounts);

    if (account)
        drill_into(accounts->pane.screen,
                   &(struct drill){.id = account->id,
                                   .name = account->name,
                                   .category = INBOX_NO_CATEGORY});
}

static bool accounts_action(struct pane *pane, enum action action,
                            const char *arg)
{
    struct accounts *accounts = accounts_of(pane);

    (void)arg;
    if (action == ACTION_open)
        drill_in(accounts);
    else if (list_action(&accounts->rows.list, action))
        keep_account(accounts);
    else
        return false;
    return true;
}

static void accounts_click(struct pane *pane, int line, int col)
{
    struct accounts *accounts = accounts_of(pane);

    (void)col;
    list_click(&accounts->rows.list, line);
    keep_account(accounts);
}

static void draw_name(const struct accounts *accounts, struct draw *draw,
                      int y, int x, int cells,
                      const struct tally_account *account)
{
    const char *label =
        labels_text(screen_labels(accounts->pane.screen), account->id, cells);
    struct buf name;

    buf_init(&name, 1024);
    if (label)
        buf_adds(&name, label);
    else if (account->id)
        name_account(&name, account->id,
                     account->name ? account->name : account->id,
                     account->listed, cells);
    else
        buf_adds(&name, "no account");
    draw_text(draw, y, x, cells,
              account->last_at == CLOCK_NONE ? ROLE_DIM
                                             : theme_account(account->id),
              name.data);
    buf_free(&name);
}

/* Others of the team look at it: who, is on the account's page. */
static int looks_cells(const struct screen *screen, const char *id)
{
    const struct display_host *host = screen_host(screen);
    size_t at = 0;

    return host->looks && id && host->looks(host->ctx, id, &at) ? 2 : 0;
}

static void draw_unread(struct draw *draw, int y, int x, unsigned unread)
{
    char text[16];

    if (!unread)
        return;
    if (unread < 1000)
        snprintf(text, sizeof text, "%u", unread);
    else
        snprintf(text, sizeof text, "%uk", unread / 1000);
    draw_right(draw, y, x, UNREAD_CELLS, ROLE_UNREAD, text);
}

static void draw_bars(const struct accounts *accounts, struct draw *draw,
                      int y, int x, const struct tally_account *account)
{
    for (int i = 0; i < TALLY_BARS; i++) {
        uint64_t eighths =
            ((uint64_t)account->bars[i] * 8 + accounts->scale - 1) /
            accounts->scale;

        draw_bar(draw, y, x + i, ROLE_SPARK, (int)eighths);
    }
}

/* Beside an account that something bad is open of. */
static void draw_gutter(const struct accounts *accounts, struct draw *draw,
                        struct rect rect, const char *id)
{
    const struct screen *screen = accounts->pane.screen;
    size_t open;
    const struct inbox_signal *worst =
        inbox_worst(screen_host(screen)->inbox, id, screen_now(screen), &open);

    if (worst && worst->tone >= TONE_WARN)
        draw_text(draw, rect.y, rect.x, 1, signal_role(worst),
                  signal_mark(worst));
}

static void draw_age(const struct accounts *accounts, struct draw *draw, int y,
                     int x, const struct tally_account *account)
{
    char age[AGE_SIZE];

    if (account->last_at == CLOCK_NONE)
        return;
    age_text(screen_now(accounts->pane.screen) - account->last_at, age);
    draw_right(draw, y, x, AGE_CELLS - 1, ROLE_DIM, age);
}

/* Owner and segment; returns the cells they take. */
static int draw_book(const struct accounts *accounts, struct draw *draw, int y,
                     int x, const char *id)
{
    const struct display_host *host = screen_host(accounts->pane.screen);
    const struct account *account =
        id ? book_find(host->book(host->ctx), id) : NULL;

    if (account) {
        draw_cut(draw, y, x, OWNER_CELLS, ROLE_DIM,
                 account->owner ? mask_owner(account->owner, OWNER_CELLS)
                                : "-");
        draw_cut(draw, y, x + OWNER_CELLS + 2, SEGMENT_CELLS, ROLE_DIM,
                 account->segment ? account->segment : "-");
    }
    return OWNER_CELLS + 2 + SEGMENT_CELLS + 2;
}

/* What there is room for when the list has the screen. */
static void draw_more(const struct accounts *accounts, struct draw *draw,
                      struct rect rect, int x, const char *id)
{
    if (rect.w >= VERY_WIDE)
        x += draw_book(accounts, draw, rect.y, rect.x + x, id);
    signal_draw_open(accounts->pane.screen, draw,
                     (struct rect){rect.y, rect.x + x, 1,
                                   rect.w - x - UNREAD_CELLS - 1},
                     id);
}

/* The cells of a name: all that are left, unless there is more to say. */
static int name_cells(int cells)
{
    return cells >= VERY_WIDE ? NAME_MOST
           : cells >= WIDE    ? NAME_CELLS
                              : cells - FIXED_CELLS;
}

static void draw_row(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    const struct accounts *accounts = (const struct accounts *)pane;
    const struct tally_account *account =
        account_rows_at(&accounts->rows, pane->screen, row);
    int extra = rect.w >= WIDE ? AGE_CELLS : 0;
    int name = name_cells(rect.w), bars = 2 + name + extra, looks;

    if (!account)
        return;
    looks = looks_cells(pane->screen, account->id);
    if (!pane->focus || row != accounts->rows.list.cursor)
        draw_gutter(accounts, draw, rect, account->id);
    draw_name(accounts, draw, rect.y, rect.x + 1, name - looks, account);
    if (looks)
        draw_mark(draw, rect.y, rect.x + name - 1, ROLE_DIM, MARK_BULLET);
    if (extra)
        draw_age(accounts, draw, rect.y, rect.x + 1 + name, account);
    draw_bars(accounts, draw, rect.y, rect.x + bars, account);
    if (extra)
        draw_more(accounts, draw, rect, bars + TALLY_BARS + 2, account->id);
    draw_unread(draw, rect.y, rect.x + rect.w - UNREAD_CELLS, account->unread);
}

static void accounts_draw(const struct pane *pane, struct draw *draw)
{
    const struct accounts *accounts = (const struct accounts *)pane;

    if (!accounts->rows.count) {
        draw_cut(draw, pane->rect.y, pane->rect.x + 1, pane->rect.w - 2,
                 ROLE_DIM, "No accounts yet");
        draw_cut(draw, pane->rect.y + 1, pane->rect.x + 1, pane->rect.w - 2,
                 ROLE_DIM, "(accounts.csv)");
        return;
    }
    list_draw(&accounts->rows.list, pane, draw, draw_row);
}

static void accounts_title(const struct pane *pane, struct buf *left,
                           struct buf *right)
{
    const struct accounts *accounts = (const struct accounts *)pane;
    const struct tally *tally = tally_of(accounts);
    char number[NUMBER_SIZE];
    size_t listed = 0;

    for (size_t i = 0; i < tally_accounts(tally); i++)
        listed += tally_account(tally, i)->listed;
    buf_adds(left, "Accounts");
    number_text(listed, number);
    if (listed)
        buf_adds(right, number);
}

static uint64_t accounts_event(const struct pane *pane)
{
    const struct tally_account *account =
        selected_account((const struct accounts *)pane);

    return account ? account->last_seq : 0;
}

static const char *accounts_account(const struct pane *pane)
{
    const struct tally_account *account =
        selected_account((const struct accounts *)pane);

    return account ? account->id : NULL;
}

static void accounts_free(struct pane *pane)
{
    struct accounts *accounts = accounts_of(pane);

    account_rows_free(&accounts->rows);
    free(accounts);
}

static const struct pane_ops accounts_ops = {
    .free = accounts_free,
    .title = accounts_title,
    .draw = accounts_draw,
    .action = accounts_action,
    .click = accounts_click,
    .update = accounts_update,
    .selected = accounts_event,
    .account = accounts_account,
};

struct pane *accounts_new(struct screen *screen)
{
    struct accounts *accounts = xcalloc(1, sizeof *accounts);

    accounts->pane.ops = &accounts_ops;
    accounts->pane.screen = screen;
    accounts->pane.where = WHERE_LIVE;
    return &accounts->pane;
}
