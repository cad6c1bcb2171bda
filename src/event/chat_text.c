/* Reading messages that were written for people. Marks go, the text of links
 * stays. The forms known: "[who](url) triggered action [what](url)" and its
 * Slack twin "<url|who> triggered …", and "*who* triggered event: 'name'". */
#include "event/chat_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

#include "base/banned.h"

struct link {
    const char *label, *url;
    size_t label_len, url_len;
    const char *after;
};

/* "[label](url)" */
static bool markdown_link(const char *at, struct link *out)
{
    const char *middle, *end;

    if (*at != '[' || !(middle = strstr(at, "](")) ||
        !(end = strchr(middle, ')')))
        return false;
    *out = (struct link){.label = at + 1, .url = middle + 2, .after = end + 1};
    out->label_len = (size_t)(middle - out->label);
    out->url_len = (size_t)(end - out->url);
    return true;
}

/* "<url|label>" or "<url>" */
static bool slack_link(const char *at, struct link *out)
{
    const char *end, *bar;

    if (strncmp(at, "<http", 5) != 0 || !(end = strchr(at, '>')))
        return false;
    bar = memchr(at, '|', (size_t)(end - at));
    *out = (struct link){.url = at + 1, .after = end + 1};
    out->url_len = (size_t)((bar ? bar : end) - out->url);
    out->label = bar ? bar + 1 : out->url;
    out->label_len = bar ? (size_t)(end - out->label) : out->url_len;
    return true;
}

static void note_link(const struct link *link, struct chat_text *prose,
                      struct arena *arena)
{
    const char *url = arena_strndup(arena, link->url, link->url_len);

    if (strstr(url, "/person/") || strstr(url, "/persons/")) {
        if (!prose->person_url)
            prose->person_url = url;
    } else if (!prose->link) {
        prose->link = url;
    }
}

/* text without marks, into out; links are noted. */
static void strip(const char *text, struct chat_text *prose,
                  struct arena *arena, struct buf *out)
{
    struct link link;

    while (*text) {
        if (markdown_link(text, &link) || slack_link(text, &link)) {
            buf_add(out, link.label, link.label_len);
            note_link(&link, prose, arena);
            text = link.after;
        } else {
            if (!strchr("*`", *text))
                buf_addc(out, *text);
            text++;
        }
    }
}

/* The name in "triggered event: 'name'". */
static const char *quoted_name(const char *what, struct arena *arena)
{
    static const char lead[] = "triggered event: '";
    const char *end;

    if (strncmp(what, lead, sizeof lead - 1) != 0)
        return NULL;
    what += sizeof lead - 1;
    end = strrchr(what, '\'');
    return end && end > what ? arena_strndup(arena, what, (size_t)(end - what))
                             : NULL;
}

struct chat_text chat_text_read(const char *text, struct arena *arena)
{
    struct chat_text prose = {0};
    const char *verb;
    struct buf plain;

    buf_init(&plain, strlen(text));
    strip(text, &prose, arena, &plain);
    prose.what = arena_strndup(arena, plain.data, plain.len);
    buf_free(&plain);
    verb = strstr(prose.what, " triggered ");
    if (verb && verb > prose.what && verb - prose.what <= 200) {
        prose.who =
            arena_strndup(arena, prose.what, (size_t)(verb - prose.what));
        prose.what = verb + 1;
        prose.event = quoted_name(prose.what, arena);
    }
    return prose;
}
