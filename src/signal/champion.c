/* Champion: who carries an account, whether one person carries it alone, and
 * whether that person is away.
 *
 * The events of at most CARRIERS_MAX people are counted, those with the most
 * active days: whoever does 40 % of an account's work is among them. */
#include "signal/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

#define WINDOW_MASK ((UINT64_C(1) << WINDOW_DAYS) - 1)
#define LEAST_EVENTS 20 /* of the account, to speak of dependence */
#define LET_GO 15       /* percent below the share at which a title ends */
#define BURST 4         /* events, as they come together */
#define AHEAD_SHARE 5   /* percent by which a new champion leads */
#define AHEAD_DAYS 2
#define AWAY_PAST 15 /* workdays known from before */
#define AWAY_CHANCE 1e-4
#define SUREST 0.98

/* ---- whose events are counted ---- */

struct carrier *account_carrier(const struct account_state *account,
                                uint64_t key)
{
    for (size_t i = 0; i < account->carrier_count; i++)
        if (account->carriers[i].key == key)
            return &account->carriers[i];
    return NULL;
}

static int active_days(const struct account_state *account, uint64_t key,
                       int32_t day)
{
    const struct person *person = people_find(&account->people, key);

    return person
               ? __builtin_popcountll(person_days(person, day) & WINDOW_MASK)
               : 0;
}

static bool has_title(const struct account_state *account, uint64_t key)
{
    return key == account->champion.key || key == account->one_person.key;
}

/* The one whose place somebody with more active days takes, or NULL. */
static struct carrier *weakest(const struct account_state *account,
                               uint64_t key, int32_t day)
{
    int least = active_days(account, key, day);
    struct carrier *found = NULL;

    for (size_t i = 0; i < account->carrier_count; i++) {
        struct carrier *carrier = &account->carriers[i];
        int days = active_days(account, carrier->key, day);

        if (days < least && !has_title(account, carrier->key)) {
            least = days;
            found = carrier;
        }
    }
    return found;
}

static struct carrier *carrier_place(struct account_state *account,
                                     const struct moment *moment)
{
    struct carrier *place = account_carrier(account, moment->person);

    if (place)
        return place;
    if (account->carrier_count < CARRIERS_MAX) {
        account->carriers =
            xreallocarray(account->carriers, account->carrier_count + 1,
                          sizeof *account->carriers);
        place = &account->carriers[account->carrier_count++];
    } else {
        place = weakest(account, moment->person, moment->day);
        if (!place)
            return NULL;
        free(place->id);
    }
    *place = (struct carrier){.key = moment->person,
                              .id = xstrdup(moment->person_id),
                              .head = moment->day};
    return place;
}

static void carrier_advance(struct carrier *carrier, int32_t day)
{
    int32_t from =
        day - RING_EVENTS > carrier->head ? day - RING_EVENTS : carrier->head;

    for (int32_t each = from + 1; each <= day; each++)
        carrier->counts[each % RING_EVENTS] = 0;
    if (day > carrier->head)
        carrier->head = day;
}

void champion_learn(struct account_state *account, const struct moment *moment)
{
    struct carrier *carrier = carrier_place(account, moment);

    if (!carrier)
        return;
    carrier_advance(carrier, moment->day);
    if (moment->day > carrier->head - RING_EVENTS)
        count_up(&carrier->counts[moment->day % RING_EVENTS]);
    for (int i = SEQS - 1; i > 0; i--)
        carrier->seqs[i] = carrier->seqs[i - 1];
    carrier->seqs[0] = moment->event->seq;
}

/* A ring knows the days from head - RING_EVENTS + 1 to head. */
static unsigned sum(const uint16_t *ring, int32_t head, int32_t day)
{
    unsigned all = 0;

    for (int32_t each = day - WINDOW_DAYS + 1; each <= day; each++)
        if (each <= head && each > head - RING_EVENTS)
            all += ring[each % RING_EVENTS];
    return all;
}

unsigned account_events(const struct account_state *account, int32_t day)
{
    return sum(account->events, account->head, day);
}

unsigned carrier_events(const struct carrier *carrier, int32_t day)
{
    return sum(carrier->counts, carrier->head, day);
}

/* ---- titles ---- */

struct standing {
    struct carrier *carrier;
    int days;        /* active ones, of 30 */
    unsigned events; /* meaningful ones */
    unsigned share;  /* percent of the account's */
};

