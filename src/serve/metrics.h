/* GET /metrics: the same as /healthz for Prometheus, with the viewer token. */
#ifndef TELLTALE_METRICS_H
#define TELLTALE_METRICS_H

#include "base/buf.h"
#include "net/server.h"
#include "serve/figures.h"

struct metrics;

/* source is copied. */
struct metrics *metrics_new(const struct figures_source *source);
void metrics_free(struct metrics *metrics);
/* Adds its route to the server, which it answers by from now on. */
void metrics_serve(struct metrics *metrics, struct server *server);

/* A label's value, as the text format wants it between its quotes. */
void metrics_label(struct buf *out, const char *text);

#endif
