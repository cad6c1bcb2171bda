/* What the program asks of the service "retention". */
#ifndef TELLTALE_RETENTION_H
#define TELLTALE_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

/* False with err where a start refuses the settings. */
bool retention_check(const struct config *config, struct err *err);
/* Events deleted since the start by age or size; *unread: those that a mirror,
 * a rule or the signals had not read yet. */
uint64_t retention_deleted(const void *self, uint64_t *unread);
/* The journal's clock was set: looks again for what is too old. */
void retention_look(void *self);

#endif
