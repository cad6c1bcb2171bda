/* Taking connections in. When the process has no descriptor left, it stops
 * accepting for a moment instead of spinning on a socket that stays
 * readable. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/conn.h"
#include "net/listen.h"
#include "net/socket.h"

#include "base/banned.h"

#define ACCEPTS_A_TURN 128
#define REST_US 100000

struct door {
    struct acceptor *acceptor;
    int fd;
    struct loop_fd *watched; /* NULL: resting */
};

struct acceptor {
    struct loop *loop;
    struct door doors[LIMIT_LISTENERS];
    size_t count;
    struct loop_timer *rest;
    void (*on_open)(void *ctx, int fd, const char *peer);
    void *ctx;
};

static void name_peer(const struct sockaddr_storage *address, socklen_t len,
                      char *out, size_t size)
{
    if (getnameinfo((const void *)address, len, out, (socklen_t)size, NULL, 0,
                    NI_NUMERICHOST))
        memcpy(out, "?", 2);
}

static void rest(struct door *door)
{
    log_limited(LOG_WARN,
                "cannot take another connection: %s; more open files are "
                "needed (ulimit -n)",
                strerror(errno));
    loop_unwatch(door->watched);
    door->watched = NULL;
    loop_timer_set(door->acceptor->rest, REST_US);
}

static void take(struct door *door, int fd,
                 const struct sockaddr_storage *address, socklen_t len)
{
    char peer[INET6_ADDRSTRLEN + 16];
    int on = 1;

    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    socket_give_up_after(fd, LIMIT_LOST_MS);
    socket_hold_less(fd);
    name_peer(address, len, peer, sizeof peer);
    door->acceptor->on_open(door->acceptor->ctx, fd, peer);
}

static void door_readable(void *ctx)
{
    struct door *door = ctx;

    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        int fd = accept(door->fd, (void *)&address, &len);

        if (fd >= 0) {
            take(door, fd, &address, len);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
                   errno == ENOMEM) {
            rest(door);
            return;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        }
    }
}

static void on_rested(void *ctx)
{
    struct acceptor *acceptor = ctx;

    for (size_t i = 0; i < acceptor->count; i++) {
        struct door *door = &acceptor->doors[i];

        if (!door->watched)
            door->watched = loop_watch(acceptor->loop, door->fd, door_readable,
                                       NULL, door, NULL);
        if (!door->watched)
            loop_timer_set(acceptor->rest, REST_US);
    }
}

struct acceptor *
acceptor_new(struct loop *loop, const struct listeners *listeners,
             void (*on_open)(void *ctx, int fd, const char *peer), void *ctx,
             struct err *err)
{
    struct acceptor *acceptor = xcalloc(1, sizeof *acceptor);

    acceptor->loop = loop;
    acceptor->on_open = on_open;
    acceptor->ctx = ctx;
    acceptor->rest = loop_timer_new(loop, on_rested, acceptor);
    for (size_t i = 0; i < listeners->count; i++) {
        struct door *door = &acceptor->doors[i];

        *door = (struct door){acceptor, listeners->fds[i], NULL};
        acceptor->count = i + 1;
        door->watched =
            loop_watch(loop, door->fd, door_readable, NULL, door, err);
        if (!door->watched) {
            acceptor_free(acceptor);
            return NULL;
        }
    }
    return acceptor;
}

void acceptor_free(struct acceptor *acceptor)
{
    if (!acceptor)
        return;
    for (size_t i = 0; i < acceptor->count; i++)
        loop_unwatch(acceptor->doors[i].watched);
    loop_timer_free(acceptor->rest);
    free(acceptor);
}
