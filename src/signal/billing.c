/* Billing: what the catalogue calls bad, a warning, or good in that category.
 * What comes every month, a payment that went through, is no news; an event
 * that repeats, as a payment does that fails again, is said once. */
#include "signal/internal.h"

#include <string.h>

#include "base/banned.h"

static bool is_news(const struct event *event)
{
    switch (event->tone) {
    case TONE_BAD:
    case TONE_WARN:
        return true;
    case TONE_GOOD:
        return !strstr(event->name, "paid");
    default:
        return false;
    }
}

/* Makes room for it where the oldest was; false when it was said lately. */
static bool note(struct account_state *account, uint32_t what, int32_t day,
                 int rest)
{
    int oldest = 0;

    for (int i = 0; i < BILLING_SAID; i++) {
        if (account->billing_rests[i] == what &&
            account->billing_days[i] > day)
            return false;
        if (account->billing_rests[i] == what ||
            account->billing_days[i] < account->billing_days[oldest])
            oldest = i;
    }
    account->billing_rests[oldest] = what;
    account->billing_days[oldest] = day + rest;
    return true;
}

void billing_event(struct engine *engine, struct account_state *account,
                   struct moment *moment)
{
    const struct event *event = moment->event;
    struct signal draft = {.kind = SIGNAL_billing,
                           .person = moment->person_id,
                           .category = CATEGORY_BILLING,
                           .seq = event->seq,
                           .fired_at = event->received_at,
                           .tone = event->tone,
                           .sentence = event->sentence,
                           .numbers = "{}"};
    int rest = engine->settings.billing_rest;
    uint32_t what;

    if (event->category != CATEGORY_BILLING || !is_news(event) ||
        (event->flags & EVENT_BACKFILLED) ||
        engine->settings.off[SIGNAL_billing])
        return;
    what = (uint32_t)people_key(event->name) + (uint32_t)event->tone;
    moment->news = false;
    if (!note(account, what, moment->day, rest))
        return;
    draft.cooldown = engine_day_start(engine, moment->day + rest);
    signal_evidence(&draft, event->seq);
    signal_say(engine, account, &draft, moment->day);
}
