/* What a command's prompt was opened on is what its command acts on: the
 * stream runs on under it, a list may lose a row. */
#include <stdlib.h>

#include "base/mem.h"
#include "ui/pane/signal_list.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

const struct inbox_signal *hold_signal_here(const struct screen *screen)
{
    return screen->tab == TAB_signals && !screen->over_count
               ? signal_list_selected(screen_table(screen))
               : NULL;
}

/* The account may be the one that is held: from a prompt that opens another. */
void hold_selected(struct screen *screen)
{
    const struct inbox_signal *signal = hold_signal_here(screen);
    const char *account = screen_selected_account(screen);
    struct held held = {.on = screen->held.on,
                        .seq = screen_selected(screen),
                        .account = account ? xstrdup(account) : NULL,
                        .signal = signal ? signal->id : 0};

    free(screen->held.account);
    screen->held = held;
}

static void drop(struct held *held)
{
    free(held->account);
    held->account = NULL;
    held->seq = 0;
}

void hold_begin(struct screen *screen)
{
    struct held *held = &screen->held;

    /* of a signal that is gone nothing is left to act on, nor of another */
    if (held->signal &&
        !signal_list_select(screen->tables[TAB_signals], held->signal))
        drop(held);
    held->on = true;
}

void hold_end(struct screen *screen)
{
    screen->held.on = false;
}

void hold_free(struct screen *screen)
{
    drop(&screen->held);
}
