/* What the program asks of the service "usage"; self is NULL where there is
 * no screen. */
#ifndef TELLTALE_USAGE_SERVICE_H
#define TELLTALE_USAGE_SERVICE_H

#include "live/usage.h"

const struct usage *usage_service_usage(const void *self);
/* The journal's sums are others than what was kept says: somebody is
 * forgotten. */
void usage_service_reread(void *self);

#endif
