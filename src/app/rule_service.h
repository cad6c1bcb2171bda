/* What the program tells the service "rules"; self may be NULL: none are
 * configured. */
#ifndef TELLTALE_RULE_SERVICE_H
#define TELLTALE_RULE_SERVICE_H

#include <stdint.h>

/* The signals have concluded what there is to conclude, up to that seq. */
void rule_service_concluded(void *self, uint64_t seq);

#endif
