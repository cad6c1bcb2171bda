/* The service "link": what is attached to another telltale gets its events. */
#ifndef TELLTALE_LINK_SERVICE_H
#define TELLTALE_LINK_SERVICE_H

/* To whom; NULL: attached to nobody. self is the service's, or NULL. */
const char *link_service_host(const void *self);

#endif
