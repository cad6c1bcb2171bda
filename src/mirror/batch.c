/* Planning. Every event that is sent on goes into exactly one bucket, by the
 * first rule that fits: bypass; the daily digest; quiet hours; its account's
 * cool-down; else at once with what came in the same window. */
#include "mirror/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "mirror/message.h"

#include "base/banned.h"

/* Later than that is caught up with by digest; its pages are gathered for so
 * long. */
#define LATE_MS (10 * 60 * 1000)
#define CATCH_UP_MS 2000
/* A message of a type that does not merge takes no more than this. */
#define ARRAY_EVENTS 100

/* A bucket being filled. */
struct bucket {
    char name[80];
    int64_t due;
    struct message *message; /* of a type that merges */
    struct buf json;         /* else: events, commas between */
    unsigned events;
    uint64_t first_seq, last_seq;
};

struct batch {
    const struct mirror_settings *settings;
    struct cooldowns *cooldowns;
    const struct uuid *journal_id;
    int64_t now;
    struct bucket *buckets;
    size_t count;
};

void cooldowns_free(struct cooldowns *cooldowns)
{
    free(cooldowns->items);
    *cooldowns = (struct cooldowns){0};
}

static struct cooldown *find_cooldown(struct cooldowns *cooldowns,
                                      const char *account)
{
    size_t longest = sizeof cooldowns->items->account - 1;

    for (size_t i = 0; i < cooldowns->count; i++)
        if (!strncmp(cooldowns->items[i].account, account, longest))
            return &cooldowns->items[i];
    return NULL;
}

/* What was held went out when the cool-down ended, and began the next. One
 * that ends later than any can was begun by a clock that was ahead. */
static void drop_old(struct cooldowns *cooldowns, int64_t now, int64_t length)
{
    size_t kept = 0;

    for (size_t i = 0; i < cooldowns->count; i++) {
        struct cooldown *item = &cooldowns->items[i];

        if (item->holds && item->until <= now) {
            item->until += length;
            item->holds = false;
        }
        if (item->until > now && item->until - now <= 2 * length)
            cooldowns->items[kept++] = *item;
    }
    cooldowns->count = kept;
}

static void start_cooldown(struct batch *batch, const char *account)
{
    struct cooldowns *all = batch->cooldowns;
    struct cooldown *item = find_cooldown(all, account);

    if (!item) {
        if (all->count == LIMIT_COOLDOWNS)
            return;
        all->items =
            xreallocarray(all->items, all->count + 1, sizeof *all->items);
        item = &all->items[all->count++];
        snprintf(item->account, sizeof item->account, "%s", account);
    }
    item->until = batch->now + batch->settings->cooldown_ms;
    item->holds = false;
}

/* True while the account cools down. A cool-down that has all its time
 * before it was begun by this very plan: other events of now go along. */
static bool cools_down(const struct batch *batch, const char *account,
                       int64_t *due)
{
    struct cooldown *item;

    if (!batch->settings->cooldown_ms || !account)
        return false;
    item = find_cooldown(batch->cooldowns, account);
    if (!item || item->until <= batch->now ||
        item->until == batch->now + batch->settings->cooldown_ms)
        return false;
    *due = item->until;
    item->holds = true;
    return true;
}

/* What comes so late is history: a digest of it will do. */
static bool is_late(const struct batch *batch, const struct event *event)
{
    return batch->settings->type->merges && !batch->settings->catch_up_all &&
           batch->now - event->received_at > LATE_MS;
}

/* Which bucket, and when it is due. */
static void choose(struct batch *batch, const struct event *event, char *name,
                   size_t size, int64_t *due)
{
    const struct mirror_settings *settings = batch->settings;
    const char *account = event->account.id;

    *due = batch->now;
    if (settings->bypass && query_match(settings->bypass, event, batch->now)) {
        snprintf(name, size, "%s", BUCKET_NOW);
    } else if (settings->digest_at >= 0) {
        snprintf(name, size, "%s", BUCKET_DIGEST);
        *due = mirror_digest_time(settings, batch->now);
    } else if (mirror_quiet(settings, batch->now, due)) {
        snprintf(name, size, "%s", BUCKET_QUIET);
    } else if (is_late(batch, event)) {
        snprintf(name, size, "%s", BUCKET_CATCH_UP);
        *due = batch->now + CATCH_UP_MS;
    } else if (cools_down(batch, account, due)) {
        snprintf(name, size, BUCKET_ACCOUNT "%.64s", account);
    } else {
        snprintf(name, size, "%s", BUCKET_LIVE);
        if (settings->cooldown_ms && account)
            start_cooldown(batch, account);
    }
}

