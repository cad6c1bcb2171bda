/* Days as the journal counts them, and what is usual of an account on one:
 * people, workdays, from one day to another. It looks at what is known of one
 * account and at the book's ratios, and changes nothing. */
#include "signal/internal.h"

#include <stdint.h>

#include "journal/zone.h"

#include "base/banned.h"

/* Days are kept in 16 bits. */
#define FIRST_DAY (2 * DAYS)
#define LAST_DAY 65000
/* Less than that is no ordinary workday. */
#define BOOK_WORKDAY 0.35
/* Days of a kind that must be known before there is a usual one. */
#define LEAST_PAST 5

static int32_t clamp_day(int32_t day)
{
    return day < FIRST_DAY ? FIRST_DAY : day > LAST_DAY ? LAST_DAY : day;
}

int32_t engine_day(struct engine *engine, int64_t ms)
{
    if (ms < engine->day_start || ms >= engine->day_end) {
        const struct zone_days *zone = engine->settings.zone;

        engine->day = zone_day(zone, ms);
        engine->day_start = zone_day_start(zone, engine->day);
        engine->day_end = zone_day_start(zone, engine->day + 1);
    }
    return clamp_day(engine->day);
}

int64_t engine_day_start(const struct engine *engine, int32_t day)
{
    return zone_day_start(engine->settings.zone, day);
}

bool engine_is_holiday(const struct engine *engine, int32_t day)
{
    const struct signal_settings *settings = &engine->settings;
    size_t low = 0, high = settings->holiday_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (settings->holidays[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < settings->holiday_count && settings->holidays[low] == day;
}

/* ---- what is usual ---- */

uint64_t account_workdays(const struct engine *engine,
                          const struct account_state *account, int32_t day)
{
    unsigned rest = baseline_rest_days(&account->active, day, account->first);
    uint64_t mask = 0;

    for (int back = 0; back < DAYS && day - back >= account->first; back++)
        if (!(rest >> baseline_weekday(day - back) & 1) &&
            !engine_is_holiday(engine, day - back) &&
            engine->ratios[(day - back) % DAYS] >= BOOK_WORKDAY)
            mask |= UINT64_C(1) << back;
    return mask;
}

bool account_usual(const struct engine *engine,
                   const struct account_state *account, int32_t day,
                   struct usual *out)
{
    unsigned rest = baseline_rest_days(&account->active, day, account->first);
    uint64_t kind = baseline_kind(rest, day, account->first);
    double sum = 0;
    int count = 0;

    *out = (struct usual){.x = account->active.counts[day % DAYS]};
    for (int back = BASE_GAP; back < BASE_GAP + BASE_DAYS; back++) {
        if (!(kind >> back & 1) || engine->ratios[(day - back) % DAYS] <= 0 ||
            engine_is_holiday(engine, day - back))
            continue;
        count++;
        sum += account->active.counts[(day - back) % DAYS];
    }
    if (count < LEAST_PAST)
        return false;
    out->usual = sum / count;
    return true;
}

void account_span(const struct engine *engine,
                  const struct account_state *account, int32_t from,
                  int32_t to, struct span *out)
{
    *out = (struct span){0};
    for (int32_t day = from; day <= to; day++) {
        struct usual each;

        account_usual(engine, account, day, &each);
        if (engine_is_holiday(engine, day))
            continue;
        out->x += each.x;
        out->usual += each.usual;
        out->expected += each.usual * (double)engine->ratios[day % DAYS];
    }
}

void count_up(uint16_t *count)
{
    *count += *count < UINT16_MAX;
}
