/* What an event costs the journal: appended to an empty one and, with an
 * argument N, to one that holds N; with uuids in the order of time (v7) and
 * without (v4); then the newest page. A second argument, 7 or 4: only that
 * kind of uuid, and only the journal of N. Prints, asserts nothing. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/mem.h"
#include "journal/journal.h"
#include "figure.h"

#include "base/banned.h"

#define IN_FLIGHT 32 /* batches that wait at once */
#define MEASURED 50000
#define ROUNDS 5
#define PACE 1000 /* events a second when answers are timed */
#define PACED 10000
#define TOLD 1000000 /* events, from one line of progress to the next */

struct bench {
    char dir[256], path[300];
    struct journal *journal;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake;
    size_t batch, sent, answered, in_flight;
    int version;
    size_t spread; /* how many v4 are to come, in their order; 0: no order */
    size_t spread_at;
    int64_t time_ms;
    int64_t *answer_us; /* by token, when answers are timed */
};

static void wake(void *ctx)
{
    struct bench *bench = ctx;

    pthread_mutex_lock(&bench->mutex);
    bench->awake = true;
    pthread_cond_signal(&bench->woken);
    pthread_mutex_unlock(&bench->mutex);
}

/* At the latest until a time of the monotonic clock. */
static void wait_woken(struct bench *bench, int64_t until_us)
{
    int64_t left = until_us - clock_mono_us();
    struct timespec until;
    int result = left < 0;

    clock_gettime(CLOCK_REALTIME, &until);
    left = left < 1000000 ? left * 1000 + until.tv_nsec : 1000000000;
    until.tv_sec += (time_t)(left / 1000000000);
    until.tv_nsec = (long)(left % 1000000000);
    pthread_mutex_lock(&bench->mutex);
    while (!bench->awake && !result)
        result = pthread_cond_timedwait(&bench->woken, &bench->mutex, &until);
    bench->awake = false;
    pthread_mutex_unlock(&bench->mutex);
}

/* A body of about 1.8 KB, as PostHog sends them. */
static char raw[1807];
static size_t props_at, props_len;

static void make_raw(void)
{
    size_t len = 0;

    len += (size_t)snprintf(raw, sizeof raw,
                            "{\"event\":\"feature flag created\","
                            "\"properties\":{");
    props_at = len - 1;
    for (int i = 0; len < sizeof raw - 80; i++)
        len += (size_t)snprintf(raw + len, sizeof raw - len,
                                "\"property_%d\":\"value number %d of it\",",
                                i, i);
    len += (size_t)snprintf(raw + len, sizeof raw - len, "\"last\":1}");
    props_len = len - props_at;
    while (len < sizeof raw - 2)
        raw[len++] = ' ';
    raw[len++] = '}';
}

/* As random as any once all are there, but in order, so that millions are
 * written as fast as v7: what is then measured meets an index as large and as
 * evenly filled as if they had come by chance. */
static struct uuid uuid_spread(struct bench *bench)
{
    struct uuid uuid = uuid_random();
    uint64_t top = UINT64_MAX / bench->spread * bench->spread_at++;

    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(top >> (56 - 8 * i));
    return uuid;
}

static struct uuid make_uuid(struct bench *bench)
{
    if (bench->version == 7)
        return uuid_timed(bench->time_ms);
    return bench->spread ? uuid_spread(bench) : uuid_random();
}

/* 30 accounts of 20 persons, 25 event names. */
static void make_event(struct bench *bench, struct arena *arena,
                       struct event *event)
{
    unsigned pick = (unsigned)bench->sent++ * 2654435761u >> 8;
    char text[96];

    bench->time_ms += 7;
    *event = (struct event){
        .has_uuid = true,
        .uuid = make_uuid(bench),
        .category = (enum category)(pick % CATEGORY_COUNT),
        .occurred_at = bench->time_ms - 900,
        .received_at = bench->time_ms,
        .fold = FOLD_SAME,
        .project_url = "https://us.posthog.com/project/2",
        .sentence = "created a feature flag · 3 variants",
        .url = "https://us.posthog.com/project/2/feature_flags/117",
        .raw = raw,
        .raw_len = sizeof raw - 1,
        .props_at = props_at,
        .props_len = props_len,
    };
    snprintf(text, sizeof text, "event %u", pick % 25);
    event->name = arena_strdup(arena, text);
    snprintf(text, sizeof text, "0190aaaa-0000-0000-0000-%012u", pick % 30);
    event->account.id = arena_strdup(arena, text);
    event->account.name = "Alder & Finch Labs";
    event->account.listed = true;
    snprintf(text, sizeof text, "person-%u@example.com", pick % 600);
    event->person.email = arena_strdup(arena, text);
    event->person.id = event->person.email;
    snprintf(text, sizeof text, "https://us.posthog.com/project/2/person/%s",
             event->person.email);
    event->links.person = arena_strdup(arena, text);
}

