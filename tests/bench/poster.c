/* The sending child: paces itself, keeps one request on each connection, and
 * writes down when each was sent and answered. */
#include "poster.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/banned.h"

#define CONNECTIONS 64
#define LAST_ANSWERS_US 10000000

struct pace {
    struct poster *poster;
    int64_t start;
    size_t first;
    int rate, port;
    const char *token;
    int fd[CONNECTIONS];
    size_t number[CONNECTIONS]; /* in flight there, plus 1; 0: free */
};

static void fail(const char *what)
{
    perror(what);
    _exit(1);
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("bench: connect");
    return fd;
}

static void put(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t done = write(fd, bytes, len);

        if (done < 0 && errno != EINTR)
            fail("bench: write");
        if (done > 0) {
            bytes += done;
            len -= (size_t)done;
        }
    }
}

/* A person of its own each, so that nothing folds. */
static void post(struct pace *pace, size_t slot)
{
    struct poster *poster = pace->poster;
    size_t number = pace->first + poster->sent;
    char body[512], request[1024];
    int len;

    len = snprintf(body, sizeof body,
                   "{\"v\":1,\"event\":\"insight created\",\"distinct_id\":"
                   "\"p%zu\",\"org_id\":\"77fb2c0a-9f29-478f-bcd7-"
                   "fb5e6967d9e8\",\"org_name\":\"Alder & Finch Labs\","
                   "\"properties\":{\"insight\":\"#n%zu\"}}",
                   number, number);
    len = snprintf(request, sizeof request,
                   "POST /hook/%s HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Type: application/json\r\n"
                   "Content-Length: %d\r\n\r\n%s",
                   pace->token, len, body);
    poster->at[poster->sent] = clock_mono_us();
    pace->number[slot] = ++poster->sent;
    put(pace->fd[slot], request, (size_t)len);
}

static void take_answer(struct pace *pace, size_t slot)
{
    struct poster *poster = pace->poster;
    char bytes[4096];
    ssize_t got = read(pace->fd[slot], bytes, sizeof bytes);
    size_t number = pace->number[slot];

    if (got <= 0 || !number)
        fail("bench: the connection ended");
    poster->answer_us[number - 1] = clock_mono_us() - poster->at[number - 1];
    poster->answered++;
    poster->refused += got < 12 || memcmp(bytes, "HTTP/1.1 200", 12) != 0;
    pace->number[slot] = 0;
}

/* By select(), which waits for microseconds: one who polls in between would
 * take a core from those who are measured. */
static void take_answers(struct pace *pace, int64_t us)
{
    struct timeval wait = {(time_t)(us / 1000000),
                           (suseconds_t)(us % 1000000)};
    fd_set set;
    int highest = 0;

    FD_ZERO(&set);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        FD_SET(pace->fd[i], &set);
        if (pace->fd[i] > highest)
            highest = pace->fd[i];
    }
    if (select(highest + 1, &set, NULL, NULL, &wait) <= 0)
        return;
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (FD_ISSET(pace->fd[i], &set))
            take_answer(pace, i);
}

/* Microseconds until the next one is due; 0: now. */
static int64_t left(const struct pace *pace)
{
    int64_t due = pace->start +
                  (int64_t)pace->poster->sent * INT64_C(1000000) / pace->rate;
    int64_t now = clock_mono_us();

    return due > now ? due - now : 0;
}

static void post_all(struct pace *pace)
{
    struct poster *poster = pace->poster;
    int64_t end;
    size_t slot = 0;

    for (size_t i = 0; i < CONNECTIONS; i++)
        pace->fd[i] = connect_to(pace->port);
    poster->start = pace->start = clock_mono_us();
    while (poster->sent < poster->count) {
        if (!left(pace) && !pace->number[slot])
            post(pace, slot);
        for (size_t i = 0; i < CONNECTIONS && pace->number[slot]; i++)
            slot = (slot + 1) % CONNECTIONS;
        if (left(pace) || pace->number[slot])
            take_answers(pace, pace->number[slot] ? 1000 : left(pace));
    }
    end = clock_mono_us() + LAST_ANSWERS_US;
    while (poster->answered < poster->count && clock_mono_us() < end)
        take_answers(pace, 100000);
}

static void note_cost(struct poster *poster)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    poster->cpu_us =
        (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
        used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    poster->took_us = clock_mono_us() - poster->start;
}

static void write_all(struct pace *pace, const char *path)
{
    struct poster *poster = pace->poster;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    char line[128];

    poster->start = pace->start = clock_mono_us();
    while (poster->sent < poster->count) {
        size_t number = pace->first + poster->sent;
        int64_t wait = left(pace);
        int len;

        if (wait) {
            poll(NULL, 0, (int)((wait + 999) / 1000));
            continue;
        }
        len = snprintf(line, sizeof line,
                       "2026-09-14T10:%02zu:%02zu.%03zu created an insight "
                       "#n%zu\n",
                       number / 60000 % 60, number / 1000 % 60, number % 1000,
                       number);
        poster->at[poster->sent++] = clock_mono_us();
        put(fd, line, (size_t)len);
    }
}

static struct poster *poster_new(int rate, int seconds)
{
    size_t count = (size_t)rate * (size_t)seconds;
    size_t bytes = sizeof(struct poster) + 2 * count * sizeof(int64_t);
    struct poster *poster = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (poster == MAP_FAILED) {
        perror("bench: memory");
        exit(1);
    }
    poster->count = count;
    poster->rate = rate;
    poster->bytes = bytes;
    poster->at = (int64_t *)(poster + 1);
    poster->answer_us = poster->at + count;
    return poster;
}

struct poster *poster_start(int port, const char *token, size_t first,
                            int rate, int seconds)
{
    struct poster *poster = poster_new(rate, seconds);
    struct pace pace = {.poster = poster,
                        .first = first,
                        .rate = rate,
                        .port = port,
                        .token = token};
    pid_t pid = fork();

    if (pid == 0) {
        post_all(&pace);
        note_cost(poster);
        _exit(0);
    }
    poster->pid = pid;
    return poster;
}

struct poster *poster_start_file(const char *path, size_t first, int rate,
                                 int seconds)
{
    struct poster *poster = poster_new(rate, seconds);
    struct pace pace = {.poster = poster, .first = first, .rate = rate};
    pid_t pid = fork();

    if (pid == 0) {
        write_all(&pace, path);
        note_cost(poster);
        _exit(0);
    }
    poster->pid = pid;
    return poster;
}

void poster_wait(struct poster *poster)
{
    if (poster->pid > 0)
        waitpid(poster->pid, NULL, 0);
    poster->pid = 0;
}

double poster_share(const struct poster *poster)
{
    return poster->took_us ? (double)poster->cpu_us / (double)poster->took_us
                           : 0;
}

double poster_pace(const struct poster *poster)
{
    size_t last = poster->sent ? poster->sent - 1 : 0;
    int64_t took = poster->at[last] - poster->at[0];

    return took ? (double)last * 1e6 / (double)took : 0;
}

void poster_free(struct poster *poster)
{
    poster_wait(poster);
    munmap(poster, poster->bytes);
}
