/* What a large journal costs the screen: the first frame, the newest row,
 * the whole ring and its memory, then the keys of a live filter over it, and
 * what it costs to leave that open. Beside it lnav, where it is installed,
 * on a file of the same lines.
 *
 *     million [EVENTS [COLS ROWS]]
 *
 * Prints; asserts nothing. */
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "journal/journal.h"
#include "proc.h"
#include "term.h"
#include "base/banned.h"

#define BATCH 500
#define IN_FLIGHT 8
#define IDLE_S 20
#define LONG_US 60000000
#define FIRST_MS 1789373163942 /* Mon 14 Sep 2026 */

struct bench {
    char home[64], state[128], journal_path[128], log_path[128];
    size_t events, sent, answered;
    int rows, cols;
    struct journal *journal;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake;
    FILE *log;
};

/* ---- the journal ---- */

static void wake(void *ctx)
{
    struct bench *bench = ctx;

    pthread_mutex_lock(&bench->mutex);
    bench->awake = true;
    pthread_cond_signal(&bench->woken);
    pthread_mutex_unlock(&bench->mutex);
}

static void await_wake(struct bench *bench)
{
    pthread_mutex_lock(&bench->mutex);
    while (!bench->awake)
        pthread_cond_wait(&bench->woken, &bench->mutex);
    bench->awake = false;
    pthread_mutex_unlock(&bench->mutex);
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

/* 30 accounts of 20 persons; every text of an event that can be its own is
 * its own, every 1,000th event is by somebody at "rare.example". */
static void make_event(struct bench *bench, struct arena *arena,
                       struct event *event)
{
    static const enum category categories[KINDS] = {
        CATEGORY_ANALYTICS,  CATEGORY_FLAGS,  CATEGORY_ANALYTICS,
        CATEGORY_AI,         CATEGORY_REPLAY, CATEGORY_ANALYTICS,
        CATEGORY_ENGAGEMENT, CATEGORY_FLAGS,  CATEGORY_ENGAGEMENT,
        CATEGORY_BILLING};
    size_t number = bench->sent++;
    unsigned pick = (unsigned)number * 2654435761u >> 8;
    bool rare = number % 1000 == 0;
    char text[128];

    *event = (struct event){
        .has_uuid = true,
        .category = categories[pick % KINDS],
        .received_at = FIRST_MS + (int64_t)number * 200,
        .occurred_at = FIRST_MS + (int64_t)number * 200 - 900,
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
    if (bench->log)
        fprintf(bench->log, "2026-09-14T10:%02zu:%02zu.%03zu %s %s %s\n",
                number / 300000 % 60, number / 5000 % 60, number / 5 % 1000,
                event->account.name, event->person.email, event->sentence);
}

static void answered(void *ctx, uint64_t token, struct append_result *result)
{
    struct bench *bench = ctx;

    (void)token;
    if (!result->ok) {
        fprintf(stderr, "bench: %s\n", journal_trouble(bench->journal));
        exit(1);
    }
    bench->answered += BATCH;
    event_batch_free(result->batch);
}

static void append(struct bench *bench)
{
    struct event_batch *batch = event_batch_new();

    batch->events = arena_alloc(&batch->arena, BATCH * sizeof *batch->events);
    for (size_t i = 0; i < BATCH; i++)
        make_event(bench, &batch->arena, &batch->events[i]);
    batch->count = BATCH;
    batch->bytes = BATCH * (sizeof raw - 1);
    journal_append(bench->journal, batch, answered, bench, 0);
}

static void fill(struct bench *bench)
{
    struct journal_options options = {.path = bench->journal_path,
                                      .wake = wake,
                                      .wake_ctx = bench};
    int64_t start = clock_mono_us();
    struct err err;

    bench->journal = journal_open(&options, NULL, &err);
    bench->log = fopen(bench->log_path, "w");
    if (!bench->journal || !bench->log) {
        fprintf(stderr, "bench: %s\n", err.text);
        exit(1);
    }
    while (bench->answered < bench->events) {
        while (bench->sent < bench->events &&
               bench->sent - bench->answered < BATCH * IN_FLIGHT)
            append(bench);
        await_wake(bench);
        journal_drain(bench->journal);
    }
    journal_close(bench->journal);
    fclose(bench->log);
    printf("journal    %zu events written in %.1f s\n", bench->events,
           (double)(clock_mono_us() - start) / 1e6);
}

/* ---- telltale ---- */

static double ms_since(int64_t start)
{
    return (double)(clock_mono_us() - start) / 1000;
}

/* Pumps until a row holds the text; false after a minute. */
static bool await_text(struct term *term, const char *text)
{
    int64_t end = clock_mono_us() + LONG_US;

    while (term_find(term, text) < 0) {
        if (term->gone || clock_mono_us() > end)
            return false;
        term_pump(term, 50);
    }
    return true;
}

static bool await_gone(struct term *term, const char *text)
{
    int64_t end = clock_mono_us() + LONG_US;

    while (term_find(term, text) >= 0) {
        if (term->gone || clock_mono_us() > end)
            return false;
        term_pump(term, 50);
    }
    return true;
}

/* The prompt's last row says "7+ of 9 match" until all is judged. */
static bool is_counted(const struct term *term)
{
    bool counted;
    struct buf row;

    buf_init(&row, 4 * KIB);
    term_row(term, term->rows - 1, &row);
    counted = (strstr(row.data, " match") || strstr(row.data, "None of")) &&
              !strchr(row.data, '+');
    buf_free(&row);
    return counted;
}

/* The number that rules and prompt show, as it stands. */
static void print_prompt(const struct term *term)
{
    struct buf row;
    char *at;

    buf_init(&row, 4 * KIB);
    term_row(term, term->rows - 1, &row);
    at = strstr(row.data, " match");
    if (at)
        *at = '\0';
    printf("  (%s)\n", row.data + strspn(row.data, " "));
    buf_free(&row);
}

/* One key: to the next frame, which has a screenful, and to the count.
 * Nobody types faster than ten keys a second. */
static void press(struct term *term, const char *key, const char *what)
{
    int64_t start = clock_mono_us();
    unsigned long frames;
    double first;

    while (ms_since(start) < 100)
        term_pump(term, 20);
    frames = term->frames;
    start = clock_mono_us();
    term_type(term, key);
    while (term->frames == frames && !term->gone)
        term_pump(term, 100);
    first = ms_since(start);
    while (!is_counted(term) && !term->gone &&
           clock_mono_us() - start < LONG_US)
        term_pump(term, 100);
    printf("filter     %-16s first screen %6.1f ms  all counted %7.1f ms",
           what, first, ms_since(start));
    print_prompt(term);
}

static void live_filter(struct term *term)
{
    static const char typed[] = "rare";
    char text[16] = "", key[2] = "";

    term_type(term, "f");
    await_text(term, "filter:");
    for (size_t i = 0; typed[i]; i++) {
        key[0] = typed[i];
        snprintf(text, sizeof text, "%.*s", (int)i + 1, typed);
        press(term, key, text);
    }
    for (size_t i = strlen(typed); i-- > 0;) {
        snprintf(text, sizeof text, "%.*s", (int)i, typed);
        press(term, "\177", i ? text : "(nothing)");
    }
    press(term, "\033[200~category=flags\033[201~", "category=flags");
    term_type(term, "\033\033");
}

static void idle(const char *name, struct term *term)
{
    struct proc_cost before, after;
    int64_t end;

    for (int i = 0; i < 20; i++)
        term_pump(term, 100);
    before = proc_cost(term->pid);
    end = clock_mono_us() + IDLE_S * INT64_C(1000000);
    while (clock_mono_us() < end)
        term_pump(term, 200);
    after = proc_cost(term->pid);
    printf("%-10s idle %d s: %.2f %% of a core, %.1f wake-ups a second\n",
           name, IDLE_S, proc_share(&before, &after) * 100,
           (double)(after.wakeups - before.wakeups) / IDLE_S);
}

static void print_memory(const char *name, struct term *term)
{
    printf("%-10s memory %.0f MB, at most %.0f MB\n", name,
           (double)proc_kib(term->pid, "VmRSS:") / 1024,
           (double)proc_kib(term->pid, "VmHWM:") / 1024);
}

static struct term *start_telltale(struct bench *bench, const char *program)
{
    char config[160];
    const char *argv[] = {program, "watch", "--listen", "127.0.0.1:0", NULL};
    const char *extra[] = {bench->state, config, NULL};

    snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s", bench->home);
    return term_start(bench->rows, bench->cols, argv, extra);
}

static void bench_telltale(struct bench *bench, const char *program)
{
    int64_t start = clock_mono_us();
    struct term *term = start_telltale(bench, program);
    struct proc_cost none = {0}, cost;
    char newest[32];

    snprintf(newest, sizeof newest, "%zu", bench->events - 1);
    while (!term->frames && !term->gone)
        term_pump(term, 1000);
    printf("telltale   first frame after %.1f ms", ms_since(start));
    await_text(term, newest);
    printf(", the newest event after %.1f ms", ms_since(start));
    fflush(stdout);
    /* The ring is full when reading no longer takes time. */
    do {
        none = proc_cost(term->pid);
        for (int i = 0; i < 5; i++)
            term_pump(term, 100);
        cost = proc_cost(term->pid);
    } while (!term->gone && cost.ticks > none.ticks + 1);
    printf(", the ring after %.1f s\n", ms_since(start) / 1000);
    print_memory("telltale", term);
    live_filter(term);
    print_memory("telltale", term);
    idle("telltale", term);
    term_free(term);
}

/* ---- lnav ---- */

static void bench_lnav(struct bench *bench)
{
    const char *argv[] = {"/usr/bin/lnav", "-q", bench->log_path, NULL};
    char newest[32];
    struct term *term;
    int64_t start;

    if (access(argv[0], X_OK) < 0) {
        printf("lnav       is not installed\n");
        return;
    }
    snprintf(newest, sizeof newest, "%zu", bench->events - 1);
    start = clock_mono_us();
    term = term_start(bench->rows, bench->cols, argv, NULL);
    if (!await_text(term, newest))
        printf("lnav       did not show the newest line\n");
    printf("lnav       the newest line after %.1f ms\n", ms_since(start));
    print_memory("lnav", term);
    start = clock_mono_us();
    term_type(term, ":filter-in rare\r");
    if (await_gone(term, newest))
        printf("lnav       :filter-in rare first shown after %.1f ms\n",
               ms_since(start));
    idle("lnav", term);
    term_free(term);
}

static int remove_one(const char *path, const struct stat *info, int type,
                      struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

static void make_home(struct bench *bench)
{
    char dir[96];

    snprintf(bench->home, sizeof bench->home, "/tmp/telltale-bench-XXXXXX");
    if (!mkdtemp(bench->home)) {
        perror(bench->home);
        exit(1);
    }
    snprintf(dir, sizeof dir, "%s/telltale", bench->home);
    mkdir(dir, 0700);
    snprintf(bench->journal_path, sizeof bench->journal_path, "%s/journal.db",
             dir);
    snprintf(bench->log_path, sizeof bench->log_path, "%s/lines.log",
             bench->home);
    snprintf(bench->state, sizeof bench->state, "XDG_STATE_HOME=%s",
             bench->home);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    char program[512];

    bench.events = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    bench.events -= bench.events % BATCH;
    bench.cols = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 200;
    bench.rows = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 60;
    pthread_mutex_init(&bench.mutex, NULL);
    pthread_cond_init(&bench.woken, NULL);
    make_home(&bench);
    snprintf(program, sizeof program, "%.*s../../telltale",
             slash ? (int)(slash - argv[0]) + 1 : 0, argv[0]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    fill(&bench);
    bench_telltale(&bench, program);
    bench_lnav(&bench);
    nftw(bench.home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
