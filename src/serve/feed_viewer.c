/* One viewer of a feed: what it is told, and how it is let go. When that is,
 * the other files of the feed say. */
#include "serve/feed_internal.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/limits.h"

#include "base/banned.h"

void viewer_free(struct viewer *viewer)
{
    query_free(viewer->query);
    feed_page_free(&viewer->page);
    buf_free(&viewer->live);
    free(viewer);
}

const char *viewer_name(const struct viewer *viewer)
{
    return *viewer->token.name ? viewer->token.name : "a viewer";
}

void feed_bury(struct feed *feed)
{
    struct viewer **at = &feed->first;

    while (*at) {
        struct viewer *viewer = *at;

        if (viewer->gone && !viewer->reading) {
            *at = viewer->next;
            viewer_free(viewer);
        } else {
            at = &viewer->next;
        }
    }
}

void viewer_send(struct viewer *viewer, struct buf *out)
{
    if (!viewer->gone)
        server_stream_send(viewer->feed->server, viewer->id, out->data,
                           out->len);
    buf_clear(out);
    if (out->cap > LIMIT_FEED_PIECE)
        buf_free(out);
}

void viewer_say(struct viewer *viewer, const char *kind, uint64_t seq,
                const char *rest)
{
    struct buf out;

    buf_init(&out, MIB);
    feed_line_say(&out, viewer->page.form, kind, seq, rest);
    viewer_send(viewer, &out);
    buf_free(&out);
}

void viewer_bye(struct viewer *viewer, const char *why, bool all)
{
    cJSON *word = cJSON_CreateString(why);
    char *quoted = cJSON_PrintUnformatted(word);
    struct buf rest;

    buf_init(&rest, 16 * KIB);
    buf_addf(&rest, ",\"why\":%s%s", quoted, all ? ",\"all\":true" : "");
    viewer_say(viewer, "bye", 0, rest.data);
    buf_free(&rest);
    cJSON_free(quoted);
    cJSON_Delete(word);
    if (viewer->gone)
        return;
    viewer->gone = true;
    viewer->feed->count--;
    viewer->feed->left++;
    server_stream_end(viewer->feed->server, viewer->id);
}

void viewer_let_go(struct viewer *viewer, const char *why)
{
    viewer_bye(viewer, why, false);
}

void viewer_end_if_whole(struct viewer *viewer)
{
    if (viewer->ends && !viewer->gone && !viewer->forgets && !viewer->acts &&
        viewer->cursor >= viewer->last)
        viewer_bye(viewer, "that is all", true);
}

void viewer_fall_behind(struct viewer *viewer)
{
    viewer->follows = false;
    buf_free(&viewer->live);
}

bool viewer_is_judged(struct viewer *viewer, const struct query *query)
{
    struct err err;

    if (query_explain_unjudged(query, &err))
        return true;
    viewer_let_go(viewer, err.text);
    return false;
}
