/* What a request's head may look like, and what is refused with which
 * status. It decides nothing about routes, tokens or connections. */
#include "net/http_rules.h"

#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/banned.h"

bool http_is_token(char byte)
{
    unsigned char c = (unsigned char)byte;

    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9'))
        return true;
    return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int refuse(const char **why, int status, const char *words)
{
    *why = words;
    return status;
}

long http_head_end(const char *data, size_t len, size_t *at)
{
    const char *end;

    while ((end = memchr(data + *at, '\n', len - *at))) {
        size_t line = (size_t)(end - data) - *at;

        if (!line || end[-1] != '\r' || memchr(data + *at, '\0', line))
            return -1;
        *at += line + 1;
        if (line == 1)
            return (long)*at;
    }
    return 0;
}

/* Splits off one CRLF-ended line. */
static size_t line_length(const char *data, size_t len)
{
    const char *end = memchr(data, '\n', len);

    return end && end > data ? (size_t)(end - data) - 1 : 0;
}

/* "%41" at text, but no NUL. */
static bool unescape(const char *text, size_t len, char *out)
{
    int high = len > 2 ? hex_digit(text[1]) : -1;
    int low = len > 2 ? hex_digit(text[2]) : -1;

    if (high < 0 || low < 0 || !(high | low))
        return false;
    *out = (char)(high * 16 + low);
    return true;
}

/* Percent-decodes into out (size bytes, NUL-terminated); false for a bad
 * escape, a NUL, or what does not fit. plus: '+' is a blank; else it is a
 * path, in which an escaped slash separates nothing, and stays escaped. */
static bool decode(const char *text, size_t len, bool plus, char *out,
                   size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (used + 1 >= size)
            return false;
        if (c == '%') {
            if (!unescape(text + i, len - i, &c))
                return false;
            if (c != '/' || plus)
                i += 2;
            else
                c = '%';
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[used++] = c;
    }
    if (!size)
        return false;
    out[used] = '\0';
    return true;
}

/* "http://host/path" is as good as "/path" (RFC 9112, 3.2.2). */
static void skip_authority(const char **target, size_t *len)
{
    size_t skip = 0;
    const char *slash;

    if (*len >= 7 && !strncasecmp(*target, "http://", 7))
        skip = 7;
    else if (*len >= 8 && !strncasecmp(*target, "https://", 8))
        skip = 8;
    slash = skip ? memchr(*target + skip, '/', *len - skip) : NULL;
    if (!slash)
        return;
    *len -= (size_t)(slash - *target);
    *target = slash;
}

static bool target_is_clean(const char *text, size_t len)
{
    const unsigned char *target = (const unsigned char *)text;

    for (size_t i = 0; i < len; i++)
        if (target[i] <= ' ' || target[i] >= 0x7f || target[i] == '#')
            return false;
    return len;
}

static int take_target(struct http_head *head, const char *target, size_t len,
                       const char **why)
{
    const char *query;

    if (len > LIMIT_HTTP_TARGET)
        return refuse(why, 414, "the address is too long");
    if (!target_is_clean(target, len))
        return refuse(why, 400, "bad address");
    skip_authority(&target, &len);
    query = memchr(target, '?', len);
    head->query = query ? query + 1 : "";
    head->query_len = query ? len - (size_t)(query + 1 - target) : 0;
    if (query)
        len = (size_t)(query - target);
    if ((target[0] != '/' && !(len == 1 && target[0] == '*')) ||
        !decode(target, len, false, head->path, sizeof head->path))
        return refuse(why, 400, "bad address");
    return 0;
}

static int take_version(struct http_head *head, const char *text, size_t len,
                        const char **why)
{
    if (len != 8 || memcmp(text, "HTTP/", 5) || text[6] != '.' ||
        text[5] < '0' || text[5] > '9' || text[7] < '0' || text[7] > '9')
        return refuse(why, 400, "bad request line");
    if (text[5] != '1')
        return refuse(why, 505, "only HTTP/1.1 is spoken here");
    head->minor = text[7] - '0';
    return 0;
}

/* "POST /hook HTTP/1.1": exactly two blanks. */
static int take_request_line(struct http_head *head, const char *line,
                             size_t len, const char **why)
{
    const char *first = memchr(line, ' ', len), *second;
    size_t method, target;
    int status;

    method = first ? (size_t)(first - line) : 0;
    if (!method || method > HTTP_METHOD_MAX)
        return refuse(why, 400, "bad request line");
    for (size_t i = 0; i < method; i++)
        if (!http_is_token(line[i]))
            return refuse(why, 400, "bad request line");
    memcpy(head->method, line, method);
    head->method[method] = '\0';
    second = memchr(first + 1, ' ', len - method - 1);
    if (!second)
        return refuse(why, 400, "bad request line");
    target = (size_t)(second - first) - 1;
    status = take_version(head, second + 1, len - method - target - 2, why);
    return status ? status : take_target(head, first + 1, target, why);
}

static bool value_is_clean(const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* "Name: value", blanks around the value dropped. */
static int take_field(struct http_head *head, const char *line, size_t len,
                      const char **why)
{
    struct http_field *field = &head->fields[head->field_count];
    const char *colon = memchr(line, ':', len), *value;
    size_t name = colon ? (size_t)(colon - line) : 0;

    if (head->field_count == LIMIT_HTTP_FIELDS)
        return refuse(why, 431, "too many headers");
    if (!name)
        return refuse(why, 400, "bad header line");
    for (size_t i = 0; i < name; i++)
        if (!http_is_token(line[i]))
            return refuse(why, 400, "bad header line");
    value = colon + 1;
    len -= name + 1;
    while (len && is_blank(*value))
        value++, len--;
    while (len && is_blank(value[len - 1]))
        len--;
    if (!value_is_clean(value, len))
        return refuse(why, 400, "control bytes in a header");
    *field = (struct http_field){line, value, name, len};
    head->field_count++;
    return 0;
}

static bool field_is(const struct http_field *field, const char *name)
{
    return field->name_len == strlen(name) &&
           !strncasecmp(field->name, name, field->name_len);
}

const struct http_field *http_head_field(const struct http_head *head,
                                         const char *name)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (field_is(&head->fields[i], name))
            return &head->fields[i];
    return NULL;
}

static unsigned count_fields(const struct http_head *head, const char *name)
{
    unsigned count = 0;

    for (size_t i = 0; i < head->field_count; i++)
        count += field_is(&head->fields[i], name);
    return count;
}

static bool value_is(const struct http_field *field, const char *text)
{
    return field->value_len == strlen(text) &&
           !strncasecmp(field->value, text, field->value_len);
}

/* True if the comma-separated list holds the token (ASCII case ignored). */
static bool list_has(const char *list, size_t len, const char *token)
{
    size_t want = strlen(token);

    while (len) {
        const char *comma = memchr(list, ',', len);
        size_t item = comma ? (size_t)(comma - list) : len;
        size_t from = 0, to = item;

        while (from < to && is_blank(list[from]))
            from++;
        while (to > from && is_blank(list[to - 1]))
            to--;
        if (to - from == want && !strncasecmp(list + from, token, want))
            return true;
        item += comma ? 1 : 0;
        list += item;
        len -= item;
    }
    return false;
}

static bool any_list_has(const struct http_head *head, const char *name,
                         const char *token)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (field_is(&head->fields[i], name) &&
            list_has(head->fields[i].value, head->fields[i].value_len, token))
            return true;
    return false;
}

