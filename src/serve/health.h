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
/* Adds its route to the server, which it answers by from now on. */
void health_serve(struct health *health, struct server *server);

#endif
