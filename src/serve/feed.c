/* The feed's viewers, and who gets what next.
 *
 * A viewer that has everything up to `head` follows: what is committed in a
 * turn is made into lines once, gathered for each viewer, and sent at the
 * turn's end. One that has not is behind: pieces of the journal are read for
 * it, the next one when its socket has taken the last. While a piece is read
 * that ends at the head, what is committed meanwhile is gathered behind it, so
 * that a viewer catches up however fast events come. A turn of which
 * feed_kept() did not hear everything (ticks, the past) puts all behind, for a
 * moment.
 *
 * So nothing is pushed that could not be read again, and what waits in memory
 * for a slow viewer is a piece, not a backlog. */
#include "serve/feed_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "serve/concealed.h"
#include "base/banned.h"

struct feed *feed_new(struct journal *journal, const struct viewers *viewers,
                      const struct redaction *conceal)
{
    struct feed *feed = xcalloc(1, sizeof *feed);

    feed->journal = journal;
    feed->viewers = viewers;
    feed->conceal = conceal;
    feed->head = journal_stats(journal).last_seq;
    buf_init(&feed->json[false], LIMIT_ANSWER);
    buf_init(&feed->json[true], LIMIT_ANSWER);
    return feed;
}

void feed_free(struct feed *feed)
{
    while (feed->first) {
        struct viewer *viewer = feed->first;

        feed->first = viewer->next;
        viewer_free(viewer);
    }
    buf_free(&feed->json[false]);
    buf_free(&feed->json[true]);
    free(feed);
}

static void gather(struct viewer *viewer, struct concealed *concealed,
                   int64_t now_ms)
{
    struct feed *feed = viewer->feed;
    const struct event *event = concealed->event;
    struct buf *json = &feed->json[viewer->page.kept];

    if (viewer->gone || !viewer->follows ||
        !concealed_match(concealed, viewer->query, now_ms))
        return;
    if (!json->len)
        feed_page_json(json, viewer->page.kept, event, feed->conceal,
                       journal_id(feed->journal));
    if (viewer->live.len && viewer->live.len + json->len > LIMIT_FEED_PIECE)
        viewer_fall_behind(viewer);
    else
        feed_page_add(&viewer->live, viewer->page.form, event, json->data,
                      json->len);
}

/* Its JSON is made once for all who want the same. */
static void tell_event(struct feed *feed, const struct event *event)
{
    int64_t now_ms = clock_now_ms();
    struct concealed concealed;

    concealed_begin(&concealed, feed->conceal, event);
    for (int kept = 0; kept < 2; kept++) {
        buf_clear(&feed->json[kept]);
        if (feed->json[kept].cap > MIB)
            buf_free(&feed->json[kept]);
    }
    for (struct viewer *at = feed->first; at; at = at->next)
        gather(at, &concealed, now_ms);
    concealed_end(&concealed);
}

void feed_kept(struct feed *feed, const struct event_batch *batch)
{
    for (size_t i = 0; i < batch->fresh; i++) {
        const struct event *event = &batch->events[i];

        if (event->seq <= feed->newest)
            continue;
        feed->newest = event->seq;
        feed->gathered++;
        if (feed->count)
            tell_event(feed, event);
    }
}

/* The turn was heard whole. */
static void follow(struct viewer *viewer, uint64_t last_seq)
{
    const struct feed *feed = viewer->feed;

    if (viewer->gone || !viewer->follows || viewer->reading)
        return;
    if (server_stream_waiting(feed->server, viewer->id) > LIMIT_FEED_WAITING) {
        viewer_fall_behind(viewer);
        return;
    }
    if (!viewer_is_judged(viewer, viewer->query))
        return;
    viewer_send(viewer, &viewer->live);
    viewer->cursor = last_seq;
    viewer_end_if_whole(viewer);
}

void feed_committed(struct feed *feed, uint64_t last_seq)
{
    bool whole =
        last_seq - feed->head == feed->gathered && feed->newest == last_seq;

    if (last_seq <= feed->head)
        return;
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (whole)
            follow(viewer, last_seq);
        else
            viewer_fall_behind(viewer);
    feed->head = last_seq;
    feed->newest = last_seq;
    feed->gathered = 0;
    feed_bury(feed);
    feed_read_more(feed);
}

void feed_say(struct feed *feed, const char *kind, const char *rest)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (!viewer->gone)
            viewer_say(viewer, kind, 0, rest);
}

void feed_say_act(struct feed *feed, const char *rest)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (viewer->by_acts)
            viewer->acts = true;
        else if (!viewer->gone)
            viewer_say(viewer, "act", 0, rest);
    feed_read_more(feed);
}

bool feed_has(const struct feed *feed, const char *name)
{
    for (const struct viewer *at = feed->first; at; at = at->next)
        if (!at->gone && !strcmp(at->token.name, name))
            return true;
    return false;
}

uint64_t feed_left(const struct feed *feed)
{
    return feed->left;
}

void feed_forgotten(struct feed *feed)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next) {
        viewer->forgets = viewer->page.kept;
        viewer->forgets_on = false;
    }
    feed_read_more(feed);
}

void feed_recheck(struct feed *feed)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (!viewer->gone && !viewers_hold(feed->viewers, &viewer->token)) {
            log_line(LOG_NOTE, "%s may look no longer", viewer_name(viewer));
            viewer_let_go(viewer, "the token holds no longer");
        }
}

void feed_stop(struct feed *feed)
{
    feed->stopped = true;
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (!viewer->gone)
            viewer_let_go(viewer, "the server stops");
}
