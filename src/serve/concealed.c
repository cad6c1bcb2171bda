/* A filter that saw what is concealed would give it away, letter by letter. */
#include "serve/concealed.h"

#include "base/mem.h"

#include "base/banned.h"

bool concealed_match(const struct redaction *conceal,
                     const struct query *query, const struct event *event,
                     int64_t now_ms)
{
    struct arena arena = ARENA_INIT;
    struct event shown;
    bool matches;

    if (!conceal) /* as nearly everywhere: this is asked of each event */
        return query_match(query, event, now_ms);
    shown = *event;
    redaction_conceal(conceal, &shown, &arena);
    matches = query_match(query, &shown, now_ms);
    arena_free(&arena);
    return matches;
}
