/* The truth, and how much of it was told. */
#include "score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "base/banned.h"

#define SETTLED 35 /* days from which alarms are counted */
#define USUAL_WEEK 63
#define MONTH 30.4
#define MINUTE_MS INT64_C(60000)
#define DAY_MS INT64_C(86400000)
#define BURST_MS (20 * MINUTE_MS)
#define ALARM_REST 28

struct touch {
    int firm, category, day;
    int64_t at;
    bool told;
};

struct score {
    int worlds;
    struct detection ours, clairvoyant, scout;
    struct hits champion, away, first, working;
    int weeks, signals; /* in weeks that are not the first */
    int kinds[16];
    char names[16][24];

    /* Of the world that is lived through. */
    bool used[WORLD_ACCOUNTS][CATEGORY_COUNT][WORLD_DAYS];
    int events[WORLD_ACCOUNTS][WORLD_DAYS];
    struct touch *touches, *bursts;
    size_t touch_count, burst_count;
    int quiet_day[WORLD_ACCOUNTS]; /* first alarm after the halving */
    double deeds[WORLD_ACCOUNTS][WORLD_PEOPLE]; /* before it halved */
    struct said *crowns;
    size_t crown_count;
    bool crowned[WORLD_ACCOUNTS], missed[WORLD_ACCOUNTS];

    /* What the clairvoyant has of each account and world, for its height. */
    double (*series)[WORLD_DAYS];
    int *series_class, *series_halves;
    size_t series_count;
};

struct score *score_new(void)
{
    return xcalloc(1, sizeof(struct score));
}

void score_free(struct score *score)
{
    free(score->touches);
    free(score->bursts);
    free(score->crowns);
    free(score->series);
    free(score->series_class);
    free(score->series_halves);
    free(score);
}

static void add_touch(struct touch **list, size_t *count, struct touch touch)
{
    *list = xreallocarray(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = touch;
}

/* ---- what happened ---- */

static bool ever(const struct score *score, int firm, int category, int day)
{
    for (int each = 0; each <= day; each++)
        if (score->used[firm][category][each])
            return true;
    return false;
}

static int used_days(const struct score *score, int firm, int category,
                     int day)
{
    int used = 0;

    for (int back = 1; back <= 28 && back <= day; back++)
        used += score->used[firm][category][day - back];
    return used;
}

/* Four within twenty minutes of one category, the first such of the day. */
static void find_bursts(struct score *score, const struct world *world,
                        int day)
{
    for (int firm = 0; firm < WORLD_ACCOUNTS; firm++)
        for (int category = 1; category < CATEGORY_COUNT; category++) {
            int64_t times[4] = {0};
            int count = 0;

            if (day < 14 || used_days(score, firm, category, day) > 3)
                continue;
            for (size_t i = 0; i < world->count; i++) {
                const struct happening *each = &world->list[i];

                if (each->firm != firm || each->category != category ||
                    each->docs)
                    continue;
                times[count++ % 4] = each->at;
                if (count >= 4 && each->at - times[count % 4] <= BURST_MS) {
                    add_touch(&score->bursts, &score->burst_count,
                              (struct touch){firm, category, day, each->at,
                                             false});
                    break;
                }
            }
        }
}

void score_day(struct score *score, const struct world *world, int day)
{
    for (size_t i = 0; i < world->count; i++) {
        const struct happening *each = &world->list[i];

        score->events[each->firm][day]++;
        if (each->docs)
            continue;
        score->deeds[each->firm][each->person] +=
            day < world->firms[each->firm].halves_on;
        if (day >= 14 && !ever(score, each->firm, each->category, day))
            add_touch(&score->touches, &score->touch_count,
                      (struct touch){each->firm, each->category, day, each->at,
                                     false});
        score->used[each->firm][each->category][day] = true;
    }
    find_bursts(score, world, day);
}

/* ---- what was said ---- */

static void count_kind(struct score *score, const struct said *said)
{
    int i = 0;

    if (said->day < USUAL_WEEK)
        return;
    score->signals++;
    while (i < 15 && *score->names[i] && strcmp(score->names[i], said->kind))
        i++;
    snprintf(score->names[i], sizeof score->names[i], "%s", said->kind);
    score->kinds[i]++;
}

static bool tell(struct touch *list, size_t count, const struct said *said,
                 int64_t within)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].firm == said->firm && list[i].category == said->category &&
            llabs(list[i].at - said->at) <= within) {
            list[i].told = true;
            return true;
        }
    return false;
}

