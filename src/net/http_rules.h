/* The rules of HTTP/1.1 for what comes in (RFC 9110, 9112), as pure
 * functions over bytes: no sockets, no allocation. Strict where leniency
 * would let two readers of the same bytes disagree: line ends are CRLF, no
 * folded lines, no blank before a colon, one Content-Length of digits only,
 * never together with Transfer-Encoding. */
#ifndef TELLTALE_HTTP_RULES_H
#define TELLTALE_HTTP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

#define HTTP_METHOD_MAX 16

struct http_field {
    const char *name, *value; /* not NUL-terminated */
    size_t name_len, value_len;
};

/* One request's head. Pointers are into the bytes that were parsed. */
struct http_head {
    char method[HTTP_METHOD_MAX + 1];
    char path[LIMIT_HTTP_TARGET + 1]; /* percent-decoded, without the query */
    const char *query;                /* raw */
    size_t query_len;
    int minor; /* of HTTP/1.x */
    bool keep_alive, chunked, expect_continue;
    int64_t content_length; /* −1: none given */
    struct http_field fields[LIMIT_HTTP_FIELDS];
    size_t field_count;
};

/* Where the head ends. *at is where to look on from (0 at first), so that a
 * dripped head costs no second look. Returns the length of the head with its
 * empty line, 0 when more is needed, and −1 for a line that does not end in
 * CRLF or holds a NUL. */
long http_head_end(const char *data, size_t len, size_t *at);

/* Parses a complete head. Returns 0, or the status to refuse it with; *why
 * is then a few words for the one who sent it. */
int http_head_parse(struct http_head *head, const char *data, size_t len,
                    const char **why);
/* The first field of that lower-case name, or NULL. */
const struct http_field *http_head_field(const struct http_head *head,
                                         const char *name);
/* May the body be read? 0, or 411, 413 or 415. */
int http_body_check(const struct http_head *head, size_t max_body,
                    const char **why);

/* Can all of a query string be decoded? */
bool http_query_whole(const char *query, size_t len);
/* Is that parameter there, "name=…" or "name" alone? */
bool http_query_has(const char *query, size_t len, const char *name);
/* Its value, percent-decoded, "" for a name alone; false when it is absent,
 * cannot be decoded, or does not fit. */
bool http_query_param(const char *query, size_t len, const char *name,
                      char *out, size_t size);
/* The standard words for a status; "Unknown" for one not used here. */
const char *http_status_words(int status);
/* May it stand in a field's name? */
bool http_is_token(char byte);

#endif
