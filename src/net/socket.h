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

#endif
