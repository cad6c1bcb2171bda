/* What the program asks of the service "mirrors"; self is NULL when none is
 * configured. */
#ifndef TELLTALE_MIRROR_SERVICE_H
#define TELLTALE_MIRROR_SERVICE_H

#include "mirror/mirror.h"

struct mirrors *mirror_service_mirrors(const void *self); /* or NULL */
/* The journal's signals are others than before. */
void mirror_service_concluded(void *self);
/* Sends a text that is no event through the mirrors that want to hear of
 * silences. self is not NULL. */
void mirror_service_announce(void *self, const char *text);

#endif