/* One run of digits. A number too large to hold is still a number: it is
 * larger than any limit. */
static bool read_length(const struct http_field *field, int64_t *length)
{
    int64_t value = 0;

    if (!field->value_len)
        return false;
    for (size_t i = 0; i < field->value_len; i++) {
        char c = field->value[i];

        if (c < '0' || c > '9')
            return false;
        value =
            value > INT64_MAX / 10 - 1 ? INT64_MAX : value * 10 + (c - '0');
    }
    *length = value;
    return true;
}

/* How the body is delimited (RFC 9112, 6). */
static int take_framing(struct http_head *head, const char **why)
{
    const struct http_field *length = http_head_field(head, "content-length");
    const struct http_field *coding =
        http_head_field(head, "transfer-encoding");

    if (length && coding)
        return refuse(why, 400, "Content-Length and Transfer-Encoding");
    if (count_fields(head, "content-length") > 1)
        return refuse(why, 400, "more than one Content-Length");
    if (length && !read_length(length, &head->content_length))
        return refuse(why, 400, "Content-Length is not a number");
    if (!coding)
        return 0;
    if (head->minor == 0 || count_fields(head, "transfer-encoding") > 1)
        return refuse(why, 400, "bad Transfer-Encoding");
    if (!value_is(coding, "chunked"))
        return refuse(why, 501, "only chunked transfer encoding is read");
    head->chunked = true;
    return 0;
}

