/* First touch: the first event of a category by an account, once enough of
 * its past is known to call it that. An event of the past that was earlier
 * takes it back. */
#include "signal/internal.h"

#include <stdio.h>

#include "base/limits.h"
#include "event/prompt.h"

#include "base/banned.h"

static void say(struct engine *engine, struct account_state *account,
                const struct moment *moment)
{
    const struct event *event = moment->event;
    int days = moment->day - account->first;
    char sentence[LIMIT_SENTENCE + 80], numbers[32];
    struct signal draft = {.kind = SIGNAL_first_touch,
                           .person = moment->person_id,
                           .category = (int)event->category,
                           .seq = event->seq,
                           .fired_at = event->received_at,
                           .tone = TONE_GOOD,
                           .sentence = sentence,
                           .numbers = numbers};

    snprintf(sentence, sizeof sentence,
             "first %s event in %d days of journal: %s",
             category_title(event->category), days,
             prompt_unquoted(event, &engine->arena));
    snprintf(numbers, sizeof numbers, "{\"days\":%d}", days);
    signal_evidence(&draft, event->seq);
    signal_say(engine, account, &draft, moment->day);
    account->uses[event->category].touch_seq = event->seq;
}

static void take_back(struct engine *engine, struct account_state *account,
                      struct moment *moment)
{
    struct use *use = &account->uses[moment->event->category];

    if (!use->touch_seq || moment->day >= use->first)
        return;
    signal_withdraw(engine, account, SIGNAL_first_touch, use->touch_seq,
                    (int)moment->event->category, NULL);
    use->touch_seq = 0;
}

void first_touch_event(struct engine *engine, struct account_state *account,
                       struct moment *moment)
{
    const struct event *event = moment->event;

    if (!moment->meaningful)
        return;
    if (event->flags & EVENT_BACKFILLED)
        take_back(engine, account, moment);
    else if (moment->news && account->uses[event->category].last == NO_DAY &&
             moment->day - account->first >= engine->settings.learning_days &&
             signal_may_say(engine, account, SIGNAL_first_touch, moment->day))
        say(engine, account, moment);
}
