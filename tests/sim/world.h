/* A made-up world with known truth: a book of 30 accounts, 4 to 60 people
 * each, who have habits of their own and do what people do in bursts. It
 * knows nothing of the signals. Everything follows from the seed. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

#define WORLD_ACCOUNTS 30
#define WORLD_PEOPLE 60
#define WORLD_DAYS 182
#define WORLD_SIZES 5
#define WORLD_FIRST_DAY 20584 /* a Monday */
#define NEVER 1000000

struct human {
    double often; /* chance to come on a workday */
    double busy;  /* bursts on a day they come */
    bool gone;    /* from the day the account halves */
};

struct firm {
    char id[40];
    int size, size_class;
    int weekend; /* first of two days of rest, 0 Sunday */
    struct human people[WORLD_PEOPLE];
    double habits[CATEGORY_COUNT]; /* weights */
    int champion;                  /* index, or -1 */
    double true_share;             /* of the champion's events */
    bool halves, by_leaving;       /* everybody less, or half of them gone */
    int halves_on;
    int away_from, away_to; /* the champion; NEVER */
    int explores_on;        /* NEVER */
    enum category explores;
    bool came[WORLD_PEOPLE][WORLD_DAYS];
    double chance[WORLD_PEOPLE][WORLD_DAYS]; /* had nothing happened */
};

struct happening {
    int firm, person, category;
    bool made; /* something, not only looked at */
    bool docs;
    int64_t at; /* wall ms */
};

struct world {
    uint64_t state;            /* of the random numbers */
    double shared[WORLD_DAYS]; /* what everybody does together */
    struct firm firms[WORLD_ACCOUNTS];
    struct happening *list; /* of the day, in order of time */
    size_t count, cap;
};

extern const int world_sizes[WORLD_SIZES];

struct world *world_new(uint64_t seed);
void world_free(struct world *world);
/* Lives through the day, from 0: list and count are that day's then. */
void world_live(struct world *world, int day);

#endif
