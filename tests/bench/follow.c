/* A 200×60 board that follows 100, 1,000 and 10,000 events a second: how
 * long from a POST to its cell, how long answers take meanwhile, and the
 * share of a core; the same of `serve`, which draws nothing, and of lnav and
 * multitail, where they are installed, on a file that grows at that rate.
 *
 *     follow [SECONDS [ROUNDS [COLS ROWS]]]
 *
 * Each in turn, so many rounds; medians. Prints; asserts nothing. */
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
#include "figure.h"
#include "poster.h"
#include "proc.h"
#include "term.h"
#include "base/banned.h"

#define SETTLE_MS 1500

static const int rates[] = {100, 1000, 10000};
#define RATES (sizeof rates / sizeof *rates)

#define ROUNDS_MAX 9
#define SPAN_MAX 65536

enum what {
    TO_CELL_P50,
    TO_CELL_P99,
    SHARE,
    ANSWER_P50,
    ANSWER_P99,
    ANSWER_P999,
    SENT_AT,
    SENDER,
    WHATS
};
static const struct {
    const char *name, *unit;
} whats[] = {
    [TO_CELL_P50] = {"cell.p50", "ms"},
    [TO_CELL_P99] = {"cell.p99", "ms"},
    [SHARE] = {"share", "cores"},
    [ANSWER_P50] = {"answer.p50", "ms"},
    [ANSWER_P99] = {"answer.p99", "ms"},
    [ANSWER_P999] = {"answer.p99.9", "ms"},
    [SENT_AT] = {"pace", "/s"},
    [SENDER] = {"sender", "cores"},
};

enum who { WATCH, SERVE, LNAV, MULTITAIL, WHOS };
static const char *const names[] = {"watch", "serve", "lnav", "multitail"};

struct bench {
    char home[64], state[96], config[96];
    char program[512];
    int seconds, rounds, round, rows, cols;
    size_t first; /* number of the next event */
    bool absent[WHOS];
    double values[WHOS][RATES][WHATS][ROUNDS_MAX];
};

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
    int64_t us[SPAN_MAX];
    size_t count;
};

static void note_lag(struct lags *lags, const struct term *term,
                     const struct poster *poster, size_t first, size_t *shown)
{
    size_t newest = newest_shown(term);

    if (newest <= *shown || newest <= first || newest > first + poster->sent)
        return;
    *shown = newest;
    if (lags->count < SPAN_MAX)
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
}

static void keep(struct bench *bench, enum who who, size_t rate,
                 enum what what, double value)
{
    bench->values[who][rate][what][bench->round] = value;
}

static void keep_times(struct bench *bench, enum who who, size_t rate,
                       enum what what, int64_t *us, size_t count, double share)
{
    keep(bench, who, rate, what, (double)figure_time(us, count, share) / 1000);
}

static void keep_lags(struct bench *bench, enum who who, size_t rate,
                      struct lags *lags)
{
    keep_times(bench, who, rate, TO_CELL_P50, lags->us, lags->count, .5);
    keep_times(bench, who, rate, TO_CELL_P99, lags->us, lags->count, .99);
}

static void keep_answers(struct bench *bench, enum who who, size_t rate,
                         struct poster *poster)
{
    int64_t *us = poster->answer_us;
    size_t kept = poster->answered - poster->refused;

    keep_times(bench, who, rate, ANSWER_P50, us, poster->count, .5);
    keep_times(bench, who, rate, ANSWER_P99, us, poster->count, .99);
    keep_times(bench, who, rate, ANSWER_P999, us, poster->count, .999);
    keep(bench, who, rate, SENT_AT, poster_pace(poster));
    keep(bench, who, rate, SENDER, poster_share(poster));
    if (kept != poster->count)
        printf("%-10s %5d/s  %zu of %zu answered 200\n", names[who],
               rates[rate], kept, poster->count);
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

static void follow(struct bench *bench, struct term *term, enum who who,
                   int port, struct lags *lags)
{
    char token[128];

    read_token(bench, token, sizeof token);
    for (size_t i = 0; i < RATES; i++) {
        struct proc_cost before = proc_cost(term->pid), after;
        struct poster *poster =
            poster_start(port, token, bench->first, rates[i], bench->seconds);

        if (who == WATCH)
            watch_it(bench, term, poster, true, lags);
        else
            poster_wait(poster);
        after = proc_cost(term->pid);
        keep(bench, who, i, SHARE, proc_share(&before, &after));
        keep_lags(bench, who, i, lags);
        poster_wait(poster);
        keep_answers(bench, who, i, poster);
        bench->first += poster->count;
        poster_free(poster);
        settle(term);
    }
}

static void bench_telltale(struct bench *bench, enum who who,
                           struct lags *lags)
{
    const char *argv[] = {bench->program, names[who], "--listen",
                          "127.0.0.1:0", NULL};
    const char *extra[] = {bench->state, bench->config, NULL};
    struct term *term = term_start(bench->rows, bench->cols, argv, extra);
    int port = read_port(term);

