/* A 200×60 board that follows 100, 1,000 and 10,000 events a second: how
 * long from a POST to its cell, how long answers take meanwhile, and the
 * share of a core; the same of `serve`, which draws nothing, and of lnav and
 * multitail, where they are installed, on a file that grows at that rate.
 *
 *     follow [SECONDS [COLS ROWS]]
 *
 * Prints; asserts nothing. */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "poster.h"
#include "proc.h"
#include "term.h"
#include "base/banned.h"

#define SETTLE_MS 1500

static const int rates[] = {100, 1000, 10000};
#define RATES (sizeof rates / sizeof *rates)

struct bench {
    char home[64], state[96], config[96];
    char program[512];
    int seconds, rows, cols;
    size_t first; /* number of the next event */
};

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* In ms; the list is sorted. */
static double part(const int64_t *list, size_t count, double share)
{
    size_t i = (size_t)(share * (double)(count - 1));

    return count ? (double)list[i] / 1000 : 0;
}

/* The largest number behind "#n" anywhere on the screen, plus 1. */
static size_t newest_shown(const struct term *term)
{
    size_t newest = 0;
    struct buf row;

    buf_init(&row, 64 * KIB);
    for (int i = 0; i < term->rows; i++) {
        buf_clear(&row);
        term_row(term, i, &row);
        for (const char *at = row.data; (at = strstr(at, "#n")); at += 2) {
            size_t number = strtoul(at + 2, NULL, 10) + 1;

            if (number > newest)
                newest = number;
        }
    }
    buf_free(&row);
    return newest;
}

struct lags {
    int64_t us[65536];
    size_t count;
};

static void note_lag(struct lags *lags, const struct term *term,
                     const struct poster *poster, size_t first, size_t *shown)
{
    size_t newest = newest_shown(term);

    if (newest <= *shown || newest <= first || newest > first + poster->sent)
        return;
    *shown = newest;
    if (lags->count < sizeof lags->us / sizeof *lags->us)
        lags->us[lags->count++] =
            clock_mono_us() - poster->at[newest - 1 - first];
}

/* Until all is sent and answered (http) and the last one shown. */
static void watch_it(struct bench *bench, struct term *term,
                     struct poster *poster, bool http, struct lags *lags)
{
    size_t shown = bench->first;
    unsigned long bytes = term->bytes;
    int64_t end =
        clock_mono_us() + (int64_t)(bench->seconds + 10) * INT64_C(1000000);

    lags->count = 0;
    while (clock_mono_us() < end && !term->gone) {
        if (term->bytes != bytes) {
            bytes = term->bytes;
            note_lag(lags, term, poster, bench->first, &shown);
        }
        if (shown == bench->first + poster->count &&
            (!http || poster->answered == poster->count))
            break;
        term_pump(term, 20);
    }
    qsort(lags->us, lags->count, sizeof *lags->us, by_size);
}

static void print_lags(const char *name, int rate, const struct lags *lags,
                       double share)
{
    printf("%-10s %5d/s  to the cell p50 %6.1f  p99 %6.1f ms (%5zu screens)"
           "  %5.1f %% of a core\n",
           name, rate, part(lags->us, lags->count, .5),
           part(lags->us, lags->count, .99), lags->count, share * 100);
}

/* Events a second, as they were really sent. */
static double reached(const struct poster *poster)
{
    size_t last = poster->sent ? poster->sent - 1 : 0;
    int64_t took = poster->at[last] - poster->at[0];

    return took ? (double)last * 1e6 / (double)took : 0;
}

static void print_answers(const char *name, int rate, struct poster *poster)
{
    qsort(poster->answer_us, poster->count, sizeof *poster->answer_us,
          by_size);
    printf("%-10s %5d/s  answers p50 %.2f  p99 %.2f  p99.9 %.2f  max %.1f ms"
           "; sent at %.0f/s, %zu of %zu answered 200\n",
           name, rate, part(poster->answer_us, poster->count, .5),
           part(poster->answer_us, poster->count, .99),
           part(poster->answer_us, poster->count, .999),
           part(poster->answer_us, poster->count, 1), reached(poster),
           poster->answered - poster->refused, poster->sent);
}

static void settle(struct term *term)
{
    int64_t end = clock_mono_us() + SETTLE_MS * INT64_C(1000);

    while (clock_mono_us() < end)
        term_pump(term, 100);
}

/* ---- telltale ---- */

static void read_token(const struct bench *bench, char *token, size_t size)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/telltale/token", bench->home);
    file = fopen(path, "r");
    if (!file || !fgets(token, (int)size, file)) {
        perror(path);
        exit(1);
    }
    fclose(file);
    token[strcspn(token, "\n")] = '\0';
}

