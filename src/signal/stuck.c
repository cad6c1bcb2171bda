/* Stuck: docs, an error, and the same docs again soon; or the page of plans
 * and bills opened twice in a week or so. */
#include "signal/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define DAY_S 86400
#define VISIT_S 1800 /* pages nearer to each other are one visit */

static uint32_t seconds(const struct moment *moment)
{
    return (uint32_t)(moment->at / 1000);
}

static void remember(struct account_state *account,
                     const struct moment *moment, bool error)
{
    memmove(account->reads + 1, account->reads,
            (READS - 1) * sizeof *account->reads);
    account->reads[0] =
        (struct read_mark){.mark = {.at = seconds(moment),
                                    .person = (uint32_t)moment->person,
                                    .seq = moment->event->seq},
                           .area = error ? 0 : (uint8_t)moment->docs,
                           .error = error};
}

static void say(struct engine *engine, struct account_state *account,
                const struct moment *moment, struct signal *draft)
{
    draft->kind = SIGNAL_stuck;
    draft->seq = moment->event->seq;
    draft->fired_at = moment->event->received_at;
    draft->tone = TONE_WARN;
    signal_evidence(draft, moment->event->seq);
    signal_say(engine, account, draft, moment->day);
}

/* The newest error, and before it a page on the same area by the same
 * person. */
static void docs_again(struct engine *engine, struct account_state *account,
                       const struct moment *moment)
{
    const struct read_mark *reads = account->reads, *error = NULL;
    uint32_t now = seconds(moment), minutes;
    uint32_t within = (uint32_t)engine->settings.stuck_within_s;
    char sentence[96], numbers[32];
    struct signal draft = {.category = moment->docs,
                           .person = moment->person_id,
                           .sentence = sentence,
                           .numbers = numbers};

    for (int i = 0; i < READS && reads[i].mark.at; i++) {
        if (now - reads[i].mark.at > within)
            continue;
        if (reads[i].error) {
            error = error ? error : &reads[i];
            continue;
        }
        if (!error || reads[i].area != (uint8_t)moment->docs ||
            reads[i].mark.person != (uint32_t)moment->person)
            continue;
        minutes = (now - reads[i].mark.at + 59) / 60;
        snprintf(sentence, sizeof sentence,
                 minutes < 120 ? "docs, an error, docs again on %s in %u min"
                               : "docs, an error, docs again on %s in %u h",
                 signal_area((enum category)moment->docs),
                 minutes < 120 ? minutes : minutes / 60);
        snprintf(numbers, sizeof numbers, "{\"minutes\":%u}", minutes);
        signal_evidence(&draft, reads[i].mark.seq);
        signal_evidence(&draft, error->mark.seq);
        say(engine, account, moment, &draft);
        return;
    }
}

static bool is_billing_page(const struct event *event)
{
    const char *page = event->url ? strstr(event->url, "/billing") : NULL;

    return page && !strcmp(event->name, "$pageview") &&
           !strstr(event->url, "/docs/") &&
           (!page[8] || strchr("/?#", page[8]));
}

/* Of two visits by different people neither is named. */
static void say_visits(struct engine *engine, struct account_state *account,
                       const struct moment *moment)
{
    const struct mark *before = &account->billing_page;
    uint32_t within = (uint32_t)engine->settings.visits_within_s;
    unsigned days = (within + DAY_S - 1) / DAY_S;
    bool same = before->person == (uint32_t)moment->person;
    bool two = !same && before->person && moment->person;
    char sentence[64];
    struct signal draft = {.category = CATEGORY_BILLING,
                           .person = same ? moment->person_id : NULL,
                           .sentence = sentence,
                           .numbers = "{\"visits\":2}"};

    snprintf(sentence, sizeof sentence, "billing page opened %s in %u day%s",
             two ? "by 2 people" : "2 times", days, days == 1 ? "" : "s");
    signal_evidence(&draft, before->seq);
    say(engine, account, moment, &draft);
}

static void billing_page(struct engine *engine, struct account_state *account,
                         const struct moment *moment)
{
    struct mark *before = &account->billing_page;
    uint32_t now = seconds(moment), since = now - before->at;
    bool known = before->at && now >= before->at;

    if (known && since < VISIT_S)
        return;
    if (known && since <= (uint32_t)engine->settings.visits_within_s &&
        signal_may_say(engine, account, SIGNAL_stuck, moment->day))
        say_visits(engine, account, moment);
    *before = (struct mark){.at = now,
                            .person = (uint32_t)moment->person,
                            .seq = moment->event->seq};
}

static bool is_error(const struct event *event)
{
    return event->category == CATEGORY_ERRORS && event->tone >= TONE_WARN;
}

void stuck_event(struct engine *engine, struct account_state *account,
                 struct moment *moment)
{
    if (moment->event->flags & EVENT_BACKFILLED)
        return;
    if (is_billing_page(moment->event))
        billing_page(engine, account, moment);
    if (is_error(moment->event))
        remember(account, moment, true);
    if (moment->docs < 0)
        return;
    if (moment->person &&
        signal_may_say(engine, account, SIGNAL_stuck, moment->day))
        docs_again(engine, account, moment);
    remember(account, moment, false);
}
