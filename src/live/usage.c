/* Two arrays, of accounts and of people, each with a table of where to find
 * them; what repeats of an account lies in it by day modulo the window. */
#include "live/usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define LEAST_TREND 10 /* a smaller base says nothing */

struct slots {
    uint32_t *list; /* 1 + index; 0: free */
    size_t count;   /* a power of two, or 0 */
};

struct usage {
    int32_t today;
    bool complete, partial;
    unsigned fill;
    struct usage_account *accounts;
    struct usage_person *people;
    uint32_t account_count, account_room, people_count, people_room;
    struct slots by_id, by_key;
    uint32_t recent[USAGE_RECENT]; /* people, who was seen last first */
    size_t recent_count;
    struct arena arena;
};

struct usage *usage_new(int32_t today)
{
    struct usage *usage = xcalloc(1, sizeof *usage);

    usage->today = today;
    return usage;
}

void usage_free(struct usage *usage)
{
    if (!usage)
        return;
    free(usage->accounts);
    free(usage->people);
    free(usage->by_id.list);
    free(usage->by_key.list);
    arena_free(&usage->arena);
    free(usage);
}

int32_t usage_today(const struct usage *usage)
{
    return usage->today;
}

unsigned usage_fill(const struct usage *usage)
{
    return usage->fill;
}

void usage_take(struct usage *usage, struct usage *from)
{
    struct usage old = *usage;

    *usage = *from;
    usage->fill = old.fill + 1;
    *from = old;
    usage_free(from);
}

size_t usage_bytes(const struct usage *usage)
{
    return sizeof *usage + usage->arena.used +
           usage->account_room * sizeof *usage->accounts +
           usage->people_room * sizeof *usage->people +
           (usage->by_id.count + usage->by_key.count) * sizeof(uint32_t);
}

/* ---- finding ---- */

static size_t hash_of(const char *text, uint32_t seed)
{
    uint64_t hash = hash_text(HASH_START ^ seed, text);

    return (size_t)(hash ^ hash >> 29);
}

static const char *id_text(const char *id)
{
    return id ? id : "";
}

static bool is_account(const struct usage *usage, uint32_t index,
                       const char *id)
{
    return !strcmp(id_text(usage->accounts[index].id), id_text(id));
}

static size_t account_slot(const struct usage *usage, const char *id)
{
    const struct slots *slots = &usage->by_id;
    size_t at = hash_of(id_text(id), 0) & (slots->count - 1);

    while (slots->list[at] && !is_account(usage, slots->list[at] - 1, id))
        at = (at + 1) & (slots->count - 1);
    return at;
}

static size_t person_slot(const struct usage *usage, uint32_t account,
                          const char *key)
{
    const struct slots *slots = &usage->by_key;
    size_t at = hash_of(key, account + 1) & (slots->count - 1);

    for (; slots->list[at]; at = (at + 1) & (slots->count - 1)) {
        const struct usage_person *person =
            &usage->people[slots->list[at] - 1];

        if (person->account == account && !strcmp(person->key, key))
            break;
    }
    return at;
}

/* Twice as many slots; who is in them is put there again by the caller. */
static void clear_slots(struct slots *slots, size_t room)
{
    size_t count = 64;

    while (count < room * 2)
        count *= 2;
    free(slots->list);
    slots->list = xcalloc(count, sizeof *slots->list);
    slots->count = count;
}

static void grow_accounts(struct usage *usage)
{
    if (usage->account_count < usage->account_room ||
        usage->account_count == LIMIT_USAGE_ACCOUNTS)
        return;
    usage->account_room = usage->account_room ? usage->account_room * 2 : 32;
    usage->accounts = xreallocarray(usage->accounts, usage->account_room,
                                    sizeof *usage->accounts);
    clear_slots(&usage->by_id, usage->account_room);
    for (uint32_t i = 0; i < usage->account_count; i++)
        usage->by_id.list[account_slot(usage, usage->accounts[i].id)] = i + 1;
}

static void grow_people(struct usage *usage)
{
    if (usage->people_count < usage->people_room ||
        usage->people_count == LIMIT_USAGE_PEOPLE)
        return;
    usage->people_room = usage->people_room ? usage->people_room * 2 : 128;
    usage->people = xreallocarray(usage->people, usage->people_room,
                                  sizeof *usage->people);
    clear_slots(&usage->by_key, usage->people_room);
    for (uint32_t i = 0; i < usage->people_count; i++) {
        const struct usage_person *person = &usage->people[i];

        usage->by_key.list[person_slot(usage, person->account, person->key)] =
            i + 1;
    }
}

