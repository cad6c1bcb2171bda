/* HTML forms, as some senders and old webhooks post them. Only a change of
 * notation: what the fields mean is decided as for any JSON. */
#include "event/form.h"

#include <string.h>
#include <strings.h>

#include "event/slice.h"

#include "base/banned.h"

bool form_expected(const char *content_type, const char *body, size_t len)
{
    static const char form[] = "application/x-www-form-urlencoded";
    static const char payload[] = "payload=";
    size_t at = 0;

    while (at < len && strchr(" \t\r\n", body[at]))
        at++;
    if (at == len || strchr("{[\"\xef", body[at]))
        return false;
    if (content_type)
        return strncasecmp(content_type, form, sizeof form - 1) == 0;
    return len - at >= sizeof payload &&
           memcmp(body + at, payload, sizeof payload - 1) == 0;
}

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c | 0x20) : NULL;

    return found ? (int)(found - digits) : -1;
}

static void decode(struct slice part, struct buf *out)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.at[i];

        if (c == '+') {
            buf_addc(out, ' ');
        } else if (c == '%' && part.len - i > 2 && hex(part.at[i + 1]) >= 0 &&
                   hex(part.at[i + 2]) >= 0) {
            buf_addc(out,
                     (char)(hex(part.at[i + 1]) * 16 + hex(part.at[i + 2])));
            i += 2;
        } else {
            buf_addc(out, c);
        }
    }
}

/* "person[email]", as some write nested fields, is found as
 * "person.email". */
static void dot_brackets(struct buf *key)
{
    char *to = key->data;

    if (!strchr(key->data, '[') || !key->len || key->data[0] == '[')
        return;
    for (const char *from = key->data; *from; from++) {
        if (*from == '[' && from[1] != ']' && from[1])
            *to++ = '.';
        else if (*from != '[' && *from != ']')
            *to++ = *from;
    }
    buf_truncate(key, (size_t)(to - key->data));
}

/* The next field=value of the form; false at its end. */
static bool next_field(struct slice *rest, struct slice *key,
                       struct slice *value)
{
    const char *stop, *equals;
    size_t len;

    while (rest->len && *rest->at == '&') {
        rest->at++;
        rest->len--;
    }
    if (!rest->len)
        return false;
    stop = memchr(rest->at, '&', rest->len);
    len = stop ? (size_t)(stop - rest->at) : rest->len;
    equals = memchr(rest->at, '=', len);
    *key =
        (struct slice){rest->at, equals ? (size_t)(equals - rest->at) : len};
    *value = (struct slice){rest->at + len, 0};
    if (equals)
        *value = (struct slice){equals + 1, len - key->len - 1};
    *rest = (struct slice){rest->at + len, rest->len - len};
    return true;
}

static bool holds_json(const struct buf *key, const struct buf *value)
{
    static const char *const names[] = {"payload", "data", "body", "json"};

    if (value->data[0] != '{' && value->data[0] != '[')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(key->data, names[i]) == 0)
            return true;
    return false;
}

bool form_to_json(const char *body, size_t len, struct buf *out)
{
    struct slice rest = {body, len}, raw_key, raw_value;
    struct buf key, value;
    bool json = false;

    buf_init(&key, len);
    buf_init(&value, len);
    buf_addc(out, '{');
    while (!json && next_field(&rest, &raw_key, &raw_value)) {
        buf_clear(&key);
        buf_clear(&value);
        decode(raw_key, &key);
        decode(raw_value, &value);
        json = holds_json(&key, &value);
        if (json)
            break;
        if (out->len > 1)
            buf_addc(out, ',');
        dot_brackets(&key);
        buf_add_json(out, key.data, key.len);
        buf_addc(out, ':');
        buf_add_json(out, value.data, value.len);
    }
    if (json) {
        buf_clear(out);
        buf_add(out, value.data, value.len);
    } else {
        buf_addc(out, '}');
    }
    buf_free(&key);
    buf_free(&value);
    return buf_ok(out);
}
