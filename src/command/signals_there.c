/* Over GET /signals, page by page until one is empty, and POST /act. */
#include "command/signals_there.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"

#include "event/url.h"
#include "base/banned.h"

#define PATIENCE_MS 30000
#define PAGES 1000 /* of a server that never comes to an end */

struct listing {
    bool (*each)(void *ctx, const struct signal_row *row);
    void *ctx;
    uint64_t lines; /* that it has told */
    bool stopped;
};

/* A line that is none is left out, as the feed's readers do. */
static void take_line(struct listing *listing, const char *text, size_t len)
{
    struct arena arena = ARENA_INIT;
    struct signal_row row;
    struct err err;

    listing->lines++;
    if (!signal_row_read(text, len, &arena, &row, &err))
        fprintf(stderr, "telltale: a line is left out: %s\n", err.text);
    else
        listing->stopped = !listing->each(listing->ctx, &row);
    arena_free(&arena);
}

static void take_page(struct listing *listing, const struct buf *page)
{
    const char *at = page->data, *end = at + page->len, *stop;

    while (!listing->stopped &&
           (stop = memchr(at, '\n', (size_t)(end - at)))) {
        take_line(listing, at, (size_t)(stop - at));
        at = stop + 1;
    }
}

static void add_target(struct buf *out, bool all, const char *account,
                       uint64_t skip)
{
    buf_addf(out, "/signals?skip=%" PRIu64, skip);
    if (all)
        buf_adds(out, "&all=1");
    if (account) {
        buf_adds(out, "&account=");
        url_escape(out, account);
    }
}

/* One page; *more: there may be another. */
static int ask_page(const struct there *there, bool all, const char *account,
                    struct listing *listing, bool *more, struct err *err)
{
    uint64_t before = listing->lines;
    struct buf target, page;
    int code;

    buf_init(&target, 64 * KIB);
    buf_init(&page, LIMIT_ANSWER);
    add_target(&target, all, account, before);
    code = there_ask(there, target.data, NULL, PATIENCE_MS, &page, err);
    if (code == EXIT_DONE && page.len)
        take_page(listing, &page);
    *more = code == EXIT_DONE && !listing->stopped && listing->lines > before;
    buf_free(&target);
    buf_free(&page);
    return code;
}

int signals_there_list(const struct there *there, bool all,
                       const char *account,
                       bool (*each)(void *ctx, const struct signal_row *row),
                       void *ctx, struct err *err)
{
    struct listing listing = {.each = each, .ctx = ctx};
    bool more = true;
    int code = EXIT_DONE;

    for (int i = 0; more && i < PAGES; i++)
        code = ask_page(there, all, account, &listing, &more, err);
    return code;
}

static char *words_of(const struct signal_change *change)
{
    cJSON *words = cJSON_CreateObject();
    char until[CLOCK_ISO_SIZE], *text;

    cJSON_AddStringToObject(words, "do", signal_change_verb(change));
    cJSON_AddNumberToObject(words, "signal", (double)change->id);
    if (change->noted)
        cJSON_AddStringToObject(words, "note",
                                change->note ? change->note : "");
    clock_format_iso(change->until, until);
    if (change->until)
        cJSON_AddStringToObject(words, "until", until);
    text = cJSON_PrintUnformatted(words);
    cJSON_Delete(words);
    return text;
}

int signals_there_change(const struct there *there,
                         const struct signal_change *change, struct err *err)
{
    char *words = words_of(change);
    struct buf answer;
    int code;

    buf_init(&answer, MIB);
    code = there_ask(there, "/act", words, PATIENCE_MS, &answer, err);
    buf_free(&answer);
    cJSON_free(words);
    return code;
}