/* ---- filling ---- */

static void take_name(struct usage *usage, const char **at, const char *name)
{
    if (name && (!*at || strcmp(*at, name)))
        *at = arena_strdup(&usage->arena, name);
}

/* The number of an account; *made: it was not there. */
static uint32_t put_account(struct usage *usage, const char *id, bool *made)
{
    struct usage_account *account;
    size_t slot;

    grow_accounts(usage);
    slot = account_slot(usage, id);
    *made = !usage->by_id.list[slot];
    if (*made) {
        if (usage->account_count == LIMIT_USAGE_ACCOUNTS) {
            usage->partial = true;
            return USAGE_NOBODY;
        }
        account = &usage->accounts[usage->account_count++];
        memset(account, 0, sizeof *account);
        account->id = arena_strdup(&usage->arena, id);
        account->people = USAGE_NOBODY;
        for (int i = 0; i < CATEGORY_COUNT; i++)
            account->first[i] = account->last[i] =
                (struct usage_moment){USAGE_NEVER, USAGE_NOBODY};
        usage->by_id.list[slot] = usage->account_count;
    }
    return usage->by_id.list[slot] - 1;
}

static void name_account(struct usage *usage, uint32_t account,
                         const char *name)
{
    if (account != USAGE_NOBODY)
        take_name(usage, &usage->accounts[account].name, name);
}

uint32_t usage_add_account(struct usage *usage, const char *id,
                           const char *name)
{
    bool made;
    uint32_t account = put_account(usage, id, &made);

    name_account(usage, account, name);
    return account;
}

static uint32_t put_person(struct usage *usage, uint32_t account,
                           const char *key, bool *made)
{
    struct usage_person *person;
    size_t slot;

    *made = false;
    if (account == USAGE_NOBODY || !key)
        return USAGE_NOBODY;
    grow_people(usage);
    slot = person_slot(usage, account, key);
    *made = !usage->by_key.list[slot];
    if (*made) {
        if (usage->people_count == LIMIT_USAGE_PEOPLE) {
            usage->partial = true;
            return USAGE_NOBODY;
        }
        person = &usage->people[usage->people_count++];
        *person =
            (struct usage_person){.account = account,
                                  .next = usage->accounts[account].people,
                                  .key = arena_strdup(&usage->arena, key),
                                  .last_at = CLOCK_NONE};
        usage->accounts[account].people = usage->people_count - 1;
        usage->by_key.list[slot] = usage->people_count;
    }
    return usage->by_key.list[slot] - 1;
}

static void name_person(struct usage *usage, uint32_t number, const char *name,
                        const char *email)
{
    struct usage_person *person;

    if (number == USAGE_NOBODY)
        return;
    person = &usage->people[number];
    if (name || !person->named)
        take_name(usage, &person->name, name ? name : email);
    person->named |= name != NULL;
}

uint32_t usage_add_person(struct usage *usage, uint32_t account,
                          const char *key, const char *name, const char *email)
{
    bool made;
    uint32_t person = put_person(usage, account, key, &made);

    name_person(usage, person, name, email);
    return person;
}

/* To their place among those who were seen last; who is there already stands
 * at or behind it. */
static void put_recent(struct usage *usage, uint32_t person, int64_t at)
{
    uint32_t *recent = usage->recent;
    size_t to = 0, from;

    while (to < usage->recent_count && usage->people[recent[to]].last_at > at)
        to++;
    for (from = to; from < usage->recent_count && recent[from] != person;)
        from++;
    if (from == usage->recent_count && from < USAGE_RECENT)
        usage->recent_count++;
    else if (from == USAGE_RECENT)
        from--;
    if (to > from)
        return;
    memmove(&recent[to + 1], &recent[to], (from - to) * sizeof *recent);
    recent[to] = person;
}

void usage_saw(struct usage *usage, uint32_t person, int64_t at)
{
    struct usage_person *of;

    if (person == USAGE_NOBODY || at == CLOCK_NONE)
        return;
    of = &usage->people[person];
    if (of->last_at != CLOCK_NONE && of->last_at >= at)
        return;
    put_recent(usage, person, at);
    of->last_at = at;
}

