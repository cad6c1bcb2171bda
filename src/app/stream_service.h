/* The service "stream": what others publish to NATS is kept here. self is the
 * service's, or NULL where nothing is read along. */
#ifndef TELLTALE_STREAM_SERVICE_H
#define TELLTALE_STREAM_SERVICE_H

#include "serve/figures.h"

void stream_service_figures(void *self, struct figures_stream *out);

#endif
