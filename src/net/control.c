/* The owner's side of the control socket. Only the user's own processes can
 * connect (mode 0600), but a slow or stuck one must not cost the receiver
 * anything: lines are bounded, followers are told the newest number only. */
#include "net/control.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/control_path.h"
#include "net/socket.h"

#include "base/banned.h"

struct peer {
    struct peer *prev, *next;
    struct control *control;
    int fd;
    struct loop_fd *watched;
    struct buf in, out;
    uint64_t number;
    bool waiting; /* for an answer */
    bool following;
    uint64_t told; /* the last seq sent to a follower */
};

struct control {
    struct loop *loop;
    struct sockaddr_un address;
    struct stat seen; /* the socket's file */
    int fd;
    struct loop_fd *watched;
    struct peer *peers;
    unsigned peer_count;
    control_handle *handle;
    void *ctx;
    uint64_t last_seq, last_number;
};

static void peer_free(struct peer *peer)
{
    struct control *control = peer->control;

    if (peer->prev)
        peer->prev->next = peer->next;
    else
        control->peers = peer->next;
    if (peer->next)
        peer->next->prev = peer->prev;
    control->peer_count--;
    loop_unwatch(peer->watched);
    close(peer->fd);
    buf_free(&peer->in);
    buf_free(&peer->out);
    free(peer);
}

/* False: the peer is gone. */
static bool flush(struct peer *peer)
{
    while (peer->out.len) {
        ssize_t sent =
            send(peer->fd, peer->out.data, peer->out.len, MSG_NOSIGNAL);

        if (sent > 0) {
            buf_consume(&peer->out, (size_t)sent);
        } else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            loop_fd_want_write(peer->watched);
            return true;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* A follower that has not taken the last number yet gets the newest one
 * when it has. */
static bool tell(struct peer *peer)
{
    uint64_t seq = peer->control->last_seq;

    if (peer->following && !peer->out.len && peer->told < seq) {
        peer->told = seq;
        buf_addf(&peer->out, "{\"seq\":%" PRIu64 "}\n", seq);
    }
    return flush(peer);
}

static void peer_writable(void *ctx)
{
    struct peer *peer = ctx;

    if (!flush(peer) || !tell(peer))
        peer_free(peer);
}

static bool is_follow(const char *line)
{
    cJSON *request = cJSON_Parse(line);
    const char *what =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "do"));
    bool follow = what && !strcmp(what, "follow");

    cJSON_Delete(request);
    return follow;
}

static void take_line(struct peer *peer, const char *line)
{
    if (is_follow(line)) {
        peer->following = true;
        return;
    }
    if (peer->control->handle(peer->control->ctx, peer->number, line,
                              &peer->out))
        buf_addc(&peer->out, '\n');
    else
        peer->waiting = true;
}

static void take_lines(struct peer *peer)
{
    char *end;

    while (!peer->waiting &&
           (end = memchr(peer->in.data, '\n', peer->in.len))) {
        *end = '\0';
        take_line(peer, peer->in.data);
        buf_consume(&peer->in, (size_t)(end - peer->in.data) + 1);
    }
}

static void peer_readable(void *ctx)
{
    struct peer *peer = ctx;
    char bytes[4096];
    ssize_t got = recv(peer->fd, bytes, sizeof bytes, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0 && buf_add(&peer->in, bytes, (size_t)got)) {
        take_lines(peer);
        if (buf_ok(&peer->out) && tell(peer))
            return;
    }
    peer_free(peer);
}

void control_answer(struct control *control, uint64_t asked, const char *reply)
{
    struct peer *peer = control ? control->peers : NULL;

    while (peer && peer->number != asked)
        peer = peer->next;
    if (!peer)
        return;
    peer->waiting = false;
    buf_adds(&peer->out, reply);
    buf_addc(&peer->out, '\n');
    take_lines(peer);
    if (!buf_ok(&peer->out) || !tell(peer))
        peer_free(peer);
}

