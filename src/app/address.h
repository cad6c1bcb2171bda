/* Addresses: where it may listen, and what to post to. */
#ifndef TELLTALE_ADDRESS_H
#define TELLTALE_ADDRESS_H

#include <stdbool.h>

#include "base/err.h"

struct app;

/* "127.0.0.1:8420,[::1]:8420", as configured or overridden. */
const char *address_list(const struct app *app);
/* False, with the reason, when an address is beyond loopback and nothing
 * speaks TLS; also when of certificate and key only one is given. */
bool address_allowed(const struct app *app, struct err *err);
/* The address to post to on this machine, the token in it or masked; caller
 * frees. The server must listen. */
char *address_hook_url(const struct app *app, bool masked);
/* The same below the configured public URL; NULL when there is none. */
char *address_public_url(const struct app *app);

#endif
