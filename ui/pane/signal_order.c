/* Order and look of signals. */
#include "ui/pane/signal_order.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "live/working.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

#define NAMED 5      /* signals of an account in a row */
#define MORE_CELLS 3 /* " +2" */

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

size_t signal_keys(const struct screen *screen, const char *id,
                   struct inbox_key *keys, size_t most)
{
    const struct inbox *inbox = screen_host(screen)->inbox;
    size_t count = 0;

    for (size_t i = 0; id && i < inbox_count(inbox); i++) {
        const struct inbox_signal *signal = inbox_at(inbox, i);
        struct inbox_key key;
        size_t at;

        if (!signal->account_id || strcmp(signal->account_id, id) ||
            !inbox_is_open(signal, screen_now(screen)))
            continue;
        key = signal_key(screen, signal);
        at = count < most ? count++ : most;
        for (; at && inbox_by_key(&key, &keys[at - 1]) < 0; at--)
            if (at < most)
                keys[at] = keys[at - 1];
        if (at < most)
            keys[at] = key;
    }
    return count;
}

/* One more in the row, with room left for how many others there are; the
 * first is cut to that. */
static bool draw_one(const struct screen *screen, struct draw *draw,
                     struct rect *rect, bool first, bool last,
                     const struct inbox_signal *signal)
{
    int room = rect->w - (last ? 0 : MORE_CELLS), used;
    char text[80];

    snprintf(text, sizeof text, "%s%s %s", first ? "" : "  ",
             signal_mark(signal), signal_called(screen, signal));
    if (!first && text_width(text) > room)
        return false;
    used = draw_cut(draw, rect->y, rect->x, room, signal_role(signal), text);
    rect->x += used;
    rect->w -= used;
    return true;
}

void signal_draw_open(const struct screen *screen, struct draw *draw,
                      struct rect rect, const char *id)
{
    const struct inbox *inbox = screen_host(screen)->inbox;
    struct inbox_key keys[NAMED];
    size_t open, left, count = signal_keys(screen, id, keys, NAMED);
    const struct inbox_signal *worst =
        inbox_worst(inbox, id, screen_now(screen), &open);

    if (!worst)
        return;
    left = open - 1;
    draw_one(screen, draw, &rect, true, !left, worst);
    for (size_t i = 0; i < count; i++)
        if (keys[i].id != worst->id) {
            if (!draw_one(screen, draw, &rect, false, left == 1,
                          inbox_find(inbox, keys[i].id)))
                break;
            left--;
        }
    if (left)
        draw_format(draw, rect.y, rect.x, rect.w, signal_role(worst), " +%zu",
                    left);
}
