/* What the program asks of the service "notes"; self is NULL where there is
 * no screen. */
#ifndef TELLTALE_NOTE_SERVICE_H
#define TELLTALE_NOTE_SERVICE_H

#include <stdbool.h>

/* As display_host says. */
const char *note_service_of(const void *self, const char *account);
bool note_service_set(void *self, const char *account, const char *text);
/* Somebody else changed them. */
void note_service_reread(void *self);

#endif
