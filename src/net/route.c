/* Which route a request is for, and what the route is shown of it before the
 * body is read. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/conn.h"

#include "base/banned.h"

void server_route(struct server *server, const struct route *route)
{
    struct route_entry *entry = xcalloc(1, sizeof *entry);
    struct route_entry **at = &server->routes;

    entry->route = *route;
    while (*at)
        at = &(*at)->next;
    *at = entry;
}

void routes_free(struct route_entry *routes)
{
    while (routes) {
        struct route_entry *next = routes->next;

        free(routes);
        routes = next;
    }
}

void answer_copy(struct answer *answer, const char *text)
{
    free(answer->copy);
    answer->copy = xstrdup(text);
    answer->body = answer->copy;
    answer->len = strlen(text);
}

void answer_free(struct answer *answer)
{
    free(answer->copy);
    answer->copy = NULL;
}

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

/* Adds "A, B" to the line of what is allowed; what does not fit is left. */
static void add_methods(char *line, size_t size, const char *methods)
{
    size_t used = strlen(line);

    for (const char *at = methods; *at;) {
        size_t len = strcspn(at, " ");
        const char *between = line[used - 1] == ':' ? " " : ", ";
        size_t gap = strlen(between);

        if (used + gap + len + sizeof "\r\n" > size)
            return;
        memcpy(line + used, between, gap);
        memcpy(line + used + gap, at, len);
        used += gap + len;
        line[used] = '\0';
        at += len;
        at += strspn(at, " ");
    }
}

/* 405 with the methods of every route of that path. */
static void miss_method(const struct route_entry *routes, const char *path,
                        struct route_miss *miss)
{
    char *line = miss->headers;

    miss->status = 405;
    miss->why = "that method is not taken here";
    memcpy(line, "Allow:", sizeof "Allow:");
    for (const struct route_entry *at = routes; at; at = at->next)
        if (path_matches(at->route.path, path))
            add_methods(line, sizeof miss->headers, at->route.methods);
    memcpy(line + strlen(line), "\r\n", sizeof "\r\n");
}

const struct route *route_find(const struct route_entry *routes,
                               const struct http_head *head,
                               struct route_miss *miss)
{
    bool path_known = false;

    for (const struct route_entry *at = routes; at; at = at->next) {
        if (!path_matches(at->route.path, head->path))
            continue;
        if (method_fits(&at->route, head->method))
            return &at->route;
        path_known = true;
    }
    *miss = (struct route_miss){.status = 404, .why = "nothing is here"};
    if (path_known)
        miss_method(routes, head->path, miss);
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

bool request_has_header(const struct request *request, const char *name)
{
    return http_head_field(request->impl, name);
}

bool request_has_param(const struct request *request, const char *name)
{
    return http_query_has(request->query, strlen(request->query), name);
}

bool request_param(const struct request *request, const char *name, char *out,
                   size_t size)
{
    return http_query_param(request->query, strlen(request->query), name, out,
                            size);
}

bool route_admit(struct conn *conn, struct answer *answer)
{
    struct server *server = conn->server;
    struct http_head *head = &server->head;
    char type[256], query[LIMIT_HTTP_TARGET + 1];
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
    admission = conn->route->ops->admit(conn->route->ctx, &request, answer,
                                        &conn->note);
    if (admission == ADMIT_ANSWER) {
        answer->close = true;
        return false;
    }
    conn->admitted = true;
    conn->claim.anonymous = admission == ADMIT_ANON;
    conn->trusted |= admission == ADMIT;
    return true;
}
