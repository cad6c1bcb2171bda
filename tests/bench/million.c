/* What a large journal costs the screen: the first frame, the newest row,
 * the whole ring and its memory, then the keys of a live filter over it, and
 * what it costs to leave that open. Beside it lnav and goaccess, where they
 * are installed and unless it is to be alone, on files of the same events.
 *
 *     million [EVENTS [COLS ROWS [alone]]]
 *
 * Prints; asserts nothing. */
#include <arpa/inet.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "figure.h"
#include "fill.h"
#include "proc.h"
#include "term.h"
#include "base/banned.h"

#define IDLE_S 20
#define LONG_US 60000000
#define KEYS_MAX 16
#define VIEWER "bench-of-a-million"

struct bench {
    char home[64], state[128], journal_path[128], log_path[128];
    char requests_path[128];
    size_t events;
    int rows, cols, port;
    double first[KEYS_MAX], all[KEYS_MAX]; /* ms, key by key */
    size_t keys;
    bool beside; /* lnav and goaccess, too */
};

static void fill(struct bench *bench)
{
    int64_t start = clock_mono_us();

    fill_journal(bench->journal_path, bench->events,
                 bench->beside ? bench->log_path : NULL,
                 bench->beside ? bench->requests_path : NULL);
    printf("journal    %zu events written in %.1f s\n", bench->events,
           (double)(clock_mono_us() - start) / 1e6);
}

/* A figure of this size of journal. */
#define note(bench, value, unit, name)                                        \
    figure(value, unit, "million.%s.%zu", name, (bench)->events)

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
static void press(struct bench *bench, struct term *term, const char *key,
                  const char *what)
{
    int64_t start = clock_mono_us();
    unsigned long frames;
    double first, all;

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
    all = ms_since(start);
    printf("filter     %-16s first screen %6.1f ms  all counted %7.1f ms",
           what, first, all);
    print_prompt(term);
    bench->first[bench->keys] = first;
    bench->all[bench->keys++] = all;
}

static void live_filter(struct bench *bench, struct term *term)
{
    static const char typed[] = "rare";
    char text[16] = "", key[2] = "";

    term_type(term, "f");
    await_text(term, "filter:");
    for (size_t i = 0; typed[i]; i++) {
        key[0] = typed[i];
        snprintf(text, sizeof text, "%.*s", (int)i + 1, typed);
        press(bench, term, key, text);
    }
    for (size_t i = strlen(typed); i-- > 0;) {
        snprintf(text, sizeof text, "%.*s", (int)i, typed);
        press(bench, term, "\177", i ? text : "(nothing)");
    }
    press(bench, term, "\033[200~category=flags\033[201~", "category=flags");
    term_type(term, "\033\033");
    note(bench, figure_median(bench->first, bench->keys), "ms",
         "filter.first.p50");
    note(bench, figure_part(bench->first, bench->keys, 1), "ms",
         "filter.first.max");
    note(bench, figure_median(bench->all, bench->keys), "ms",
         "filter.all.p50");
    note(bench, figure_part(bench->all, bench->keys, 1), "ms",
         "filter.all.max");
}

static void idle(struct bench *bench, const char *name, struct term *term)
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
    figure(proc_share(&before, &after), "cores", "million.%s.idle.%zu", name,
           bench->events);
}

static void print_memory(struct bench *bench, const char *name,
                         struct term *term)
{
    figure((double)proc_kib(term->pid, "VmRSS:") / 1024, "MB",
           "million.%s.memory.%zu", name, bench->events);
    printf("%-10s memory %.0f MB, at most %.0f MB\n", name,
           (double)proc_kib(term->pid, "VmRSS:") / 1024,
           (double)proc_kib(term->pid, "VmHWM:") / 1024);
}

/* One that nobody has, so that it need not be read from the screen. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        perror("bench: a port");
        exit(1);
    }
    close(fd);
    return ntohs(address.sin_port);
}

static struct term *start_telltale(struct bench *bench, const char *program)
{
    char config[160], address[32];
    const char *argv[] = {program, "watch", "--listen", address, NULL};
    const char *extra[] = {bench->state, config,
                           "TELLTALE_VIEWER_TOKEN=" VIEWER, NULL};

    bench->port = free_port();
    snprintf(address, sizeof address, "127.0.0.1:%d", bench->port);
    snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s", bench->home);
    return term_start(bench->rows, bench->cols, argv, extra);
}

/* What /metrics says; the screen is kept going meanwhile. */
static void get_metrics(const struct bench *bench, struct term *term,
                        struct buf *out)
{
    static const char request[] =
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Authorization: Bearer " VIEWER "\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET};
    int64_t end = clock_mono_us() + 5000000;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char bytes[4096];
    ssize_t got = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)bench->port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        write(fd, request, sizeof request - 1) < 0)
        got = 0;
    while (got && clock_mono_us() < end) {
        got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0)
            buf_add(out, bytes, (size_t)got);
        else
            term_pump(term, 10);
    }
    close(fd);
}