static int take_options(struct http_head *head, const char **why)
{
    const struct http_field *expect = http_head_field(head, "expect");
    unsigned hosts = count_fields(head, "host");

    if (hosts > 1 || (!hosts && head->minor))
        return refuse(why, 400, "one Host header is needed");
    head->keep_alive = head->minor
                           ? !any_list_has(head, "connection", "close")
                           : any_list_has(head, "connection", "keep-alive");
    if (!expect || !head->minor)
        return 0;
    if (!value_is(expect, "100-continue"))
        return refuse(why, 417, "only 100-continue can be expected");
    head->expect_continue = true;
    return 0;
}

int http_head_parse(struct http_head *head, const char *data, size_t len,
                    const char **why)
{
    size_t line = line_length(data, len);
    int status;

    head->field_count = 0;
    head->content_length = -1;
    head->chunked = head->expect_continue = head->keep_alive = false;
    head->path[0] = '\0';
    head->query = "";
    head->query_len = 0;
    status = take_request_line(head, data, line, why);
    while (!status) {
        data += line + 2;
        len -= line + 2;
        line = len >= 2 ? line_length(data, len) : 0;
        if (!line)
            break;
        status = take_field(head, data, line, why);
    }
    if (!status)
        status = take_framing(head, why);
    return status ? status : take_options(head, why);
}

static bool method_has_body(const char *method)
{
    return !strcmp(method, "POST") || !strcmp(method, "PUT") ||
           !strcmp(method, "PATCH");
}

int http_body_check(const struct http_head *head, size_t max_body,
                    const char **why)
{
    const struct http_field *coding =
        http_head_field(head, "content-encoding");

    if (!head->chunked && head->content_length < 0)
        return method_has_body(head->method)
                   ? refuse(why, 411, "Content-Length is needed")
                   : 0;
    if (head->content_length > 0 && (uint64_t)head->content_length > max_body)
        return refuse(why, 413, "the body is too large");
    if (coding && !value_is(coding, "identity") && coding->value_len)
        return refuse(why, 415, "bodies are taken uncompressed only");
    return 0;
}

bool http_query_whole(const char *query, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char byte;

        if (query[i] != '%')
            continue;
        if (!unescape(query + i, len - i, &byte))
            return false;
        i += 2;
    }
    return true;
}

/* The first parameter of that name; *value_len is of what follows its "=". */
static const char *find_param(const char *query, size_t len, const char *name,
                              size_t *value_len)
{
    size_t want = strlen(name);

    while (len) {
        const char *end = memchr(query, '&', len);
        size_t part = end ? (size_t)(end - query) : len;

        if (part >= want && !memcmp(query, name, want) &&
            (part == want || query[want] == '=')) {
            *value_len = part == want ? 0 : part - want - 1;
            return query + part - *value_len;
        }
        part += end ? 1 : 0;
        query += part;
        len -= part;
    }
    return NULL;
}

bool http_query_has(const char *query, size_t len, const char *name)
{
    return find_param(query, len, name, &len);
}

bool http_query_param(const char *query, size_t len, const char *name,
                      char *out, size_t size)
{
    const char *value = find_param(query, len, name, &len);

    return value && decode(value, len, true, out, size);
}

const char *http_status_words(int status)
{
    static const struct {
        int status;
        const char *words;
    } table[] = {
        {200, "OK"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].status == status)
            return table[i].words;
    return "Unknown";
}
