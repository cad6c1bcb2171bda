/* When time did not go on day by day: a journal that nobody wrote to for
 * months, and a clock that was wrong and was put right. Then what is dated
 * after today is taken to be of today, or of no day: else an account that was
 * once seen in the year 2100 would be judged no more before that. */
#include "signal/internal.h"

#include "base/banned.h"

static int32_t no_later(int32_t day, int32_t today)
{
    return day != NO_DAY && day > today ? today : day;
}

/* Days of a ring that ends at head, but for those after today. */
static void empty(uint16_t *counts, int size, int32_t head, int32_t today)
{
    for (int32_t day = head; day > today && day > head - size; day--)
        counts[day % size] = 0;
}

static void take_people_back(struct people *people, int32_t today)
{
    for (uint32_t i = 0; i < people->count; i++) {
        struct person *person = &people->list[i];

        if (person->last <= today)
            continue;
        person->days = person_days(person, today);
        person->last = (uint16_t)today;
    }
}

static void take_use_back(struct use *use, int32_t today)
{
    use->first = no_later(use->first, today);
    if (use->last == NO_DAY || use->last <= today)
        return;
    use->days =
        use->last - today < DAYS ? use->days >> (use->last - today) : 0;
    use->last = today;
    use->quiet_until = 0;
}

/* Of the days that the account's events are not known of any more, the
 * person's are not either: else the share would be of nothing. */
static void take_carriers_back(struct account_state *account, int32_t today)
{
    int32_t lost = account->head - RING_EVENTS;

    for (size_t i = 0; i < account->carrier_count; i++) {
        struct carrier *carrier = &account->carriers[i];

        empty(carrier->counts, RING_EVENTS, carrier->head, today);
        carrier->head = no_later(carrier->head, today);
        for (int32_t day = carrier->head - RING_EVENTS + 1;
             day <= lost && day <= carrier->head; day++)
            carrier->counts[day % RING_EVENTS] = 0;
    }
}

static void take_rests_back(struct account_state *account, int32_t today)
{
    for (int i = 0; i < SIGNAL_COUNT; i++)
        if (account->rests[i] > today + DAYS)
            account->rests[i] = NO_DAY;
    for (int i = 0; i < BILLING_SAID; i++)
        if (account->billing_days[i] > today + DAYS)
            account->billing_days[i] = 0;
    for (int i = 0; i < NEWCOMERS_MAX; i++)
        account->newcomers[i] = no_later(account->newcomers[i], today);
}

static void take_back(struct account_state *account, int32_t today)
{
    if (account->head > today)
        take_carriers_back(account, today);
    for (int i = 0; account->head > today && i < LEFT_DAYS; i++)
        account->others[i] = 1;
    empty(account->active.counts, DAYS, account->head, today);
    empty(account->events, RING_EVENTS, account->head, today);
    account->first = no_later(account->first, today);
    account->head = no_later(account->head, today);
    take_people_back(&account->people, today);
    take_rests_back(account, today);
    for (int i = 0; i < CATEGORY_COUNT; i++)
        take_use_back(&account->uses[i], today);
    account->dirty = true;
}

void engine_begin_anew(struct engine *engine, int32_t today)
{
    for (size_t i = 0; i < engine->count; i++) {
        engine->accounts[i]->first = today;
        engine->accounts[i]->dirty = true;
    }
}

void engine_go_back(struct engine *engine, int32_t today)
{
    for (int32_t day = engine->done; day >= today && day > engine->done - DAYS;
         day--)
        engine->ratios[day % DAYS] = 1;
    for (size_t i = 0; i < engine->count; i++)
        take_back(engine->accounts[i], today);
    engine->done = today - 1;
    engine->dirty = engine->lost = true;
}

bool engine_is_lost(const struct engine *engine)
{
    return engine->lost;
}
