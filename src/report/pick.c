/* What of all that happened is worth a line: the events of most weight, the
 * replays to watch, who did most, what was concluded, and which account is
 * spoken of first. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/gathering.h"

#include "base/banned.h"

static int weight(enum tone tone)
{
    static const int weights[TONE_COUNT] = {
        [TONE_INFO] = 0, [TONE_GOOD] = 1, [TONE_WARN] = 2, [TONE_BAD] = 3};

    return weights[tone];
}

static bool comes_before(const struct report_event *a,
                         const struct report_event *b)
{
    return weight(a->tone) != weight(b->tone)
               ? weight(a->tone) > weight(b->tone)
               : a->at > b->at;
}

static bool says_the_same(const struct report_event *a,
                          const struct report_event *b)
{
    return !strcmp(a->sentence, b->sentence) &&
           !strcmp(a->person ? a->person : "", b->person ? b->person : "");
}

static size_t room_for(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static const char *put(char **at, const char *text)
{
    size_t room = room_for(text);
    char *copy = *at;

    if (!text)
        return NULL;
    memcpy(copy, text, room);
    *at += room;
    return copy;
}

/* Most that are told for a while are not in the end: what they said goes with
 * them. */
static void own_texts(struct report_event *event)
{
    char *at = xmalloc(room_for(event->person) + room_for(event->sentence) +
                       room_for(event->replay) + 1);

    event->texts = at;
    event->person = put(&at, event->person);
    event->sentence = put(&at, event->sentence);
    event->replay = put(&at, event->replay);
}

/* Keeps the best max, each said once. */
static void rank_event(struct report_event *list, size_t *count, size_t max,
                       const struct report_event *event,
                       bool (*same)(const struct report_event *a,
                                    const struct report_event *b))
{
    size_t at = *count;

    for (size_t i = 0; i < *count; i++)
        if (same(&list[i], event)) {
            if (!comes_before(event, &list[i]))
                return;
            free(list[i].texts);
            memmove(&list[i], &list[i + 1], (--*count - i) * sizeof *list);
            at = *count;
            break;
        }
    while (at > 0 && comes_before(event, &list[at - 1]))
        at--;
    if (at == max)
        return;
    if (*count < max)
        ++*count;
    else
        free(list[max - 1].texts);
    memmove(&list[at + 1], &list[at], (*count - at - 1) * sizeof *list);
    list[at] = *event;
    own_texts(&list[at]);
}

/* Links differ by the second at which they begin. */
static bool is_same_replay(const struct report_event *a,
                           const struct report_event *b)
{
    size_t len = strcspn(a->replay, "?");

    return !strncmp(a->replay, b->replay, len) &&
           (!b->replay[len] || b->replay[len] == '?');
}

void report_drop_events(struct report_account *account)
{
    for (size_t i = 0; i < account->event_count; i++)
        free(account->events[i].texts);
    for (size_t i = 0; i < account->replay_count; i++)
        free(account->replays[i].texts);
    account->event_count = account->replay_count = 0;
}

void report_take_event(struct report_account *account,
                       const struct event *event, const char *person)
{
    struct report_event line = {.at = event_time(event),
                                .tone = event->tone,
                                .person = person,
                                .sentence = event->sentence ? event->sentence
                                                            : event->name,
                                .replay = event->links.replay};

    if (line.tone == TONE_INFO && !line.replay)
        return;
    if (line.tone != TONE_INFO)
        rank_event(account->events, &account->event_count, REPORT_EVENTS,
                   &line, says_the_same);
    if (line.replay)
        rank_event(account->replays, &account->replay_count, REPORT_REPLAYS,
                   &line, is_same_replay);
}

void report_take_signal(struct report *report, struct report_account *account,
                        const struct signal_row *row, const char *person)
{
    struct arena *arena = &report->arena;
    struct report_signal *signal = arena_alloc(arena, sizeof *signal);
    struct report_signal **end;

    *signal = (struct report_signal){
        .tone = row->tone,
        .fired_at = row->fired_at,
        .title = signal_title(row->kind),
        .person = arena_strdup(arena, person),
        .sentence = arena_strdup(arena, row->sentence ? row->sentence : ""),
        .opener = arena_strdup(arena, row->opener)};
    /* Three bills are asked about once. */
    for (end = &account->signals; *end; end = &(*end)->next)
        if (signal->opener && (*end)->opener &&
            !strcmp(signal->opener, (*end)->opener))
            signal->opener = NULL;
    *end = signal;
}

/* Keeps the three who did most, in order. */
static void rank_doer(const struct doer *top[REPORT_PEOPLE], size_t *count,
                      const struct doer *did)
{
    size_t at = *count;

    while (at > 0 && top[at - 1]->events < did->events)
        at--;
    if (at == REPORT_PEOPLE)
        return;
    if (*count < REPORT_PEOPLE)
        ++*count;
    memmove(&top[at + 1], &top[at], (*count - at - 1) * sizeof *top);
    top[at] = did;
}

void report_take_people(struct report_account *account,
                        const struct doer *dids, size_t count,
                        const char *(*name)(void *ctx, int64_t person),
                        void *ctx)
{
    const struct doer *top[REPORT_PEOPLE + 1];

    account->person_count = 0;
    for (size_t i = 0; i < count && name; i++)
        rank_doer(top, &account->person_count, &dids[i]);
    for (size_t i = 0; i < account->person_count; i++) {
        const char *text = name(ctx, top[i]->person);

        account->people[i] =
            (struct report_person){text ? text : "-", top[i]->events,
                                   top[i]->days};
    }
}

static uint64_t difference(const struct report_account *account)
{
    unsigned now = account->now.person_days,
             before = account->before.person_days;

    return now > before ? now - before : before - now;
}

/* What there is to say first: bad signals, then any, then what changed, then
 * what is used most. */
static int compare_accounts(const void *left, const void *right)
{
    const struct report_account *a = left, *b = right;
    int heavy_a = a->signals ? 1 + weight(a->signals->tone) : 0;
    int heavy_b = b->signals ? 1 + weight(b->signals->tone) : 0;

    if (heavy_a != heavy_b)
        return heavy_a > heavy_b ? -1 : 1;
    if (difference(a) != difference(b))
        return difference(a) > difference(b) ? -1 : 1;
    if (a->now.events != b->now.events)
        return a->now.events > b->now.events ? -1 : 1;
    return strcmp(report_name(a), report_name(b));
}

void report_order(struct report *report)
{
    if (report->count)
        qsort(report->accounts, report->count, sizeof *report->accounts,
              compare_accounts);
}
