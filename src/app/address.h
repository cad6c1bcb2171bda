/* Addresses: where it may listen, and what to post to. */
#ifndef TELLTALE_ADDRESS_H
#define TELLTALE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/config.h"

struct app;

/* "127.0.0.1:8420,[::1]:8420", as configured or overridden. */
const char *address_list(const struct app *app);
/* Judges a list of addresses for a start and for `check`: false, with the
 * reason and where the list comes from, when it is not understood, or an
 * address is beyond loopback and nothing speaks TLS; also when of certificate
 * and key only one is given. */
bool address_judge(const struct config *config, const char *list,
                   struct err *err);
/* The address to post to on this machine, the token in it or masked; caller
 * frees. The server must listen. */
char *address_hook_url(const struct app *app, bool masked);
/* How much of a public URL is that without slashes, and a /hook, at its end:
 * one may give it either way. */
size_t address_base(const char *url);
/* The same below the configured public URL; NULL when there is none. */
char *address_public_url(const struct app *app);

#endif
