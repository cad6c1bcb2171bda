/* Billing: what the catalogue calls bad, a warning, or good in that category.
 * What comes every month, a payment that went through, is no news, and no
 * first touch either; what repeats, as a payment does that fails again, is
 * said once. Another limit or another product is another matter. */
#include "signal/internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

#include "base/banned.h"

static bool is_payment(const struct event *event)
{
    return event->tone == TONE_GOOD && strstr(event->name, "paid");
}

/* How much of a sentence says what it is about: all before its first number,
 * and of that whole parts. Of "had a payment fail · $742.13, attempt 2" that
 * is "had a payment fail", of "started a trial · boost" all. */
static size_t subject_len(const char *sentence)
{
    size_t at = 0, part = 0;

    for (; sentence[at]; at++) {
        if (strchr("$0123456789", sentence[at]) &&
            (!at || sentence[at - 1] == ' '))
            return part ? part : at;
        if (!strncmp(sentence + at, " · ", strlen(" · ")) ||
            !strncmp(sentence + at, ", ", 2))
            part = at;
    }
    return at;
}

static uint32_t matter_of(const struct event *event)
{
    const char *sentence = event->sentence ? event->sentence : "";
    struct buf text;
    uint32_t key;

    buf_init(&text, 64 * KIB);
    buf_addf(&text, "%s %d ", event->name, (int)event->tone);
    buf_add(&text, sentence, subject_len(sentence));
    key = (uint32_t)people_key(text.data);
    buf_free(&text);
    return key;
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

    if (event->category != CATEGORY_BILLING || event->tone == TONE_INFO ||
        (event->flags & EVENT_BACKFILLED))
        return;
    if (engine->settings.off[SIGNAL_billing] && !is_payment(event))
        return;
    moment->news = false;
    if (is_payment(event) ||
        !note(account, matter_of(event), moment->day, rest))
        return;
    draft.cooldown = engine_day_start(engine, moment->day + rest);
    signal_evidence(&draft, event->seq);
    signal_say(engine, account, &draft, moment->day);
}
