/* Counting what was seen and what was not, against the truth of the world.
 * It shares no code with the signals: what it needs to know of what people
 * did it counts itself. */
#ifndef SIM_SCORE_H
#define SIM_SCORE_H

#include "world.h"

/* What a detector said, as little as the scorer needs of it. */
struct said {
    const char *kind;
    int firm, person, category; /* -1: none */
    int day;                    /* from 0, on which it could be read */
    int64_t at;                 /* wall ms */
};

/* Of one detector of halved accounts. */
struct detection {
    int halved[WORLD_SIZES], seen[WORLD_SIZES][3]; /* in 7, 14, 21 days */
    int alarms[WORLD_SIZES];
    double months[WORLD_SIZES]; /* of accounts that did not halve */
};

struct hits {
    int right, wrong, found, there;
};

struct score;

struct score *score_new(void);
void score_free(struct score *score);
/* The world lived through the day. */
void score_day(struct score *score, const struct world *world, int day);
void score_said(struct score *score, const struct world *world,
                const struct said *said);
/* A world is over: adds it up. */
void score_world(struct score *score, const struct world *world);
/* Prints the tables. */
void score_print(struct score *score, const char *title);

#endif
