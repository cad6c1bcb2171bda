/* What the program asks of the service "polling"; self is NULL when events
 * are posted, not asked for. */
#ifndef TELLTALE_POLLING_SERVICE_H
#define TELLTALE_POLLING_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

/* As polling_late(); 0 when nothing is asked. */
uint64_t polling_service_late(const void *self, int64_t *oldest_ms);
bool polling_service_in_trouble(const void *self);

#endif
