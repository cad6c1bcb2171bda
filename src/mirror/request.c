/* The HTTP request of one message, and what its answer means. Used for
 * sending and for `telltale check --mirror`; nothing is sent here. */
#include "mirror/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

static const char *header(struct arena *arena, const char *name,
                          const char *value)
{
    struct buf text;
    const char *line;

    buf_init(&text, 16 * KIB);
    buf_addf(&text, "%s: %s", name, value);
    line = arena_strdup(arena, text.data);
    buf_free(&text);
    return line;
}

/* Standard Webhooks: id, time and signature of the body. */
static size_t sign_headers(const struct mirror_settings *settings,
                           const char *id, const struct buf *body,
                           struct arena *arena, const char *headers[8],
                           size_t count)
{
    char seconds[24];
    struct buf signature;

    snprintf(seconds, sizeof seconds, "%lld",
             (long long)(clock_now_ms() / 1000));
    buf_init(&signature, 4 * KIB);
    if (secret_sign(&settings->signing, id, seconds, body->data, body->len,
                    &signature)) {
        headers[count++] = header(arena, "webhook-id", id);
        headers[count++] = header(arena, "webhook-timestamp", seconds);
        headers[count++] = header(arena, "webhook-signature", signature.data);
    }
    buf_free(&signature);
    return count;
}

bool mirror_request(const struct mirror_settings *settings,
                    const struct mirror_content *content, struct arena *arena,
                    const char *headers[8], struct buf *body)
{
    size_t count = 0;

    if (!settings->type->render(settings, content, body))
        return false;
    headers[count++] = "Content-Type: application/json; charset=utf-8";
    if (settings->token) {
        char bearer[1024];

        snprintf(bearer, sizeof bearer, "Bearer %s", settings->token);
        headers[count++] = header(arena, "Authorization", bearer);
    }
    if (settings->signing.count)
        count =
            sign_headers(settings, content->id, body, arena, headers, count);
    headers[count] = NULL;
    return true;
}

/* Many servers say the address again ("Cannot POST /hooks/…"), which is a
 * secret, or answer with a page. */
static bool may_be_told(const struct mirror_settings *settings,
                        const char *body)
{
    const char *host = strstr(settings->url, "://");
    const char *path = host ? strpbrk(host + 3, "/?") : NULL;

    return *body != '<' && !strchr(body, '/') &&
           !(path && path[1] && strstr(body, path + 1)) &&
           !(settings->token && strstr(body, settings->token));
}

enum mirror_verdict mirror_judge(const struct mirror_settings *settings,
                                 int status, const char *body, struct err *why)
{
    struct mirror_answer answer = {.status = status,
                                   .body = body,
                                   .told = may_be_told(settings, body) ? body
                                                                       : ""};

    return settings->type->judge(settings, &answer, why);
}
