/* Going quiet: two sums over the people and the last days of an account, each
 * next to what the whole book did. One asks whether everybody comes half as
 * often since some day of the last two weeks, the other whether half of them
 * came no more since some day of the last three. How the heights were found:
 * HACKING.md. */
#include "signal/internal.h"

#include <math.h>
#include <stdio.h>

#include "base/banned.h"

#define NOBODY_CHANCE 1e-4
#define STEEPNESS 0.65
#define MIDDLE 8.0
#define LEFT_ABOVE 1.3 /* it has many days to choose from */
#define TINY 1.5       /* people a day */
#define TINY_ABOVE 0.7
#define RECOVERED 0.8
#define RECOVERED_REST 7 /* days, once it came back */
/* What is said must show it too. */
#define SHOWS 0.8       /* since the sum left nothing */
#define WEEK_SHOWS 0.85 /* in the week that the sentence speaks of */

static void say(struct engine *engine, struct account_state *account,
                const struct day_end *end, int32_t from, int nobody)
{
    struct span week, since;
    char sentence[96], numbers[64];
    struct signal draft = {.kind = SIGNAL_going_quiet,
                           .category = SIGNAL_NO_CATEGORY,
                           .seq = end->seq,
                           .fired_at = end->at,
                           .tone = TONE_WARN,
                           .sentence = sentence,
                           .numbers = numbers};

    account_span(engine, account, end->day - 6, end->day, &week);
    account_span(engine, account, from, end->day, &since);
    if (since.x > SHOWS * since.expected ||
        week.x > WEEK_SHOWS * week.expected)
        return;
    if (nobody)
        snprintf(sentence, sizeof sentence,
                 "nobody for %d working days, usually %.0f people-days a "
                 "week",
                 nobody, week.usual);
    else
        snprintf(sentence, sizeof sentence,
                 "%.0f people-days this week, usually %.0f", week.x,
                 week.usual);
    snprintf(numbers, sizeof numbers, "{\"x\":%.0f,\"usual\":%.0f}", week.x,
             week.usual);
    for (int i = 0; i < SEQS; i++)
        signal_evidence(&draft, account->seqs[i]);
    signal_say(engine, account, &draft, end->day);
    account->quiet_seq = end->seq;
    account->quiet_usual = week.usual;
}

/* Working days on which nobody came, up to that one, when that is out of the
 * ordinary; else 0. */
static int nobody_came(const struct engine *engine,
                       const struct account_state *account, int32_t day)
{
    uint64_t workdays = account_workdays(engine, account, day);
    int missing = 0, known = 0, came = 0;
    int least = engine->settings.nobody_days;

    for (int back = 0; back < DAYS; back++) {
        bool any = account->active.counts[(day - back) % DAYS] > 0;

        if (!(workdays >> back & 1))
            continue;
        known += any || known;
        came += any;
        missing += !known;
    }
    if (missing < least || known < 2 * least || 2 * came <= known)
        return 0;
    return pow(1 - came / (known + 0.5), missing) < NOBODY_CHANCE ? missing
                                                                  : 0;
}

/* Large accounts are seen soon at any height, and of the smallest nothing can
 * be known within weeks: what false alarms there may be go to those between. */
static double height(const struct engine *engine, double people)
{
    double middle = engine->settings.quiet_height;

    if (people < TINY)
        return middle + TINY_ABOVE;
    return middle + STEEPNESS * log(people / MIDDLE);
}

/* The day since which it is quiet, or NO_DAY. */
static int32_t quiet_since(const struct engine *engine,
                           const struct account_state *account, int32_t day,
                           double people)
{
    uint64_t workdays = account_workdays(engine, account, day);
    uint64_t champion = account->champion.key ? account->champion.key
                                              : account->one_person.key;
    double least = height(engine, people);
    int since;

    if (baseline_halved(&account->people, day, workdays, account->others,
                        champion, &since) >= least)
        return day - since + 1;
    if (baseline_left(&account->people, day, workdays, account->others,
                      &since) >= least + LEFT_ABOVE)
        return day - since + 1;
    return NO_DAY;
}

/* Within the time that it rests; later it stands as it was. An account that
 * came back may go quiet in earnest soon after. */
static void look_for_recovery(struct engine *engine,
                              struct account_state *account,
                              const struct day_end *end)
{
    struct span week;

    if (account->rests[SIGNAL_going_quiet] < end->day) {
        account->quiet_seq = 0;
        return;
    }
    account_span(engine, account, end->day - 6, end->day, &week);
    if (week.x < RECOVERED * account->quiet_usual)
        return;
    signal_withdraw(engine, account, SIGNAL_going_quiet, account->quiet_seq,
                    SIGNAL_NO_CATEGORY, NULL);
    account->quiet_seq = 0;
    if (account->rests[SIGNAL_going_quiet] > end->day + RECOVERED_REST)
        account->rests[SIGNAL_going_quiet] = end->day + RECOVERED_REST;
}

void going_quiet_day(struct engine *engine, struct account_state *account,
                     const struct day_end *end)
{
    struct usual usual;
    int32_t since;
    int nobody;

    if (end->day - account->first < engine->settings.quiet_learning)
        return;
    if (account->quiet_seq)
        look_for_recovery(engine, account, end);
    if (!signal_may_say(engine, account, SIGNAL_going_quiet, end->day) ||
        !account_usual(engine, account, end->day, &usual))
        return;
    since = quiet_since(engine, account, end->day, usual.usual);
    nobody = nobody_came(engine, account, end->day);
    if (nobody || since != NO_DAY)
        say(engine, account, end, since == NO_DAY ? end->day - 6 : since,
            nobody);
}
