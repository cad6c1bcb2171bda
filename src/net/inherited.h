/* Sockets that a service manager (systemd) opened for us and listens on while
 * we are not there: LISTEN_FDS of sd_listen_fds(3), without its library.
 * What arrives between two of our lives waits in them. */
#ifndef TELLTALE_INHERITED_H
#define TELLTALE_INHERITED_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

/* Takes LISTEN_FDS and its fellows out of the environment and looks at the
 * sockets. Once, at the start. False with err: one of them is no listening
 * TCP socket. */
bool inherited_open(struct err *err);
/* "127.0.0.1:8420,[::1]:8420", where they are; NULL: there are none. */
const char *inherited_list(void);
/* The one that listens at exactly that address, which is the caller's from
 * then on; -1: none. */
int inherited_take(const struct sockaddr *address);

#endif
