/* Framing, and nothing else: what is told is feed.c's and feed_page.c's. In
 * server sent events a line that moves the viewer on has its seq as the id, by
 * which a browser that lost the connection asks for the rest. */
#include "serve/feed_line.h"

#include "base/banned.h"

static bool keep(struct buf *out, size_t before)
{
    if (buf_ok(out))
        return true;
    out->overflow = false;
    buf_truncate(out, before);
    return false;
}

static void begin(struct buf *out, enum feed_form form, const char *kind,
                  uint64_t seq)
{
    if (form == FEED_LINES)
        return;
    if (kind)
        buf_addf(out, "event: %s\n", kind);
    if (seq)
        buf_addf(out, "id: %llu\n", (unsigned long long)seq);
    buf_adds(out, "data: ");
}

static void end(struct buf *out, enum feed_form form)
{
    buf_adds(out, form == FEED_LINES ? "\n" : "\n\n");
}

bool feed_line_event(struct buf *out, enum feed_form form, uint64_t seq,
                     const char *json, size_t len)
{
    size_t before = out->len;

    begin(out, form, NULL, seq);
    buf_add(out, json, len);
    end(out, form);
    return keep(out, before);
}

bool feed_line_say(struct buf *out, enum feed_form form, const char *kind,
                   uint64_t seq, const char *rest)
{
    size_t before = out->len;

    begin(out, form, kind, seq);
    buf_addf(out, "{\"feed\":\"%s\"", kind);
    if (seq)
        buf_addf(out, ",\"seq\":%llu", (unsigned long long)seq);
    buf_adds(out, rest);
    buf_addc(out, '}');
    end(out, form);
    return keep(out, before);
}
