/* Refused bodies, decoded again, for `telltale tail --rejects --retry`. */
#ifndef TELLTALE_REJECTS_RETRY_H
#define TELLTALE_REJECTS_RETRY_H

#include <stdbool.h>

#include "base/err.h"
#include "event/decode.h"

/* By the telltale that runs, with what it decodes by; else here, with decoder.
 * Says what came of it; waits for the end. False with err. */
bool rejects_retry(const char *path, const struct decoder *decoder,
                   struct err *err);

#endif
