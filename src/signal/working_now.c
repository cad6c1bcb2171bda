/* Working now, where it says something new: somebody read the docs of an area
 * and then made something in it, or there is a burst of work in a category
 * that the account seldom uses. That somebody is in the product is no signal:
 * people work in bursts all day. */
#include "signal/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"

#include "base/banned.h"

#define DAY_MS INT64_C(86400000)
#define BURST_S (20 * 60)
#define READ_S (2 * 60 * 60)
#define SELDOM_WINDOW 28
#define SELDOM 3      /* days of those */
#define SELDOM_READ 8 /* the same, when the docs were read before */
#define LEARNING_DAYS 14

static uint32_t seconds(const struct moment *moment)
{
    return (uint32_t)(moment->at / 1000);
}

/* Days of the 28 before that one on which the category was used. */
static int used_days(const struct use *use, int32_t day)
{
    int32_t ahead = use->last == NO_DAY ? DAYS : day - use->last;
    uint64_t days;

    if (ahead >= DAYS || ahead <= -DAYS)
        return 0;
    days = ahead >= 0 ? use->days << ahead : use->days >> -ahead;
    return __builtin_popcountll(days >> 1 &
                                ((UINT64_C(1) << SELDOM_WINDOW) - 1));
}

static void say(struct engine *engine, struct account_state *account,
                const struct moment *moment, struct signal *draft)
{
    const struct event *event = moment->event;

    draft->kind = SIGNAL_working_now;
    draft->person = moment->person_id;
    draft->category = (int)event->category;
    draft->seq = event->seq;
    draft->fired_at = event->received_at;
    draft->cooldown = event->received_at + DAY_MS;
    draft->tone = TONE_GOOD;
    signal_evidence(draft, event->seq);
    signal_say(engine, account, draft, moment->day);
    account->uses[event->category].quiet_until = moment->at + DAY_MS;
}

/* ---- docs, then something made ---- */

static bool fits(const struct read_mark *read, const struct moment *moment)
{
    uint32_t now = seconds(moment);

    return read->mark.at && !read->error &&
           read->area == (uint8_t)moment->event->category &&
           read->mark.person == (uint32_t)moment->person &&
           read->mark.at <= now && now - read->mark.at <= READ_S;
}

static bool read_then_made(struct engine *engine,
                           struct account_state *account,
                           const struct moment *moment)
{
    const struct event *event = moment->event;
    char sentence[LIMIT_SENTENCE + 80], numbers[48];
    struct signal draft = {.sentence = sentence, .numbers = numbers};
    int pages = 0;

    if (event->tone != TONE_GOOD || !moment->person)
        return false;
    for (int i = 0; i < READS; i++)
        if (fits(&account->reads[i], moment)) {
            signal_evidence(&draft, account->reads[i].mark.seq);
            pages++;
        }
    if (!pages)
        return false;
    snprintf(sentence, sizeof sentence, "%d docs page%s on %s, then %s", pages,
             pages == 1 ? "" : "s", signal_area(event->category),
             event->sentence);
    snprintf(numbers, sizeof numbers, "{\"pages\":%d}", pages);
    say(engine, account, moment, &draft);
    return true;
}

/* ---- a burst ---- */

static int people_of(const struct mark *marks, int count)
{
    int people = 0;

    for (int i = 0; i < count; i++) {
        int before = 0;

        while (before < i && marks[before].person != marks[i].person)
            before++;
        people += before == i;
    }
    return people;
}

static void burst(struct engine *engine, struct account_state *account,
                  const struct moment *moment)
{
    struct use *use = &account->uses[moment->event->category];
    const struct mark *oldest = &use->recent[RECENT - 1];
    char sentence[LIMIT_SENTENCE], numbers[64];
    struct signal draft = {.sentence = sentence, .numbers = numbers};
    int people = people_of(use->recent, RECENT);
    uint32_t minutes;

    if (!oldest->at || use->recent[0].at < oldest->at ||
        use->recent[0].at - oldest->at > BURST_S)
        return;
    minutes = (use->recent[0].at - oldest->at + 59) / 60;
    for (int i = 0; i < RECENT; i++)
        signal_evidence(&draft, use->recent[i].seq);
    snprintf(sentence, sizeof sentence, "%d events in %s in %u min%s", RECENT,
             category_title(moment->event->category), minutes ? minutes : 1,
             people > 1 ? ", several people" : "");
    snprintf(numbers, sizeof numbers,
             "{\"events\":%d,\"minutes\":%u,\"people\":%d}", RECENT,
             minutes ? minutes : 1, people);
    say(engine, account, moment, &draft);
}

static void remember(struct use *use, const struct moment *moment)
{
    memmove(use->recent + 1, use->recent, (RECENT - 1) * sizeof *use->recent);
    use->recent[0] = (struct mark){.at = seconds(moment),
                                   .person = (uint32_t)moment->person,
                                   .seq = moment->event->seq};
}

void working_now_event(struct engine *engine, struct account_state *account,
                       struct moment *moment)
{
    const struct event *event = moment->event;
    struct use *use = &account->uses[event->category];
    int used;

    if (!moment->meaningful || !moment->live)
        return;
    remember(use, moment);
    if (!moment->news || moment->at < use->quiet_until ||
        !signal_may_say(engine, account, SIGNAL_working_now, moment->day))
        return;
    used = used_days(use, moment->day);
    if (used <= SELDOM_READ && read_then_made(engine, account, moment))
        return;
    if (used <= SELDOM && moment->day - account->first >= LEARNING_DAYS)
        burst(engine, account, moment);
}