static int64_t seen(const struct usage *usage, uint32_t person)
{
    return person == USAGE_NOBODY ? CLOCK_NONE : usage->people[person].last_at;
}

/* Sums do not say who of a day was the last: whoever was seen last. */
static bool is_later(const struct usage *usage, struct usage_moment moment,
                     struct usage_moment than)
{
    return moment.day != than.day
               ? moment.day > than.day
               : seen(usage, moment.person) >= seen(usage, than.person);
}

void usage_first(struct usage *usage, uint32_t account, enum category category,
                 struct usage_moment moment)
{
    struct usage_account *of = &usage->accounts[account];

    if (of->first[category].day == USAGE_NEVER ||
        moment.day < of->first[category].day)
        of->first[category] = moment;
    if (is_later(usage, moment, of->last[category]))
        of->last[category] = moment;
}

static void add_capped(uint16_t *to, uint32_t events)
{
    *to = events > (uint32_t)(UINT16_MAX - *to) ? UINT16_MAX
                                                : (uint16_t)(*to + events);
}

static void count_person(struct usage_person *person, int back,
                         const struct usage_count *count)
{
    if (back < 64)
        person->active |= UINT64_C(1) << back;
    if (back < USAGE_MONTH) {
        person->month += count->events;
        add_capped(&person->by_category[count->category], count->events);
    } else {
        person->before += count->events;
    }
}

/* Days before 1970 are those of a machine whose clock is not set. */
static int place_of(int32_t day, int days)
{
    return (day % days + days) % days;
}

void usage_add(struct usage *usage, const struct usage_count *count)
{
    struct usage_account *account;
    int back = usage->today - count->day;

    if (count->account == USAGE_NOBODY || back < 0)
        return;
    account = &usage->accounts[count->account];
    usage_first(usage, count->account, count->category,
                (struct usage_moment){count->day, count->person});
    if (back >= USAGE_DAYS)
        return;
    account->by_day[place_of(count->day, USAGE_DAYS)] += count->events;
    if (back < USAGE_MONTH)
        add_capped(&account->by_category[count->category]
                                        [place_of(count->day, USAGE_MONTH)],
                   count->events);
    if (count->person != USAGE_NOBODY)
        count_person(&usage->people[count->person], back, count);
}

void usage_set_complete(struct usage *usage)
{
    usage->complete = true;
}

bool usage_complete(const struct usage *usage)
{
    return usage->complete;
}

void usage_set_partial(struct usage *usage)
{
    usage->partial = true;
}

bool usage_partial(const struct usage *usage)
{
    return usage->partial;
}

/* As the journal calls them in its table of persons. */
static const char *person_key(const struct event_person *person)
{
    return person->id      ? person->id
           : person->email ? person->email
                           : person->name;
}

void usage_event(struct usage *usage, const struct event *event, int32_t day)
{
    struct usage_count count = {.day = day,
                                .category = event->category,
                                .events = 1};
    const struct event_person *person = &event->person;
    bool is_past = event->flags & EVENT_BACKFILLED, made;

    if (event->hidden != HIDDEN_NO || event_is_test(person->id))
        return;
    count.account = put_account(usage, event->account.id, &made);
    if (made || !is_past)
        name_account(usage, count.account, event->account.name);
    count.person = put_person(usage, count.account, person_key(person), &made);
    if (made || !is_past)
        name_person(usage, count.person, person->name, person->email);
    usage_saw(usage, count.person, event_time(event));
    usage_add(usage, &count);
}

/* ---- asking ---- */

const struct usage_person *usage_recent(const struct usage *usage, size_t n)
{
    return n < usage->recent_count ? &usage->people[usage->recent[n]] : NULL;
}

size_t usage_accounts(const struct usage *usage)
{
    return usage->account_count;
}

const struct usage_account *usage_account(const struct usage *usage,
                                          size_t index)
{
    return &usage->accounts[index];
}

const struct usage_account *usage_find(const struct usage *usage,
                                       const char *id)
{
    size_t slot;

    if (!usage->account_count)
        return NULL;
    slot = account_slot(usage, id);
    return usage->by_id.list[slot]
               ? &usage->accounts[usage->by_id.list[slot] - 1]
               : NULL;
}

size_t usage_people(const struct usage *usage)
{
    return usage->people_count;
}