static void answered(void *ctx, uint64_t token, struct append_result *result)
{
    struct bench *bench = ctx;

    if (bench->answer_us)
        bench->answer_us[token] = clock_mono_us() - bench->answer_us[token];
    if (!result->ok) {
        fprintf(stderr, "append failed: %s\n",
                journal_trouble(bench->journal));
        exit(1);
    }
    bench->answered += result->batch->count;
    bench->in_flight--;
    event_batch_free(result->batch);
}

static void send_batch(struct bench *bench)
{
    struct event_batch *batch = event_batch_new();
    uint64_t token = bench->sent;

    batch->events =
        arena_alloc(&batch->arena, bench->batch * sizeof *batch->events);
    for (size_t i = 0; i < bench->batch; i++)
        make_event(bench, &batch->arena, &batch->events[i]);
    batch->count = bench->batch;
    batch->bytes = bench->batch * (sizeof raw - 1);
    bench->in_flight++;
    if (bench->answer_us)
        bench->answer_us[token] = clock_mono_us();
    journal_append(bench->journal, batch, answered, bench, token);
}

/* Microseconds an event: by the clock, and of a processor. */
struct cost {
    double wall, cpu;
};

static int64_t cpu_us(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static struct cost append(struct bench *bench, size_t count)
{
    size_t goal = bench->sent + count;
    int64_t start = clock_mono_us(), cpu = cpu_us();

    while (bench->answered < goal) {
        while (bench->sent < goal && bench->in_flight < IN_FLIGHT)
            send_batch(bench);
        wait_woken(bench, INT64_MAX);
        journal_drain(bench->journal);
    }
    return (struct cost){(double)(clock_mono_us() - start) / (double)count,
                         (double)(cpu_us() - cpu) / (double)count};
}

static void open_bench(struct bench *bench)
{
    struct journal_options options = {.path = bench->path,
                                      .wake = wake,
                                      .wake_ctx = bench};
    struct err err;

    bench->journal = journal_open(&options, NULL, &err);
    if (!bench->journal) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}

static void remove_files(struct bench *bench)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char path[320];

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s%s", bench->path, suffixes[i]);
        unlink(path);
    }
}

static void measure_batches(struct bench *bench)
{
    static const size_t sizes[] = {1, 10, 100, 500};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t count = sizes[i] == 1 ? MEASURED / 10 : MEASURED;
        struct journal_stats stats;
        uint64_t commits;
        struct cost cost;

        bench->batch = sizes[i];
        open_bench(bench);
        commits = journal_stats(bench->journal).commits;
        cost = append(bench, count);
        stats = journal_stats(bench->journal);
        printf("%8zu in a batch %8.1f us an event (cpu %.1f) %8.0f "
               "events/s  %5.0f a commit, longest %.1f ms\n",
               sizes[i], cost.wall, cost.cpu, 1e6 / cost.wall,
               (double)count / (double)(stats.commits - commits),
               (double)stats.commit_us_max / 1000);
        figure(cost.wall, "us", "journal.append.%zu", sizes[i]);
        journal_close(bench->journal);
        remove_files(bench);
    }
}

/* Single events at a steady pace: from append to answer. */
static void measure_answers(struct bench *bench)
{
    int64_t start, next;

    open_bench(bench);
    bench->batch = 1;
    bench->sent = bench->answered = 0;
    bench->answer_us = xcalloc(PACED, sizeof *bench->answer_us);
    start = next = clock_mono_us();
    while (bench->answered < PACED) {
        for (; bench->sent < PACED && next <= clock_mono_us();
             next += 1000000 / PACE)
            send_batch(bench);
        wait_woken(bench, bench->sent < PACED ? next : INT64_MAX);
        journal_drain(bench->journal);
    }
    figure_time(bench->answer_us, PACED, .5);
    printf("at %.0f events/s: answered p50 %.2f ms, p99 %.2f ms, p99.9 "
           "%.2f ms, max %.2f ms\n",
           PACED * 1e6 / (double)(clock_mono_us() - start),
           (double)bench->answer_us[PACED / 2] / 1000,
           (double)bench->answer_us[PACED / 100 * 99] / 1000,
           (double)bench->answer_us[PACED / 1000 * 999] / 1000,
           (double)bench->answer_us[PACED - 1] / 1000);
    free(bench->answer_us);
    bench->answer_us = NULL;
    journal_close(bench->journal);
    remove_files(bench);
}

