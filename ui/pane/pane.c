/* What all panes have in common. */
#include "ui/pane/pane.h"

#include "base/banned.h"

bool pane_shows(const struct pane *pane)
{
    return pane->rect.w > 0 && pane->rect.h > 0;
}
