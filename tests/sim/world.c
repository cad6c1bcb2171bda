/* How people behave who do not exist. */
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "base/banned.h"

#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define WEEKEND 0.1 /* of what a workday sees */
#define WEEK_SPREAD 0.12
#define HOLIDAY 0.45
#define STRAY 0.004 /* chance of a look at something unusual, a day */

const int world_sizes[WORLD_SIZES] = {4, 8, 15, 30, 60};

static uint64_t next(struct world *world)
{
    uint64_t z = world->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static double uniform(struct world *world)
{
    return (double)(next(world) >> 11) / 9007199254740992.0;
}

static int below(struct world *world, int limit)
{
    return (int)(uniform(world) * limit);
}

static double normal(struct world *world)
{
    double u = uniform(world) + 1e-12, v = uniform(world);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* At least one. */
static int geometric(struct world *world, double mean)
{
    int count = 1;

    while (count < 40 && uniform(world) > 1 / mean)
        count++;
    return count;
}

/* ---- who is there ---- */

static void make_people(struct world *world, struct firm *firm)
{
    for (int i = 0; i < firm->size; i++) {
        double u = uniform(world);

        firm->people[i] = (struct human){.often = 0.05 + 0.9 * u * u * u,
                                         .busy = 1 + 2 * uniform(world)};
    }
}

static double work(const struct human *human)
{
    return human->often * human->busy;
}

static void make_champion(struct world *world, struct firm *firm)
{
    double all = 0, share = 0.5 + 0.35 * uniform(world);

    firm->champion = below(world, firm->size);
    firm->people[firm->champion].often = 0.8 + 0.17 * uniform(world);
    for (int i = 0; i < firm->size; i++) {
        struct human *human = &firm->people[i];

        if (i == firm->champion)
            continue;
        if (human->often > 0.6)
            human->often = 0.6;
        all += work(human);
    }
    firm->people[firm->champion].busy =
        all * share / (1 - share) / firm->people[firm->champion].often;
    firm->true_share = share;
}

static void make_habits(struct world *world, struct firm *firm)
{
    int count = 3 + below(world, 3);

    for (int i = 0; i < count; i++) {
        int category = 2 + below(world, CATEGORY_COUNT - 2);

        firm->habits[category] += 0.3 + uniform(world);
    }
}

static void make_fate(struct world *world, struct firm *firm, int index)
{
    int fate = index / WORLD_SIZES; /* 6 accounts of each size */

    firm->halves_on = firm->away_from = firm->away_to = NEVER;
    firm->explores_on = NEVER;
    firm->champion = -1;
    if (fate < 2) {
        firm->halves = true;
        firm->by_leaving = fate == 1;
        firm->halves_on = 100 + below(world, 40);
    } else if (fate < 4 && firm->size <= 15) {
        make_champion(world, firm);
        if (fate == 2) {
            firm->away_from = 90 + below(world, 60);
            firm->away_to = firm->away_from + 14;
        }
    }
    if (uniform(world) < 0.7) {
        firm->explores_on = 60 + below(world, WORLD_DAYS - 70);
        do
            firm->explores = (enum category)(2 + below(world, 9));
        while (firm->habits[firm->explores] > 0);
    }
    for (int i = 0; i < firm->size; i += 2)
        firm->people[i].gone = firm->by_leaving;
}

/* Half of the work leaves, not half of the names. */
static void make_leavers_fair(struct firm *firm)
{
    double left = 0, all = 0;

    if (!firm->by_leaving)
        return;
    for (int i = 0; i < firm->size; i++) {
        all += firm->people[i].often;
        firm->people[i].gone = false;
    }
    for (int i = 0; i < firm->size; i++)
        if (left + firm->people[i].often / 2 <= all / 2) {
            firm->people[i].gone = true;
            left += firm->people[i].often;
        }
}

struct world *world_new(uint64_t seed)
{
    struct world *world = xcalloc(1, sizeof *world);

    world->state = seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    for (int day = 0; day < WORLD_DAYS; day++) {
        if (day % 7 == 0)
            world->shared[day] = exp(normal(world) * WEEK_SPREAD);
        else
            world->shared[day] = world->shared[day - day % 7];
    }
    for (int i = 0; i < 2; i++) {
        int week = 7 * (4 + below(world, WORLD_DAYS / 7 - 5));

        for (int day = week; day < week + 7; day++)
            world->shared[day] = HOLIDAY;
    }
    for (int i = 0; i < WORLD_ACCOUNTS; i++) {
        struct firm *firm = &world->firms[i];

        snprintf(firm->id, sizeof firm->id, "00000000-0000-4000-8000-%012d",
                 i);
        firm->size_class = i % WORLD_SIZES;
        firm->size = world_sizes[firm->size_class];
        firm->weekend = below(world, 10) ? 6 : 5;
        make_people(world, firm);
        make_habits(world, firm);
        make_fate(world, firm, i);
        make_leavers_fair(firm);
    }
    return world;
}

void world_free(struct world *world)
{
    free(world->list);
    free(world);
}

/* ---- a day ---- */

static void add(struct world *world, struct happening happening)
{
    if (world->count == world->cap) {
        world->cap = world->cap ? 2 * world->cap : 256;
        world->list =
            xreallocarray(world->list, world->cap, sizeof *world->list);
    }
    world->list[world->count++] = happening;
}

static int habit(struct world *world, const struct firm *firm)
{
    double sum = 0, pick;

    for (int i = 0; i < CATEGORY_COUNT; i++)
        sum += firm->habits[i];
    pick = uniform(world) * sum;
    for (int i = 0; i < CATEGORY_COUNT; i++)
        if ((pick -= firm->habits[i]) < 0)
            return i;
    return 2;
}

static int64_t some_time(struct world *world, int day)
{
    return (WORLD_FIRST_DAY + day) * DAY_MS + 8 * 60 * MINUTE_MS +
           (int64_t)(uniform(world) * 540) * MINUTE_MS;
}

static void burst(struct world *world, struct happening what, int events,
                  int64_t every)
{
    for (int i = 0; i < events; i++) {
        what.made = uniform(world) < 0.3;
        add(world, what);
        what.at += (int64_t)(uniform(world) * 2 * (double)every);
    }
}

static void work_day(struct world *world, int index, int person, int day)
{
    struct firm *firm = &world->firms[index];
    double bursts = firm->people[person].busy * exp(normal(world) * 0.4);
    struct happening what = {.firm = index, .person = person};

    /* Whoever comes does something. */
    for (bool first = true; first || bursts > 0; bursts -= 1) {
        if (!first && bursts < 1 && uniform(world) > bursts)
            break;
        first = false;
        what.category = habit(world, firm);
        what.at = some_time(world, day);
        burst(world, what, geometric(world, 3), MINUTE_MS);
    }
    if (uniform(world) >= STRAY)
        return;
    what.category = 2 + below(world, 9);
    what.at = some_time(world, day);
    burst(world, what, 1, MINUTE_MS);
}

/* Somebody tries what the account never used. */
static void explore(struct world *world, int index, int day)
{
    struct firm *firm = &world->firms[index];
    struct happening what = {.firm = index,
                             .person = below(world, firm->size),
                             .category = (int)firm->explores,
                             .at = some_time(world, day)};

    firm->came[what.person][day] = true;
    for (int i = below(world, 3); i > 0; i--) {
        what.docs = true;
        add(world, what);
        what.at += 5 * MINUTE_MS;
    }
    what.docs = false;
    burst(world, what, 5 + below(world, 5), 2 * MINUTE_MS);
}

static bool rests(const struct firm *firm, int day)
{
    int weekday = (WORLD_FIRST_DAY + day + 4) % 7;

    return weekday == firm->weekend || weekday == (firm->weekend + 1) % 7;
}

static double chance(const struct world *world, const struct firm *firm,
                     int person, int day)
{
    double often = firm->people[person].often * world->shared[day];

    if (often > 0.98)
        often = 0.98;
    return rests(firm, day) ? often * WEEKEND : often;
}

static void live_firm(struct world *world, int index, int day)
{
    struct firm *firm = &world->firms[index];

    for (int i = 0; i < firm->size; i++) {
        double often = chance(world, firm, i, day);
        bool away = i == firm->champion && day >= firm->away_from &&
                    day < firm->away_to;

        firm->chance[i][day] = often;
        if (day >= firm->halves_on && firm->by_leaving)
            often = firm->people[i].gone ? 0 : often;
        else if (day >= firm->halves_on)
            often /= 2;
        if (uniform(world) < often && !away) {
            firm->came[i][day] = true;
            work_day(world, index, i, day);
        }
    }
    if (day == firm->explores_on)
        explore(world, index, day);
}

static int by_time(const void *a, const void *b)
{
    const struct happening *one = a, *other = b;

    return (one->at > other->at) - (one->at < other->at);
}

void world_live(struct world *world, int day)
{
    world->count = 0;
    for (int i = 0; i < WORLD_ACCOUNTS; i++)
        live_firm(world, i, day);
    if (world->count)
        qsort(world->list, world->count, sizeof *world->list, by_time);
}
