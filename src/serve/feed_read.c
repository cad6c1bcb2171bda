/* What the journal has for viewers of a feed that are behind: a piece at a
 * time on the reader's thread, for a few of them at once, and for each only
 * when its socket has taken the last. */
#include "serve/feed_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include "base/banned.h"

/* One piece of a search in which nothing matches: then others have a turn. */
#define PIECE_US INT64_C(250000)

/* On the reader's thread. */
static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct viewer *viewer = ctx;

    return feed_page_read(&viewer->page, reader, err);
}

/* What it has is not what is here: nothing goes on from there. */
static void tell_fork(struct viewer *viewer)
{
    viewer_send(viewer, &viewer->page.out);
    viewer_let_go(viewer, "what you have seen is not what is here");
}

static void take_page(struct viewer *viewer)
{
    if (viewer->page.forked) {
        tell_fork(viewer);
        return;
    }
    /* More of them than one piece holds; somebody new: from the beginning. */
    if (viewer->page.tell_forgotten && !viewer->forgets)
        viewer->forgets = viewer->forgets_on = true;
    viewer->acts |= viewer->page.tell_acts;
    viewer->cursor = viewer->page.after;
    if (viewer->cursor < viewer->page.upto)
        viewer_fall_behind(viewer);
    viewer_send(viewer, &viewer->page.out);
    viewer_end_if_whole(viewer);
    /* In a turn that has kept something, its end sends it. */
    if (!viewer->follows || viewer->feed->gathered)
        return;
    viewer_send(viewer, &viewer->live);
    viewer->cursor = viewer->feed->head;
}

static void on_page(void *ctx, bool ok, const struct err *err)
{
    struct viewer *viewer = ctx;
    struct feed *feed = viewer->feed;

    viewer->reading = false;
    feed->reading--;
    if (!ok && !feed->stopped) {
        log_limited(LOG_WARN, "the journal cannot be read for %s: %s",
                    viewer_name(viewer), err->text);
        viewer_let_go(viewer, "the journal cannot be read");
    } else if (!viewer->gone && viewer_is_judged(viewer, viewer->page.query)) {
        take_page(viewer);
    }
    feed_bury(feed);
    feed_read_more(feed);
}

static bool is_due(const struct viewer *viewer)
{
    return !viewer->gone &&
           (!viewer->follows || viewer->forgets || viewer->acts) &&
           !viewer->reading &&
           !server_stream_waiting(viewer->feed->server, viewer->id);
}

static void start_page(struct viewer *viewer)
{
    struct feed *feed = viewer->feed;

    viewer_fall_behind(viewer);
    viewer->page.tell_forgotten = viewer->forgets;
    viewer->page.goes_on = viewer->forgets_on;
    viewer->forgets = viewer->forgets_on = false;
    viewer->page.tell_acts = viewer->acts;
    viewer->acts = false;
    viewer->page.after = viewer->cursor;
    viewer->page.upto = feed->head;
    viewer->page.now_ms = clock_now_ms();
    viewer->page.deadline_us = clock_mono_us() + PIECE_US;
    /* What was kept in this turn already, it has not heard. */
    viewer->follows = !feed->gathered;
    viewer->reading = true;
    feed->reading++;
    journal_read(feed->journal, read_page, on_page, viewer);
}

/* Those that wait for their turn, the one with the least first: nobody is
 * read for twice while another waits. */
static struct viewer *next_due(const struct feed *feed)
{
    struct viewer *found = NULL;

    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (is_due(viewer) && (!found || viewer->cursor < found->cursor))
            found = viewer;
    return found;
}

void feed_read_more(struct feed *feed)
{
    struct viewer *viewer;

    while (!feed->stopped && feed->reading < LIMIT_SEARCHES &&
           (viewer = next_due(feed)))
        start_page(viewer);
}
