/* Good requests among a crowd that only takes up room: silent connections,
 * half heads, announced bodies, answers that nobody reads, idle ones. Those
 * that are put out come again at once. Each good one is a connection of its
 * own, sent at its time whether the one before was answered or not.
 *
 *     crowd [CONNECTIONS [SECONDS [PACE]]]
 *
 * Without numbers: 1,000 and then 5,000, 10 s, 200 good ones a second. */
#ifdef __linux__
#define _DEFAULT_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/mem.h"

#define TOKEN "of-the-crowd"
#define PATIENCE_US INT64_C(15000000)
#define WARM_US INT64_C(1000000)
#define KINDS 5
#define AT_ONCE 64

enum kind { SILENT, HALF_A_HEAD, ANNOUNCING, UNREAD, IDLE, GOOD };

struct conn {
    int fd; /* -1: none */
    enum kind kind;
    int64_t at; /* when it was begun */
    bool sent;
};

struct crowd {
    int poll;
    struct sockaddr_in to;
    struct conn *bad;
    size_t count;
    struct conn *good;
    size_t planned, begun, ended, answered, refused, put_out;
    int64_t *took; /* us, of the answered; negative: in the first second */
    int64_t began;
};

static const char *const words[] = {
    [SILENT] = "",
    [HALF_A_HEAD] = "POST /hook HTTP/1.1\r\nX: y",
    [ANNOUNCING] = "POST /hook HTTP/1.1\r\nHost: a\r\nwebhook-id: 1\r\n"
                   "webhook-signature: v1,AAAA\r\nContent-Length: 2097152"
                   "\r\n\r\n{",
    [UNREAD] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
               "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
               "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
               "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    [IDLE] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    [GOOD] = "POST /hook/" TOKEN " HTTP/1.1\r\nHost: a\r\nConnection: close"
             "\r\nContent-Type: application/json\r\nContent-Length: 48\r\n\r\n"
             "{\"event\":\"insight created\",\"distinct_id\":\"maya\"}\n",
};

/* The connection begins; what it says is sent when it can be. */
static bool conn_open(struct crowd *crowd, struct conn *conn, enum kind kind)
{
    struct epoll_event wanted = {.events = EPOLLOUT, .data.ptr = conn};

    conn->kind = kind;
    conn->sent = false;
    conn->at = clock_mono_us();
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (conn->fd < 0)
        return false;
    if (connect(conn->fd, (const void *)&crowd->to, sizeof crowd->to) &&
        errno != EINPROGRESS) {
        close(conn->fd);
        conn->fd = -1;
        return false;
    }
    return !epoll_ctl(crowd->poll, EPOLL_CTL_ADD, conn->fd, &wanted);
}

static void conn_say(struct crowd *crowd, struct conn *conn)
{
    struct epoll_event wanted = {.data.ptr = conn};
    const char *text = words[conn->kind];
    ssize_t sent =
        *text ? send(conn->fd, text, strlen(text), MSG_NOSIGNAL) : 0;

    (void)sent; /* a failure comes back as a hang-up */
    conn->sent = true;
    /* A hang-up of those that read nothing is seen too. */
    wanted.events = conn->kind == UNREAD ? (uint32_t)EPOLLRDHUP
                                         : (uint32_t)(EPOLLIN | EPOLLRDHUP);
    epoll_ctl(crowd->poll, EPOLL_CTL_MOD, conn->fd, &wanted);
}

static void conn_close(struct conn *conn)
{
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
}

static void end_good(struct crowd *crowd, struct conn *conn, bool answered)
{
    int64_t now = clock_mono_us();

    if (answered) {
        int64_t took = now - conn->at;

        crowd->took[crowd->answered++] =
            conn->at - crowd->began < WARM_US ? -took : took;
    } else {
        crowd->refused++;
    }
    crowd->ended++;
    conn_close(conn);
}

static void on_event(struct crowd *crowd, struct conn *conn, uint32_t events)
{
    char text[4096];
    ssize_t got;

    if (conn->fd < 0)
        return;
    if (!conn->sent && !(events & (EPOLLERR | EPOLLHUP))) {
        conn_say(crowd, conn);
        return;
    }
    got = events & EPOLLIN ? recv(conn->fd, text, sizeof text, 0) : 0;
    if (conn->kind == GOOD) {
        end_good(crowd, conn, got > 12 && !memcmp(text + 9, "200", 3));
    } else if (got <= 0) {
        crowd->put_out++;
        conn_close(conn);
        conn_open(crowd, conn, conn->kind);
    }
}

static void turn(struct crowd *crowd, int wait_ms)
{
    struct epoll_event events[AT_ONCE];
    int count = epoll_wait(crowd->poll, events, AT_ONCE, wait_ms);

    for (int i = 0; i < count; i++)
        on_event(crowd, events[i].data.ptr, events[i].events);
}

static void gather(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) {
        if (!conn_open(crowd, &crowd->bad[i], (enum kind)(i % KINDS)))
            printf("a connection is missing: %s\n", strerror(errno));
        turn(crowd, 0);
    }
}

