/* GET /healthz: is it up, and can it keep what arrives? Anybody may ask; who
 * carries the viewer token is told more. */
#ifndef TELLTALE_HEALTH_H
#define TELLTALE_HEALTH_H

#include "net/server.h"
#include "serve/figures.h"

struct health;

/* source is copied. */
struct health *health_new(const struct figures_source *source);
void health_free(struct health *health);
struct route health_route(struct health *health);
/* The server comes after its routes. */
void health_set_server(struct health *health, struct server *server);

#endif
