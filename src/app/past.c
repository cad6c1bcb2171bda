/* Pieces of the past for the screen: events are read from the journal in the
 * order of time, on its reader's thread, a page at a time. */
#include "app/internal.h"

#include <stdlib.h>

#include "app/board.h"
#include "app/link_service.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/forget.h"
#include "live/past_piece.h"
#include "base/banned.h"

/* The loop's until journal_read_owned(), then the reader's, then the loop's
 * again. */
struct past_reading {
    struct app *app;
    struct past_piece *piece;
    void (*came)(void *screen, struct past_piece *piece);
    void *screen;
    bool attached; /* what is older is there: */
    bool known;    /* whose journal that is */
    struct uuid there;
    bool open; /* it goes on there, where is not known yet */
};

/* A time before our journal begins. */
static bool is_before(const struct reader_place *from,
                      const struct reader_place *edge)
{
    return !from->seq && from->ms && from->ms < edge->ms;
}

/* Where the walk leaves our journal, if it does: at its end to older ones, or
 * at its beginning, where that is a time from before. */
static bool look_there(struct past_reading *reading,
                       struct journal_reader *reader, bool *there,
                       struct err *err)
{
    struct past_piece *piece = reading->piece;
    struct reader_place edge;
    bool found;

    *there = reading->open = false;
    if (!reading->attached ||
        (piece->walk.newest_first ? piece->more : piece->walk.begun))
        return true;
    if (!past_there_edge(reader, &reading->there, &edge, &found, err))
        return false;
    *there = piece->walk.newest_first || !found ||
             is_before(&piece->walk.from, &edge);
    reading->open = *there && !reading->known;
    piece->there =
        (struct past_there){*there && reading->known,
                            !found || is_before(&piece->walk.from, &edge)
                                ? piece->walk.from
                                : edge};
    piece->more |= *there;
    return true;
}

/* On the reader's thread. */
static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct past_reading *reading = ctx;
    struct past_piece *piece = reading->piece;
    bool there;

    if (!piece->walk.newest_first &&
        (!look_there(reading, reader, &there, err) || there))
        return there ? READER_DONE : READER_FAILED;
    piece->walk.limit = piece->want - piece->batch->count;
    if (!reader_walk(reader, &piece->walk, piece->batch, &piece->more, err))
        return READER_FAILED;
    if (piece->walk.newest_first && !look_there(reading, reader, &there, err))
        return READER_FAILED;
    return piece->more && !piece->there.on && !reading->open &&
                   piece->batch->count < piece->want
               ? READER_AGAIN
               : READER_DONE;
}

/* Names are the book's, as on the board; of who is being forgotten nothing
 * shows. */
static void prepare(struct app *app, struct event_batch *batch)
{
    const struct board *board = app->services[SERVICE_board];
    size_t kept = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct event *event = &batch->events[i];

        if (board->gone && forget_takes(board->gone, event))
            continue;
        decode_relabel(app->decode.book, event, &batch->arena);
        batch->events[kept++] = *event;
    }
    batch->count = kept;
}

static void give(struct past_reading *reading, bool ok)
{
    reading->piece->ok = ok;
    reading->came(reading->screen, reading->piece);
    free(reading);
}

static void on_dropped(void *ctx)
{
    give(ctx, false);
}

static void on_read(void *ctx, bool ok, const struct err *err);

/* While the first link is being made, what is older may be there, though not
 * a word of it was heard. */
static void begin(void *ctx)
{
    struct past_reading *reading = ctx;
    struct app *app = reading->app;
    const void *link = app->services[SERVICE_link];

    reading->known = link_service_there(link, &reading->there);
    reading->attached =
        app->options.attach && (reading->known || link_service_begins(link));
    journal_read_owned(app->journal, read_page, on_read, reading, on_dropped);
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct past_reading *reading = ctx;
    struct app *app = reading->app;

    if (!ok)
        log_line(LOG_WARN, "the past cannot be read: %s", err->text);
    if (ok && reading->open && !reading->piece->batch->count &&
        !app->stopping) {
        past_wait(app, begin, on_dropped, reading);
        return;
    }
    prepare(app, reading->piece->batch);
    give(reading, ok);
    app_changed(app);
}

bool host_read_past(void *ctx, struct past_piece *piece,
                    void (*came)(void *screen, struct past_piece *piece),
                    void *screen)
{
    struct app *app = ctx;
    struct past_reading *reading;

    if (!app->journal || app->stopping)
        return false;
    piece->batch = event_batch_new();
    if (piece->there.on) {
        past_there_read(app, piece, came, screen);
        return true;
    }
    reading = xcalloc(1, sizeof *reading);
    *reading = (struct past_reading){.app = app,
                                     .piece = piece,
                                     .came = came,
                                     .screen = screen};
    begin(reading);
    return true;
}