static void send_good(struct crowd *crowd, int pace)
{
    int64_t last;

    crowd->began = clock_mono_us();
    while (crowd->begun < crowd->planned) {
        int64_t due = crowd->began + (int64_t)crowd->begun * 1000000 / pace;
        int64_t left = due - clock_mono_us();

        if (left > 0) {
            turn(crowd, (int)(left / 1000) + 1);
            continue;
        }
        if (!conn_open(crowd, &crowd->good[crowd->begun], GOOD)) {
            crowd->refused++;
            crowd->ended++;
        }
        crowd->begun++;
        turn(crowd, 0);
    }
    last = clock_mono_us() + PATIENCE_US;
    while (crowd->ended < crowd->planned && clock_mono_us() < last)
        turn(crowd, 10);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void report(struct crowd *crowd)
{
    size_t warm = 0;

    qsort(crowd->took, crowd->answered, sizeof *crowd->took, compare);
    while (warm < crowd->answered && crowd->took[warm] < 0)
        warm++;
    printf("%6zu connections, put out %zu times: %zu of %zu good ones "
           "answered, %zu refused, %zu never",
           crowd->count, crowd->put_out, crowd->answered, crowd->planned,
           crowd->refused, crowd->planned - crowd->ended);
    if (crowd->answered > warm) {
        const int64_t *took = crowd->took + warm;
        size_t count = crowd->answered - warm;

        printf("; after the first second median %.1f ms, p99 %.1f ms, "
               "slowest %.1f ms",
               (double)took[count / 2] / 1e3,
               (double)took[count * 99 / 100] / 1e3,
               (double)took[count - 1] / 1e3);
    }
    printf("\n");
    fflush(stdout);
}

static void measure(int port, size_t count, int seconds, int pace)
{
    struct crowd crowd = {.poll = epoll_create1(EPOLL_CLOEXEC),
                          .to = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr = {.s_addr =
                                                  htonl(INADDR_LOOPBACK)}},
                          .count = count,
                          .planned = (size_t)seconds * (size_t)pace};

    crowd.bad = xcalloc(count, sizeof *crowd.bad);
    crowd.good = xcalloc(crowd.planned, sizeof *crowd.good);
    crowd.took = xcalloc(crowd.planned, sizeof *crowd.took);
    for (size_t i = 0; i < crowd.planned; i++)
        crowd.good[i].fd = -1;
    gather(&crowd);
    send_good(&crowd, pace);
    report(&crowd);
    for (size_t i = 0; i < count; i++)
        conn_close(&crowd.bad[i]);
    for (size_t i = 0; i < crowd.planned; i++)
        conn_close(&crowd.good[i]);
    close(crowd.poll);
    free(crowd.bad);
    free(crowd.good);
    free(crowd.took);
}

/* The receiver, in a home of its own. */

static int read_port(int fd)
{
    char text[8192];
    const char *found;
    size_t used = 0;
    ssize_t got;

    while (used < sizeof text - 1 &&
           (got = read(fd, text + used, sizeof text - 1 - used)) > 0) {
        used += (size_t)got;
        text[used] = '\0';
        found = strstr(text, "listening on 127.0.0.1:");
        if (found && strchr(found, '\n'))
            return (int)strtol(strchr(found, ':') + 1, NULL, 10);
    }
    fprintf(stderr, "it did not start: %.*s\n", (int)used, text);
    exit(1);
}

static pid_t serve(const char *home, int *port)
{
    const char *build = getenv("TESTS_BUILD");
    char program[4096];
    int ends[2];
    pid_t pid;

    snprintf(program, sizeof program, "%s/telltale", build ? build : ".");
    setenv("HOME", home, 1);
    setenv("XDG_CONFIG_HOME", home, 1);
    setenv("XDG_STATE_HOME", home, 1);
    setenv("TELLTALE_TOKEN", TOKEN, 1);
    /* Else who announces a signed body is sent away at once, and comes again as
     * fast as it can: that is a flood, and takes up no room. */
    setenv("TELLTALE_SIGNING_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
           1);
    if (pipe(ends) || (pid = fork()) < 0) {
        perror("cannot start it");
        exit(1);
    }
    if (!pid) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, "serve", "--listen", "127.0.0.1:0",
              (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *port = read_port(ends[0]);
    /* What it says later is not read: nothing it does waits for that. */
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    return pid;
}

static void raise_limit(void)
{
    struct rlimit limit;

    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    int seconds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 10;
    int pace = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 200, port = 0;
    char home[] = "/tmp/telltale-crowd-XXXXXX", remove[64];
    pid_t pid;

    if (!mkdtemp(home))
        return 1;
    raise_limit();
    pid = serve(home, &port);
    measure(port, count ? count : 1000, seconds, pace);
    if (!count)
        measure(port, 5000, seconds, pace);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    snprintf(remove, sizeof remove, "rm -rf '%s'", home);
    return system(remove);
}

#else

int main(void)
{
    printf("crowd: Linux only\n");
    return 0;
}

#endif