static void hit(struct hits *hits, bool right)
{
    if (right)
        hits->right++;
    else
        hits->wrong++;
}

static void said_quiet(struct score *score, const struct firm *firm,
                       const struct said *said)
{
    if (said->day >= firm->halves_on) {
        if (!score->quiet_day[said->firm])
            score->quiet_day[said->firm] = said->day;
    } else if (said->day >= SETTLED)
        score->ours.alarms[firm->size_class]++;
}

static void said_champion(struct score *score, const struct firm *firm,
                          const struct said *said)
{
    if (said->person == firm->champion)
        score->crowned[said->firm] = true;
    if (firm->halves && said->day >= firm->halves_on)
        return;
    score->crowns = xreallocarray(score->crowns, score->crown_count + 1,
                                  sizeof *score->crowns);
    score->crowns[score->crown_count++] = *said;
}

/* By what everybody did in all these months: who is neither clearly one nor
 * clearly none is not counted. */
static void judge_crowns(struct score *score)
{
    for (size_t i = 0; i < score->crown_count; i++) {
        const struct said *said = &score->crowns[i];
        double all = 0, part;

        for (int j = 0; j < WORLD_PEOPLE; j++)
            all += score->deeds[said->firm][j];
        part = score->deeds[said->firm][said->person] / all;
        if (part >= 0.4)
            hit(&score->champion, true);
        else if (part < 0.3)
            hit(&score->champion, false);
    }
    score->crown_count = 0;
    memset(score->deeds, 0, sizeof score->deeds);
}

static void said_away(struct score *score, const struct firm *firm,
                      const struct said *said)
{
    bool right = said->person == firm->champion &&
                 said->day > firm->away_from && said->day <= firm->away_to + 1;

    if (firm->halves && said->day >= firm->halves_on)
        return;
    if (right)
        score->missed[said->firm] = true;
    hit(&score->away, right);
}

void score_said(struct score *score, const struct world *world,
                const struct said *said)
{
    const struct firm *firm = &world->firms[said->firm];

    count_kind(score, said);
    if (!strcmp(said->kind, "going-quiet"))
        said_quiet(score, firm, said);
    else if (!strcmp(said->kind, "champion"))
        said_champion(score, firm, said);
    else if (!strcmp(said->kind, "champion-away"))
        said_away(score, firm, said);
    else if (!strcmp(said->kind, "first-touch"))
        hit(&score->first, tell(score->touches, score->touch_count, said, 0));
    else if (!strcmp(said->kind, "working-now"))
        hit(&score->working,
            tell(score->bursts, score->burst_count, said, BURST_MS));
}

/* ---- the other detectors ---- */

static void seen(struct detection *detection, int size_class, int after)
{
    for (int i = 0; i < 3; i++)
        detection->seen[size_class][i] += after >= 0 && after < 7 * (i + 1);
}

static double week(const struct score *score, int firm, int day)
{
    double sum = 0;

    for (int back = 0; back < 7 && back <= day; back++)
        sum += score->events[firm][day - back];
    return sum;
}

static bool scout_alarm(const struct score *score, int firm, int day)
{
    double now = week(score, firm, day), before = week(score, firm, day - 7);

    if (before > 200 && now < before / 2)
        return true;
    return now + before == 0 &&
           week(score, firm, day - 14) + week(score, firm, day - 21) > 300;
}

static void run_scout(struct score *score, const struct world *world, int firm)
{
    const struct firm *about = &world->firms[firm];
    int rest = 0, found = -1;

    for (int day = SETTLED; day < WORLD_DAYS; day++) {
        if (day < rest || !scout_alarm(score, firm, day))
            continue;
        rest = day + ALARM_REST;
        if (day < about->halves_on)
            score->scout.alarms[about->size_class]++;
        else if (found < 0)
            found = day - about->halves_on;
    }
    if (about->halves)
        seen(&score->scout, about->size_class, found);
}

