/* One question to the telltale that owns a journal. */
#ifndef TELLTALE_OWNER_ASK_H
#define TELLTALE_OWNER_ASK_H

#include <cjson/cJSON.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* line is its JSON. The answer, which the caller deletes; NULL with err, also
 * when the owner says no, or has stopped meanwhile. */
cJSON *owner_ask(const char *journal, const char *line, struct err *err);
/* The same of a request that is deleted here. */
cJSON *owner_request(const char *journal, cJSON *request, struct err *err);
/* And of one that is answered by yes or no. */
bool owner_tell(const char *journal, cJSON *request, struct err *err);

/* A count in an answer; 0 where there is none. */
uint64_t owner_number(const cJSON *answer, const char *name);

#endif
