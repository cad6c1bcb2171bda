/* Private to net/: what sockets lack on some systems. */
#ifndef TELLTALE_NET_SOCKET_H
#define TELLTALE_NET_SOCKET_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* macOS has no such flag; SIGPIPE is ignored there (loop_new). */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* Linux alone ends a connection after so many ms in which nothing of what was
 * sent arrived; elsewhere it takes as long as the system likes. */
static inline void socket_give_up_after(int fd, unsigned ms)
{
#ifdef TCP_USER_TIMEOUT
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
#else
    (void)fd;
    (void)ms;
#endif
}

/* In the kernel, of what goes out. A socket says that there is room once a
 * third of its buffer is free: in one that the kernel lets grow to megabytes,
 * who takes less than a third of them in the time that there is looks dead.
 * 2.5 MB/s are left at 100 ms to there and back. */
#define SOCKET_SENDS (256 * 1024)

static inline void socket_hold_less(int fd)
{
    int size = SOCKET_SENDS;

    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

#endif
