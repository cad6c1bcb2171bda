/* Listening sockets, bound here and not by libwebsockets 4.1.6, which puts a
 * v4 address on every interface. */
#ifndef TELLTALE_LISTEN_H
#define TELLTALE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/limits.h"

#define LISTEN_ADDRESS_SIZE 64

struct listeners {
    int fds[LIMIT_LISTENERS];
    size_t count;
    char address[LISTEN_ADDRESS_SIZE]; /* the first: "127.0.0.1:8420" */
    unsigned port;
};

/* Binds every address of list ("127.0.0.1:8420,[::1]:8420", IP literals
 * only) and reads back where each really is. Port 0 takes a free one, the
 * same for all. A loopback of a family that this machine does not have is
 * left out, if another address is left. False with err: nothing is open. */
bool listeners_open(struct listeners *listeners, const char *list,
                    struct err *err);
/* True if list is one that listeners_open() understands. */
bool listeners_check(const char *list, struct err *err);
void listeners_close(struct listeners *listeners);

#endif