static void measure_page(struct bench *bench)
{
    struct event_batch *batch = event_batch_new();
    struct reader_walk walk = {.newest_first = true, .no_bodies = true};
    struct journal_reader *reader;
    struct reader_totals totals;
    struct err err = {""};
    int64_t start = clock_mono_us(), opened, paged, summed;
    bool more;

    reader = reader_open(bench->path, &err);
    opened = clock_mono_us();
    if (!reader || !reader_walk(reader, &walk, batch, &more, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    paged = clock_mono_us();
    reader_totals(reader, &totals, &err);
    summed = clock_mono_us();
    printf("%8" PRIu64 " events: opened in %.2f ms, newest %zu in %.2f ms, "
           "totals in %.2f ms\n",
           totals.events, (double)(opened - start) / 1000, batch->count,
           (double)(paged - opened) / 1000, (double)(summed - paged) / 1000);
    reader_close(reader);
    event_batch_free(batch);
}

static void fill(struct bench *bench, size_t count)
{
    size_t left = count / bench->batch * bench->batch, piece;

    bench->spread = left;
    bench->spread_at = 0;
    for (; left; left -= piece) {
        piece = left < TOLD ? left : TOLD;
        append(bench, piece);
        if (left > piece) {
            printf("%zu of %zu events written\n", bench->answered, count);
            fflush(stdout);
        }
    }
    bench->spread = 0;
}

/* A new journal, opened beside the other and removed again. */
static struct cost append_to_empty(const struct bench *like)
{
    struct bench bench = {.version = like->version,
                          .batch = like->batch,
                          .time_ms = like->time_ms};
    struct cost cost;

    snprintf(bench.path, sizeof bench.path, "%s/empty.db", like->dir);
    pthread_mutex_init(&bench.mutex, NULL);
    pthread_cond_init(&bench.woken, NULL);
    open_bench(&bench);
    cost = append(&bench, MEASURED);
    journal_close(bench.journal);
    remove_files(&bench);
    return cost;
}

/* An empty one and the full one in turns, since the machine may be another
 * one after so long: medians. */
static void compare(struct bench *bench, size_t size)
{
    double empty[ROUNDS], full[ROUNDS], ratios[ROUNDS], cpu_ratios[ROUNDS];
    double ratio, cpu_ratio, wall;

    for (int i = 0; i < ROUNDS; i++) {
        struct cost none = append_to_empty(bench);
        struct cost cost = append(bench, MEASURED);

        empty[i] = none.wall;
        full[i] = cost.wall;
        ratios[i] = none.wall / cost.wall;
        cpu_ratios[i] = none.cpu / cost.cpu;
    }
    wall = figure_median(full, ROUNDS);
    ratio = figure_median(ratios, ROUNDS);
    cpu_ratio = figure_median(cpu_ratios, ROUNDS);
    printf("uuid v%d: empty %.1f us an event, after %zu %.1f, ratio %.2f "
           "(cpu %.2f)\n",
           bench->version, figure_median(empty, ROUNDS), size, wall, ratio,
           cpu_ratio);
    figure(ratio, "x", "journal.ratio.v%d.%zu", bench->version, size);
    figure(cpu_ratio, "x", "journal.cpu_ratio.v%d.%zu", bench->version, size);
    figure(wall, "us", "journal.full.v%d.%zu", bench->version, size);
}

static void measure_filled(struct bench *bench, int version, size_t size)
{
    struct stat info;

    bench->version = version;
    bench->batch = 100;
    open_bench(bench);
    fill(bench, size);
    compare(bench, size);
    journal_close(bench->journal);
    stat(bench->path, &info);
    printf("%.0f bytes an event on disk\n",
           (double)info.st_size / (double)bench->answered);
    measure_page(bench);
    remove_files(bench);
    bench->sent = bench->answered = 0;
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    struct bench bench = {.version = 7, .time_ms = 1789373163942};
    size_t fill = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;

    snprintf(bench.dir, sizeof bench.dir, "%s/telltale-bench-XXXXXX",
             tmp ? tmp : "/tmp");
    if (!mkdtemp(bench.dir)) {
        perror(bench.dir);
        return 1;
    }
    snprintf(bench.path, sizeof bench.path, "%s/journal.db", bench.dir);
    pthread_mutex_init(&bench.mutex, NULL);
    pthread_cond_init(&bench.woken, NULL);
    make_raw();
    printf("journal: %zu bytes an event, %d batches in flight, "
           "synchronous=FULL, %s\n",
           sizeof raw - 1, IN_FLIGHT, bench.dir);
    if (argc < 3) {
        measure_batches(&bench);
        measure_answers(&bench);
    }
    if (argc < 3 || !strcmp(argv[2], "7"))
        measure_filled(&bench, 7, fill);
    if (argc < 3 || !strcmp(argv[2], "4"))
        measure_filled(&bench, 4, fill);
    rmdir(bench.dir);
    return 0;
}
