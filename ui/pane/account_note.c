/* Notes on accounts: the program's, asked for by whoever shows an account. */
#include "ui/pane/account_note.h"

#include <string.h>

#include "base/limits.h"
#include "ui/pane/mask.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

const char *account_note(const struct screen *screen, const char *id)
{
    const struct display_host *host = screen_host(screen);

    return id ? host->note(host->ctx, id) : NULL;
}

const char *account_note_shown(const struct screen *screen, const char *id)
{
    const char *text = account_note(screen, id);

    return text ? mask_own_words(text) : NULL;
}

bool account_note_fits(struct screen *screen, const char *text)
{
    if (strlen(text) <= LIMIT_NOTE)
        return true;
    screen_message(screen, "Not noted: a note has %d bytes at most.",
                   LIMIT_NOTE);
    return false;
}