static struct standing standing_of(const struct account_state *account,
                                   struct carrier *carrier, int32_t day)
{
    struct standing standing = {.carrier = carrier};
    unsigned all = account_events(account, day);

    if (!carrier)
        return standing;
    standing.days = active_days(account, carrier->key, day);
    standing.events = carrier_events(carrier, day);
    standing.share = all ? 100 * standing.events / all : 0;
    return standing;
}

static bool is_better(const struct standing *a, const struct standing *b)
{
    if (a->days != b->days)
        return a->days > b->days;
    return a->events > b->events;
}

static void holder_set(struct holder *holder, const struct carrier *carrier,
                       uint64_t seq)
{
    free(holder->id);
    *holder = (struct holder){0};
    if (carrier)
        *holder = (struct holder){.id = xstrdup(carrier->id),
                                  .key = carrier->key,
                                  .seq = seq};
}

static void say(struct engine *engine, struct account_state *account,
                const struct day_end *end, enum signal_kind kind,
                const struct standing *standing)
{
    unsigned all = account_events(account, end->day);
    char sentence[160], numbers[96];
    struct signal draft = {.kind = kind,
                           .person = standing->carrier->id,
                           .category = SIGNAL_NO_CATEGORY,
                           .seq = end->seq,
                           .fired_at = end->at,
                           .tone =
                               kind == SIGNAL_champion ? TONE_GOOD : TONE_WARN,
                           .sentence = sentence,
                           .numbers = numbers};

    snprintf(sentence, sizeof sentence, "%s%u of %u events in %d days, %u %%",
             kind == SIGNAL_champion ? ""
                                     : "one person carries this account: ",
             standing->events, all, WINDOW_DAYS, standing->share);
    snprintf(numbers, sizeof numbers,
             "{\"events\":%u,\"of\":%u,\"share\":%u,\"days\":%d}",
             standing->events, all, standing->share, standing->days);
    for (int i = 0; i < SEQS; i++)
        signal_evidence(&draft, standing->carrier->seqs[i]);
    signal_say(engine, account, &draft, end->day);
}

/* The share, less half of what it may be off: events come in bursts, so that
 * a hundred of them say as much as twenty-five. */
static double sure_share(const struct standing *standing)
{
    double share = standing->share / 100.0;

    if (!standing->events)
        return 0;
    return 100 * (share - 0.5 * sqrt(share * (1 - share) * BURST * share /
                                     standing->events));
}

/* The one with the most active days, if the share is large enough. */
static struct standing best_of(const struct engine *engine,
                               const struct account_state *account,
                               int32_t day)
{
    struct standing best = {0};

    for (size_t i = 0; i < account->carrier_count; i++) {
        struct standing each =
            standing_of(account, &account->carriers[i], day);

        if (!best.carrier || is_better(&each, &best))
            best = each;
    }
    if (best.days < engine->settings.champion_days ||
        sure_share(&best) < engine->settings.champion_share)
        best.carrier = NULL;
    return best;
}

/* Two who share the work must not take turns. */
static bool takes_over(const struct engine *engine,
                       const struct account_state *account,
                       const struct standing *best, int32_t day)
{
    struct standing old =
        standing_of(account, account_carrier(account, account->champion.key),
                    day);

    if (!old.carrier || old.days < engine->settings.champion_days ||
        (int)old.share < engine->settings.champion_share - LET_GO)
        return true;
    return best->share >= old.share + AHEAD_SHARE &&
           best->days >= old.days + AHEAD_DAYS;
}

static void crown(struct engine *engine, struct account_state *account,
                  const struct day_end *end)
{
    struct standing best = best_of(engine, account, end->day);

    if (!best.carrier || best.carrier->key == account->champion.key ||
        !takes_over(engine, account, &best, end->day) ||
        !signal_may_say(engine, account, SIGNAL_champion, end->day))
        return;
    holder_set(&account->champion, best.carrier, end->seq);
    say(engine, account, end, SIGNAL_champion, &best);
}

static void depend(struct engine *engine, struct account_state *account,
                   const struct day_end *end)
{
    int limit = engine->settings.one_person_share;
    struct standing most = {0}, each;

    for (size_t i = 0; i < account->carrier_count; i++) {
        each = standing_of(account, &account->carriers[i], end->day);
        if (each.events > most.events)
            most = each;
    }
    if (!most.carrier || (int)most.share < limit - LET_GO)
        holder_set(&account->one_person, NULL, 0);
    if (!most.carrier || (int)most.share <= limit ||
        most.days < engine->settings.champion_days ||
        account_events(account, end->day) < LEAST_EVENTS ||
        most.carrier->key == account->one_person.key ||
        !signal_may_say(engine, account, SIGNAL_one_person, end->day))
        return;
    holder_set(&account->one_person, most.carrier, end->seq);
    say(engine, account, end, SIGNAL_one_person, &most);
}

