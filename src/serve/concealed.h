/* What is kept and not told: no filter asks for it either. */
#ifndef TELLTALE_CONCEALED_H
#define TELLTALE_CONCEALED_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "event/redact.h"
#include "query/query.h"

/* query_match() of the event as it is told; conceal NULL: all is told. */
bool concealed_match(const struct redaction *conceal,
                     const struct query *query, const struct event *event,
                     int64_t now_ms);

#endif