/* The port is on the screen, or among the lines that `serve` prints. */
static int read_port(struct term *term)
{
    const char *at;
    struct buf text;
    int port;

    if (!term_wrote(term, "127.0.0.1:"))
        exit(1);
    for (int i = 0; i < 10; i++)
        term_pump(term, 50);
    buf_init(&text, MIB);
    term_text(term, &text);
    at = strstr(text.data, "127.0.0.1:");
    port = at ? (int)strtol(at + 10, NULL, 10) : 0;
    buf_free(&text);
    return port;
}

static void follow(struct bench *bench, struct term *term, const char *name,
                   int port, bool draws)
{
    struct lags *lags = xcalloc(1, sizeof *lags);
    char token[128];

    read_token(bench, token, sizeof token);
    for (size_t i = 0; i < RATES; i++) {
        struct proc_cost before = proc_cost(term->pid), after;
        struct poster *poster =
            poster_start(port, token, bench->first, rates[i], bench->seconds);

        if (draws)
            watch_it(bench, term, poster, true, lags);
        else
            poster_wait(poster);
        after = proc_cost(term->pid);
        if (draws)
            print_lags(name, rates[i], lags, proc_share(&before, &after));
        else
            printf("%-10s %5d/s  %5.1f %% of a core\n", name, rates[i],
                   proc_share(&before, &after) * 100);
        poster_wait(poster);
        print_answers(name, rates[i], poster);
        bench->first += poster->count;
        poster_free(poster);
        settle(term);
    }
    free(lags);
}

static void bench_telltale(struct bench *bench, const char *command)
{
    const char *argv[] = {bench->program, command, "--listen", "127.0.0.1:0",
                          NULL};
    const char *extra[] = {bench->state, bench->config, NULL};
    struct term *term = term_start(bench->rows, bench->cols, argv, extra);
    int port = read_port(term);

    follow(bench, term, command, port, !strcmp(command, "watch"));
    kill(term->pid, SIGTERM);
    term_ended(term, &(int){0});
    term_free(term);
}

/* ---- those who follow a file ---- */

static void bench_file(struct bench *bench, const char *name,
                       const char *const *argv, const char *path)
{
    struct lags *lags = xcalloc(1, sizeof *lags);
    struct poster *poster;
    struct term *term;

    if (access(argv[0], X_OK) < 0) {
        printf("%-10s is not installed\n", name);
        free(lags);
        return;
    }
    poster = poster_start_file(path, bench->first, 100, 1);
    poster_wait(poster);
    bench->first += poster->count;
    poster_free(poster);
    term = term_start(bench->rows, bench->cols, argv, NULL);
    settle(term);
    for (size_t i = 0; i < RATES; i++) {
        struct proc_cost before = proc_cost(term->pid), after;

        poster =
            poster_start_file(path, bench->first, rates[i], bench->seconds);
        watch_it(bench, term, poster, false, lags);
        after = proc_cost(term->pid);
        print_lags(name, rates[i], lags, proc_share(&before, &after));
        bench->first += poster->count;
        poster_free(poster);
        settle(term);
    }
    term_free(term);
    free(lags);
}

static void bench_files(struct bench *bench)
{
    char path[96];
    const char *lnav[] = {"/usr/bin/lnav", "-q", path, NULL};
    const char *multitail[] = {"/usr/bin/multitail", path, NULL};

    snprintf(path, sizeof path, "%s/lnav.log", bench->home);
    bench_file(bench, "lnav", lnav, path);
    snprintf(path, sizeof path, "%s/multitail.log", bench->home);
    bench_file(bench, "multitail", multitail, path);
}

static int remove_one(const char *path, const struct stat *info, int type,
                      struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;

    bench.seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5;
    bench.cols = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 200;
    bench.rows = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 60;
    snprintf(bench.home, sizeof bench.home, "/tmp/telltale-bench-XXXXXX");
    if (!mkdtemp(bench.home)) {
        perror(bench.home);
        return 1;
    }
    snprintf(bench.state, sizeof bench.state, "XDG_STATE_HOME=%s", bench.home);
    snprintf(bench.config, sizeof bench.config, "XDG_CONFIG_HOME=%s",
             bench.home);
    snprintf(bench.program, sizeof bench.program, "%.*s../../telltale",
             slash ? (int)(slash - argv[0]) + 1 : 0, argv[0]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_telltale(&bench, "watch");
    bench_telltale(&bench, "serve");
    bench_files(&bench);
    nftw(bench.home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