/* Whose the memory is, as far as it is counted; the rest is the program, its
 * libraries, what the screen holds, and what malloc() keeps. */
static void print_owners(struct bench *bench, struct term *term)
{
    static const char *const owners[] = {"ring", "journal"};
    struct buf text;

    buf_init(&text, MIB);
    get_metrics(bench, term, &text);
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        char name[64];
        const char *at;
        double mb;

        snprintf(name, sizeof name, "\ntelltale_memory_%s_bytes ", owners[i]);
        at = text.len ? strstr(text.data, name) : NULL;
        mb = at ? strtod(at + strlen(name), NULL) / MIB : 0;
        printf("telltale   of that %s %.1f MB\n", owners[i], mb);
        figure(mb, "MB", "million.telltale.memory.%s.%zu", owners[i],
               bench->events);
    }
    buf_free(&text);
}

static void bench_telltale(struct bench *bench, const char *program)
{
    int64_t start = clock_mono_us();
    struct term *term = start_telltale(bench, program);
    struct proc_cost none = {0}, cost;
    char newest[32];
    double first;

    snprintf(newest, sizeof newest, "%zu", bench->events - 1);
    while (!term->frames && !term->gone)
        term_pump(term, 1000);
    first = ms_since(start);
    printf("telltale   first frame after %.1f ms", first);
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
    note(bench, first, "ms", "frame");
    live_filter(bench, term);
    print_memory(bench, "telltale", term);
    print_owners(bench, term);
    idle(bench, "telltale", term);
    term_free(term);
}

/* ---- lnav ---- */

static void bench_lnav(struct bench *bench)
{
    const char *argv[] = {"/usr/bin/lnav", "-q", bench->log_path, NULL};
    char newest[32];
    struct term *term;
    int64_t start;
    double took;

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
    print_memory(bench, "lnav", term);
    start = clock_mono_us();
    term_type(term, ":filter-in rare\r");
    if (await_gone(term, newest)) {
        took = ms_since(start);
        printf("lnav       :filter-in rare first shown after %.1f ms\n", took);
        note(bench, took, "ms", "lnav.filter");
    }
    idle(bench, "lnav", term);
    term_free(term);
}

/* ---- goaccess ---- */

/* Until reading takes no more processor time. */
static void await_rest(struct term *term)
{
    int64_t end = clock_mono_us() + LONG_US;
    struct proc_cost before, after;

    do {
        before = proc_cost(term->pid);
        for (int i = 0; i < 10; i++)
            term_pump(term, 100);
        after = proc_cost(term->pid);
    } while (!term->gone && clock_mono_us() < end &&
             proc_share(&before, &after) > .2);
}

static void bench_goaccess(struct bench *bench)
{
    const char *argv[] = {"/usr/bin/goaccess", bench->requests_path,
                          "--log-format=COMBINED", "--no-global-config", NULL};
    struct term *term;

    if (access(argv[0], X_OK) < 0) {
        printf("goaccess   is not installed\n");
        return;
    }
    term = term_start(bench->rows, bench->cols, argv, NULL);
    await_rest(term);
    print_memory(bench, "goaccess", term);
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
    const char *tmp = getenv("TMPDIR");
    char dir[96];

    snprintf(bench->home, sizeof bench->home, "%s/telltale-bench-XXXXXX",
             tmp ? tmp : "/tmp");
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
    snprintf(bench->requests_path, sizeof bench->requests_path,
             "%s/requests.log", bench->home);
    snprintf(bench->state, sizeof bench->state, "XDG_STATE_HOME=%s",
             bench->home);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    char program[512];

    bench.events = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    bench.events -= bench.events % FILL_PIECE;
    bench.beside = argc <= 4 || strcmp(argv[4], "alone") != 0;
    bench.cols = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 200;
    bench.rows = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 60;
    make_home(&bench);
    snprintf(program, sizeof program, "%.*s../../telltale",
             slash ? (int)(slash - argv[0]) + 1 : 0, argv[0]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    fill(&bench);
    bench_telltale(&bench, program);
    if (bench.beside) {
        bench_lnav(&bench);
        bench_goaccess(&bench);
    }
    if (!bench.beside)
        fill_keep(bench.journal_path, bench.events);
    nftw(bench.home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
