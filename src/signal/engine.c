/* Events and ticks go in here. An event first becomes a part of what is known
 * of its account, then each signal looks at it; a tick ends days, and each
 * day that ended is judged, account by account, next to the whole book. */
#include "signal/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/zone.h"
#include "signal/area.h"

#include "base/banned.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)
/* An event that is heard of later than that says nothing about now. */
#define LATE_MS (30 * CLOCK_MINUTE_MS)
/* Of the book: as many people as that are taken to be as usual, so that one
 * account's neighbours do not decide alone when there are few. */
#define BOOK_PRIOR 10.0
#define BOOK_LEAST 0.25
#define BOOK_MOST 2.0
/* When so little of what is usual came from everybody, it is the capture that
 * is silent, or the whole world has a holiday: no account is judged. */
#define BOOK_SILENT 0.2
#define BOOK_KNOWN 3.0 /* people a day that make a book */

void signal_settings_init(struct signal_settings *settings)
{
    *settings = (struct signal_settings){.learning_days = 14,
                                         .docs_within_s = 2 * HOUR_S,
                                         .burst_events = 4,
                                         .burst_within_s = HOUR_S / 3,
                                         .seldom_days = 3,
                                         .again_after_s = DAY_S,
                                         .champion_share = 40,
                                         .champion_days = 8,
                                         .one_person_share = 70,
                                         .away_days = 5,
                                         .nobody_days = 5,
                                         .quiet_height = 4.7,
                                         .growing_height = 6.5,
                                         .quiet_rest = 28,
                                         .new_within = 14,
                                         .new_people = 3,
                                         .quiet_learning = 21,
                                         .growing_learning = 28,
                                         .champion_learning = 30,
                                         .stays = 30,
                                         .billing_rest = 14,
                                         .stuck_within_s = DAY_S,
                                         .visits_within_s = 7 * DAY_S};
}

struct engine *engine_new(const struct signal_settings *settings)
{
    struct engine *engine = xcalloc(1, sizeof *engine);

    engine->settings = *settings;
    if (!settings->areas)
        engine->settings.areas = engine->own_areas = areas_new();
    engine->done = NO_DAY;
    for (int i = 0; i < DAYS; i++)
        engine->ratios[i] = 1;
    return engine;
}

static void account_free(struct account_state *account)
{
    for (size_t i = 0; i < account->carrier_count; i++)
        free(account->carriers[i].id);
    free(account->carriers);
    free(account->champion.id);
    free(account->one_person.id);
    free(account->away.id);
    people_free(&account->people);
    free(account->id);
    free(account);
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->count; i++)
        account_free(engine->accounts[i]);
    free(engine->accounts);
    free(engine->slots);
    free(engine->signals);
    areas_free(engine->own_areas);
    arena_free(&engine->arena);
    free(engine);
}

size_t engine_bytes(const struct engine *engine)
{
    size_t bytes = sizeof *engine + engine->cap * sizeof *engine->accounts +
                   engine->slot_count * sizeof *engine->slots +
                   engine->signal_cap * sizeof *engine->signals +
                   engine->arena.used;

    for (size_t i = 0; i < engine->count; i++) {
        const struct account_state *account = engine->accounts[i];

        bytes += sizeof *account + strlen(account->id) + 1 +
                 account->people.cap * sizeof *account->people.list +
                 account->carrier_count * sizeof *account->carriers;
        for (size_t j = 0; j < account->carrier_count; j++)
            bytes += strlen(account->carriers[j].id) + 1;
    }
    return bytes;
}

/* ---- accounts ---- */

bool engine_follows(const struct engine *engine,
                    const struct account_state *account)
{
    return account->listed || !engine->book;
}

static void place_slot(struct engine *engine, size_t index)
{
    size_t mask = engine->slot_count - 1;
    size_t at = people_key(engine->accounts[index]->id) & mask;

    while (engine->slots[at])
        at = (at + 1) & mask;
    engine->slots[at] = (uint32_t)index + 1;
}