/* Knows how often everybody comes, and the week. */
static void keep_series(struct score *score, const struct firm *firm)
{
    size_t at = score->series_count++;

    score->series =
        xreallocarray(score->series, at + 1, sizeof *score->series);
    score->series_class =
        xreallocarray(score->series_class, at + 1, sizeof(int));
    score->series_halves =
        xreallocarray(score->series_halves, at + 1, sizeof(int));
    score->series_class[at] = firm->size_class;
    score->series_halves[at] = firm->halves_on;
    for (int day = 0; day < WORLD_DAYS; day++) {
        double sum = 0;

        for (int i = 0; i < firm->size; i++) {
            double p = firm->chance[i][day];

            sum += firm->came[i][day] ? log(0.5) : log((1 - p / 2) / (1 - p));
        }
        score->series[at][day] = sum;
    }
}

static int run_clairvoyant(struct score *score, double height)
{
    int alarms = 0;

    memset(&score->clairvoyant, 0, sizeof score->clairvoyant);
    for (size_t i = 0; i < score->series_count; i++) {
        int rest = 0, found = -1, halves = score->series_halves[i];
        double sum = 0;

        for (int day = 0; day < WORLD_DAYS; day++) {
            sum += score->series[i][day];
            if (sum < 0 || day < rest)
                sum = 0;
            if (sum < height)
                continue;
            sum = 0;
            rest = day + ALARM_REST;
            if (day >= halves)
                found = found < 0 ? day - halves : found;
            else if (day >= SETTLED) {
                score->clairvoyant.alarms[score->series_class[i]]++;
                alarms++;
            }
        }
        if (halves != NEVER)
            seen(&score->clairvoyant, score->series_class[i], found);
    }
    return alarms;
}

static double all_months(const struct score *score)
{
    double months = 0;

    for (int i = 0; i < WORLD_SIZES; i++)
        months += score->ours.months[i];
    return months;
}

/* The height at which it has one false alarm a month and 30 accounts. */
static double tune_clairvoyant(struct score *score)
{
    double low = 1, high = 12, wanted = all_months(score) / 30;

    for (int i = 0; i < 30; i++) {
        double middle = (low + high) / 2;

        if (run_clairvoyant(score, middle) > wanted)
            low = middle;
        else
            high = middle;
    }
    run_clairvoyant(score, high);
    return high;
}

/* ---- a world is over ---- */

static void add_hits(struct hits *hits, const struct touch *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hits->there++;
        hits->found += list[i].told;
    }
}

/* A burst is not said again of the same category within a day. */
static void drop_repeated(struct score *score)
{
    size_t kept = 0;

    for (size_t i = 0; i < score->burst_count; i++) {
        bool again = false;

        for (size_t j = 0; j < kept; j++)
            again |= score->bursts[j].firm == score->bursts[i].firm &&
                     score->bursts[j].category == score->bursts[i].category &&
                     score->bursts[i].at - score->bursts[j].at < DAY_MS;
        if (!again)
            score->bursts[kept++] = score->bursts[i];
    }
    score->burst_count = kept;
}

static void add_firm(struct score *score, const struct world *world, int index)
{
    const struct firm *firm = &world->firms[index];
    int until = firm->halves ? firm->halves_on : WORLD_DAYS;

    score->ours.months[firm->size_class] += (until - SETTLED) / MONTH;
    score->ours.halved[firm->size_class] += firm->halves;
    if (firm->halves)
        seen(&score->ours, firm->size_class,
             score->quiet_day[index]
                 ? score->quiet_day[index] - firm->halves_on
                 : -1);
    run_scout(score, world, index);
    keep_series(score, firm);
    if (firm->champion >= 0) {
        score->champion.there++;
        score->champion.found += score->crowned[index];
    }
    if (firm->away_from != NEVER) {
        score->away.there++;
        score->away.found += score->missed[index];
    }
}

