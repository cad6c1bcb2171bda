/* The service "link": what is attached to another telltale gets its events. */
#ifndef TELLTALE_LINK_SERVICE_H
#define TELLTALE_LINK_SERVICE_H

#include <stdbool.h>

struct err;
struct signal_change;

/* Says something of a signal there, when attached. False with err. */
bool link_service_act(void *self, const struct signal_change *change,
                      struct err *err);
/* To whom; NULL: attached to nobody. self is the service's, or NULL. */
const char *link_service_host(const void *self);

#endif