static void grow(struct engine *engine)
{
    engine->cap = engine->cap ? engine->cap * 2 : 16;
    engine->accounts = xreallocarray(engine->accounts, engine->cap,
                                     sizeof(struct account_state *));
    free(engine->slots);
    engine->slot_count = engine->cap * 2;
    engine->slots = xcalloc(engine->slot_count, sizeof *engine->slots);
    for (size_t i = 0; i < engine->count; i++)
        place_slot(engine, i);
}

static struct account_state *account_add(struct engine *engine, const char *id)
{
    struct account_state *account;

    if (engine->count >= LIMIT_SIGNAL_ACCOUNTS)
        return NULL;
    if (engine->count == engine->cap)
        grow(engine);
    account = xcalloc(1, sizeof *account);
    account->id = xstrdup(id);
    account->first = account->head = NO_DAY;
    for (int i = 0; i < LEFT_DAYS; i++)
        account->others[i] = 1;
    for (int i = 0; i < NEWCOMERS_MAX; i++)
        account->newcomers[i] = NO_DAY;
    for (int i = 0; i < CATEGORY_COUNT; i++)
        account->uses[i].last = account->uses[i].first = NO_DAY;
    for (int i = 0; i < SIGNAL_COUNT; i++)
        account->rests[i] = NO_DAY;
    engine->accounts[engine->count++] = account;
    place_slot(engine, engine->count - 1);
    return account;
}

static struct account_state *account_find(struct engine *engine,
                                          const char *id)
{
    size_t mask = engine->slot_count - 1, at;

    if (engine->last < engine->count &&
        !strcmp(engine->accounts[engine->last]->id, id))
        return engine->accounts[engine->last];
    if (!engine->count)
        return NULL;
    for (at = people_key(id) & mask; engine->slots[at]; at = (at + 1) & mask) {
        engine->last = engine->slots[at] - 1;
        if (!strcmp(engine->accounts[engine->last]->id, id))
            return engine->accounts[engine->last];
    }
    return NULL;
}

struct account_state *engine_account(struct engine *engine, const char *id)
{
    struct account_state *account = account_find(engine, id);

    return account ? account : account_add(engine, id);
}

/* ---- an event ---- */

uint64_t person_key(const struct event_person *person)
{
    const char *id = person_id(person);

    return id ? people_key(id) : 0;
}

const char *person_id(const struct event_person *person)
{
    return person->id      ? person->id
           : person->email ? person->email
                           : person->name;
}

static bool counts(const struct event *event)
{
    return event->hidden == HIDDEN_NO && !event_is_test(event->person.id) &&
           !(event->flags & (EVENT_UNRENDERED | EVENT_SHAPELESS)) &&
           event->received_at != CLOCK_NONE;
}

/* Pages of the docs are read by people who are not signed in to any
 * organisation: then they are of the account that knows the person. */
static struct account_state *account_of_person(const struct engine *engine,
                                               uint64_t person)
{
    for (size_t i = 0; person && i < engine->count; i++)
        if (people_find(&engine->accounts[i]->people, person))
            return engine->accounts[i];
    return NULL;
}

static struct account_state *account_of(struct engine *engine,
                                        const struct moment *moment)
{
    const struct event *event = moment->event;
    struct account_state *account;

    if (!event->account.id)
        return account_of_person(engine, moment->person);
    if (event->account.listed && !engine->book)
        engine->book = engine->dirty = true;
    if (engine->book && !event->account.listed)
        return NULL;
    account = engine_account(engine, event->account.id);
    if (account)
        account->listed = event->account.listed;
    return account;
}

static struct moment moment_of(struct engine *engine,
                               const struct event *event)
{
    bool page = !strcmp(event->name, "$pageview");
    struct moment moment = {.event = event,
                            .at = event_time(event),
                            .person = person_key(&event->person),
                            .person_id = person_id(&event->person),
                            .news = true,
                            .docs = page ? areas_find(engine->settings.areas,
                                                      event->url)
                                         : -1};

    moment.day = engine_day(engine, moment.at);
    moment.meaningful = event->category != CATEGORY_OTHER &&
                        !(event->flags & EVENT_UNKNOWN) && !page;
    moment.live = !(event->flags & EVENT_BACKFILLED) &&
                  event->received_at - moment.at <= LATE_MS;
    return moment;
}

