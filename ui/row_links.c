/* Which event has which link: a table of what came last and of what shows. It
 * opens and copies nothing. */
#include "ui/row_links.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/links.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define KEPT 1024 /* more than there are rows on a screen */
#define SLOTS (2 * KEPT)
#define MISSING 256 /* asked for by one frame; the next asks for the rest */

struct slot {
    uint64_t seq;   /* 0: nobody's */
    uint64_t frame; /* that asked for it last, or in which it came */
    char *url;      /* NULL: it has none */
};

struct request {
    struct row_links *links; /* NULL: the screen is gone */
    uint64_t seq;
};

struct row_links {
    struct screen *screen;
    struct ring_watch watch;
    struct slot slots[SLOTS]; /* from seq modulo SLOTS on */
    size_t count;
    uint64_t frame;
    uint64_t missing[MISSING];
    size_t missing_count;
    struct request *request; /* the one that is read; NULL: none */
};

static const struct display_host *host_of(const struct row_links *links)
{
    return screen_host(links->screen);
}

/* Its own, or the free one that would be. */
static struct slot *slot_of(struct row_links *links, uint64_t seq)
{
    size_t at = seq % SLOTS;

    while (links->slots[at].seq && links->slots[at].seq != seq)
        at = (at + 1) % SLOTS;
    return &links->slots[at];
}

/* Only what the last two frames asked for stays, if that is few enough. */
static void make_room(struct row_links *links)
{
    struct slot *old = xcalloc(SLOTS, sizeof *old);
    size_t recent = 0;
    bool few;

    memcpy(old, links->slots, sizeof links->slots);
    memset(links->slots, 0, sizeof links->slots);
    for (size_t i = 0; i < SLOTS; i++)
        recent += old[i].seq && old[i].frame + 1 >= links->frame;
    few = recent <= KEPT / 2;
    links->count = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        if (old[i].seq && few && old[i].frame + 1 >= links->frame) {
            *slot_of(links, old[i].seq) = old[i];
            links->count++;
        } else {
            free(old[i].url);
        }
    }
    free(old);
}

/* event NULL: it is gone. */
static void keep(struct row_links *links, uint64_t seq,
                 const struct event *event)
{
    const char *url = event ? links_best(event) : NULL;
    struct slot *slot;

    if (links->count == KEPT)
        make_room(links);
    slot = slot_of(links, seq);
    links->count += !slot->seq;
    free(slot->url);
    slot->seq = seq;
    slot->frame = links->frame;
    slot->url = url && links_allowed(host_of(links)->links, event->project_url,
                                     url, NULL, 0)
                    ? xstrdup(url)
                    : NULL;
}

static void on_push(void *ctx, uint64_t number, const struct event *event)
{
    (void)number;
    keep(ctx, event->seq, event);
}

struct row_links *row_links_new(struct screen *screen)
{
    struct row_links *links = xcalloc(1, sizeof *links);

    links->screen = screen;
    links->watch.on_push = on_push;
    links->watch.ctx = links;
    ring_watch(screen_host(screen)->ring, &links->watch);
    return links;
}

void row_links_free(struct row_links *links)
{
    if (!links)
        return;
    ring_unwatch(host_of(links)->ring, &links->watch);
    if (links->request)
        links->request->links = NULL;
    for (int i = 0; i < SLOTS; i++)
        free(links->slots[i].url);
    free(links);
}

const char *row_links_find(struct row_links *links, uint64_t seq)
{
    struct slot *slot = slot_of(links, seq);

    if (slot->seq) {
        slot->frame = links->frame;
        return slot->url;
    }
    if (links->missing_count < MISSING)
        links->missing[links->missing_count++] = seq;
    return NULL;
}

static void read_next(struct row_links *links);

static void found(void *ctx, const struct event *event)
{
    struct request *request = ctx;
    struct row_links *links = request->links;

    if (links) {
        links->request = NULL;
        keep(links, request->seq, event);
        if (links->missing_count)
            read_next(links);
        else
            screen_dirty(links->screen);
    }
    free(request);
}

static void read_next(struct row_links *links)
{
    const struct display_host *host = host_of(links);
    struct request *request;
    uint64_t seq = 0;

    while (links->missing_count && !seq) {
        seq = links->missing[--links->missing_count];
        if (slot_of(links, seq)->seq)
            seq = 0; /* another row asked for it too */
    }
    if (!seq)
        return;
    request = xcalloc(1, sizeof *request);
    request->links = links;
    request->seq = seq;
    links->request = request;
    host->fetch(host->ctx, seq, found, request);
}

void row_links_read(struct row_links *links)
{
    links->frame++;
    if (!links->request)
        read_next(links);
}
