/* A filter that saw what is concealed would give it away, letter by letter. */
#include "serve/concealed.h"

#include "base/banned.h"

void concealed_begin(struct concealed *concealed,
                     const struct redaction *conceal,
                     const struct event *event)
{
    *concealed = (struct concealed){.conceal = conceal,
                                    .event = event,
                                    .arena = ARENA_INIT};
}

void concealed_end(struct concealed *concealed)
{
    arena_free(&concealed->arena);
}

static const struct event *as_told(struct concealed *concealed)
{
    if (!concealed->conceal) /* as nearly everywhere */
        return concealed->event;
    if (!concealed->is_made) {
        concealed->shown = *concealed->event;
        redaction_conceal(concealed->conceal, &concealed->shown,
                          &concealed->arena);
        concealed->is_made = true;
    }
    return &concealed->shown;
}

bool concealed_match(struct concealed *concealed, const struct query *query,
                     int64_t now_ms)
{
    return query_is_empty(query) ||
           query_match(query, as_told(concealed), now_ms);
}
