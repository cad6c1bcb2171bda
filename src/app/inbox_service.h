/* What the program asks of the service "inbox"; self is NULL where there is
 * no screen. */
#ifndef TELLTALE_INBOX_SERVICE_H
#define TELLTALE_INBOX_SERVICE_H

#include "live/inbox.h"

const struct inbox *inbox_service_inbox(const void *self);
/* The journal's signals are others than before. */
void inbox_service_reread(void *self);
/* What the user says: shown at once, and written to the journal. If that
 * fails, the log says why and the signal is as it was. */
void inbox_service_state(void *self, int64_t id, enum inbox_state state,
                         int64_t until);
void inbox_service_note(void *self, int64_t id, const char *note);

#endif
