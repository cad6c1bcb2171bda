/* Private to net/: what sockets lack on some systems. */
#ifndef TELLTALE_NET_SOCKET_H
#define TELLTALE_NET_SOCKET_H

#include <sys/socket.h>

/* macOS has no such flag; SIGPIPE is ignored there (loop_new). */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

#endif
