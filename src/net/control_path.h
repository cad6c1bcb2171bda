/* Private to the two sides of the control socket. */
#ifndef TELLTALE_CONTROL_PATH_H
#define TELLTALE_CONTROL_PATH_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

/* The socket of that journal: "<journal>.sock", or, where that is too long
 * for a socket address, a name by hash in a private directory. */
bool control_address(const char *journal_path, struct sockaddr_un *address,
                     struct err *err);

#endif
