/* What is usual. How often a person comes is on how many workdays of the past
 * they came, divided by those that the past has. Busy and slow weeks of the
 * whole book are in everybody's past alike: the book's ratio of a day is to
 * the same past.
 *
 * Both sums ask of each of the last days whether it all began on that one. Of
 * each person it counts how often they came before, and on which days since:
 * all who came as often, and are absent as long, add the same, so that is
 * worked out once. */
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
/* A person's absence, however long, says no more that they left: people go on
 * holiday by two and three. */
#define LEFT_MOST 3.0
#define LEAST_KNOWN 10 /* workdays before */

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

/* Of what both sums look at. */
struct window {
    int days;          /* on one of which it may have begun */
    int32_t day;       /* today, the last of them */
    uint64_t workdays; /* bit i is today - i */
    uint64_t past;     /* of these, those before */
    int known;         /* how many */
    const float *ratios;
};

static bool look(struct window *window)
{
    window->past = window->workdays & (~UINT64_C(0) << window->days);
    window->known = __builtin_popcountll(window->past);
    return window->workdays & 1 && window->known >= LEAST_KNOWN;
}

static double often(const struct window *window, int came)
{
    return came / (window->known + 0.5);
}

/* That they come on that day, if all is as usual. */
static double chance_on(const struct window *window, double often, int back)
{
    double chance =
        often * (double)window->ratios[(window->day - back) % LEFT_DAYS];

    return chance < SUREST ? chance : SUREST;
}

static bool is_workday(const struct window *window, int back)
{
    return window->workdays >> back & 1;
}

/* What absences say, by how often who is absent came before. */
struct absences {
    double of[DAYS + 1][LEFT_DAYS];
    bool there[DAYS + 1];
};

static double most_of(const double *sums, int days, int *since)
{
    double most = 0;

    *since = 0;
    for (int back = 0; back < days; back++)
        if (sums[back] > most) {
            most = sums[back];
            *since = back + 1;
        }
    return most;
}

/* ---- everybody comes half as often ---- */

/* Of each day alone. */
static const double *missed_days(struct absences *absences,
                                 const struct window *window, int came)
{
    double *of = absences->of[came];

    for (int back = 0; !absences->there[came] && back < window->days; back++) {
        double chance = chance_on(window, often(window, came), back);

        of[back] = is_workday(window, back)
                       ? log((1 - chance / 2) / (1 - chance))
                       : 0;
    }
    absences->there[came] = true;
    return of;
}

/* most: what the person's absence may be worth. */
static void add_halved(uint64_t days, const double *came, const double *missed,
                       double most, double *sums)
{
    double sum = 0;

    for (int back = 0; back < HALVED_DAYS; back++) {
        sum += days >> back & 1 ? came[back] : missed[back];
        sum = sum < most ? sum : most;
        sums[back] += sum;
    }
}

double baseline_halved(const struct people *people, int32_t day,
                       uint64_t workdays, const float ratios[LEFT_DAYS],
                       uint64_t champion, int *since)
{
    struct window window = {.days = HALVED_DAYS,
                            .day = day,
                            .workdays = workdays,
                            .ratios = ratios};
    const struct person *carrier = people_find(people, champion);
    double sums[HALVED_DAYS] = {0}, came_then[HALVED_DAYS];
    struct absences absences;

    *since = 0;
    if (!look(&window))
        return 0;
    memset(absences.there, 0, sizeof absences.there);
    for (int back = 0; back < HALVED_DAYS; back++)
        came_then[back] = is_workday(&window, back) ? -BASELINE_LN2 : 0;
    for (uint32_t i = 0; i < people->count; i++) {
        const struct person *person = &people->list[i];
        uint64_t days = person_days(person, day);
        int came = __builtin_popcountll(days & window.past);

        if (came || days & ~(~UINT64_C(0) << HALVED_DAYS))
            add_halved(days, came_then, missed_days(&absences, &window, came),
                       person == carrier ? ALONE : INFINITY, sums);
    }
    return most_of(sums, HALVED_DAYS, since);
}

/* ---- half of them stopped coming ---- */

/* Of all days since then. */
static const double *missed_since(struct absences *absences,
                                  const struct window *window, int came)
{
    double *of = absences->of[came], absent = 0;

    for (int back = 0; !absences->there[came] && back < window->days; back++) {
        if (is_workday(window, back))
            absent -= log(1 - chance_on(window, often(window, came), back));
        if (absent > LEFT_MOST)
            absent = LEFT_MOST;
        of[back] = log(0.5 + 0.5 * exp(absent));
    }
    absences->there[came] = true;
    return of;
}

/* Whoever came since has not left; whoever has not has, or is only absent. */
static void add_left(uint64_t days, const double *missed, double *sums)
{
    int seen = days ? __builtin_ctzll(days) : DAYS, back;

    for (back = 0; back < LEFT_DAYS && back < seen; back++)
        sums[back] += missed[back];
    for (; back < LEFT_DAYS; back++)
        sums[back] -= BASELINE_LN2;
}

double baseline_left(const struct people *people, int32_t day,
                     uint64_t workdays, const float ratios[LEFT_DAYS],
                     int *since)
{
    struct window window = {.days = LEFT_DAYS,
                            .day = day,
                            .workdays = workdays,
                            .ratios = ratios};
    double sums[LEFT_DAYS] = {0};
    struct absences absences;

    *since = 0;
    if (!look(&window))
        return 0;
    memset(absences.there, 0, sizeof absences.there);
    for (uint32_t i = 0; i < people->count; i++) {
        uint64_t days = person_days(&people->list[i], day);
        int came = __builtin_popcountll(days & window.past);

        if (came)
            add_left(days, missed_since(&absences, &window, came), sums);
    }
    return most_of(sums, LEFT_DAYS, since);
}
