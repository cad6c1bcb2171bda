/* Order and look of signals. */
#include "ui/pane/signal_order.h"

#include "live/working.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

bool account_works_now(const struct tally_account *account, int64_t now)
{
    return account && working_at(account->last_at, now);
}

static bool works_now(const struct screen *screen,
                      const struct inbox_signal *signal)
{
    const struct tally_account *account =
        signal->working && signal->account_id
            ? tally_find(screen_host(screen)->tally, signal->account_id)
            : NULL;

    return account_works_now(account, screen_now(screen));
}

struct inbox_key signal_key(const struct screen *screen,
                            const struct inbox_signal *signal)
{
    return inbox_key(signal, works_now(screen, signal), screen_now(screen));
}

const char *signal_called(const struct screen *screen,
                          const struct inbox_signal *signal)
{
    return signal->working && !works_now(screen, signal) ? "was working"
                                                         : signal->title;
}

const char *signal_mark(const struct inbox_signal *signal)
{
    return signal->tone == TONE_BAD    ? "!"
           : signal->tone == TONE_WARN ? "~"
                                       : "+";
}

enum role signal_role(const struct inbox_signal *signal)
{
    return signal->tone == TONE_INFO ? ROLE_GOOD : theme_tone(signal->tone);
}
