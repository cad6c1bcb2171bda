/* Habits first, then what is out of the ordinary. Whether somebody comes on a
 * workday is not thrown by dice but goes round: so often as they come, they
 * come evenly, and nothing looks like a story that is none. */
#include "command/demo_story.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/demo_deed.h"

#include "base/banned.h"

#define MOST_EVENTS 40 /* of a person, a day */
/* Until everybody was there and everything they use was used. */
#define SETTLING_DAYS 12
#define READING_DAYS 35 /* until they read docs */
#define QUIET_DAYS 13   /* since when the quiet account is quiet */
#define QUIET_SHARE 0.2
#define GONE_DAYS 17 /* since when the champion is away */
#define NEVER (-1)

/* What is usual, by use: the first are done the most. */
#define USUAL 8
static const struct {
    enum deed deeds[USUAL];
    enum deed docs; /* on the area that they use the most */
} uses[DEMO_USES] = {
    [USES_ALL] = {{INSIGHT, FLAG, ASK_AI, REPLAY, EXPERIMENT, AI_ANSWER,
                   DASHBOARD, FUNNEL},
                  DOCS_EXPERIMENTS},
    [USES_ANALYTICS] = {{INSIGHT, REPLAY, DASHBOARD, FUNNEL, REPLAY, INSIGHT,
                         COHORT, INSIGHT},
                        DOCS_FUNNELS},
    [USES_FLAGS] = {{FLAG, INSIGHT, EXPERIMENT, REPLAY, FLAG_VARIANTS,
                     DASHBOARD, LAUNCH, REPLAY},
                    DOCS_EXPERIMENTS},
    [USES_REPLAY] = {{REPLAY, INSIGHT, REPLAY, PERSON, COHORT, REPLAY, PERSON,
                      INSIGHT},
                     DOCS_REPLAY},
    [USES_AI] = {{ASK_AI, INSIGHT, AI_ANSWER, DASHBOARD, AI_SQL, INSIGHT,
                  ASK_AI, AI_ANSWER},
                 DOCS_FUNNELS},
    [USES_EXPORTS] = {{INSIGHT, EXPORT_FILE, COHORT, AI_SQL, DASHBOARD,
                       EXPORT_FILE, AI_SQL, INSIGHT},
                      DOCS_FUNNELS},
};

/* The first minute, at the usual rate. */
static const struct beat {
    int account;
    const char *mailbox;
    enum deed deed;
} beats[] = {
    {ALDER, "maya", INSIGHT},      {BOREALIS, "tomas", DOCS_FLAGS},
    {ALDER, "maya", DASHBOARD},    {BOREALIS, "tomas", DOCS_FLAG_CODE},
    {ALDER, "jonas", ASK_AI},      {BOREALIS, "tomas", DOCS_FLAG_CODE},
    {ALDER, "jonas", AI_ANSWER},   {BOREALIS, "tomas", FLAG_VARIANTS},
    {DUNES, "ruth", LOSING},       {ALDER, "priya", REPLAY},
    {BOREALIS, "tomas", FLAG},     {ALDER, "maya", EXPERIMENT},
    {EMERAUDE, "aurelie", SURVEY}, {DUNES, "omar", EXPORT_FILE},
    {DUNES, "ruth", EXPORT_FILE},  {EMERAUDE, "beatriz", INSIGHT},
    {COBALT, "zoe", REPLAY},       {DUNES, "ruth", PAYMENT_FAILED},
    {ALDER, "maya", EXPERIMENT},   {COBALT, "ben", INSIGHT},
};
#define BEAT_COUNT (sizeof beats / sizeof *beats)

/* Single events of the past, by days before today, put on the workday before
 * them. Those of the first two weeks make sure that nothing seems to be new
 * that is not what the story is about. */
static const struct past {
    int days_ago, hour, minute;
    int account;
    const char *mailbox;
    enum deed deed;
} milestones[] = {
    {84, 10, 5, BOREALIS, "tomas", FLAG},
    {83, 11, 40, COBALT, "wanjiru", ERROR_ISSUE},
    {83, 9, 20, JUNIPER, "", INVITE},
    {13, 9, 10, JUNIPER, "", INVITE},
    {11, 9, 15, JUNIPER, "", INVITE},
    {6, 11, 2, DUNES, "ruth", LIMIT_HIT},
    {5, 10, 30, ALDER, "jonas", CREDIT},
    {4, 14, 12, MISTRAL, "", BATCH_EXPORT},
    {2, 8, 43, EMERAUDE, "aurelie", SURVEY},
    {1, 9, 48, COBALT, "wanjiru", DOCS_FUNNELS},
    {1, 9, 57, COBALT, "wanjiru", ERROR_ISSUE},
    {1, 10, 13, COBALT, "wanjiru", DOCS_FUNNELS},
};

struct habit {
    double often; /* share of workdays on which they come */
    double phase, turn;
    int busy;  /* events on such a day, at least one */
    int from;  /* days ago that they were first there */
    int until; /* and last; NEVER: they still come */
    int usual; /* where in what is usual they begin */
};

