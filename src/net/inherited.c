/* Sockets of the service manager. */
#include "net/inherited.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/listen.h"
#include "base/limits.h"
#include "base/banned.h"

#define FIRST_FD 3 /* by the manager's convention */

struct inherited {
    struct sockaddr_storage address;
    socklen_t len;
    int fd; /* -1: taken */
};

static struct inherited sockets[LIMIT_LISTENERS];
static int count;
static char list[LIMIT_LISTENERS * LISTEN_ADDRESS_SIZE];

static void write_address(const struct inherited *one, char *out, size_t size)
{
    const struct sockaddr_in *v4 = (const void *)&one->address;
    const struct sockaddr_in6 *v6 = (const void *)&one->address;
    char ip[INET6_ADDRSTRLEN] = "?";

    if (one->address.ss_family == AF_INET) {
        inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip);
        snprintf(out, size, "%s:%u", ip, (unsigned)ntohs(v4->sin_port));
    } else {
        inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
        snprintf(out, size, "[%s]:%u", ip, (unsigned)ntohs(v6->sin6_port));
    }
}

static bool look_at(struct inherited *one, int fd, struct err *err)
{
    int listens = 0, type = 0;
    socklen_t size = sizeof listens;

    one->fd = fd;
    one->len = sizeof one->address;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) ||
        getsockname(fd, (void *)&one->address, &one->len))
        return err_errno(err, "the service manager's socket %d", fd);
    if (!listens || type != SOCK_STREAM ||
        (one->address.ss_family != AF_INET &&
         one->address.ss_family != AF_INET6))
        return err_set(err,
                       "the service manager's socket %d is no TCP socket "
                       "that listens: ListenStream=127.0.0.1:8420",
                       fd);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return true;
}

/* How many are for this process. */
static long read_count(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    long wanted = 0;

    if (pid && fds && strtol(pid, NULL, 10) == (long)getpid())
        wanted = strtol(fds, NULL, 10);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return wanted;
}

bool inherited_open(struct err *err)
{
    long wanted = read_count();

    if (wanted > LIMIT_LISTENERS)
        return err_set(err, "more than %d sockets from the service manager",
                       LIMIT_LISTENERS);
    for (long i = 0; i < wanted; i++) {
        char text[LISTEN_ADDRESS_SIZE];
        size_t used = strlen(list);

        if (!look_at(&sockets[count], FIRST_FD + (int)i, err))
            return false;
        write_address(&sockets[count++], text, sizeof text);
        snprintf(list + used, sizeof list - used, "%s%s", used ? "," : "",
                 text);
    }
    return true;
}

const char *inherited_list(void)
{
    return *list ? list : NULL;
}

/* Ports, flow and the rest: the kernel fills all of it the same way, but the
 * padding. */
static bool is_at(const struct inherited *one, const struct sockaddr *address)
{
    const struct sockaddr_in *a4 = (const void *)&one->address;
    const struct sockaddr_in *b4 = (const void *)address;
    const struct sockaddr_in6 *a6 = (const void *)&one->address;
    const struct sockaddr_in6 *b6 = (const void *)address;

    if (one->address.ss_family != address->sa_family)
        return false;
    if (address->sa_family == AF_INET)
        return a4->sin_port == b4->sin_port &&
               a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    return a6->sin6_port == b6->sin6_port &&
           !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr);
}

int inherited_take(const struct sockaddr *address)
{
    for (int i = 0; i < count; i++)
        if (sockets[i].fd >= 0 && is_at(&sockets[i], address)) {
            int fd = sockets[i].fd;

            sockets[i].fd = -1;
            return fd;
        }
    return -1;
}
