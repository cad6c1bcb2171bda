/* Reads parameters and headers into structs. Answering is events.c and
 * feed_route.c. */
#include "serve/asked.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "serve/params.h"

#include "base/banned.h"

#define LINES_USUAL 100

/* "SEQ.MS.PAST", as struct reader_place; MS may be before 1970. */
static bool read_place(const char *text, struct reader_place *out)
{
    unsigned long long seq;
    long long ms;
    int past, end = 0;

    if (*text == '-' || strspn(text, "0123456789.-") != strlen(text) ||
        sscanf(text, "%18llu.%18lld.%1d%n", &seq, &ms, &past, &end) != 3 ||
        text[end] || past < 0 || past > 1)
        return false;
    *out = (struct reader_place){seq, ms, past};
    return true;
}

static bool read_walk(const struct request *request, struct asked_events *out,
                      struct err *err)
{
    char text[64];
    bool given;

    if (!params_text(request, "order", text, sizeof text, &given, err))
        return false;
    if (!given)
        return true;
    out->walks = true;
    out->newest_first = !strcmp(text, "older");
    if (!out->newest_first && strcmp(text, "newer") != 0)
        return err_set(err, "order is older or newer");
    return (params_text(request, "place", text, sizeof text, &given, err) &&
            (!given || read_place(text, &out->from))) ||
           err_set(err, "place is what X-Telltale-Next says");
}

bool asked_events_read(const struct request *request, struct asked_events *out,
                       struct err *err)
{
    uint64_t limit = LINES_USUAL;
    bool after, before, given;

    *out = (struct asked_events){.after = 0};
    if (!params_number(request, "after", &out->after, &after) ||
        !params_number(request, "before", &out->before, &before) ||
        !params_number(request, "limit", &limit, &given))
        return err_set(err, "after, before and limit are numbers");
    if (limit < 1 || limit > LIMIT_EVENTS_LINES)
        return err_set(err, "limit is from 1 to %d", LIMIT_EVENTS_LINES);
    out->newest_first = !after;
    out->limit = (size_t)limit;
    if (!params_flag(request, "kept", &out->kept, err) ||
        !read_walk(request, out, err))
        return false;
    out->query = params_query(request, err);
    return out->query;
}

static enum feed_form read_form(const struct request *request)
{
    char accept[256];

    if (!request_header(request, "accept", accept, sizeof accept))
        return FEED_LINES;
    for (char *at = accept; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return strstr(accept, "text/event-stream") ? FEED_EVENTS : FEED_LINES;
}

static bool read_locator(const struct request *request, struct locator *out,
                         struct err *err)
{
    char text[LIMIT_HTTP_TARGET + 1];
    bool given;

    out->count = 0;
    return params_text(request, "at", text, sizeof text, &given, err) &&
           (!given || locator_read(text, out, err));
}

bool asked_feed_read(const struct request *request, struct asked_feed *out,
                     struct err *err)
{
    bool given;

    *out = (struct asked_feed){.after = UINT64_MAX};
    if (!params_number(request, "after", &out->after, &given))
        return err_set(err, "after is a number");
    if (!params_header(request, "last-event-id", &out->after, &given))
        return err_set(err, "Last-Event-ID is a number");
    if (!params_number(request, "acts", &out->acts, &out->by_acts))
        return err_set(err, "acts is a number");
    if (!params_flag(request, "kept", &out->kept, err) ||
        !params_flag(request, "end", &out->ends, err) ||
        !read_locator(request, &out->at, err))
        return false;
    out->form = read_form(request);
    out->query[0] = params_query(request, err);
    out->query[1] = out->query[0] ? params_query(request, err) : NULL;
    if (!out->query[1])
        query_free(out->query[0]);
    return out->query[1];
}
