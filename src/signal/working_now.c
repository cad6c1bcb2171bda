/* Working now, where it says something new: somebody read the docs of an area
 * and then made something in it, or there is a burst of work in a category
 * that the account seldom uses. That somebody is in the product is no signal:
 * people work in bursts all day. */
#include "signal/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"

#include "base/banned.h"

#define SELDOM_WINDOW 28
/* Of those days, more than seldom when the docs were read before. */
#define SELDOM_READ 5

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
    int64_t rest = engine->settings.again_after_s * INT64_C(1000);

    draft->kind = SIGNAL_working_now;
    draft->person = moment->person_id;
    draft->category = (int)event->category;
    draft->seq = event->seq;
    draft->fired_at = event->received_at;
    draft->cooldown = event->received_at + rest;
    draft->tone = TONE_GOOD;
    signal_evidence(draft, event->seq);
    signal_say(engine, account, draft, moment->day);
    account->uses[event->category].quiet_until = moment->at + rest;
}

/* ---- docs, then something made ---- */

static bool fits(const struct engine *engine, const struct read_mark *read,
                 const struct moment *moment)
{
    uint32_t now = seconds(moment);
    uint32_t within = (uint32_t)engine->settings.docs_within_s;

    return read->mark.at && !read->error &&
           read->area == (uint8_t)moment->event->category &&
           read->mark.person == (uint32_t)moment->person &&
           read->mark.at <= now && now - read->mark.at <= within;
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
        if (fits(engine, &account->reads[i], moment)) {
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
    const struct mark *recent = account->uses[moment->event->category].recent;
    int events = engine->settings.burst_events;
    const struct mark *oldest = &recent[events - 1];
    char sentence[LIMIT_SENTENCE], numbers[64];
    struct signal draft = {.sentence = sentence, .numbers = numbers};
    int people = people_of(recent, events);
    uint32_t minutes;

    if (!oldest->at || recent[0].at < oldest->at ||
        recent[0].at - oldest->at > (uint32_t)engine->settings.burst_within_s)
        return;
    minutes = (recent[0].at - oldest->at + 59) / 60;
    for (int i = 0; i < events; i++)
        signal_evidence(&draft, recent[i].seq);
    snprintf(sentence, sizeof sentence, "%d events in %s in %u min%s", events,
             category_title(moment->event->category), minutes ? minutes : 1,
             people > 1 ? ", several people" : "");
    snprintf(numbers, sizeof numbers,
             "{\"events\":%d,\"minutes\":%u,\"people\":%d}", events,
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
    int used, seldom = engine->settings.seldom_days;

    if (!moment->meaningful || !moment->live)
        return;
    remember(use, moment);
    if (!moment->news || moment->at < use->quiet_until ||
        !signal_may_say(engine, account, SIGNAL_working_now, moment->day))
        return;
    used = used_days(use, moment->day);
    if (used <= seldom + SELDOM_READ &&
        read_then_made(engine, account, moment))
        return;
    if (used <= seldom &&
        moment->day - account->first >= engine->settings.learning_days)
        burst(engine, account, moment);
}
