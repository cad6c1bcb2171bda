/* A query for each rule, bound to the ring's texts: each text is judged once.
 */
#include "ui/pane/highlight.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/banned.h"

#define FILTERS_MAX 16

struct highlight {
    size_t count;
    struct query *queries[FILTERS_MAX];
    struct query_bound *bound[FILTERS_MAX];
};

struct highlight *highlight_new(const struct display_host *host)
{
    struct highlight *highlight;
    const char *text;

    if (!host->highlight || !host->highlight(host->ctx, 0))
        return NULL;
    highlight = xcalloc(1, sizeof *highlight);
    for (size_t i = 0; i < FILTERS_MAX; i++) {
        struct query *query;

        text = host->highlight(host->ctx, i);
        query = text ? query_parse(text, NULL) : NULL;
        if (!query)
            break;
        highlight->queries[i] = query;
        highlight->bound[i] = query_bind(query, ring_texts(host->ring));
        highlight->count++;
    }
    return highlight;
}

void highlight_free(struct highlight *highlight)
{
    if (!highlight)
        return;
    for (size_t i = 0; i < highlight->count; i++) {
        query_unbind(highlight->bound[i]);
        query_free(highlight->queries[i]);
    }
    free(highlight);
}

bool highlight_is(struct highlight *highlight, const struct record *record,
                  int64_t now_ms)
{
    for (size_t i = 0; highlight && i < highlight->count; i++)
        if (query_match_row(highlight->bound[i], &record->row, now_ms))
            return true;
    return false;
}
