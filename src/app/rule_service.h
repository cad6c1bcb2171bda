/* What the program tells the service "rules"; self may be NULL: none are
 * configured. */
#ifndef TELLTALE_RULE_SERVICE_H
#define TELLTALE_RULE_SERVICE_H

#include <stddef.h>
#include <stdint.h>

/* The signals have concluded what there is to conclude, up to that seq. */
void rule_service_concluded(void *self, uint64_t seq);
/* The filters of rules that highlight; NULL: no more. Valid while it runs. */
const char *rule_service_highlight(const void *self, size_t index);

#endif
