/* What actions do whose keys change how the screen looks: sizes, layout,
 * theme, mouse, screen share. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/pane/help.h"
#include "ui/pane/mask.h"
#include "ui/perform.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define WIDER_CELLS 4

static void tell_no_size(struct screen *screen, bool left)
{
    int other = 0;

    if (!left && layout_fit_extra(screen, true, &other))
        screen_message(screen, "Nothing at the right here: + and - size the "
                               "accounts, Tab goes there.");
    else
        screen_message(screen, "Nothing stands beside this: + and - change "
                               "nothing here.");
}

/* The stream has what the panes at its right leave. */
static void resize_pane(struct screen *screen, int cells)
{
    bool left = screen->focus == PANE_ACCOUNTS;
    int *extra = left ? &screen->left_extra : &screen->right_extra;
    int before = *extra;

    if (!layout_fit_extra(screen, left, &before)) {
        tell_no_size(screen, left);
        return;
    }
    *extra = before + (screen->focus == PANE_STREAM ? -cells : cells);
    layout_fit_extra(screen, left, extra);
    if (*extra == before)
        screen_message(screen, "No room for more: it is as %s as it can be.",
                       cells > 0 ? "wide" : "narrow");
    else
        arrange_save(screen);
}

void perform_wider(struct screen *screen)
{
    resize_pane(screen, WIDER_CELLS);
}

void perform_narrower(struct screen *screen)
{
    resize_pane(screen, -WIDER_CELLS);
}

void perform_toggle_zoom(struct screen *screen)
{
    screen->zoom = !screen->zoom;
    arrange_save(screen);
}

void perform_equal_panes(struct screen *screen)
{
    screen->left_extra = screen->right_extra = 0;
    screen->zoom = false;
    arrange_save(screen);
}

/* The next one, or that of the name. */
void perform_change_layout(struct screen *screen, const char *arg)
{
    static const char *const words[ARRANGE_COUNT] = {
        [ARRANGE_ALL] = "accounts, stream and panes, as far as there is room",
        [ARRANGE_ACCOUNTS] = "accounts and stream",
        [ARRANGE_PANES] = "stream and panes",
        [ARRANGE_STREAM] = "the stream alone"};
    enum arrangement next =
        (enum arrangement)((screen->arrangement + 1) % ARRANGE_COUNT);

    if (*arg && !arrangement_parse(arg, &next)) {
        screen_message(screen,
                       "No layout \"%s\": all, accounts, panes, stream.", arg);
        return;
    }
    screen->arrangement = next;
    screen->zoom = false;
    arrange_save(screen);
    screen_message(screen, "Layout %s: %s.", arrangement_name(next),
                   words[next]);
}

void perform_change_times(struct screen *screen, const char *arg)
{
    if (*arg && strcmp(arg, "age") != 0 && strcmp(arg, "clock") != 0) {
        screen_message(screen, "No times \"%s\": clock, age.", arg);
        return;
    }
    screen->ages = *arg ? !strcmp(arg, "age") : !screen->ages;
    screen_message(screen, screen->ages ? "Rows say how long ago that was."
                                        : "Rows say at what time that was.");
}

void perform_change_theme(struct screen *screen, const char *arg)
{
    char *next = *arg ? xstrdup(arg) : theme_next(theme_name(screen->theme));
    struct err err;

    if (screen_use_theme(screen, next, &err))
        screen_message(screen, "Theme: %s.", next);
    else
        screen_message(screen, "%s", err.text);
    free(next);
}

void perform_toggle_mouse(struct screen *screen)
{
    screen->mouse = !screen->mouse;
    tty_mouse(screen->tty, screen->mouse);
    screen_message(screen, screen->mouse
                               ? "Mouse on: wheel and click work here."
                               : "Mouse off: the terminal selects text.");
}

void perform_toggle_share(struct screen *screen)
{
    mask_set(!mask_on());
    screen->repaint = true;
    screen_message(screen, mask_on()
                               ? "Screen share: names are masked here, in "
                                 "copies and in notices."
                               : "Screen share is over: names are shown.");
}

void perform_redraw(struct screen *screen)
{
    screen->repaint = true;
}

void perform_suspend(struct screen *screen)
{
    tty_suspend(screen->tty);
    screen->repaint = true;
}

void perform_reload(struct screen *screen)
{
    struct err err;

    if (screen_use_theme(screen, theme_name(screen->theme), &err))
        screen_message(screen, "Reread the theme. Accounts and event names "
                               "are being read ...");
    else
        screen_message(screen, "%s", err.text);
    screen->host->reload(screen->host->ctx);
}

void perform_show_help(struct screen *screen)
{
    screen_show(screen, help_new(screen, screen_where(screen)));
}