static void peer_open(struct control *control, int fd)
{
    struct peer *peer = xcalloc(1, sizeof *peer);

    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    peer->control = control;
    peer->number = ++control->last_number;
    peer->fd = fd;
    buf_init(&peer->in, LIMIT_CONTROL_LINE);
    buf_init(&peer->out, LIMIT_CONTROL_REPLY);
    peer->next = control->peers;
    if (peer->next)
        peer->next->prev = peer;
    control->peers = peer;
    control->peer_count++;
    peer->watched = loop_watch(control->loop, fd, peer_readable, peer_writable,
                               peer, NULL);
    if (!peer->watched)
        peer_free(peer);
}

static void control_readable(void *ctx)
{
    struct control *control = ctx;
    int fd = accept(control->fd, NULL, NULL);

    if (fd < 0)
        return;
    if (control->peer_count == LIMIT_CONTROL_PEERS) {
        log_limited(LOG_WARN, "%s: more than %d connections",
                    control->address.sun_path, LIMIT_CONTROL_PEERS);
        close(fd);
        return;
    }
    peer_open(control, fd);
}

/* The journal's lock is ours, so a socket that is there already is what a
 * killed owner left behind. The mode is right from the start. */
static bool listen_at(struct control *control, struct err *err)
{
    const char *path = control->address.sun_path;
    mode_t mask;
    int failed;

    control->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (control->fd < 0)
        return err_errno(err, "socket");
    fcntl(control->fd, F_SETFD, FD_CLOEXEC);
    fcntl(control->fd, F_SETFL, O_NONBLOCK);
    if (unlink(path) && errno != ENOENT)
        return err_errno(err, "cannot replace %s", path);
    mask = umask(0177);
    failed = bind(control->fd, (const void *)&control->address,
                  sizeof control->address);
    umask(mask);
    if (failed || listen(control->fd, 16))
        return err_errno(err, "cannot listen at %s", path);
    return !stat(path, &control->seen) || err_errno(err, "%s", path);
}

struct control *control_new(struct loop *loop, const char *journal_path,
                            control_handle *handle, void *ctx, struct err *err)
{
    struct control *control = xcalloc(1, sizeof *control);

    control->loop = loop;
    control->handle = handle;
    control->ctx = ctx;
    control->fd = -1;
    if (control_address(journal_path, &control->address, err) &&
        listen_at(control, err))
        control->watched = loop_watch(loop, control->fd, control_readable,
                                      NULL, control, err);
    if (control->watched)
        return control;
    control_free(control);
    return NULL;
}

static bool is_in_place(const struct control *control)
{
    struct stat now;

    return !stat(control->address.sun_path, &now) &&
           now.st_ino == control->seen.st_ino &&
           now.st_dev == control->seen.st_dev;
}

/* Its file was deleted. Where it cannot be made now, the next commit tries. */
static void listen_again(struct control *control)
{
    struct loop_fd *watched = control->watched;
    int fd = control->fd;
    struct err err;

    control->watched = NULL;
    if (listen_at(control, &err))
        control->watched = loop_watch(control->loop, control->fd,
                                      control_readable, NULL, control, &err);
    if (control->watched) {
        loop_unwatch(watched);
        close(fd);
        return;
    }
    if (control->fd >= 0)
        close(control->fd);
    control->fd = fd;
    control->watched = watched;
}

void control_free(struct control *control)
{
    if (!control)
        return;
    while (control->peers)
        /* It takes itself out of the list. */
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        peer_free(control->peers);
    if (control->watched) {
        loop_unwatch(control->watched);
        unlink(control->address.sun_path);
    }
    if (control->fd >= 0)
        close(control->fd);
    free(control);
}

void control_committed(struct control *control, uint64_t last_seq)
{
    struct peer *peer = control->peers, *next;

    if (!is_in_place(control))
        listen_again(control);
    control->last_seq = last_seq;
    for (; peer; peer = next) {
        next = peer->next;
        if (!tell(peer))
            peer_free(peer);
    }
}
