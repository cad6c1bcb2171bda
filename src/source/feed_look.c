/* Nobody waits for the answer: what is refused is not asked again before the
 * link is another, and what went wrong is forgotten. */
#include "source/feed_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

static void tell(struct feed_look *look);

static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct feed_look *look = ctx;

    look->request = 0;
    if (answer->outcome == CLIENT_ANSWERED && answer->status >= 400 &&
        answer->status < 500)
        look->refused = true;
    if (look->again)
        tell(look);
}

static char *words_of(const struct feed_look *look)
{
    cJSON *words = cJSON_CreateObject();
    char *text;

    cJSON_AddStringToObject(words, "do", "look");
    if (look->account)
        cJSON_AddStringToObject(words, "account", look->account);
    else
        cJSON_AddNullToObject(words, "account");
    text = cJSON_PrintUnformatted(words);
    cJSON_Delete(words);
    return text;
}

static void send_words(struct feed_look *look)
{
    char token[600];
    const char *headers[] = {token, "Content-Type: application/json", NULL};
    struct client_request request = {.headers = headers, .allow_http = true};
    char *words = words_of(look);
    struct buf url;

    buf_init(&url, 8 * KIB);
    buf_addf(&url, "%s/act", look->url);
    snprintf(token, sizeof token, "Authorization: Bearer %s", look->token);
    request.url = url.data;
    request.body = words;
    request.len = strlen(words);
    look->request = client_send(look->client, &request, on_answer, look);
    buf_free(&url);
    cJSON_free(words);
}

static void tell(struct feed_look *look)
{
    look->again = look->request != 0;
    if (look->again || !look->up || look->refused ||
        (!look->account && !look->told))
        return;
    look->told = look->account != NULL;
    send_words(look);
}

void feed_look_set(struct feed_look *look, const char *account)
{
    char *copy = account ? xstrdup(account) : NULL;

    free(look->account);
    look->account = copy;
    tell(look);
}

void feed_look_link(struct feed_look *look, bool up)
{
    look->up = up;
    look->refused = look->told = false;
    if (up)
        tell(look);
}

void feed_look_free(struct feed_look *look)
{
    if (look->request)
        client_cancel(look->client, look->request);
    look->request = 0;
    look->again = look->up = false;
    free(look->account);
    look->account = NULL;
}
