/* The ring and a view with a million events (or as many as the first argument
 * says): memory, and how long after a key the first full screen and the full
 * count are there. Prints; asserts nothing.
 *
 * The events are as a book of 60 accounts makes them: 600 people, some forty
 * sentences of which many carry a number or a name of their own, addresses
 * of which a third are met again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "live/ring.h"
#include "live/view.h"

#include "base/banned.h"

#define SCREEN 60 /* rows */
#define BUDGET_US 4000
#define ACCOUNTS 60
#define PEOPLE 600
#define START INT64_C(1789372800000)

static uint64_t state = 42;

static uint32_t any(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static const struct {
    const char *name, *before, *after;
    enum category category;
    enum tone tone;
    unsigned own; /* how many different numbers its sentence carries */
} deeds[] = {
    {"$pageview", "read docs/feature-flags/creating-feature-flags/", "",
     CATEGORY_ENGAGEMENT, TONE_INFO, 2000},
    {"$pageview", "read docs/product-analytics/", "", CATEGORY_ENGAGEMENT,
     TONE_INFO, 2000},
    {"insight created", "created an insight · Weekly signups ", "",
     CATEGORY_ANALYTICS, TONE_GOOD, 50000},
    {"dashboard created", "created a dashboard “Growth ", "” · 6 tiles",
     CATEGORY_ANALYTICS, TONE_GOOD, 50000},
    {"feature flag created", "created a feature flag · ", " variants",
     CATEGORY_FLAGS, TONE_GOOD, 6},
    {"experiment launched", "launched an experiment “Checkout ", "”",
     CATEGORY_FLAGS, TONE_GOOD, 20000},
    {"$ai_generation", "got an AI answer · gpt-4o-mini, ", " tokens, 2.8 s",
     CATEGORY_AI, TONE_INFO, 4000},
    {"chat with ai", "asked the AI a question", "", CATEGORY_AI, TONE_INFO, 0},
    {"recording analyzed", "watched a replay · ", " s long", CATEGORY_REPLAY,
     TONE_INFO, 3000},
    {"person viewed", "opened a person profile", "", CATEGORY_ENGAGEMENT,
     TONE_INFO, 0},
    {"billing subscription paid", "paid $", ".50 for the subscription",
     CATEGORY_BILLING, TONE_GOOD, 9000},
    {"billing invoice payment failed", "had a payment fail · $",
     ".42, attempt 2", CATEGORY_BILLING, TONE_BAD, 9000},
    {"team member invited", "invited a team member · ", " members so far",
     CATEGORY_TEAM, TONE_GOOD, 40},
    {"error_tracking_issue_created", "has a new error · TypeError: x",
     " is undefined", CATEGORY_ERRORS, TONE_WARN, 80000},
};

/* Texts live until the next event: the ring copies what it keeps. */
static struct event make_event(uint64_t seq)
{
    static char org[40], account[40], person[48], email[64], name[32];
    static char sentence[96], url[128], replay[8];
    uint32_t who = any(PEOPLE);
    uint32_t deed = any(sizeof deeds / sizeof *deeds);
    struct event event = {.seq = seq,
                          .name = deeds[deed].name,
                          .category = deeds[deed].category,
                          .tone = deeds[deed].tone,
                          .fold = FOLD_SAME,
                          .account = {org, account, true},
                          .person = {person, email, name},
                          .raw = "{}"};

    snprintf(org, sizeof org, "018f2a3b-0000-7000-8000-%012u", who % ACCOUNTS);
    snprintf(account, sizeof account, "Account %u & Sons", who % ACCOUNTS);
    snprintf(person, sizeof person, "rtVRElpujTAO6bM982TMZnHW0jx3Ve%06u", who);
    snprintf(email, sizeof email, "person%u@account%u.example", who,
             who % ACCOUNTS);
    snprintf(name, sizeof name, "Tomás Person %u", who);
    if (deeds[deed].own)
        snprintf(sentence, sizeof sentence, "%s%u%s", deeds[deed].before,
                 any(deeds[deed].own), deeds[deed].after);
    else
        snprintf(sentence, sizeof sentence, "%s", deeds[deed].before);
    event.sentence = sentence;
    snprintf(url, sizeof url,
             "https://us.posthog.com/project/%u/insights/%08x", who % ACCOUNTS,
             any(3) ? any(100000) : any(UINT32_MAX));
    event.url = any(4) ? url : NULL;
    if (any(2))
        event.links.replay = replay;
    event.received_at = START + (int64_t)seq * 700;
    event.occurred_at = event.received_at - 1200;
    return event;
}

static double since_ms(int64_t start_us)
{
    return (double)(clock_mono_us() - start_us) / 1000.0;
}

static double cpu_ms(clock_t start)
{
    return (double)(clock() - start) * 1000.0 / CLOCKS_PER_SEC;
}

static double resident_mb(const char *what)
{
    char line[128];
    double kb = 0;
    FILE *file = fopen("/proc/self/status", "r");

    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, what, strlen(what)) == 0)
            kb = strtod(line + strlen(what), NULL);
    fclose(file);
    return kb / 1024.0;
}

