/* Writing large journals for the benchmarks. */
#include "fill.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "journal/journal.h"
#include "base/banned.h"

#define BATCH 500
#define IN_FLIGHT 8
#define EACH_MS 200 /* from one event to the next */
#define NEWEST_AGE_MS INT64_C(120000)
#define TOLD 1000000 /* events, from one line of progress to the next */

struct fill {
    size_t events, sent, answered;
    int64_t first_ms;
    struct journal *journal;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake;
    FILE *lines, *requests;
};

static void wake(void *ctx)
{
    struct fill *fill = ctx;

    pthread_mutex_lock(&fill->mutex);
    fill->awake = true;
    pthread_cond_signal(&fill->woken);
    pthread_mutex_unlock(&fill->mutex);
}

static void await_wake(struct fill *fill)
{
    pthread_mutex_lock(&fill->mutex);
    while (!fill->awake)
        pthread_cond_wait(&fill->woken, &fill->mutex);
    fill->awake = false;
    pthread_mutex_unlock(&fill->mutex);
}

static const char *const names[] = {
    "insight created",       "feature flag created", "cohort created",
    "chat with ai",          "recording analyzed",   "dashboard created",
    "docs pageview",         "experiment launched",  "person viewed",
    "billing limits updated"};
static const char *const sentences[] = {"created an insight · trends",
                                        "created a feature flag",
                                        "created a cohort",
                                        "asked the AI a question",
                                        "watched a replay",
                                        "created a dashboard",
                                        "read docs/feature-flags/adding",
                                        "launched an experiment",
                                        "opened a person profile",
                                        "changed billing limits"};
#define KINDS (sizeof names / sizeof *names)
static const char raw[] = "{\"event\":\"insight created\",\"properties\":{}}";

/* For lnav. */
static void note_line(struct fill *fill, const struct event *event,
                      size_t number)
{
    fprintf(fill->lines, "2026-09-14T10:%02zu:%02zu.%03zu %s %s %s\n",
            number / 300000 % 60, number / 5000 % 60, number / 5 % 1000,
            event->account.name, event->person.email, event->sentence);
}

/* For goaccess, which counts requests. */
static void note_request(struct fill *fill, const struct event *event,
                         unsigned pick)
{
    fprintf(fill->requests,
            "10.0.%u.%u - - [14/Sep/2026:10:00:00 +0000] \"POST /%s/%u "
            "HTTP/1.1\" 200 %zu \"-\" \"-\"\n",
            pick % 30, pick % 20, event->account.id, pick % 600,
            strlen(event->sentence));
}

/* 30 accounts of 20 persons; every text of an event that can be its own is
 * its own, every 1,000th event is by somebody at "rare.example". */
static void make_event(struct fill *fill, struct arena *arena,
                       struct event *event)
{
    static const enum category categories[KINDS] = {
        CATEGORY_ANALYTICS,  CATEGORY_FLAGS,  CATEGORY_ANALYTICS,
        CATEGORY_AI,         CATEGORY_REPLAY, CATEGORY_ANALYTICS,
        CATEGORY_ENGAGEMENT, CATEGORY_FLAGS,  CATEGORY_ENGAGEMENT,
        CATEGORY_BILLING};
    size_t number = fill->sent++;
    unsigned pick = (unsigned)number * 2654435761u >> 8;
    bool rare = number % 1000 == 0;
    char text[128];

