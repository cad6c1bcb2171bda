/* What is usual. How often a person comes is their active days of the past,
 * divided by the days that the past has of that kind. Busy and slow weeks of
 * the whole book are in everybody's past alike: the book's ratio of today is
 * to the same past. */
#include "signal/baseline.h"

#include <math.h>
#include <string.h>

#include "base/banned.h"

#define WEEK 7
/* Nobody is taken to come more surely than that: somebody who never missed a
 * day goes on holiday too, and that alone must not be an account's news. */
#define SUREST 0.85
/* The absence of who carries an account is worth that much, however long:
 * that they are away is another signal's news. */
#define ALONE 2.5
/* Of a weekday, next to the busiest ones. */
#define RESTING 0.35
/* People-days of the book's habit that an account's own is mixed with: few
 * people say little about their weekdays. */
#define PRIOR 5.0
#define PRIOR_RESTING 0.1

int baseline_weekday(int32_t day)
{
    int weekday = (int)((day + 4) % WEEK);

    return weekday < 0 ? weekday + WEEK : weekday;
}

/* The mean of the three busiest. */
static double busiest(const double *means)
{
    double sorted[WEEK], best = 0;

    memcpy(sorted, means, sizeof sorted);
    for (int i = 0; i < 3; i++)
        for (int j = i + 1; j < WEEK; j++)
            if (sorted[j] > sorted[i]) {
                double other = sorted[i];

                sorted[i] = sorted[j];
                sorted[j] = other;
            }
    for (int i = 0; i < 3; i++)
        best += sorted[i] / 3;
    return best;
}

unsigned baseline_rest_days(const struct day_counts *active, int32_t day,
                            int32_t first)
{
    double sums[WEEK] = {0}, means[WEEK], all = 0;
    int counts[WEEK] = {0}, total = 0;
    unsigned rest = 0;

    for (int back = 1; back < DAYS && day - back >= first; back++) {
        int weekday = baseline_weekday(day - back);
        double x = active->counts[(day - back) % DAYS];

        sums[weekday] += x;
        all += x;
        counts[weekday]++;
        total++;
    }
    all = total ? all / total * WEEK / 5 : 0;
    for (int i = 0; i < WEEK; i++) {
        double usual = i == 0 || i == 6 ? PRIOR_RESTING : 1;

        means[i] = (sums[i] + usual * PRIOR) / (counts[i] * all + PRIOR);
    }
    for (int i = 0; i < WEEK; i++)
        if (means[i] < RESTING * busiest(means))
            rest |= 1U << i;
    return rest;
}

uint64_t baseline_kind(unsigned rest, int32_t day, int32_t first)
{
    bool resting = rest >> baseline_weekday(day) & 1;
    uint64_t mask = 0;

    for (int back = 0; back < DAYS; back++)
        if (day - back >= first &&
            (rest >> baseline_weekday(day - back) & 1) == resting)
            mask |= UINT64_C(1) << back;
    return mask;
}

static double surprise(double often, bool came)
{
    if (came)
        return -BASELINE_LN2;
    return often > 0 ? log((1 - often / 2) / (1 - often)) : 0;
}

/* What a person's absence adds today, the run-th day of that kind in a row:
 * all of them together add no more than one person's absence is worth. */
static double missed(double a_day, int run)
{
    double before = (run - 1) * a_day, after = run * a_day;

    if (after <= ALONE)
        return a_day;
    return before < ALONE ? ALONE - before : 0;
}

double baseline_halved(const struct people *people, int32_t day,
                       const struct baseline_past *past, double ratio,
                       uint64_t champion)
{
    const struct person *carrier = people_find(people, champion);
    double absent[DAYS + 1], sum = 0;

    /* By the number of days they came on, which is all that is known. */
    for (int i = 0; i <= DAYS; i++) {
        double often = i / (past->count + 0.5) * ratio;

        absent[i] = surprise(often < SUREST ? often : SUREST, false);
    }
    for (uint32_t i = 0; i < people->count; i++) {
        uint64_t days = person_days(&people->list[i], day), run;
        int come;

        if (days & 1) {
            sum += surprise(0, true);
            continue;
        }
        if (!days)
            continue;
        come = __builtin_popcountll(days & past->days);
        if (&people->list[i] == carrier) {
            run = past->kind & ~(~UINT64_C(0) << __builtin_ctzll(days));
            sum += missed(absent[come], __builtin_popcountll(run));
        } else
            sum += absent[come];
    }
    return sum;
}

/* ---- who stopped coming ---- */

/* A person's absence, however long, is worth no more: people go on holiday
 * by two and three. */
#define LEFT_MOST 3.0
#define LEFT_PAST 12 /* workdays that must be known */

/* Whoever came since has not left; whoever has not has, or is only absent. */
static void add_person(uint64_t days, double often, int32_t day,
                       uint64_t workdays, const float ratios[DAYS],
                       double sums[LEFT_DAYS])
{
    double absent = 0;

    for (int back = 0; back < LEFT_DAYS; back++) {
        double chance = often * (double)ratios[(day - back) % DAYS];

        if (days & (UINT64_MAX >> (63 - back))) {
            sums[back] -= BASELINE_LN2;
            continue;
        }
        if (workdays >> back & 1)
            absent -= log(1 - (chance < SUREST ? chance : SUREST));
        if (absent > LEFT_MOST)
            absent = LEFT_MOST;
        sums[back] += log(0.5 + 0.5 * exp(absent));
    }
}

double baseline_left(const struct people *people, int32_t day,
                     uint64_t workdays, const float ratios[DAYS], int *since)
{
    uint64_t past = workdays & (~UINT64_C(0) << LEFT_DAYS);
    int known = __builtin_popcountll(past);
    double sums[LEFT_DAYS] = {0}, most = 0;

    *since = 0;
    if (!(workdays & 1) || known < LEFT_PAST)
        return 0;
    for (uint32_t i = 0; i < people->count; i++) {
        uint64_t days = person_days(&people->list[i], day);
        int came = __builtin_popcountll(days & past);

        if (came)
            add_person(days, came / (known + 0.5), day, workdays, ratios,
                       sums);
    }
    for (int back = 0; back < LEFT_DAYS; back++)
        if (sums[back] > most) {
            most = sums[back];
            *since = back + 1;
        }
    return most;
}
