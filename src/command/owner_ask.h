/* One question to the telltale that owns a journal. */
#ifndef TELLTALE_OWNER_ASK_H
#define TELLTALE_OWNER_ASK_H

#include <cjson/cJSON.h>

#include "base/err.h"

/* line is its JSON. The answer, which the caller deletes; NULL with err, also
 * when the owner says no, or has stopped meanwhile. */
cJSON *owner_ask(const char *journal, const char *line, struct err *err);

#endif
