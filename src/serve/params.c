/* Reading a query string, and saying what is wrong with it. */
#include "serve/params.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "net/http_rules.h"

#include "base/banned.h"

bool params_read_number(const char *text, uint64_t *out)
{
    if (!*text || strspn(text, "0123456789") != strlen(text) ||
        strlen(text) > 18)
        return false;
    *out = strtoull(text, NULL, 10);
    return true;
}

bool params_number(const struct request *request, const char *name,
                   uint64_t *out, bool *there)
{
    char text[32];

    *there = request_has_param(request, name);
    return !*there || (request_param(request, name, text, sizeof text) &&
                       params_read_number(text, out));
}

bool params_header(const struct request *request, const char *name,
                   uint64_t *out, bool *there)
{
    char text[32];

    *there = request_has_header(request, name);
    return !*there || (request_header(request, name, text, sizeof text) &&
                       params_read_number(text, out));
}

bool params_text(const struct request *request, const char *name, char *out,
                 size_t size, bool *there, struct err *err)
{
    *there = request_has_param(request, name);
    return !*there || request_param(request, name, out, size) ||
           err_set(err, "%s is too long", name);
}

bool params_flag(const struct request *request, const char *name, bool *out,
                 struct err *err)
{
    char text[2] = "0";
    bool there;

    *out = false;
    if (params_text(request, name, text, sizeof text, &there, err) &&
        (!strcmp(text, "0") || !strcmp(text, "1"))) {
        *out = *text == '1';
        return true;
    }
    return err_set(err, "%s is 1 or 0", name);
}

struct query *params_query(const struct request *request, struct err *err)
{
    struct query_error error = {.column = 0};
    char text[LIMIT_HTTP_TARGET + 1] = ""; /* so none is too long */
    struct query *query;

    request_param(request, "q", text, sizeof text);
    query = query_parse(text, &error);
    if (!query)
        err_set(err, "q, column %d: %s", error.column + 1, error.err.text);
    if (!query || !query_asks_book(query))
        return query;
    query_free(query);
    err_set(err, "q: owners and segments are not known here: name the "
                 "accounts, like account:borealis");
    return NULL;
}

void params_answer(struct answer *answer, int status, const char *why)
{
    cJSON *root = cJSON_CreateObject();
    char *body;

    cJSON_AddFalseToObject(root, "ok");
    cJSON_AddStringToObject(root, "error", why);
    body = cJSON_PrintUnformatted(root);
    answer->status = status;
    answer_copy(answer, body);
    cJSON_free(body);
    cJSON_Delete(root);
}

void params_refuse(struct answer *answer, const char *why)
{
    params_answer(answer, 400, why);
}
