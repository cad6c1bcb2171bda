/* The asking side of the control socket: blocking, for commands. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "net/control.h"
#include "net/control_path.h"
#include "net/socket.h"

#include "base/banned.h"

#define PATIENCE_US 5000000
#define LOOK_MS 10

static bool gone(int error)
{
    return error == ENOENT || error == ECONNREFUSED || error == ENOTDIR;
}

/* An owner that is stopped takes nobody in: once as many wait as may, connect()
 * alone would wait for ever. */
static bool connect_until(int fd, const struct sockaddr_un *address,
                          int64_t until_us)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};

    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (connect(fd, (const void *)address, sizeof *address)) {
        if (errno != EAGAIN)
            return false;
        if (clock_mono_us() >= until_us) {
            errno = ETIMEDOUT;
            return false;
        }
        nanosleep(&pause, NULL);
    }
    fcntl(fd, F_SETFL, 0);
    return true;
}

/* −1 with err; err is empty when nobody is there. */
static int connect_owner(const char *journal_path, int64_t until_us,
                         struct err *err)
{
    struct sockaddr_un address;
    int fd;

    if (err)
        err->text[0] = '\0';
    if (!control_address(journal_path, &address, err))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) {
        err_errno(err, "socket");
        return -1;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (connect_until(fd, &address, until_us))
        return fd;
    if (errno == ETIMEDOUT)
        err_set(err, "the owner does not answer");
    else if (!gone(errno))
        err_errno(err, "cannot reach the owner at %s", address.sun_path);
    close(fd);
    return -1;
}

/* Waits for the socket; false when the time is up. */
static bool ready(int fd, short events, int64_t until_us)
{
    struct pollfd watched = {.fd = fd, .events = events};
    int64_t left;

    do {
        left = until_us - clock_mono_us();
        if (left <= 0)
            return false;
    } while (poll(&watched, 1, (int)(left / 1000) + 1) < 0 && errno == EINTR);
    return watched.revents;
}

static bool has_ended(struct err *err)
{
    return err_set(err, "telltale has ended before it answered: ask again");
}

static bool send_line(int fd, const char *line, int64_t until_us,
                      struct err *err)
{
    struct buf out;
    bool ok = true;

    buf_init(&out, 4 * MIB);
    buf_adds(&out, line);
    buf_addc(&out, '\n');
    while (ok && out.len) {
        ssize_t sent = -1;

        if (ready(fd, POLLOUT, until_us))
            sent = send(fd, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        else
            errno = ETIMEDOUT;
        if (sent > 0)
            buf_consume(&out, (size_t)sent);
        else if (errno == EPIPE || errno == ECONNRESET)
            ok = has_ended(err);
        else if (errno == ETIMEDOUT)
            ok = err_set(err, "the owner does not answer");
        else if (errno != EINTR && errno != EAGAIN)
            ok = err_errno(err, "cannot ask the owner");
    }
    buf_free(&out);
    return ok;
}

static bool read_line(int fd, struct buf *reply, int64_t until_us,
                      struct err *err)
{
    char bytes[4096];

    for (;;) {
        ssize_t got;
        char *end;

        if (!ready(fd, POLLIN, until_us))
            return err_set(err, "the owner does not answer");
        got = recv(fd, bytes, sizeof bytes, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return has_ended(err);
        end = memchr(bytes, '\n', (size_t)got);
        if (!buf_add(reply, bytes, end ? (size_t)(end - bytes) : (size_t)got))
            return err_set(err, "the owner's answer is too long");
        if (end)
            return true;
    }
}

bool control_ask(const char *journal_path, const char *line, struct buf *reply,
                 struct err *err)
{
    int64_t until_us = clock_mono_us() + PATIENCE_US;
    int fd = connect_owner(journal_path, until_us, err);
    bool ok;

    if (fd < 0)
        return false;
    ok = send_line(fd, line, until_us, err) &&
         read_line(fd, reply, until_us, err);
    close(fd);
    return ok;
}

int control_follow(const char *journal_path, struct err *err)
{
    int64_t until_us = clock_mono_us() + PATIENCE_US;
    int fd = connect_owner(journal_path, until_us, err);

    if (fd >= 0 && !send_line(fd, "{\"do\":\"follow\"}", until_us, err)) {
        close(fd);
        fd = -1;
    }
    return fd;
}