const struct usage_person *usage_person(const struct usage *usage,
                                        uint32_t person)
{
    return person < usage->people_count ? &usage->people[person] : NULL;
}

uint32_t usage_on(const struct usage *usage,
                  const struct usage_account *account, int back)
{
    return account->by_day[place_of(usage->today - back, USAGE_DAYS)];
}

uint32_t usage_sum(const struct usage *usage,
                   const struct usage_account *account, int back, int days)
{
    uint32_t sum = 0;

    for (int i = back; i < back + days; i++)
        sum += usage_on(usage, account, i);
    return sum;
}

uint32_t usage_category(const struct usage_account *account,
                        enum category category)
{
    uint32_t sum = 0;

    for (int i = 0; i < USAGE_MONTH; i++)
        sum += account->by_category[category][i];
    return sum;
}

uint32_t usage_category_on(const struct usage *usage,
                           const struct usage_account *account,
                           enum category category, int back)
{
    return account
        ->by_category[category][place_of(usage->today - back, USAGE_MONTH)];
}

/* How many days are known of the account among those that begin `back` days
 * before today and go back from there: most at most. */
static int days_known(const struct usage *usage,
                      const struct usage_account *account, int back, int most)
{
    int32_t first = INT32_MAX;
    int64_t known;

    for (int i = 0; i < CATEGORY_COUNT; i++)
        if (account->first[i].day != USAGE_NEVER &&
            account->first[i].day < first)
            first = account->first[i].day;
    known = (int64_t)usage->today - first + 1 - back;
    return known < 0 ? 0 : known > most ? most : (int)known;
}

uint32_t usage_usual(const struct usage *usage,
                     const struct usage_account *account)
{
    int weeks =
        days_known(usage, account, USAGE_WEEK, 4 * USAGE_WEEK) / USAGE_WEEK;
    uint32_t sum = usage_sum(usage, account, USAGE_WEEK, weeks * USAGE_WEEK);

    return weeks ? (sum + (uint32_t)weeks / 2) / (uint32_t)weeks : 0;
}

uint32_t usage_month_before(const struct usage *usage,
                            const struct usage_person *person)
{
    int days = days_known(usage, &usage->accounts[person->account],
                          USAGE_MONTH, USAGE_DAYS - USAGE_MONTH);

    if (days < USAGE_WEEK || person->before < LEAST_TREND)
        return 0;
    return (uint32_t)((uint64_t)person->before * USAGE_MONTH / (unsigned)days);
}

bool usage_trend(uint32_t now, uint32_t before, int *percent)
{
    if (before < LEAST_TREND)
        return false;
    *percent = (int)(((int64_t)now - before) * 200 / before);
    *percent = (*percent + (*percent < 0 ? -1 : 1)) / 2; /* rounded */
    return true;
}

struct usage_heads usage_heads(const struct usage *usage,
                               const struct usage_account *account)
{
    struct usage_heads heads = {0};

    for (uint32_t at = account->people; at != USAGE_NOBODY;
         at = usage->people[at].next) {
        uint64_t active = usage->people[at].active;

        heads.month += (active & ((UINT64_C(1) << USAGE_MONTH) - 1)) != 0;
        heads.week += (active & ((UINT64_C(1) << USAGE_WEEK) - 1)) != 0;
    }
    return heads;
}

uint32_t usage_share_x10(const struct usage *usage,
                         const struct usage_person *person)
{
    const struct usage_account *account = &usage->accounts[person->account];
    uint32_t all = usage_sum(usage, account, 0, USAGE_MONTH);

    return all ? (uint32_t)((uint64_t)person->month * 1000 / all) : 0;
}

static int active_days(const struct usage_person *person)
{
    uint64_t days = person->active & ((UINT64_C(1) << USAGE_MONTH) - 1);
    int count = 0;

    for (; days; days &= days - 1)
        count++;
    return count;
}

bool usage_is_champion(const struct usage *usage, uint32_t index)
{
    const struct usage_person *person = &usage->people[index];
    int days = active_days(person);

    if (days < USAGE_CHAMPION_DAYS ||
        usage_share_x10(usage, person) < USAGE_CHAMPION_SHARE * 10)
        return false;
    for (uint32_t at = usage->accounts[person->account].people;
         at != USAGE_NOBODY; at = usage->people[at].next)
        if (at != index && active_days(&usage->people[at]) > days)
            return false;
    return true;
}
