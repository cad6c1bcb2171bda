/* The head of a GET from anybody, as /events and as /feed would read it: what
 * is taken lies within its bounds. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "net/http_rules.h"
#include "serve/asked.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define MOST UINT64_C(999999999999999999) /* 18 digits */

static void check_events(const struct request *request)
{
    struct asked_events asked;
    struct err err = {""};

    if (!asked_events_read(request, &asked, &err)) {
        REQUIRE(err.text[0]);
        return;
    }
    REQUIRE(asked.limit >= 1 && asked.limit <= LIMIT_EVENTS_LINES);
    REQUIRE(asked.after <= MOST && asked.before <= MOST);
    REQUIRE(asked.walks || !asked.newest_first || !asked.after);
    REQUIRE(asked.from.seq <= MOST && asked.from.ms <= (int64_t)MOST &&
            asked.from.ms >= -(int64_t)MOST);
    REQUIRE(!query_asks_book(asked.query));
    query_free(asked.query);
}

static void check_feed(const struct request *request)
{
    struct asked_feed asked;
    struct err err = {""};

    if (!asked_feed_read(request, &asked, &err)) {
        REQUIRE(err.text[0]);
        return;
    }
    REQUIRE(asked.after <= MOST || asked.after == UINT64_MAX);
    REQUIRE(asked.acts <= MOST && (asked.by_acts || !asked.acts));
    REQUIRE(asked.at.count <= LIMIT_LOCATOR);
    for (size_t i = 0; i < asked.at.count; i++) {
        const struct locator_point *point = &asked.at.list[i];

        REQUIRE(point->seq && point->seq <= MOST);
        REQUIRE(point->received_at >= 0);
        REQUIRE(!i || point->seq < point[-1].seq);
    }
    REQUIRE(asked.form == FEED_LINES || asked.form == FEED_EVENTS);
    REQUIRE(!strcmp(query_text(asked.query[0]), query_text(asked.query[1])));
    query_free(asked.query[0]);
    query_free(asked.query[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_head head;
    char *copy = malloc(size ? size : 1), *query;
    const char *why = NULL;

    REQUIRE(copy);
    if (size)
        memcpy(copy, data, size);
    if (!http_head_parse(&head, copy, size, &why)) {
        struct request request = {.method = head.method,
                                  .path = head.path,
                                  .impl = &head};

        query = malloc(head.query_len + 1);
        REQUIRE(query);
        if (head.query_len)
            memcpy(query, head.query, head.query_len);
        query[head.query_len] = '\0';
        request.query = query;
        check_events(&request);
        check_feed(&request);
        free(query);
    }
    free(copy);
    return 0;
}
