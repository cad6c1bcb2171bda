/* Values of settings: text in, number, size, length, words out. Knows no
 * option by name and not where a value came from. */
#include "config/value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/list.h"
#include "config/path.h"
#include "base/banned.h"

static bool read_digits(const char *text, int64_t *out, const char **end)
{
    char *stop;
    long long value;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    value = strtoll(text, &stop, 10);
    if (errno)
        return false;
    *out = value;
    *end = stop;
    return true;
}

static bool read_number(const char *text, const char *limits, int64_t *out,
                        struct err *err)
{
    int64_t least = 0, most = INT64_MAX, value;
    const char *end, *rest;

    if (!read_digits(text, &value, &end) || *end)
        return err_set(err, "\"%s\" is no number", text);
    if (limits && read_digits(limits, &least, &rest) &&
        !strncmp(rest, "..", 2))
        read_digits(rest + 2, &most, &rest);
    if (value < least || value > most)
        return err_set(err, "%s is not in %s", text, limits);
    *out = value;
    return true;
}

static bool read_size(const char *text, int64_t *out, struct err *err)
{
    static const char units[] = "KMG";
    int64_t value, factor = 1;
    const char *end, *unit;

    if (!read_digits(text, &value, &end))
        return err_set(err, "\"%s\" is no size, like 2M", text);
    unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    if (unit) {
        for (const char *at = units; at <= unit; at++)
            factor *= 1024;
        end++;
    }
    if (*end == 'B' || *end == 'b')
        end++;
    if (*end || value > INT64_MAX / factor)
        return err_set(err, "\"%s\" is no size, like 2M", text);
    *out = value * factor;
    return true;
}

static bool read_flag(const char *text, int64_t *out, struct err *err)
{
    static const char *const words[] = {"no",  "yes", "false", "true",
                                        "off", "on",  "0",     "1"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(text, words[i])) {
            *out = (int64_t)(i % 2);
            return true;
        }
    return err_set(err, "\"%s\" is neither yes nor no", text);
}

/* Headers that say something else: of the connection, of the body, or of the
 * sender. No sender can put a secret there, or whatever it is would have to
 * be one. */
static const char *const taken_headers[] = {"accept",
                                            "accept-charset",
                                            "accept-encoding",
                                            "accept-language",
                                            "cache-control",
                                            "connection",
                                            "content-encoding",
                                            "content-language",
                                            "content-length",
                                            "content-type",
                                            "cookie",
                                            "date",
                                            "expect",
                                            "forwarded",
                                            "host",
                                            "keep-alive",
                                            "origin",
                                            "proxy-connection",
                                            "referer",
                                            "te",
                                            "trailer",
                                            "transfer-encoding",
                                            "upgrade",
                                            "user-agent",
                                            "via",
                                            "webhook-id",
                                            "webhook-signature",
                                            "webhook-timestamp",
                                            "x-forwarded-for",
                                            "x-forwarded-host",
                                            "x-forwarded-proto",
                                            "x-real-ip",
                                            NULL};

/* A token of RFC 9110. */
static bool is_header(const char *text, struct err *err)
{
    size_t len = strspn(text, "!#$%&'*+-.^_`|~0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (!*text)
        return err_set(err, "the name of a header is needed, like "
                            "X-Webhook-Secret");
    if (text[len])
        return err_set(err,
                       "\"%s\" is no name of a header, like "
                       "X-Webhook-Secret",
                       text);
    if (len > LIMIT_HEADER_NAME)
        return err_set(err, "\"%.20s…\" is longer than %d letters", text,
                       LIMIT_HEADER_NAME);
    for (size_t i = 0; taken_headers[i]; i++)
        if (!strcasecmp(text, taken_headers[i]))
            return err_set(err,
                           "%s means something else: name a header of your "
                           "own, like X-Webhook-Secret",
                           text);
    return true;
}

/* A choice with "://" in it is any address that begins like it. */
static bool chosen(const char *choice, size_t size, const char *text)
{
    size_t len = strlen(text), same = size;

    for (size_t i = 0; i + 3 <= size; i++)
        if (!memcmp(choice + i, "://", 3))
            same = i + 3;
    return len && !strncmp(choice, text, same) &&
           (same < size ? len > same : len == size);
}

/* What may be an address with a password is not shown. */
static bool is_choice(const char *text, const char *choices, struct err *err)
{
    const char *at = choices;

    for (;;) {
        size_t size = strcspn(at, "|");

        if (chosen(at, size, text))
            return true;
        if (!at[size])
            return strchr(text, '@')
                       ? err_set(err, "it is none of %s", choices)
                       : err_set(err, "\"%s\" is none of %s", text, choices);
        at += size + 1;
    }
}

/* Words between blanks; pointers and letters in one block. */
static char **split_list(const char *text)
{
    size_t len = strlen(text), most = len / 2 + 2, count = 0;
    char **words = xmalloc(most * sizeof *words + len + 1);
    char *at = (char *)(words + most);

    memcpy(at, text, len + 1);
    for (;;) {
        at += strspn(at, " ");
        if (!*at)
            break;
        words[count++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    words[count] = NULL;
    return words;
}

static bool read_typed(enum config_type type, const char *limits,
                       const char *text, int64_t *number, struct err *err)
{
    switch (type) {
    case CONFIG_NUMBER:
        return read_number(text, limits, number, err);
    case CONFIG_SIZE:
        return read_size(text, number, err);
    case CONFIG_FLAG:
        return read_flag(text, number, err);
    case CONFIG_HEADER:
        return is_header(text, err);
    case CONFIG_CHOICE:
        return is_choice(text, limits, err);
    case CONFIG_LENGTH:
        return (clock_parse_length(text, number) && *number > 0) ||
               err_set(err, "\"%s\" is no length of time, like 90d or 10s",
                       text);
    default:
        return true;
    }
}

bool value_is_list(enum config_type type)
{
    return type == CONFIG_LIST || type == CONFIG_DOMAINS ||
           type == CONFIG_HOSTS || type == CONFIG_CHOICES;
}

static bool read_list(enum config_type type, const char *limits,
                      const char *text, struct config_value *value,
                      struct err *err)
{
    struct buf words;

    buf_init(&words, LIMIT_CONFIG_FILE);
    if (!list_read(type, limits, text, &words, err)) {
        buf_free(&words);
        return false;
    }
    value->text = words.len ? buf_take(&words) : xstrdup("");
    buf_free(&words);
    value->words = split_list(value->text);
    return true;
}

bool value_read(enum config_type type, const char *limits, const char *text,
                struct config_value *value, struct err *err)
{
    struct config_value fresh = {0};

    if (!read_typed(type, limits, text, &fresh.number, err))
        return false;
    if (type == CONFIG_PATH) {
        if (!*text)
            return err_set(err, "a file name is needed");
        fresh.text = path_expand(text);
        if (!fresh.text)
            return err_set(err, "\"%s\": there is no home directory", text);
    } else if (value_is_list(type)) {
        if (!read_list(type, limits, text, &fresh, err))
            return false;
    } else {
        fresh.text = xstrdup(text);
    }
    value_clear(value);
    *value = fresh;
    return true;
}

void value_clear(struct config_value *value)
{
    if (value->text)
        OPENSSL_cleanse(value->text, strlen(value->text));
    free(value->text);
    free(value->words);
    memset(value, 0, sizeof *value);
}

bool value_same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
            return false;
    return *a == *b;
}
