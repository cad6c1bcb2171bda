/* What the control socket asks of the service "imports": lines of an export,
 * handed over some at a time by `telltale import`. */
#ifndef TELLTALE_IMPORT_SERVICE_H
#define TELLTALE_IMPORT_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;

/* Queues what the lines hold; all of it is the past. id tells one import from
 * another. The reply gets "wrong", [{"at":3,"why":"…"}], at counting the
 * lines from 0, and "busy" while it should wait. False with err: another one
 * is under way, or the journal could not be written. */
bool import_service_take(void *self, int64_t id, const char *lines,
                         struct cJSON *reply, struct err *err);
/* What became of it so far: "fresh", "duplicates", "forgotten", "ticks" (left
 * out), "busy", and "waiting" while not all is kept. */
bool import_service_progress(void *self, int64_t id, struct cJSON *reply,
                             struct err *err);
/* All is handed over: it comes onto the screen. */
bool import_service_end(void *self, int64_t id, struct err *err);

#endif
