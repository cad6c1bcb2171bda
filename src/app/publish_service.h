/* The service "publish": what is kept goes to a stream of NATS too. self is
 * the service's, or NULL where nothing is published. */
#ifndef TELLTALE_PUBLISH_SERVICE_H
#define TELLTALE_PUBLISH_SERVICE_H

#include "serve/figures.h"

void publish_service_forgotten(void *self);
void publish_service_figures(void *self, struct figures_publish *out);

#endif
