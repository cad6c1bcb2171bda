/* At most one reading is under way. What comes back is the view's only if its
 * query is still the one that was asked for. */
#include "ui/pane/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/pane/screen.h"
#include "base/banned.h"

#define AT_ONCE 256 /* events */

struct reading {
    struct screen *screen;
    struct view *view; /* NULL: nobody wants it any more */
    bool busy;
    char *query; /* what was asked */
    uint64_t numbers[AT_ONCE];
    size_t count;
};

struct reading *reading_new(struct screen *screen, struct view *view)
{
    struct reading *reading = xcalloc(1, sizeof *reading);

    reading->screen = screen;
    reading->view = view;
    return reading;
}

static void destroy(struct reading *reading)
{
    free(reading->query);
    free(reading);
}

static bool is_asked_still(const struct reading *reading)
{
    const struct query *query = view_query(reading->view);

    return query && !strcmp(query_text(query), reading->query);
}

static void on_judged(void *ctx, const int *bits)
{
    struct reading *reading = ctx;

    reading->busy = false;
    if (!reading->view) {
        destroy(reading);
        return;
    }
    if (!bits)
        return;
    if (is_asked_still(reading))
        for (size_t i = 0; i < reading->count; i++)
            view_learn(reading->view, reading->numbers[i], bits[i]);
    screen_dirty(reading->screen);
}

/* Their seqs; what was evicted meanwhile is left out. */
static size_t find_seqs(struct reading *reading, const struct ring *ring,
                        uint64_t *seqs)
{
    size_t kept = 0;

    for (size_t i = 0; i < reading->count; i++) {
        const struct record *record = ring_get(ring, reading->numbers[i]);

        if (!record)
            continue;
        reading->numbers[kept] = reading->numbers[i];
        seqs[kept++] = record->seq;
    }
    return kept;
}

void reading_go_on(struct reading *reading)
{
    const struct display_host *host = screen_host(reading->screen);
    uint64_t seqs[AT_ONCE];

    if (reading->busy || !host->judge)
        return;
    reading->count = view_wanted(reading->view, reading->numbers, AT_ONCE);
    reading->count = find_seqs(reading, host->ring, seqs);
    if (!reading->count)
        return;
    free(reading->query);
    reading->query = xstrdup(query_text(view_query(reading->view)));
    reading->busy = true;
    if (!host->judge(host->ctx, reading->query, seqs, reading->count,
                     on_judged, reading))
        reading->busy = false;
}

void reading_free(struct reading *reading)
{
    reading->view = NULL;
    if (!reading->busy)
        destroy(reading);
}
