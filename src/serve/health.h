/* GET /healthz: is it up, and can it keep what arrives? Anybody may ask; who
 * carries the viewer token is told more. */
#ifndef TELLTALE_HEALTH_H
#define TELLTALE_HEALTH_H

#include "config/secret.h"
#include "journal/journal.h"
#include "net/server.h"

struct health;

/* Both are borrowed and outlive it. */
struct health *health_new(const struct journal *journal,
                          const struct secret_set *viewer);
void health_free(struct health *health);
struct route health_route(struct health *health);
/* The server comes after its routes. */
void health_set_server(struct health *health, struct server *server);

#endif
