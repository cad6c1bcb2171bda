/* Talking to the service manager. */
#include "base/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/banned.h"

static struct sockaddr_un address;
static socklen_t address_len; /* 0: nobody listens */
static int64_t watchdog_us;

/* A path, or, behind "@", a name of Linux' abstract ones. */
static void read_socket(const char *name)
{
    size_t len = name ? strlen(name) : 0;

    if (len < 2 || len >= sizeof address.sun_path ||
        (name[0] != '/' && name[0] != '@'))
        return;
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, name, len);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* WATCHDOG_PID, when there is one, says whom it means. */
static void read_watchdog(const char *usec, const char *pid)
{
    char *end = NULL;
    long long value;

    if (!usec || (pid && strtoll(pid, NULL, 10) != (long long)getpid()))
        return;
    value = strtoll(usec, &end, 10);
    if (end && !*end && value > 0)
        watchdog_us = value;
}

void notify_open(void)
{
    read_socket(getenv("NOTIFY_SOCKET"));
    read_watchdog(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

bool notify_send(const char *state)
{
    ssize_t sent;
    int fd;

    if (!address_len)
        return false;
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0)
        return false;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    sent = sendto(fd, state, strlen(state), 0, (const void *)&address,
                  address_len);
    close(fd);
    return sent >= 0;
}

int64_t notify_watchdog_us(void)
{
    return address_len ? watchdog_us : 0;
}
