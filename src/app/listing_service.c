/* The service "listing": tells the journal what the book calls its accounts,
 * and who is in it, at the start and whenever the book is read again. Reports
 * and signals go by the journal's names. */
#include <stdlib.h>

#include "app/service.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/listing.h"

#include "base/banned.h"

#define AT_ONCE 1000 /* accounts in a transaction: events come in between */

struct listing_service {
    const struct service_host *host;
    unsigned readings; /* of the book: what an older one says is given up */
};

/* A copy: the book may be another before the writer has come to it. */
struct listing {
    const struct listing_service *service;
    unsigned reading;
    struct arena arena;
    struct listed_account *accounts;
    size_t count, done;
};

static void listing_free(void *ctx)
{
    struct listing *listing = ctx;

    arena_free(&listing->arena);
    free(listing->accounts);
    free(listing);
}

static struct listing *listing_of(const struct listing_service *service)
{
    const struct book *book = service->host->decode->book;
    struct listing *listing = xcalloc(1, sizeof *listing);

    listing->service = service;
    listing->reading = service->readings;
    listing->arena = (struct arena)ARENA_INIT;
    listing->count = book_count(book);
    listing->accounts =
        xreallocarray(NULL, listing->count, sizeof *listing->accounts);
    for (size_t i = 0; i < listing->count; i++) {
        const struct account *account = book_at(book, i);

        listing->accounts[i] = (struct listed_account){
            .id = arena_strdup(&listing->arena, account->id),
            .name = arena_strdup(&listing->arena, account->name)};
    }
    qsort(listing->accounts, listing->count, sizeof *listing->accounts,
          listing_by_id);
    return listing;
}

static size_t next_count(const struct listing *listing)
{
    size_t left = listing->count - listing->done;

    return left < AT_ONCE ? left : AT_ONCE;
}

static bool put(void *ctx, struct sqlite3 *db, struct err *err)
{
    const struct listing *listing = ctx;
    size_t count = next_count(listing);

    return listing_put(db, listing->accounts + listing->done, count, err) &&
           (listing->done + count < listing->count ||
            listing_end(db, listing->accounts, listing->count, err));
}

static bool is_wanted(const struct listing *listing)
{
    return listing->done < listing->count &&
           listing->reading == listing->service->readings &&
           !listing->service->host->stopping;
}

static void on_put(void *ctx, bool ok, const struct err *err)
{
    struct listing *listing = ctx;

    listing->done += next_count(listing);
    if (ok && is_wanted(listing)) {
        journal_write_owned(listing->service->host->journal, put, on_put,
                            listing, listing_free);
        return;
    }
    if (!ok)
        log_limited(LOG_WARN,
                    "the names of the book are not in the journal: %s",
                    err->text);
    listing_free(listing);
}

/* Without a book everything stays: it may only be away. */
static void listing_service_reread(void *self)
{
    struct listing_service *service = self;

    service->readings++;
    if (book_count(service->host->decode->book))
        journal_write_owned(service->host->journal, put, on_put,
                            listing_of(service), listing_free);
}

static void *listing_service_new(const struct service_host *host,
                                 struct err *err)
{
    struct listing_service *service = xcalloc(1, sizeof *service);

    (void)err;
    service->host = host;
    return service;
}

static bool listing_service_open(void *self, struct err *err)
{
    (void)err;
    listing_service_reread(self);
    return true;
}

const struct service service_listing = {.new = listing_service_new,
                                        .open = listing_service_open,
                                        .reread = listing_service_reread,
                                        .free = free};
