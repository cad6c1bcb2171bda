/* How long from a POST to its cell, what a row costs the terminal, and what
 * an idle screen costs: the real program in a pty, read cell by cell. Beside
 * it, where they are installed, lnav on a file that grows at the same rate,
 * and htop that is left alone.
 * Prints; asserts nothing. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "figure.h"
#include "proc.h"
#include "term.h"
#include "base/banned.h"

#define ROWS 40
#define COLS 120
#define EVENTS_MAX 20000
#define IDLE_S 10

/* Where numbered lines go: a socket to telltale, or a file for lnav. */
struct feed {
    int fd;
    bool http;
    char token[128];
    int port;
    long sent; /* lines, so far */
    int64_t at[EVENTS_MAX];
};

struct figures {
    int64_t waits[EVENTS_MAX];
    size_t count;
};

/* The largest number behind "#n" anywhere on the screen; -1: none. */
static long newest_shown(const struct term *term)
{
    long newest = -1;
    struct buf row;

    buf_init(&row, 64 * KIB);
    for (int i = 0; i < term->rows; i++) {
        buf_clear(&row);
        term_row(term, i, &row);
        for (const char *at = row.data; (at = strstr(at, "#n")); at += 2) {
            long number = strtol(at + 2, NULL, 10);

            if (number > newest)
                newest = number;
        }
    }
    buf_free(&row);
    return newest;
}

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t put = write(fd, bytes, len);

        if (put > 0) {
            bytes += put;
            len -= (size_t)put;
        } else if (put < 0 && errno != EINTR) {
            perror("bench");
            exit(1);
        }
    }
}

static void drain(int fd)
{
    char bytes[4096];

    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
}

/* A person of its own each, so that nothing folds. */
static void feed_one(struct feed *feed)
{
    char body[512], request[1024];
    int len;

    feed->at[feed->sent % EVENTS_MAX] = clock_mono_us();
    if (!feed->http) {
        len =
            snprintf(request, sizeof request,
                     "2026-09-14T10:00:00.%03ld created an insight #n%07ld\n",
                     feed->sent % 1000, feed->sent);
        send_all(feed->fd, request, (size_t)len);
        feed->sent++;
        return;
    }
    len = snprintf(body, sizeof body,
                   "{\"v\":1,\"event\":\"insight created\",\"distinct_id\":"
                   "\"p%ld\",\"org_id\":\"77fb2c0a-9f29-478f-bcd7-"
                   "fb5e6967d9e8\",\"org_name\":\"Alder & Finch Labs\","
                   "\"properties\":{\"insight\":\"#n%ld\"}}",
                   feed->sent, feed->sent);
    len = snprintf(request, sizeof request,
                   "POST /hook/%s HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Type: application/json\r\n"
                   "Content-Length: %d\r\n\r\n%s",
                   feed->token, len, body);
    send_all(feed->fd, request, (size_t)len);
    feed->sent++;
}

/* HTTP wants each answer before the next request on a connection. */
static void await_answer(struct feed *feed, struct term *term)
{
    struct pollfd ask = {.fd = feed->fd, .events = POLLIN};

    while (feed->http && poll(&ask, 1, 0) == 0)
        term_pump(term, 1);
    if (feed->http)
        drain(feed->fd);
}

static void note_shown(struct feed *feed, const struct term *term, long *shown,
                       struct figures *figures)
{
    long newest = newest_shown(term);

    if (newest <= *shown || newest >= feed->sent)
        return;
    *shown = newest;
    if (figures->count < EVENTS_MAX)
        figures->waits[figures->count++] =
            clock_mono_us() - feed->at[newest % EVENTS_MAX];
}

static void run_at(struct feed *feed, struct term *term, int rate, int seconds,
                   struct figures *figures)
{
    int64_t start = clock_mono_us();
    long first = feed->sent;
    long shown = first - 1;
    unsigned long bytes = term->bytes;

    figures->count = 0;
    while (feed->sent - first < (long)rate * seconds) {
        int64_t due = start + (feed->sent - first) * INT64_C(1000000) / rate;
        int64_t left = due - clock_mono_us();

        if (left <= 0) {
            feed_one(feed);
            await_answer(feed, term);
        }
        if (term->bytes != bytes) {
            bytes = term->bytes;
            note_shown(feed, term, &shown, figures);
        }
        term_pump(term, left > 1000 ? (int)(left / 1000) : 0);
    }
}

static void print_waits(const char *name, int rate, struct figures *figures)
{
    double p50 =
        (double)figure_time(figures->waits, figures->count, .5) / 1000;
    double p99 =
        (double)figure_time(figures->waits, figures->count, .99) / 1000;

    printf("%-10s %5d events/s  to the cell: p50 %6.1f ms  p99 %6.1f ms  "
           "(%zu screens)\n",
           name, rate, p50, p99, figures->count);
    figure(p50, "ms", "screen.%s.cell.p50.%d", name, rate);
    figure(p99, "ms", "screen.%s.cell.p99.%d", name, rate);
}

static void bytes_per_row(struct feed *feed, struct term *term,
                          const char *what, int columns)
{
    struct figures *figures = xcalloc(1, sizeof *figures);
    unsigned long before;

    run_at(feed, term, 20, 3, figures); /* fills the screen */
    before = term->bytes;
    run_at(feed, term, 20, 5, figures);
    printf("%-10s %s: %.0f bytes to the terminal per new row\n", "telltale",
           what, (double)(term->bytes - before) / 100);
    figure((double)(term->bytes - before) / 100, "bytes", "screen.bytes.%d",
           columns);
    free(figures);
}