/* ---- away ---- */

static void say_away(struct engine *engine, struct account_state *account,
                     const struct day_end *end, const struct holder *holder,
                     int missing, double often)
{
    const struct carrier *carrier = account_carrier(account, holder->key);
    char sentence[96], numbers[64];
    struct signal draft = {.kind = SIGNAL_champion_away,
                           .person = holder->id,
                           .category = SIGNAL_NO_CATEGORY,
                           .seq = end->seq,
                           .fired_at = end->at,
                           .tone = TONE_WARN,
                           .sentence = sentence,
                           .numbers = numbers};

    snprintf(sentence, sizeof sentence,
             "nothing for %d workdays, usually there on %d of 10", missing,
             (int)lround(often * 10));
    snprintf(numbers, sizeof numbers, "{\"days\":%d,\"usual\":%.2f}", missing,
             often);
    for (int i = 0; carrier && i < SEQS; i++)
        signal_evidence(&draft, carrier->seqs[i]);
    signal_say(engine, account, &draft, end->day);
    free(account->away.id);
    account->away = (struct holder){.id = xstrdup(holder->id),
                                    .key = holder->key,
                                    .seq = end->seq};
}

struct absence {
    int missing, known; /* workdays without, and before */
    double often;       /* share of those before */
    double chance;      /* logarithm of: as usual, all the same */
};

/* No more than 1: nobody comes twice a day. */
static double ratio_of(const struct engine *engine, int32_t day)
{
    double ratio = (double)engine->ratios[day % DAYS];

    return ratio < 1 ? ratio : 1;
}

/* A day on which half of the book came is half as surprising, and half a
 * chance to come. days: bit 0 is day. */
static void look_back(const struct engine *engine,
                      const struct account_state *account, int32_t day,
                      uint64_t days, struct absence *out)
{
    uint64_t workdays = account_workdays(engine, account, day);
    int last = __builtin_ctzll(days), came = 0;
    double often, chances = 0;

    *out = (struct absence){0};
    for (int back = last; back < DAYS; back++)
        if (workdays >> back & 1) {
            came += days >> back & 1;
            chances += ratio_of(engine, day - back);
            out->known++;
        }
    often = came / (chances + 0.5);
    out->often = often < SUREST ? often : SUREST;
    for (int back = 0; back < last; back++)
        if (workdays >> back & 1) {
            out->chance += log(1 - out->often * ratio_of(engine, day - back));
            out->missing++;
        }
}

static void miss(struct engine *engine, struct account_state *account,
                 const struct day_end *end, const struct holder *holder)
{
    const struct person *person =
        holder->key ? people_find(&account->people, holder->key) : NULL;
    struct absence absence;
    uint64_t days;

    if (!person || account->away.key == holder->key ||
        !signal_may_say(engine, account, SIGNAL_champion_away, end->day))
        return;
    days = person_days(person, end->day);
    if (!days || days & 1)
        return;
    look_back(engine, account, end->day, days, &absence);
    if (absence.missing >= engine->settings.away_days &&
        absence.known >= AWAY_PAST && absence.chance < log(AWAY_CHANCE))
        say_away(engine, account, end, holder, absence.missing, absence.often);
}

/* Somebody who was away is back. */
void champion_event(struct engine *engine, struct account_state *account,
                    struct moment *moment)
{
    if (!account->away.key || moment->person != account->away.key ||
        (moment->event->flags & EVENT_BACKFILLED))
        return;
    signal_withdraw(engine, account, SIGNAL_champion_away, account->away.seq,
                    SIGNAL_NO_CATEGORY, account->away.id);
    holder_set(&account->away, NULL, 0);
}

void champion_day(struct engine *engine, struct account_state *account,
                  const struct day_end *end)
{
    if (end->day - account->first < engine->settings.champion_learning)
        return;
    miss(engine, account, end, &account->champion);
    if (account->one_person.key != account->champion.key)
        miss(engine, account, end, &account->one_person);
    crown(engine, account, end);
    depend(engine, account, end);
}
