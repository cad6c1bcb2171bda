/* From where on events are new: those that came since the user last looked. */
#include "base/clock.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define AWAY_US (5 * INT64_C(60) * 1000000) /* no key for so long: away */

/* The number just below the first news from that position on: what is of the
 * past is none, however late it came. 0: there is no news. */
static uint64_t number_before_news(const struct ring *ring, size_t from,
                                   int64_t since)
{
    for (size_t i = from; i < ring_count(ring); i++) {
        const struct record *record = ring_at(ring, i);

        if (!(record->flags & EVENT_BACKFILLED) &&
            record->row.received_at >= since)
            return ring_number(ring, i) - 1;
    }
    return 0;
}

/* "New since" begins with the first event that came live since the screen
 * opened (a journal that is read in is news_from_absence()'s), and again behind
 * what was there when the user went away. */
void news_came(struct screen *screen, size_t fresh)
{
    const struct ring *ring = screen->host->ring;
    size_t count = ring_count(ring), from = fresh < count ? count - fresh : 0;
    uint64_t number;

    if (!screen->looked_number) {
        screen->looked_number =
            number_before_news(ring, from, screen->looked_at);
    } else if (screen->last_key_number > screen->looked_number &&
               clock_mono_us() - screen->last_key > AWAY_US) {
        from = ring_index(ring, screen->last_key_number + 1);
        number = number_before_news(ring, from, INT64_MIN);
        if (!number)
            return;
        screen->looked_number = number;
        screen->looked_at = screen->last_key_at;
    }
}

/* What came while no screen was open is new too: since the last one was
 * looked at. Known once the ring is filled that far back. */
void news_from_absence(struct screen *screen)
{
    const struct ring *ring = screen->host->ring;
    size_t low = 0, high = ring_count(ring);
    uint64_t number;

    if (screen->looked_before == CLOCK_NONE)
        return;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ring_at(ring, middle)->row.received_at <= screen->looked_before)
            low = middle + 1;
        else
            high = middle;
    }
    number =
        low ? number_before_news(ring, low, screen->looked_before + 1) : 0;
    if (!number)
        return;
    screen->looked_number = number;
    screen->looked_at = screen->looked_before;
    screen->looked_before = CLOCK_NONE;
}