/* ---- what an idle one costs ---- */

static void idle(struct term *term, const char *what)
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
    printf("%-10s idle %d s: %.1f %% of a core, %.1f wake-ups a second\n",
           what, IDLE_S, proc_share(&before, &after) * 100,
           (double)(after.wakeups - before.wakeups) / IDLE_S);
    figure(proc_share(&before, &after), "cores", "screen.%s.idle", what);
    figure((double)(after.wakeups - before.wakeups) / IDLE_S, "/s",
           "screen.%s.wakeups", what);
}

/* ---- the two ---- */

static void connect_to(struct feed *feed)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)feed->port);
    feed->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(feed->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(feed->fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("bench: connect");
        exit(1);
    }
}

static void read_address(struct feed *feed, struct term *term,
                         const char *home)
{
    struct buf text;
    const char *at;
    char path[256];
    FILE *file;

    if (!term_shows(term, "127.0.0.1:"))
        exit(1);
    buf_init(&text, MIB);
    term_text(term, &text);
    at = strstr(text.data, "127.0.0.1:");
    feed->port = at ? (int)strtol(at + 10, NULL, 10) : 0;
    buf_free(&text);
    snprintf(path, sizeof path, "%s/telltale/token", home);
    file = fopen(path, "r");
    if (!file || !fgets(feed->token, sizeof feed->token, file))
        exit(1);
    fclose(file);
    feed->token[strcspn(feed->token, "\n")] = '\0';
}

static void bench_telltale(const char *program, const char *home)
{
    char state[300], config[300];
    const char *argv[] = {program, "watch", "--listen", "127.0.0.1:0", NULL};
    const char *extra[] = {state, config, NULL};
    struct feed *feed = xcalloc(1, sizeof *feed);
    struct figures *figures = xcalloc(1, sizeof *figures);
    struct term *term;

    snprintf(state, sizeof state, "XDG_STATE_HOME=%s", home);
    snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s", home);
    term = term_start(ROWS, COLS, argv, extra);
    feed->http = true;
    read_address(feed, term, home);
    connect_to(feed);
    for (int rate = 100; rate <= 1000; rate *= 10) {
        run_at(feed, term, rate, 5, figures);
        print_waits("telltale", rate, figures);
    }
    bytes_per_row(feed, term, "three columns, 120x40", 3);
    term_type(term, "z");
    bytes_per_row(feed, term, "one column, 120x40", 1);
    idle(term, "telltale");
    close(feed->fd);
    term_free(term);
    free(feed);
    free(figures);
}

/* One that is attached to the other, each on a screen; nothing comes. */
static void bench_attached(const char *program, const char *home)
{
    char state[300], own[300], config[300], url[64];
    const char *hub_argv[] = {program, "watch", "--listen", "127.0.0.1:0",
                              NULL};
    const char *argv[] = {program, "attach", url, NULL};
    const char *hub_extra[] = {state, config, "TELLTALE_VIEWER_TOKEN=bench",
                               NULL};
    const char *extra[] = {own, config, "TELLTALE_VIEWER_TOKEN=bench", NULL};
    struct feed *feed = xcalloc(1, sizeof *feed);
    struct term *hub, *term;

    snprintf(state, sizeof state, "XDG_STATE_HOME=%s", home);
    snprintf(own, sizeof own, "XDG_STATE_HOME=%s/attached", home);
    snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s", home);
    hub = term_start(ROWS, COLS, hub_argv, hub_extra);
    feed->http = true;
    read_address(feed, hub, home);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", feed->port);
    term = term_start(ROWS, COLS, argv, extra);
    connect_to(feed);
    feed_one(feed);
    if (!term_shows(term, "#n"))
        exit(1);
    idle(term, "attached");
    close(feed->fd);
    term_free(term);
    term_free(hub);
    free(feed);
}

static void bench_lnav(const char *home)
{
    char path[300];
    const char *argv[] = {"/usr/bin/lnav", "-q", path, NULL};
    struct feed *feed = xcalloc(1, sizeof *feed);
    struct figures *figures = xcalloc(1, sizeof *figures);
    struct term *term;

    if (access(argv[0], X_OK) < 0) {
        printf("lnav       is not installed\n");
        free(feed);
        free(figures);
        return;
    }
    snprintf(path, sizeof path, "%s/grows.log", home);
    feed->fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    feed_one(feed);
    term = term_start(ROWS, COLS, argv, NULL);
    for (int i = 0; i < 20 && newest_shown(term) < 0; i++)
        term_pump(term, 200);
    for (int rate = 100; rate <= 1000; rate *= 10) {
        run_at(feed, term, rate, 5, figures);
        print_waits("lnav", rate, figures);
    }
    close(feed->fd);
    term_free(term);
    free(feed);
    free(figures);
}

/* What watches processes and wakes for it, by its own clock. */
static void bench_htop(void)
{
    const char *argv[] = {"/usr/bin/htop", NULL};
    struct term *term;

    if (access(argv[0], X_OK) < 0) {
        printf("htop       is not installed\n");
        return;
    }
    term = term_start(ROWS, COLS, argv, NULL);
    idle(term, "htop");
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

int main(int argc, char **argv)
{
    char home[] = "/tmp/telltale-bench-XXXXXX";
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    char program[512];

    if (!mkdtemp(home))
        return 1;
    snprintf(program, sizeof program, "%.*s../../telltale",
             slash ? (int)(slash - argv[0]) + 1 : 0, argv[0]);
    bench_telltale(program, home);
    bench_attached(program, home);
    bench_lnav(home);
    bench_htop();
    nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
