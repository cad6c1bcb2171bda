/* Who works now, taken from who was seen last: those are few, whatever there
 * is of people. Who is of no account is nobody to call. */
#include "live/working.h"

#include "base/clock.h"

#include "base/banned.h"

#define AHEAD_MS (5 * INT64_C(60000)) /* clocks of senders may be */
#define TODAY 3u                      /* bits of a day; it may have begun */

bool working_at(int64_t at, int64_t now)
{
    return at != CLOCK_NONE && now - at < WORKING_MS && at - now < AHEAD_MS;
}

/* Whoever was only ever hidden did nothing that counts. */
static bool works(const struct usage *usage, const struct usage_person *person,
                  int64_t now)
{
    return working_at(person->last_at, now) && person->active & TODAY &&
           usage_account(usage, person->account)->id;
}

static struct working_account *find(const struct usage_account *account,
                                    struct working_account *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].account == account)
            return &list[i];
    return NULL;
}

static void add_person(struct working_account *there,
                       const struct usage_person *person)
{
    there->people++;
    if (!there->person->name && person->name)
        there->person = person;
}

size_t working_accounts(const struct usage *usage, int64_t now,
                        struct working_account *list, size_t most)
{
    const struct usage_account *seen[USAGE_RECENT];
    const struct usage_person *person;
    size_t all = 0;

    for (size_t n = 0; (person = usage_recent(usage, n)); n++) {
        const struct usage_account *account =
            usage_account(usage, person->account);
        struct working_account *there;
        size_t i = 0;

        if (!works(usage, person, now))
            continue;
        while (i < all && seen[i] != account)
            i++;
        there = find(account, list, all < most ? all : most);
        if (there)
            add_person(there, person);
        else if (i == all && all < most)
            list[all] =
                (struct working_account){account, person, 1, person->last_at};
        if (i == all)
            seen[all++] = account;
    }
    return all;
}

bool working_is_partial(const struct usage *usage, int64_t now)
{
    const struct usage_person *last = usage_recent(usage, USAGE_RECENT - 1);

    return last && working_at(last->last_at, now);
}

/* Is a seen before b? Of one moment the one that stands first. */
static bool is_before(const struct usage_person *a,
                      const struct usage_person *b)
{
    return a->last_at > b->last_at || (a->last_at == b->last_at && a < b);
}

/* The same from the account's own people, who may be many. */
static const struct usage_person *
person_of(const struct usage *usage, const struct usage_account *account,
          int64_t now, size_t n)
{
    const struct usage_person *before = NULL;

    for (size_t i = 0; i <= n; i++) {
        const struct usage_person *next = NULL;

        for (uint32_t at = account->people; at != USAGE_NOBODY;) {
            const struct usage_person *person = usage_person(usage, at);

            if (works(usage, person, now) &&
                (!before || is_before(before, person)) &&
                (!next || is_before(person, next)))
                next = person;
            at = person->next;
        }
        if (!next)
            return NULL;
        before = next;
    }
    return before;
}

const struct usage_person *working_person(const struct usage *usage,
                                          const struct usage_account *account,
                                          int64_t now, size_t n)
{
    const struct usage_person *person;

    if (working_is_partial(usage, now))
        return person_of(usage, account, now, n);
    for (size_t i = 0; (person = usage_recent(usage, i)); i++)
        if (usage_account(usage, person->account) == account &&
            works(usage, person, now) && !n--)
            return person;
    return NULL;
}
