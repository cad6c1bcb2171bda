/* The HTTP request of one message, and what its answer means. Used for
 * sending and for `telltale check --mirror`; nothing is sent here. */
#include "mirror/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define ADDRESS_MARKS "/?#&=;:@"
#define TOLD_MAX 256  /* bytes of an answer that are looked at; 80 are told */
#define SECRET_PART 4 /* shorter parts of an address are no secret */
#define SECRET_RUN 10 /* so many letters of one are as bad as all */

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

/* Is one of the runs of len bytes of a secret in a text, in any case? */
static bool holds_run(const char *text, const char *secret, size_t size,
                      size_t len)
{
    for (; strlen(text) >= len; text++)
        for (size_t i = 0; i + len <= size; i++)
            if (strncasecmp(text, secret + i, len) == 0)
                return true;
    return false;
}

/* The whole of a secret, or so much of it that the rest may be tried. */
static bool holds_secret(const char *text, const char *secret, size_t size)
{
    if (size < SECRET_PART)
        return false;
    return holds_run(text, secret, size,
                     size < SECRET_RUN ? size : SECRET_RUN);
}

/* Every part of an address behind its host may be the secret one. */
static bool holds_part(const char *text, const char *url)
{
    const char *host = strstr(url, "://");
    const char *at = host ? strpbrk(host + 3, "/?#") : NULL;

    while (at && *at) {
        size_t len;

        at += strspn(at, ADDRESS_MARKS);
        len = strcspn(at, ADDRESS_MARKS);
        if (holds_secret(text, at, len))
            return true;
        at += len;
    }
    return false;
}

/* Many servers say the address again ("Cannot POST /hooks/…", "unknown token
 * …"), which is a secret, or answer with a page. Only the beginning of a body
 * is ever told, and looked at. */
static bool may_be_told(const struct mirror_settings *settings,
                        const char *body)
{
    const char *token = settings->token;

    return *body != '<' && !strchr(body, '/') &&
           !holds_part(body, settings->url) &&
           !(token && holds_secret(body, token, strlen(token)));
}

enum mirror_verdict mirror_judge(const struct mirror_settings *settings,
                                 int status, const char *body, struct err *why)
{
    struct mirror_answer answer = {.status = status, .body = body, .told = ""};
    char told[TOLD_MAX];

    snprintf(told, sizeof told, "%s", body);
    if (may_be_told(settings, told))
        answer.told = told;

    return settings->type->judge(settings, &answer, why);
}