    *event = (struct event){
        .has_uuid = true,
        .category = categories[pick % KINDS],
        .received_at = fill->first_ms + (int64_t)number * EACH_MS,
        .occurred_at = fill->first_ms + (int64_t)number * EACH_MS - 900,
        .fold = FOLD_SAME,
        .project_url = "https://us.posthog.com/project/2",
        .name = names[pick % KINDS],
        .url = "https://us.posthog.com/project/2/feature_flags/117",
        .raw = raw,
        .raw_len = sizeof raw - 1,
    };
    event->uuid = uuid_timed(event->received_at);
    snprintf(text, sizeof text, "%s #n%zu", sentences[pick % KINDS], number);
    event->sentence = arena_strdup(arena, text);
    snprintf(text, sizeof text, "0190aaaa-0000-0000-0000-%012u", pick % 30);
    event->account.id = arena_strdup(arena, text);
    snprintf(text, sizeof text, "Account %u Labs", pick % 30);
    event->account.name = arena_strdup(arena, text);
    snprintf(text, sizeof text, "person-%u@%s", pick % 600,
             rare ? "rare.example" : "alderfinch.example");
    event->person.email = arena_strdup(arena, text);
    event->person.id = event->person.email;
    event->links.person = "https://us.posthog.com/project/2/person/x";
    if (fill->lines)
        note_line(fill, event, number);
    if (fill->requests)
        note_request(fill, event, pick);
}

static void answered(void *ctx, uint64_t token, struct append_result *result)
{
    struct fill *fill = ctx;

    (void)token;
    if (!result->ok) {
        fprintf(stderr, "bench: %s\n", journal_trouble(fill->journal));
        exit(1);
    }
    fill->answered += BATCH;
    if (fill->answered % TOLD == 0 && fill->answered < fill->events) {
        printf("%zu of %zu events written\n", fill->answered, fill->events);
        fflush(stdout);
    }
    event_batch_free(result->batch);
}

static void append(struct fill *fill)
{
    struct event_batch *batch = event_batch_new();

    batch->events = arena_alloc(&batch->arena, BATCH * sizeof *batch->events);
    for (size_t i = 0; i < BATCH; i++)
        make_event(fill, &batch->arena, &batch->events[i]);
    batch->count = BATCH;
    batch->bytes = BATCH * (sizeof raw - 1);
    journal_append(fill->journal, batch, answered, fill, 0);
}

static FILE *open_list(const char *path)
{
    FILE *file = path ? fopen(path, "w") : NULL;

    if (path && !file) {
        perror(path);
        exit(1);
    }
    return file;
}

static void write_all(struct fill *fill)
{
    while (fill->answered < fill->events) {
        while (fill->sent < fill->events &&
               fill->sent - fill->answered < BATCH * IN_FLIGHT)
            append(fill);
        await_wake(fill);
        journal_drain(fill->journal);
    }
}

/* False: none is kept. */
static bool kept_name(char *out, size_t size, size_t events)
{
    const char *folder = getenv("BENCH_FILLED");

    if (!folder)
        return false;
    snprintf(out, size, "%s/%zu.db", folder, events - events % BATCH);
    return true;
}

void fill_keep(const char *path, size_t events)
{
    char name[512];

    if (kept_name(name, sizeof name, events) && rename(path, name))
        perror(name);
}

void fill_journal(const char *path, size_t events, const char *lines,
                  const char *requests)
{
    char kept[512];
    static struct fill fill;
    struct journal_options options = {.path = path,
                                      .wake = wake,
                                      .wake_ctx = &fill};
    struct err err = {""};

    if (!lines && !requests && kept_name(kept, sizeof kept, events) &&
        !rename(kept, path))
        return;
    fill = (struct fill){.events = events - events % BATCH,
                         .lines = open_list(lines),
                         .requests = open_list(requests),
                         .first_ms = clock_now_ms() - NEWEST_AGE_MS -
                                     (int64_t)events * EACH_MS};
    pthread_mutex_init(&fill.mutex, NULL);
    pthread_cond_init(&fill.woken, NULL);
    fill.journal = journal_open(&options, NULL, &err);
    if (!fill.journal) {
        fprintf(stderr, "bench: %s\n", err.text);
        exit(1);
    }
    write_all(&fill);
    journal_close(fill.journal);
    if (fill.lines)
        fclose(fill.lines);
    if (fill.requests)
        fclose(fill.requests);
}
