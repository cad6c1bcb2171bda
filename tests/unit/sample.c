/* Made-up events and queries, by a small random generator of our own so that
 * they are the same on every system. */
#include "tests/unit/sample.h"

#include <stdio.h>
#include <string.h>

#include "event/signal_kind.h"

#include "base/banned.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

struct cast {
    const char *org, *account, *person, *email;
};

static const struct cast cast[] = {
    {"018f-alder", "Alder & Finch Labs", "Maya", "maya@alderfinch.example"},
    {"018f-alder", "Alder & Finch Labs", "Sinéad",
     "sinead@alderfinch.example"},
    {"018f-borealis", "Borealis Freight", "Tomás Herrera",
     "tomas@borealis.example"},
    {"018f-borealis", "Borealis Freight", "Lucía Marín", NULL},
    {"018f-cobalt", "Cobalt Kitchen", NULL, "ben@cobaltkitchen.example"},
    {"018f-emeraude", "Émeraude Études", "Noé", "noe@emeraude.example"},
    {"018f-hibari", "株式会社ひばり不動産", "佐藤 健", "ken@hibari.example"},
    {NULL, NULL, NULL, NULL},
};

static const struct {
    const char *name, *sentence, *fold;
    enum category category;
    enum tone tone;
} deeds[] = {
    {"feature flag created", "created a feature flag · 3 variants", "=",
     CATEGORY_FLAGS, TONE_GOOD},
    {"$pageview", "read docs/feature-flags/creating", "=", CATEGORY_ENGAGEMENT,
     TONE_INFO},
    {"billing invoice payment failed", "had a payment fail · $742.13", NULL,
     CATEGORY_BILLING, TONE_BAD},
    {"billing limits updated", "changed billing limits", "=", CATEGORY_BILLING,
     TONE_INFO},
    {"autocapture toggled", "turned off autocapture", "settings",
     CATEGORY_BILLING, TONE_WARN},
    {"session recording toggled", "turned on session recording", "settings",
     CATEGORY_BILLING, TONE_INFO},
    {"org_quota_limited_until", "is losing recordings", "=day",
     CATEGORY_BILLING, TONE_BAD},
    {"$ai_trace", "used the AI assistant", "=trace/0f3a9", CATEGORY_AI,
     TONE_INFO},
    {"$ai_generation", "got an AI answer", "=trace/0f3a9", CATEGORY_AI,
     TONE_INFO},
    {"chat with ai", "asked the AI a question", "=", CATEGORY_AI, TONE_INFO},
    {"", "(no name)", NULL, CATEGORY_OTHER, TONE_INFO},
};

static const char *const urls[] = {
    NULL,
    "https://us.posthog.com/project/1877/feature_flags/new",
    "https://posthog.com/docs/feature-flags/creating",
};

uint32_t sample_random(uint64_t *state, uint32_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32) % below;
}

struct event sample_event(uint64_t *state, uint64_t seq)
{
    const struct cast *who = &cast[sample_random(state, LENGTH(cast))];
    size_t deed = sample_random(state, LENGTH(deeds));
    struct event event = {
        .seq = seq,
        .name = deeds[deed].name,
        .category = deeds[deed].category,
        .tone = deeds[deed].tone,
        .sentence = deeds[deed].sentence,
        .fold = deeds[deed].fold,
        .received_at = SAMPLE_START + (int64_t)seq * 5000,
        .account = {who->org, who->account, who->org != NULL},
        .person = {who->email ? who->email : who->person, who->email,
                   who->person},
        .source = (enum source)sample_random(state, SOURCE_COUNT),
        .url = urls[sample_random(state, LENGTH(urls))],
        .raw = "{}",
    };

    if (sample_random(state, 4) == 0)
        event.signals = 1u << sample_random(state, SIGNAL_COUNT);
    event.occurred_at = event.received_at - sample_random(state, 90000);
    if (sample_random(state, 8) == 0)
        event.hidden = (enum hidden)sample_random(state, HIDDEN_COUNT);
    if (sample_random(state, 3) == 0)
        event.links.replay = "https://us.posthog.com/project/2/replay/x";
    return event;
}

static const char *const terms[] = {
    "flag",
    "fe",
    "F",
    "docs",
    "tomas",
    "Tomás",
    "sinead",
    "\"a feature flag\"",
    "category:billing",
    "category:ai,flags",
    "category!=billing",
    "category=other",
    "tone:bad",
    "tone:bad,warn",
    "tone!=info",
    "account:alder",
    "account:\"Alder & Finch\"",
    "account=\"Borealis Freight\"",
    "account:018f-",
    "account:018f-a",
    "account:is_set",
    "signal:billing,stuck",
    "signal:*",
    "account:is_not_set",
    "person:ken",
    "person:maya,lucía",
    "person!=Maya",
    "event:\"feature flag*\"",
    "event:*toggled",
    "event:billing",
    "url:docs",
    "url:is_not_set",
    "has:replay",
    "has:url,email",
    "hidden:internal",
    "hidden:no",
    "source:webhook,feed",
    "source!=nats",
    "since:2026-09-14",
    "since:08:30",
    "age<1h",
    "age>=20m",
    "ひばり",
    "018f",
    "e",
    "em",
    "eme",
    "c",
    "cr",
    "b",
    "bi",
    "billing limits",
    "$742",
    "/flag|ai/",
    "/^(cre|had)/",
    "url~docs/",
    "person~[aeé]",
};

/* Appends one term or a group; never a bare | at the top of a group. */
static void add_part(struct buf *out, uint64_t *state, int depth)
{
    uint32_t what = sample_random(state, 10);

    if (what == 0)
        buf_addc(out, '-');
    if (what > 7 && depth < 3) {
        buf_addc(out, '(');
        add_part(out, state, depth + 1);
        buf_adds(out, what == 8 ? " | " : " ");
        add_part(out, state, depth + 1);
        buf_addc(out, ')');
        return;
    }
    buf_adds(out, terms[sample_random(state, LENGTH(terms))]);
}

const char *sample_query(uint64_t *state)
{
    static struct buf out;
    uint32_t parts = sample_random(state, 4), i;

    if (!out.data)
        buf_init(&out, 65536);
    buf_clear(&out);
    for (i = 0; i < parts; i++) {
        if (i)
            buf_adds(&out, sample_random(state, 4) ? " " : " | ");
        add_part(&out, state, 0);
    }
    return out.data;
}

void sample_fill(struct ring *ring, uint64_t *random, uint64_t from,
                 uint64_t to)
{
    for (; from <= to; from++) {
        struct event event = sample_event(random, from);

        ring_push(ring, &event);
    }
}
