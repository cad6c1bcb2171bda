/* What is kept and not told: no filter asks for it either. */
#ifndef TELLTALE_CONCEALED_H
#define TELLTALE_CONCEALED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "event/event.h"
#include "event/redact.h"
#include "query/query.h"

/* An event as it is told, made when it is first asked for. */
struct concealed {
    const struct redaction *conceal;
    const struct event *event;
    struct event shown;
    struct arena arena;
    bool is_made;
};

/* Both are borrowed; conceal NULL: all is told. */
void concealed_begin(struct concealed *concealed,
                     const struct redaction *conceal,
                     const struct event *event);
void concealed_end(struct concealed *concealed);

/* query_match() of it. */
bool concealed_match(struct concealed *concealed, const struct query *query,
                     int64_t now_ms);

#endif
