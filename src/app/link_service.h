/* The service "link": what is attached to another telltale gets its events. */
#ifndef TELLTALE_LINK_SERVICE_H
#define TELLTALE_LINK_SERVICE_H

#include <stdbool.h>

#include "base/uuid.h"
#include "net/client.h"

struct err;
struct pin_place;
struct signal_change;

/* Says something of a signal there, when attached. False with err. */
bool link_service_act(void *self, const struct signal_change *change,
                      struct err *err);
/* Tells there that an event was pinned, or is not any more; that an account
 * was read; that a note was written on one (NULL: taken away). Where there is
 * no link it is not told, of a note: false. self may be NULL. */
void link_service_pin(void *self, const struct pin_place *place,
                      const char *note, bool on);
void link_service_read(void *self, const char *account);
bool link_service_note(void *self, const char *account, const char *note);
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
