/* Private to net/: what sockets lack on some systems. */
#ifndef TELLTALE_NET_SOCKET_H
#define TELLTALE_NET_SOCKET_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/sockios.h>
#endif

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

/* Bytes that were sent and have not arrived at the peer, -1: unknown. They
 * become less while it reads, long before there is room for as much as poll()
 * calls room, which is a third of a buffer of megabytes. */
static inline int socket_held(int fd)
{
    int held = -1;

#ifdef SIOCOUTQ
    if (ioctl(fd, SIOCOUTQ, &held))
        held = -1;
#else
    (void)fd;
#endif
    return held;
}

#endif
