/* What lists have in common and no pane owns: how far a key moves. */
#include "ui/pane/pane.h"

#include "base/banned.h"

long pane_steps(const struct pane *pane, enum action action)
{
    long page = pane->rect.h > 2 ? pane->rect.h - 1 : 1;

    switch (action) {
    case ACTION_up:
        return -1;
    case ACTION_down:
        return 1;
    case ACTION_page_up:
        return -page;
    case ACTION_page_down:
        return page;
    case ACTION_half_up:
        return -(page / 2 + 1);
    case ACTION_half_down:
        return page / 2 + 1;
    default:
        return 0;
    }
}
