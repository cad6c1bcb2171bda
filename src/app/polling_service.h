/* What the program asks of the service "polling"; self is NULL when events
 * are posted, not asked for. */
#ifndef TELLTALE_POLLING_SERVICE_H
#define TELLTALE_POLLING_SERVICE_H

#include <stdbool.h>

bool polling_service_in_trouble(const void *self);

#endif
