/* What the program asks of the service "presence". self may be NULL: it is
 * switched off, or there is no screen. */
#ifndef TELLTALE_PRESENCE_SERVICE_H
#define TELLTALE_PRESENCE_SERVICE_H

#include <stddef.h>

struct presence;

/* The user looks at that account, NULL: at none. Told soon after, once it
 * stays so. */
void presence_service_look(void *self, const char *account);
/* Of the telltale we are attached to: as feed_source_options.looked. */
void presence_service_told(void *self, const char *who, const char *account);
/* Where those are that it was told of; never NULL unless self is. */
const struct presence *presence_service_others(const void *self);

#endif