    follow(bench, term, who, port, lags);
    kill(term->pid, SIGTERM);
    term_ended(term, &(int){0});
    term_free(term);
}

/* ---- those who follow a file ---- */

static void bench_file(struct bench *bench, enum who who,
                       const char *const *argv, const char *path,
                       struct lags *lags)
{
    struct poster *poster;
    struct term *term;

    bench->absent[who] = access(argv[0], X_OK) < 0;
    if (bench->absent[who])
        return;
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
        keep(bench, who, i, SHARE, proc_share(&before, &after));
        keep_lags(bench, who, i, lags);
        bench->first += poster->count;
        poster_free(poster);
        settle(term);
    }
    term_free(term);
    unlink(path);
}

static void bench_files(struct bench *bench, struct lags *lags)
{
    char path[96];
    const char *lnav[] = {"/usr/bin/lnav", "-q", path, NULL};
    const char *multitail[] = {"/usr/bin/multitail", path, NULL};

    snprintf(path, sizeof path, "%s/lnav.log", bench->home);
    bench_file(bench, LNAV, lnav, path, lags);
    snprintf(path, sizeof path, "%s/multitail.log", bench->home);
    bench_file(bench, MULTITAIL, multitail, path, lags);
}

/* ---- medians ---- */

static double median(struct bench *bench, enum who who, size_t rate,
                     enum what what)
{
    double values[ROUNDS_MAX];

    memcpy(values, bench->values[who][rate][what], sizeof values);
    return figure_median(values, (size_t)bench->rounds);
}

static void print_one(struct bench *bench, enum who who, size_t rate)
{
    double at[WHATS];

    for (enum what what = 0; what < WHATS; what++) {
        at[what] = median(bench, who, rate, what);
        if (who != SERVE || what >= SHARE)
            if (who <= SERVE || what <= SHARE)
                figure(at[what], whats[what].unit, "follow.%s.%s.%d",
                       names[who], whats[what].name, rates[rate]);
    }
    printf("%-10s %5d/s  %5.1f %% of a core", names[who], rates[rate],
           at[SHARE] * 100);
    if (who != SERVE)
        printf("  to the cell p50 %6.1f  p99 %6.1f ms", at[TO_CELL_P50],
               at[TO_CELL_P99]);
    if (who <= SERVE)
        printf("  answers p50 %.2f  p99 %.2f  p99.9 %.2f ms; sent at %.0f/s "
               "by %.0f %% of a core",
               at[ANSWER_P50], at[ANSWER_P99], at[ANSWER_P999], at[SENT_AT],
               at[SENDER] * 100);
    printf("\n");
}

/* What the board costs beyond receiving, round by round. */
static void print_drawing(struct bench *bench, size_t rate)
{
    double beyond[ROUNDS_MAX];

    for (int i = 0; i < bench->rounds; i++)
        beyond[i] = bench->values[WATCH][rate][SHARE][i] -
                    bench->values[SERVE][rate][SHARE][i];
    figure(figure_median(beyond, (size_t)bench->rounds), "cores",
           "follow.drawing.share.%d", rates[rate]);
    printf("drawing    %5d/s  %5.1f %% of a core\n", rates[rate],
           figure_median(beyond, (size_t)bench->rounds) * 100);
}

static void print_all(struct bench *bench)
{
    for (enum who who = 0; who < WHOS; who++) {
        if (bench->absent[who])
            printf("%-10s is not installed\n", names[who]);
        for (size_t i = 0; i < RATES && !bench->absent[who]; i++)
            print_one(bench, who, i);
    }
    for (size_t i = 0; i < RATES; i++)
        print_drawing(bench, i);
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
    static struct lags lags;
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;

    bench.seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5;
    bench.rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;
    if (bench.rounds < 1 || bench.rounds > ROUNDS_MAX)
        bench.rounds = 3;
    bench.cols = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 200;
    bench.rows = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 60;
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
    for (; bench.round < bench.rounds; bench.round++) {
        bench_telltale(&bench, WATCH, &lags);
        bench_telltale(&bench, SERVE, &lags);
        bench_files(&bench, &lags);
    }
    print_all(&bench);
    nftw(bench.home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
