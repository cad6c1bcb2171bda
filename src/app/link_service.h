/* The service "link": what is attached to another telltale gets its events. */
#ifndef TELLTALE_LINK_SERVICE_H
#define TELLTALE_LINK_SERVICE_H

#include <stdbool.h>

#include "base/uuid.h"
#include "net/client.h"

struct kept_call;
struct pin_place;
struct signal_change;

/* As feed_source_tell(). self may be NULL. */
bool link_service_tell_there(void *self);
/* Of an account that was read here, and of a signal: done here, told there.
 * Copies; what goes wrong is logged, where kept is NULL. */
void link_service_read(void *self, const char *account);
void link_service_change(void *self, const struct signal_change *change,
                         const struct kept_call *kept);
/* Asks there for a pin of an event that only that one has, or that it is taken
 * off; as feed_source_get(). */
bool link_service_pin_asked(void *self, const struct pin_place *place,
                            const char *note, bool on, client_done *done,
                            void *ctx);
/* Tells there at which account we look, NULL: at none. self may be NULL. */
void link_service_look(void *self, const char *account);
/* To whom; NULL: attached to nobody. self is the service's, or NULL. */
const char *link_service_host(const void *self);
/* As feed_source_begins(). */
bool link_service_begins(const void *self);
/* Whose journal is there; false: not known yet. */
bool link_service_there(const void *self, struct uuid *there);
/* As feed_source_get(). */
bool link_service_get(void *self, const char *target, client_done *done,
                      void *ctx);

#endif
