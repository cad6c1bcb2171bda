/* Which route a request is for, and what the route is shown of it before the
 * body is read. */
#include <string.h>

#include "net/conn.h"

#include "base/banned.h"

/* "/hook" is itself, "/hook/" + "*" is one more segment. */
static bool path_matches(const char *pattern, const char *path)
{
    size_t len = strlen(pattern);

    if (len < 2 || pattern[len - 1] != '*')
        return !strcmp(pattern, path);
    return !strncmp(pattern, path, len - 1) && path[len - 1] &&
           !strchr(path + len - 1, '/');
}

static bool word_in(const char *words, const char *word)
{
    size_t len = strlen(word);

    while (*words) {
        size_t next = strcspn(words, " ");

        if (next == len && !memcmp(words, word, len))
            return true;
        words += next;
        words += strspn(words, " ");
    }
    return false;
}

/* HEAD is answered where GET is. */
static bool method_fits(const struct route *route, const char *method)
{
    return word_in(route->methods, method) ||
           (!strcmp(method, "HEAD") && word_in(route->methods, "GET"));
}

/* 405 with the methods of every route of that path. */
static void refuse_method(struct conn *conn)
{
    struct server *server = conn->server;
    char allow[256] = "Allow:";
    size_t used = strlen(allow);

    for (size_t i = 0; i < server->options.route_count; i++) {
        const struct route *route = &server->routes[i];
        const char *method = route->methods;

        if (!path_matches(route->path, server->head.path))
            continue;
        for (; *method && used < sizeof allow - 24; method++) {
            bool first = method == route->methods || method[-1] == ' ';

            if (first && used > strlen("Allow:"))
                allow[used++] = ',';
            if (first)
                allow[used++] = ' ';
            if (*method != ' ')
                allow[used++] = *method;
        }
    }
    memcpy(allow + used, "\r\n", 3);
    conn_refuse(conn, 405, "that method is not taken here", allow);
}

const struct route *route_find(struct conn *conn)
{
    struct server *server = conn->server;
    bool path_known = false;

    for (size_t i = 0; i < server->options.route_count; i++) {
        const struct route *route = &server->routes[i];

        if (!path_matches(route->path, server->head.path))
            continue;
        if (method_fits(route, server->head.method))
            return route;
        path_known = true;
    }
    if (path_known)
        refuse_method(conn);
    else
        conn_refuse(conn, 404, "nothing is here", "");
    return NULL;
}

static bool copy_field(const struct http_head *head, const char *name,
                       char *out, size_t size)
{
    const struct http_field *field = http_head_field(head, name);

    if (!field || field->value_len >= size)
        return false;
    memcpy(out, field->value, field->value_len);
    out[field->value_len] = '\0';
    return true;
}

bool request_header(const struct request *request, const char *name, char *out,
                    size_t size)
{
    return copy_field(request->impl, name, out, size);
}

bool request_param(const struct request *request, const char *name, char *out,
                   size_t size)
{
    return http_query_param(request->query, strlen(request->query), name, out,
                            size);
}

bool route_admit(struct conn *conn)
{
    struct server *server = conn->server;
    struct http_head *head = &server->head;
    char type[256], query[HTTP_TARGET_MAX + 1];
    struct answer answer = {0};
    struct request request = {
        .id = {conn->slot, server->slots[conn->slot].generation},
        .method = head->method,
        .path = head->path,
        .query = query,
        .peer = conn->peer,
        .content_type =
            copy_field(head, "content-type", type, sizeof type) ? type : NULL,
        .content_length = head->chunked              ? -1
                          : head->content_length < 0 ? 0
                                                     : head->content_length,
        .impl = head,
    };
    enum admission admission;

    memcpy(query, head->query, head->query_len);
    query[head->query_len] = '\0';
    conn->note = NULL;
    admission = conn->route->ops->admit(conn->route->ctx, &request, &answer,
                                        &conn->note);
    if (admission == ADMIT_ANSWER) {
        answer.close = true;
        conn_answer(conn, &answer);
        return false;
    }
    conn->admitted = true;
    conn->claim.anonymous = admission == ADMIT_ANON;
    conn->trusted |= admission == ADMIT;
    return true;
}