static bool is_full(const struct bucket *bucket)
{
    return bucket->events == ARRAY_EVENTS ||
           bucket->json.len > LIMIT_MIRROR_ARRAY;
}

static struct bucket *find_bucket(struct batch *batch, const char *name,
                                  int64_t due)
{
    /* A digest is told as a report, whoever reads it. */
    bool merges =
        batch->settings->type->merges || !strcmp(name, BUCKET_DIGEST);
    struct bucket *bucket;

    for (size_t i = 0; i < batch->count; i++) {
        bucket = &batch->buckets[i];
        if (!strcmp(bucket->name, name) && (merges || !is_full(bucket)))
            return bucket;
    }
    /* There are never more than the page has events. */
    batch->buckets = xreallocarray(batch->buckets, batch->count + 1,
                                   sizeof *batch->buckets);
    bucket = &batch->buckets[batch->count++];
    *bucket = (struct bucket){.due = due};
    snprintf(bucket->name, sizeof bucket->name, "%s", name);
    buf_init(&bucket->json, 8 * MIB);
    if (merges)
        bucket->message = message_new();
    return bucket;
}

static void fill(struct batch *batch, struct bucket *bucket,
                 const struct event *event)
{
    if (!bucket->events || event->seq < bucket->first_seq)
        bucket->first_seq = event->seq;
    if (event->seq > bucket->last_seq)
        bucket->last_seq = event->seq;
    bucket->events++;
    if (bucket->message)
        message_add(bucket->message, event, &batch->settings->redaction);
    else
        batch->settings->type->add(&bucket->json, event, batch->settings,
                                   batch->journal_id);
}

static void take_bucket(struct bucket *bucket, struct planned *out)
{
    struct buf text;

    buf_init(&text, 8 * MIB);
    if (bucket->message)
        message_to_json(&text, bucket->message);
    else
        buf_addf(&text, "[%s]", bucket->json.data);
    *out = (struct planned){.bucket = xstrdup(bucket->name),
                            .message = buf_take(&text),
                            .events = bucket->events,
                            .first_seq = bucket->first_seq,
                            .last_seq = bucket->last_seq,
                            .due = bucket->due};
    message_free(bucket->message);
    buf_free(&bucket->json);
}

static struct planned *take_all(struct batch *batch, size_t *count)
{
    struct planned *planned = NULL;

    *count = batch->count;
    if (batch->count)
        planned = xcalloc(batch->count, sizeof *planned);
    for (size_t i = 0; i < batch->count; i++)
        take_bucket(&batch->buckets[i], &planned[i]);
    free(batch->buckets);
    return planned;
}

bool batch_wants(const struct mirror_settings *settings,
                 const struct event *event, int64_t now)
{
    return event->hidden == HIDDEN_NO && !(event->flags & EVENT_BACKFILLED) &&
           event->source != SOURCE_FILE &&
           query_match(settings->query, event, now);
}

struct planned *batch_plan(const struct mirror_settings *settings,
                           struct cooldowns *cooldowns,
                           const struct uuid *journal_id,
                           const struct event *events, size_t count,
                           int64_t now, size_t *planned)
{
    struct batch batch = {.settings = settings,
                          .cooldowns = cooldowns,
                          .journal_id = journal_id,
                          .now = now};

    drop_old(cooldowns, now, settings->cooldown_ms);
    for (size_t i = 0; i < count; i++) {
        const struct event *event = &events[i];
        char name[80];
        int64_t due;

        if (!batch_wants(settings, event, now))
            continue;
        choose(&batch, event, name, sizeof name, &due);
        fill(&batch, find_bucket(&batch, name, due), event);
    }
    return take_all(&batch, planned);
}

struct planned *batch_now(const struct mirror_settings *settings,
                          const struct uuid *journal_id,
                          const struct event *const *events, size_t count,
                          int64_t now, size_t *planned)
{
    struct batch batch = {.settings = settings,
                          .journal_id = journal_id,
                          .now = now};

    for (size_t i = 0; i < count; i++)
        fill(&batch, find_bucket(&batch, BUCKET_NOW, now), events[i]);
    return take_all(&batch, planned);
}

void batch_free(struct planned *planned, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(planned[i].bucket);
        free(planned[i].message);
    }
    free(planned);
}