static void advance(struct account_state *account, int32_t day)
{
    int32_t from = account->head == NO_DAY ? day - DAYS : account->head;

    if (account->first == NO_DAY || day < account->first)
        account->first = day;
    if (day <= account->head && account->head != NO_DAY)
        return;
    if (from < day - DAYS)
        from = day - DAYS;
    for (int32_t each = from + 1; each <= day; each++) {
        account->active.counts[each % DAYS] = 0;
        account->events[each % RING_EVENTS] = 0;
    }
    account->head = day;
}

static void push_seq(uint64_t *seqs, uint64_t seq)
{
    memmove(seqs + 1, seqs, (SEQS - 1) * sizeof *seqs);
    seqs[0] = seq;
}

static void mark_newcomer(struct account_state *account, int32_t day)
{
    memmove(account->newcomers + 1, account->newcomers,
            (NEWCOMERS_MAX - 1) * sizeof *account->newcomers);
    account->newcomers[0] = day;
}

/* Makes the event a part of what is known. */
static void learn(struct account_state *account, const struct moment *moment)
{
    bool first = false, fresh = false;

    advance(account, moment->day);
    if (moment->person)
        fresh =
            people_mark(&account->people, moment->person, moment->day, &first);
    if (fresh && moment->day > account->head - DAYS)
        count_up(&account->active.counts[moment->day % DAYS]);
    if (first && !(moment->event->flags & EVENT_BACKFILLED))
        mark_newcomer(account, moment->day);
    push_seq(account->seqs, moment->event->seq);
    if (!moment->meaningful)
        return;
    if (moment->day > account->head - RING_EVENTS)
        count_up(&account->events[moment->day % RING_EVENTS]);
    if (moment->person)
        champion_learn(account, moment);
}

static void learn_use(struct account_state *account,
                      const struct moment *moment)
{
    struct use *use = &account->uses[moment->event->category];
    int32_t ahead = use->last == NO_DAY ? DAYS : moment->day - use->last;

    if (use->first == NO_DAY || moment->day < use->first)
        use->first = moment->day;
    if (ahead > 0) {
        use->days = ahead < DAYS ? use->days << ahead : 0;
        use->last = moment->day;
        ahead = 0;
    }
    if (ahead > -DAYS)
        use->days |= UINT64_C(1) << -ahead;
}

void account_learn(struct account_state *account, const struct moment *moment)
{
    learn(account, moment);
    if (moment->meaningful)
        learn_use(account, moment);
}

static void look_at_event(struct engine *engine, struct account_state *account,
                          struct moment *moment)
{
#define ON_EVENT(name) name##_event(engine, account, moment);
#define ON_DAY(name)
#include "signal/rules.def"
#undef ON_EVENT
#undef ON_DAY
}

void engine_event(struct engine *engine, const struct event *event)
{
    struct account_state *account;
    struct moment moment;

    if (!counts(event))
        return;
    moment = moment_of(engine, event);
    account = account_of(engine, &moment);
    if (!account)
        return;
    account->dirty = true;
    learn(account, &moment);
    if (engine_follows(engine, account))
        look_at_event(engine, account, &moment);
    if (moment.meaningful)
        learn_use(account, &moment);
}

/* ---- a day that ended ---- */

static float ratio_of(double x, double usual)
{
    double ratio = (x + BOOK_PRIOR) / (usual + BOOK_PRIOR);

    if (usual < BOOK_KNOWN)
        return 1;
    if (x < usual * BOOK_SILENT)
        return 0;
    return (float)(ratio < BOOK_LEAST  ? BOOK_LEAST
                   : ratio > BOOK_MOST ? BOOK_MOST
                                       : ratio);
}

static void look_at_day(struct engine *engine, struct account_state *account,
                        const struct day_end *end)
{
#define ON_EVENT(name)
#define ON_DAY(name) name##_day(engine, account, end);
#include "signal/rules.def"
#undef ON_EVENT
#undef ON_DAY
}