struct at_work { /* in the running story */
    const struct demo_person *who;
    int left;
};
#define AT_WORK 5

struct story {
    struct demo_book book;
    struct habit habits[DEMO_ACCOUNTS * DEMO_PEOPLE_MAX];
    uint64_t random;
    int64_t now_ms;
    const struct zone_days *zone;
    int32_t today;
    int ago; /* of the day that is told next */
    int workday;
    int deeds[DEMO_ACCOUNTS]; /* so far, until they have settled */
    struct moment *moments;   /* of the day that is told */
    size_t count, cap;
    size_t beat;
    struct at_work at_work[AT_WORK];
};

static uint64_t draw(struct story *story)
{
    uint64_t drawn = demo_mix(story->random);

    story->random += UINT64_C(0x9e3779b97f4a7c15);
    return drawn;
}

static int draw_below(struct story *story, int limit)
{
    return (int)(draw(story) % (uint64_t)limit);
}

static double draw_part(struct story *story)
{
    return draw_below(story, 1000) / 1000.0;
}

static int firm_of(const struct story *story, const struct demo_person *who)
{
    return (int)(who->account - story->book.accounts);
}

/* ---- habits ---- */

/* One who does most of it, on nearly every day. */
static void lead(struct habit *habit, int busy, int until)
{
    habit->often = 0.96;
    habit->busy = busy;
    habit->until = until;
}

static void make_habit(struct story *story, size_t index)
{
    const struct demo_person *who = &story->book.people[index];
    struct habit *habit = &story->habits[index];
    int firm = firm_of(story, who), people = who->account->people;

    *habit =
        (struct habit){.often = 0.4 + 0.4 * draw_part(story),
                       .phase = (who->index + 0.3 * draw_part(story)) / people,
                       .turn = 0.618034,
                       .busy = draw_below(story, 3) ? 1 : 2,
                       .from = STORY_DAYS,
                       .until = NEVER,
                       .usual = draw_below(story, 4)};
    if (firm == ALDER && !who->index)
        lead(habit, 9, NEVER);
    if (firm == KESTREL && !who->index)
        lead(habit, 9, GONE_DAYS);
    if (firm == XYLO && !who->index)
        lead(habit, 19, NEVER);
    if (firm == JUNIPER && who->index >= people - 4) {
        habit->from = 12 - 2 * (who->index - (people - 4));
        habit->often = 0.8;
    }
}

struct story *story_new(uint64_t seed, int64_t now_ms,
                        const struct zone_days *zone)
{
    struct story *story = xcalloc(1, sizeof *story);

    demo_book_init(&story->book);
    story->random = demo_mix(seed);
    story->now_ms = now_ms;
    story->zone = zone;
    story->today = zone_day(zone, now_ms);
    story->ago = STORY_DAYS;
    for (size_t i = 0; i < story->book.count; i++)
        make_habit(story, i);
    return story;
}

void story_free(struct story *story)
{
    if (!story)
        return;
    free(story->moments);
    free(story);
}

char *story_book(void)
{
    struct demo_book *book = xcalloc(1, sizeof *book);
    char *csv;

    demo_book_init(book);
    csv = demo_book_csv(book);
    free(book);
    return csv;
}

/* ---- a day ---- */

static bool is_weekend(int32_t day)
{
    int weekday = (int)((day + 4) % 7); /* 1970-01-01 was a Thursday */

    return weekday == 0 || weekday == 6;
}

static void remember(struct story *story, int64_t at,
                     const struct demo_person *who, enum deed deed)
{
    if (at >= story->now_ms)
        return;
    if (story->count == story->cap) {
        story->cap = story->cap ? story->cap * 2 : 256;
        story->moments =
            xreallocarray(story->moments, story->cap, sizeof *story->moments);
    }
    story->moments[story->count++] =
        (struct moment){.at = at, .who = who, .deed = deed};
}

static enum deed usual_deed(struct story *story, const struct demo_person *who)
{
    const struct habit *habit = &story->habits[who - story->book.people];
    const enum deed *deeds = uses[who->account->use].deeds;

    if (story->ago > STORY_DAYS - SETTLING_DAYS)
        return deeds[story->deeds[firm_of(story, who)]++ % USUAL];
    if (story->ago < STORY_DAYS - READING_DAYS && !draw_below(story, 25))
        return uses[who->account->use].docs;
    return deeds[(habit->usual + draw_below(story, USUAL - 2)) % USUAL];
}

/* In sittings of a few events, a minute or three between two. */
static void work(struct story *story, const struct demo_person *who,
                 int64_t day_start)
{
    int events = story->habits[who - story->book.people].busy;
    int64_t at = 0;

    events += draw_below(story, 2);
    for (int i = 0; i < events && i < MOST_EVENTS; i++) {
        if (i % 4 == 0)
            at = day_start + 8 * CLOCK_HOUR_MS +
                 draw_below(story, 9 * 60) * CLOCK_MINUTE_MS;
        remember(story, at, who, usual_deed(story, who));
        at += (20 + draw_below(story, 160)) * INT64_C(1000);
    }
}

