/* Growing: the same sum upwards, on people a day, for twice as many; or some
 * people, usually three, who were never there before within two weeks. An
 * account that was quiet and comes back does not grow. */
#include "signal/internal.h"

#include <math.h>
#include <stdio.h>

#include "base/banned.h"

#define THERE_DAYS 28
#define NEW_SHARE 4 /* of those there: one in so many, at least */
#define AFTER_QUIET 56
#define SHOWS 1.25

static void say(struct engine *engine, struct account_state *account,
                const struct day_end *end, const char *sentence,
                const char *numbers)
{
    struct signal draft = {.kind = SIGNAL_growing,
                           .category = SIGNAL_NO_CATEGORY,
                           .seq = end->seq,
                           .fired_at = end->at,
                           .tone = TONE_GOOD,
                           .sentence = sentence,
                           .numbers = numbers};

    for (int i = 0; i < SEQS; i++)
        signal_evidence(&draft, account->seqs[i]);
    signal_say(engine, account, &draft, end->day);
    account->growing = 0;
}

static void more_people(struct engine *engine, struct account_state *account,
                        const struct day_end *end)
{
    struct span week;
    char sentence[64], numbers[48];

    account_span(engine, account, end->day - 6, end->day, &week);
    if (week.x < SHOWS * week.expected)
        return;
    snprintf(sentence, sizeof sentence,
             "%.0f people-days this week, usually %.0f", week.x, week.usual);
    snprintf(numbers, sizeof numbers, "{\"x\":%.0f,\"usual\":%.0f}", week.x,
             week.usual);
    say(engine, account, end, sentence, numbers);
}

/* People of the four weeks before. */
static int people_there(const struct account_state *account, int32_t day)
{
    int there = 0;

    for (uint32_t i = 0; i < account->people.count; i++)
        there += (person_days(&account->people.list[i], day) &
                  ((UINT64_C(1) << THERE_DAYS) - 1)) != 0;
    return there;
}

/* Somebody came long before those that are new: an account that was silent
 * for so long that nobody of it is known any more comes back, and does not
 * grow. */
static bool is_going_on(const struct account_state *account, int32_t day,
                        int within)
{
    for (int32_t each = day - DAYS + 1; each <= day - 2 * within; each++)
        if (account->active.counts[each % DAYS])
            return true;
    return false;
}

static void new_people(struct engine *engine, struct account_state *account,
                       const struct day_end *end)
{
    char sentence[64], numbers[48];
    int there, within = engine->settings.new_within,
               many = engine->settings.new_people;

    if (account->newcomers[many - 1] <= end->day - within ||
        !is_going_on(account, end->day, within))
        return;
    there = people_there(account, end->day);
    if (there < many || many * NEW_SHARE < there)
        return;
    snprintf(sentence, sizeof sentence, "%d new people within %d days, of %d",
             many, within, there);
    snprintf(numbers, sizeof numbers, "{\"new\":%d,\"people\":%d}", many,
             there);
    say(engine, account, end, sentence, numbers);
}

void growing_day(struct engine *engine, struct account_state *account,
                 const struct day_end *end)
{
    struct usual usual;

    if (end->day - account->first < engine->settings.growing_learning)
        return;
    if (!signal_may_say(engine, account, SIGNAL_growing, end->day) ||
        account->rests[SIGNAL_going_quiet] > end->day - AFTER_QUIET) {
        account->growing = 0;
        return;
    }
    new_people(engine, account, end);
    if (!account_usual(engine, account, end->day, &usual) || usual.usual <= 0)
        return;
    account->growing +=
        usual.x * BASELINE_LN2 - usual.usual * (double)end->ratio;
    if (account->growing < 0)
        account->growing = 0;
    if (account->growing >= engine->settings.growing_height)
        more_people(engine, account, end);
}