/* What the loop does after a key: slices, and a screen as soon as one is
 * full. */
static void press(struct view *view, const char *text)
{
    int64_t start = clock_mono_us();
    clock_t cpu = clock();
    double screen = -1, slice = 0, longest = 0;
    struct view_row row;
    bool more = true;
    size_t i;

    view_set_query(view, query_parse(text, NULL));
    while (more) {
        int64_t began = clock_mono_us();

        more = view_update(view, BUDGET_US);
        slice = since_ms(began);
        if (slice > longest)
            longest = slice;
        if (screen < 0 && (view_rows(view) >= SCREEN || !more)) {
            for (i = 0; i < SCREEN && i < view_rows(view); i++)
                view_row(view, view_rows(view) - 1 - i, &row);
            screen = since_ms(start);
        }
    }
    printf("%-34s first screen %6.2f ms, all %6.1f ms (%6.1f of a core), "
           "longest slice %5.2f ms, %zu rows of %zu\n",
           text, screen, since_ms(start), cpu_ms(cpu), longest,
           view_rows(view), view_events(view));
}

int main(int argc, char **argv)
{
    static const char *const keys[] = {
        "",
        "category:billing",
        "b",
        "bo",
        "bor",
        "account:17",
        "tone:bad",
        "flag",
        "flag tomás",
        "person:person5",
        "url:insights/0",
        "TypeError",
        "TypeErrorX",
        "-category:engagement docs",
        "has:replay category:ai | tone:warn",
    };
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    struct ring *ring = ring_new(count, (size_t)200 << 20);
    struct view *view = view_new(ring);
    int64_t start = clock_mono_us();
    uint64_t seq;
    size_t i;

    for (seq = 1; seq <= count; seq++) {
        struct event event = make_event(seq);

        ring_push(ring, &event);
    }
    printf("%zu events pushed, %.2f us each; %zu kept, %.0f MB by its own "
           "count, %.0f MB resident\n",
           count, since_ms(start) * 1000 / (double)count, ring_count(ring),
           (double)ring_bytes(ring) / 1048576, resident_mb("VmRSS:"));
    for (i = 0; i < sizeof keys / sizeof *keys; i++)
        press(view, keys[i]);
    printf("%.0f MB resident with one view\n", resident_mb("VmRSS:"));
    start = clock_mono_us();
    for (seq = count + 1; seq <= 2 * count; seq++) {
        struct event event = make_event(seq);

        ring_push(ring, &event);
        if (seq % 200 == 0)
            view_update(view, 0);
    }
    printf("as many again through the full ring and the view, %.2f us each; "
           "%.0f MB resident, %.0f at most\n",
           since_ms(start) * 1000 / (double)count, resident_mb("VmRSS:"),
           resident_mb("VmHWM:"));
    view_free(view);
    ring_free(ring);
    return 0;
}