static bool comes(struct story *story, size_t index, int32_t day)
{
    const struct habit *habit = &story->habits[index];
    double whole, often = habit->often;

    if (story->ago > habit->from ||
        (habit->until != NEVER && story->ago < habit->until))
        return false;
    if (is_weekend(day))
        return draw_below(story, 100) < 3;
    if (firm_of(story, &story->book.people[index]) == HIBARI &&
        story->ago <= QUIET_DAYS)
        often *= QUIET_SHARE;
    return modf(habit->phase + story->workday * habit->turn, &whole) < often;
}

static void remember_milestones(struct story *story, int64_t day_start)
{
    for (size_t i = 0; i < sizeof milestones / sizeof *milestones; i++) {
        const struct past *past = &milestones[i];
        const struct demo_person *who =
            *past->mailbox
                ? demo_book_person(&story->book, past->account, past->mailbox)
                : demo_book_first(&story->book, past->account);
        int ago = past->days_ago;

        while (is_weekend(story->today - ago))
            ago++;
        if (ago == story->ago)
            remember(story,
                     day_start + past->hour * CLOCK_HOUR_MS +
                         past->minute * CLOCK_MINUTE_MS,
                     who, past->deed);
    }
}

/* Every account pays once a month, the first time soon. */
static void remember_payments(struct story *story, int64_t day_start)
{
    int day = STORY_DAYS - story->ago;

    for (int i = 0; i < DEMO_ACCOUNTS; i++)
        if (day % 30 == 1 + i % 10)
            remember(story,
                     day_start + 9 * CLOCK_HOUR_MS +
                         draw_below(story, 50) * CLOCK_MINUTE_MS,
                     demo_book_first(&story->book, i) + 1, PAID);
}

/* Who went, or is quiet, does not come now. */
static const struct demo_person *draw_worker(struct story *story)
{
    for (;;) {
        size_t index = (size_t)draw_below(story, (int)story->book.count);
        const struct demo_person *who = &story->book.people[index];

        if (firm_of(story, who) != HIBARI &&
            story->habits[index].until == NEVER)
            return who;
    }
}

/* The hour before the story begins is not silent, whatever time it is. */
static void remember_last_hour(struct story *story)
{
    for (int minute = 58; minute > 1; minute -= 2) {
        const struct demo_person *who = draw_worker(story);

        remember(story,
                 story->now_ms - minute * CLOCK_MINUTE_MS +
                     draw_below(story, 110) * INT64_C(1000),
                 who, usual_deed(story, who));
    }
}

static int by_time(const void *a, const void *b)
{
    const struct moment *left = a, *right = b;

    return (left->at > right->at) - (left->at < right->at);
}

static void live_day(struct story *story, int32_t day, int64_t day_start)
{
    story->count = 0;
    story->workday += !is_weekend(day);
    for (size_t i = 0; i < story->book.count; i++)
        if (comes(story, i, day))
            work(story, &story->book.people[i], day_start);
    remember_milestones(story, day_start);
    remember_payments(story, day_start);
    if (!story->ago)
        remember_last_hour(story);
    if (story->count)
        qsort(story->moments, story->count, sizeof *story->moments, by_time);
}

/* ---- telling ---- */

static void tell(struct story *story, const struct moment *moment,
                 struct buf *out)
{
    uint64_t bits[2] = {draw(story), draw(story)};
    struct uuid uuid;

    memcpy(uuid.bytes, bits, sizeof uuid.bytes);
    demo_stamp(&uuid, moment->at);
    deed_write(moment, &uuid, out);
}

bool story_day(struct story *story, struct buf *out, int64_t *began_ms)
{
    int32_t day = story->today - story->ago;

    if (story->ago < 0)
        return false;
    *began_ms = zone_day_start(story->zone, day);
    live_day(story, day, *began_ms);
    for (size_t i = 0; i < story->count; i++) {
        buf_addc(out, i ? ',' : '[');
        tell(story, &story->moments[i], out);
    }
    if (story->count)
        buf_addc(out, ']');
    story->ago--;
    return true;
}

/* A handful of people are at work, each for a while. */
static const struct demo_person *draw_at_work(struct story *story)
{
    struct at_work *one = &story->at_work[draw_below(story, AT_WORK)];

    if (!one->left)
        *one = (struct at_work){.who = draw_worker(story),
                                .left = 2 + draw_below(story, 5)};
    one->left--;
    return one->who;
}

void story_next(struct story *story, int64_t now_ms, struct buf *out)
{
    struct moment moment = {.at = now_ms};

    if (story->beat < BEAT_COUNT) {
        const struct beat *beat = &beats[story->beat++];

        moment.who =
            demo_book_person(&story->book, beat->account, beat->mailbox);
        moment.deed = beat->deed;
    } else {
        moment.who = draw_at_work(story);
        moment.deed = usual_deed(story, moment.who);
    }
    tell(story, &moment, out);
}

int64_t story_wait_us(struct story *story, double per_minute)
{
    double mean = 60e6 / per_minute;

    return (int64_t)(mean * (0.5 + draw_part(story)));
}