void score_world(struct score *score, const struct world *world)
{
    for (int i = 0; i < WORLD_ACCOUNTS; i++)
        add_firm(score, world, i);
    judge_crowns(score);
    drop_repeated(score);
    add_hits(&score->first, score->touches, score->touch_count);
    add_hits(&score->working, score->bursts, score->burst_count);
    score->weeks += (WORLD_DAYS - USUAL_WEEK) / 7;
    score->worlds++;
    score->touch_count = score->burst_count = 0;
    memset(score->used, 0, sizeof score->used);
    memset(score->events, 0, sizeof score->events);
    memset(score->quiet_day, 0, sizeof score->quiet_day);
    memset(score->crowned, 0, sizeof score->crowned);
    memset(score->missed, 0, sizeof score->missed);
}

/* ---- the tables ---- */

static void print_detection(const struct score *score,
                            const struct detection *detection,
                            const char *name)
{
    double alarms = 0;

    printf("  %-12s", name);
    for (int i = 0; i < WORLD_SIZES; i++) {
        double halved = score->ours.halved[i];

        printf("  %3.0f/%3.0f/%3.0f", 100 * detection->seen[i][0] / halved,
               100 * detection->seen[i][1] / halved,
               100 * detection->seen[i][2] / halved);
    }
    for (int i = 0; i < WORLD_SIZES; i++)
        alarms += detection->alarms[i];
    printf("  %5.2f  (", alarms / all_months(score) * 30);
    for (int i = 0; i < WORLD_SIZES; i++)
        printf("%s%.2f", i ? " " : "",
               detection->alarms[i] / score->ours.months[i] * 30);
    printf(")\n");
}

/* Half of the interval in which the truth lies 95 times of 100, as far as
 * chance goes: Wilson's for shares, so that 100 % have one too. */
static double half_width(double share, double count)
{
    double z = 1.96;

    return z / (1 + z * z / count) *
           sqrt(share * (1 - share) / count + z * z / (4 * count * count));
}

static void print_noise(const struct score *score)
{
    const struct detection *ours = &score->ours;
    double alarms = 0;

    printf("  %-12s", "  give or take");
    for (int i = 0; i < WORLD_SIZES; i++) {
        double halved = ours->halved[i];

        printf("%s%3.0f/%3.0f/%3.0f", i ? "  " : "",
               100 * half_width(ours->seen[i][0] / halved, halved),
               100 * half_width(ours->seen[i][1] / halved, halved),
               100 * half_width(ours->seen[i][2] / halved, halved));
    }
    for (int i = 0; i < WORLD_SIZES; i++)
        alarms += ours->alarms[i];
    printf("  %5.2f\n", 1.96 * sqrt(alarms) / all_months(score) * 30);
}

static void print_hits(const char *name, const struct hits *hits)
{
    int said = hits->right + hits->wrong;

    printf("  %-12s precision %.2f of %d, recall %.2f of %d\n", name,
           said ? (double)hits->right / said : 1.0, said,
           hits->there ? (double)hits->found / hits->there : 1.0, hits->there);
}

void score_print(struct score *score, const char *title)
{
    double height = tune_clairvoyant(score);

    printf("%s: %d books of %d accounts, %d days\n", title, score->worlds,
           WORLD_ACCOUNTS, WORLD_DAYS);
    printf("  halved, %% seen in 7/14/21 days; false alarms a month and 30 "
           "accounts (by size)\n  %-12s",
           "people");
    for (int i = 0; i < WORLD_SIZES; i++)
        printf("  %11d", world_sizes[i]);
    printf("\n");
    print_detection(score, &score->ours, "going quiet");
    print_noise(score);
    print_detection(score, &score->clairvoyant, "clairvoyant");
    print_detection(score, &score->scout, "scout");
    printf("  (the clairvoyant's height is %.2f)\n", height);
    print_hits("working now", &score->working);
    print_hits("first touch", &score->first);
    print_hits("champion", &score->champion);
    print_hits("away", &score->away);
    printf("  new signals a week: %.1f (",
           (double)score->signals / score->weeks);
    for (int i = 0; i < 16 && *score->names[i]; i++)
        printf("%s%s %.1f", i ? ", " : "", score->names[i],
               (double)score->kinds[i] / score->weeks);
    printf(")\n");
}
