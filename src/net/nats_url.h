/* Where a stream of NATS is, as a user writes it:
 *
 *   nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT][,HOST[:PORT]…][/STREAM]
 *
 * and tls:// for the same by TLS. Knows nothing of the network. */
#ifndef TELLTALE_NATS_URL_H
#define TELLTALE_NATS_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define NATS_URL_SERVERS 8
#define NATS_URL_STREAM "TELLTALE" /* when the address names none */

struct nats_url {
    bool tls;
    char *servers[NATS_URL_SERVERS]; /* "nats://HOST:PORT", nothing secret */
    size_t count;
    char *user, *password; /* NULL: none */
    char *token;           /* NULL: none */
    char *stream;
    char *shown; /* "HOST:PORT/STREAM", of the first; nothing secret */
};

/* True if it is meant to be one: what nats_url_read() is then asked of. */
bool nats_url_is(const char *text);
/* False with err, which shows nothing secret, and nothing to free. Without TLS
 * only this machine is allowed, unless `open` is. */
bool nats_url_read(const char *text, bool open, struct nats_url *out,
                   struct err *err);
void nats_url_free(struct nats_url *url); /* wipes what is secret */

#endif
