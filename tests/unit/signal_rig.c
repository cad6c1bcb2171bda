/* See the header. */
#include "tests/unit/signal_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

#include "base/banned.h"

struct rig *rig_new(void)
{
    struct rig *rig = xcalloc(1, sizeof *rig);

    setenv("TZ", "UTC0", 1);
    tzset();
    signal_settings_init(&rig->settings);
    rig->engine = engine_new(&rig->settings);
    return rig;
}

void rig_free(struct rig *rig)
{
    for (size_t i = 0; i < rig->count; i++) {
        free(rig->list[i].account);
        free(rig->list[i].person);
        free(rig->list[i].sentence);
        free(rig->list[i].numbers);
        free(rig->list[i].opener);
    }
    free(rig->list);
    engine_free(rig->engine);
    free(rig);
}

int64_t rig_at(int day, int hour, int minute)
{
    return RIG_START + day * RIG_DAY + hour * RIG_HOUR + minute * RIG_MINUTE;
}

bool rig_is_workday(int day)
{
    return day % 7 < 5;
}

struct event rig_event(const char *account, const char *person,
                       enum category category, int64_t at)
{
    return (struct event){.name = "thing done",
                          .category = category,
                          .tone = TONE_INFO,
                          .sentence = "did a thing",
                          .occurred_at = at,
                          .received_at = at + 1500,
                          .account = {.id = account, .listed = true},
                          .person = {.id = person}};
}

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static void keep(struct rig *rig)
{
    size_t count;
    const struct signal *signals = engine_signals(rig->engine, &count);

    for (size_t i = 0; i < count; i++) {
        struct rig_signal *kept;

        rig->list =
            xreallocarray(rig->list, rig->count + 1, sizeof *rig->list);
        kept = &rig->list[rig->count++];
        *kept = (struct rig_signal){.signal = signals[i],
                                    .account = copy(signals[i].account),
                                    .person = copy(signals[i].person),
                                    .sentence = copy(signals[i].sentence),
                                    .numbers = copy(signals[i].numbers),
                                    .opener = copy(signals[i].opener)};
        kept->signal.account = kept->account;
        kept->signal.person = kept->person;
        kept->signal.sentence = kept->sentence;
        kept->signal.numbers = kept->numbers;
        kept->signal.opener = kept->opener;
    }
    engine_clear(rig->engine);
}

uint64_t rig_feed(struct rig *rig, struct event event)
{
    event.seq = ++rig->seq;
    engine_event(rig->engine, &event);
    keep(rig);
    return event.seq;
}

uint64_t rig_work(struct rig *rig, const char *account, const char *person,
                  int64_t at)
{
    return rig_feed(rig, rig_event(account, person, CATEGORY_ANALYTICS, at));
}

void rig_end(struct rig *rig, int day)
{
    engine_tick(rig->engine, ++rig->seq, rig_at(day + 1, 0, 0));
    keep(rig);
}

size_t rig_said(const struct rig *rig, enum signal_kind kind,
                const char *account)
{
    size_t said = 0;

    for (size_t i = 0; i < rig->count; i++)
        said += rig->list[i].signal.kind == kind &&
                !rig->list[i].signal.withdrawn &&
                (!account || !strcmp(account, rig->list[i].account));
    return said;
}

size_t rig_withdrawn(const struct rig *rig, enum signal_kind kind)
{
    size_t withdrawn = 0;

    for (size_t i = 0; i < rig->count; i++)
        withdrawn +=
            rig->list[i].signal.kind == kind && rig->list[i].signal.withdrawn;
    return withdrawn;
}

const struct signal *rig_last(const struct rig *rig, enum signal_kind kind)
{
    for (size_t i = rig->count; i > 0; i--)
        if (!strcmp(rig->list[i - 1].account, "a0") &&
            rig->list[i - 1].signal.kind == kind &&
            !rig->list[i - 1].signal.withdrawn)
            return &rig->list[i - 1].signal;
    return NULL;
}

/* The same for each account, person and day, whatever else happens. */
static double chance(int account, int person, int day)
{
    uint64_t z = (uint64_t)(account * 1000003 + person * 10007 + day) *
                 UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

void rig_live(struct rig *rig, int from, int to, int others, int people,
              double often)
{
    for (int day = from; day < to; day++) {
        for (int a = 0; a <= others && rig_is_workday(day); a++)
            for (int p = 0; p < people; p++) {
                char account[16], person[32];

                snprintf(account, sizeof account, "a%d", a);
                snprintf(person, sizeof person, "a%d-p%d", a, p);
                if (chance(a, p, day) < often)
                    rig_work(rig, account, person, rig_at(day, 9, p));
            }
        rig_end(rig, day);
    }
}

int rig_set_up(void **state)
{
    *state = rig_new();
    return 0;
}

int rig_tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

struct rig *rig_settled(void **state)
{
    struct rig *rig = *state;

    rig_live(rig, 0, 63, RIG_OTHERS, RIG_PEOPLE, 0.7);
    return rig;
}

uint64_t rig_use(struct rig *rig, enum category category, int64_t at)
{
    return rig_feed(rig, rig_event("a0", "a0-p0", category, at));
}

void rig_read(struct rig *rig, const char *url, const char *person, int64_t at)
{
    struct event event = rig_event("a0", person, CATEGORY_ENGAGEMENT, at);

    event.name = "$pageview";
    event.url = url;
    rig_feed(rig, event);
}