static void account_judge(struct engine *engine, struct account_state *account,
                          const struct day_end *end)
{
    account->dirty = true;
    advance(account, end->day);
    account->others[end->day % LEFT_DAYS] = end->ratio;
    people_drop(&account->people, end->day - DAYS);
    if (engine_is_holiday(engine, end->day) || end->ratio <= 0)
        return;
    look_at_day(engine, account, end);
}

/* Next to the book without it. */
static void judge(struct engine *engine, struct account_state *account,
                  struct day_end *end, double x, double usual)
{
    end->ratio = ratio_of(end->others_x - x, end->others_m - usual);
    if (engine->ratios[end->day % DAYS] <= 0)
        end->ratio = 0;
    account_judge(engine, account, end);
}

/* It is followed, and was there by that day. */
static bool is_judged(const struct engine *engine,
                      const struct account_state *account, int32_t day)
{
    return engine_follows(engine, account) && account->first != NO_DAY &&
           account->first <= day;
}

void engine_end_day(struct engine *engine, struct day_end *end)
{
    double *x = xcalloc(engine->count + 1, sizeof *x);
    double *usual = xcalloc(engine->count + 1, sizeof *usual);

    for (size_t i = 0; i < engine->count; i++) {
        struct account_state *account = engine->accounts[i];
        struct usual each;

        if (!is_judged(engine, account, end->day))
            continue;
        advance(account, end->day);
        if (!account_usual(engine, account, end->day, &each))
            continue;
        x[i] = each.x;
        usual[i] = each.usual;
        end->others_x += x[i];
        end->others_m += usual[i];
    }
    engine->ratios[end->day % DAYS] = ratio_of(end->others_x, end->others_m);
    for (size_t i = 0; i < engine->count; i++) {
        struct account_state *account = engine->accounts[i];

        if (is_judged(engine, account, end->day))
            judge(engine, account, end, x[i], usual[i]);
    }
    free(x);
    free(usual);
    engine->done = end->day;
    engine->dirty = true;
}

/* What the others did that day: the book's ratio of then holds the account's
 * own part, which is little in a large book. How many people are usual for
 * the others is taken from the last such day of the week. */
static float ratio_without(const struct engine *engine,
                           const struct account_state *account, int32_t day)
{
    int32_t like = engine->done - (engine->done - day) % 7;
    double ratio = (double)engine->ratios[day % DAYS], others = 0;
    struct usual own, each;

    for (size_t i = 0; i < engine->count; i++) {
        const struct account_state *other = engine->accounts[i];

        if (other != account && is_judged(engine, other, like) &&
            account_usual(engine, other, like, &each))
            others += each.usual;
    }
    if (ratio <= 0 || !account_usual(engine, account, day, &own))
        return (float)ratio;
    return ratio_of(ratio * (others + own.usual + BOOK_PRIOR) - own.x -
                        BOOK_PRIOR,
                    others);
}

void account_relive(struct engine *engine, struct account_state *account,
                    struct day_end *end)
{
    advance(account, end->day);
    end->ratio = ratio_without(engine, account, end->day);
    account_judge(engine, account, end);
}

/* Something was seen of a day that has not come: a clock may be off by
 * minutes, and the next day begin with them. */
static bool is_ahead(const struct engine *engine, int32_t today)
{
    for (size_t i = 0; i < engine->count; i++)
        if (engine->accounts[i]->head > today + 1)
            return true;
    return false;
}

/* After a long gap only the days that anybody can still know of. */
void engine_tick(struct engine *engine, uint64_t seq, int64_t at)
{
    int32_t today = engine_day(engine, at), from = engine->done + 1;

    if (engine->done != NO_DAY &&
        (today < engine->done || is_ahead(engine, today))) {
        engine_go_back(engine, today);
        return;
    }
    if (engine->done != NO_DAY && from < today - DAYS)
        engine_begin_anew(engine, today);
    if (engine->done == NO_DAY || from < today - DAYS)
        from = engine->done == NO_DAY ? today - 1 : today - DAYS;
    for (int32_t day = from; day < today; day++) {
        struct day_end end = {.day = day,
                              .seq = seq,
                              .at = engine_day_start(engine, day + 1)};

        engine_end_day(engine, &end);
    }
}
