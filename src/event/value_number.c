/* How numbers and addresses read in a sentence: 15,001 · 2 steps · $742.13 ·
 * 5 min 18 s · docs/feature-flags. Senders quote numbers as text as often as
 * not, so both are taken. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/property.h"
#include "event/url.h"
#include "base/banned.h"

#define ADDRESS_CELLS 120
#define FIGURE_MAX 1e15 /* whole numbers print exactly below it */

/* Digits in groups of three. */
static void add_grouped(struct buf *out, const char *digits, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_addc(out, ',');
        buf_addc(out, digits[i]);
    }
}

/* The number in text, with "$" in front and "," between thousands or not. */
static bool parse_number(const char *text, double *number)
{
    char plain[64];
    size_t len = 0;
    char *end;

    text += strspn(text, " \t");
    if (*text == '$')
        text++;
    for (; *text && len < sizeof plain - 1; text++)
        if (*text != ',')
            plain[len++] = *text;
    plain[len] = '\0';
    if (*text || strspn(plain, "0123456789.+-eE \t") != len)
        return false;
    *number = strtod(plain, &end);
    return end != plain && !end[strspn(end, " \t")] && isfinite(*number);
}

static bool to_number(const struct property_value *value, double *number)
{
    switch (value->kind) {
    case PROPERTY_NUMBER:
    case PROPERTY_LIST:
        *number = value->number;
        return true;
    case PROPERTY_TEXT:
        return parse_number(value->text, number);
    case PROPERTY_MISSING:
    case PROPERTY_BOOL:
    case PROPERTY_OBJECT:
        break;
    }
    return false;
}

/* All digits, perhaps a sign: then they are shown as they are, however many
 * there are. */
static bool add_exact(struct buf *out, const char *digits, size_t len)
{
    bool negative = len > 0 && digits[0] == '-';

    digits += negative;
    len -= negative;
    if (len == 0 || len > 40)
        return false;
    for (size_t i = 0; i < len; i++)
        if (digits[i] < '0' || digits[i] > '9')
            return false;
    while (len > 1 && *digits == '0') {
        digits++;
        len--;
    }
    buf_adds(out, negative ? "−" : "");
    add_grouped(out, digits, len);
    return true;
}

static bool add_count(struct buf *out, const struct property_value *value)
{
    double number;
    char digits[64];

    if (value->kind == PROPERTY_TEXT &&
        add_exact(out, value->text, strlen(value->text)))
        return true;
    if (value->exact.len > 0 &&
        add_exact(out, value->exact.at, value->exact.len))
        return true;
    if (!to_number(value, &number) || fabs(number) >= 1e40)
        return false;
    snprintf(digits, sizeof digits, "%.0f", round(number) + 0.0);
    return add_exact(out, digits, strlen(digits));
}

static bool ends(const char *word, const char *tail)
{
    size_t len = strlen(word), cut = strlen(tail);

    return len > cut && strcmp(word + len - cut, tail) == 0;
}

static void add_plural(struct buf *out, const char *noun)
{
    size_t len = strlen(noun);

    if (ends(noun, "y") && !strchr("aeiou", noun[len - 2])) {
        buf_add(out, noun, len - 1);
        buf_adds(out, "ies");
        return;
    }
    buf_adds(out, noun);
    if (ends(noun, "s") || ends(noun, "x") || ends(noun, "ch") ||
        ends(noun, "sh"))
        buf_addc(out, 'e');
    buf_addc(out, 's');
}

bool value_int(struct buf *out, const struct property_value *value,
               const char *noun)
{
    const char *slash = noun ? strchr(noun, '/') : NULL;
    size_t mark = out->len;
    bool one;

    if (!add_count(out, value))
        return false;
    if (!noun)
        return true;
    one = strcmp(out->data + mark, "1") == 0;
    if (strcmp(out->data + mark, "0") == 0 ||
        strncmp(out->data + mark, "−", strlen("−")) == 0) {
        buf_truncate(out, mark);
        return false;
    }
    buf_addc(out, ' ');
    if (slash && one)
        buf_add(out, noun, (size_t)(slash - noun));
    else if (slash)
        buf_adds(out, slash + 1);
    else if (one)
        buf_adds(out, noun);
    else
        add_plural(out, noun);
    return true;
}

bool value_usd(struct buf *out, const struct property_value *value)
{
    char digits[64];
    double number, cents;
    size_t whole;

    if (value->kind == PROPERTY_LIST || !to_number(value, &number) ||
        fabs(number) >= FIGURE_MAX)
        return false;
    cents = round(fabs(number) * 100);
    snprintf(digits, sizeof digits, "%.2f", cents / 100);
    whole = strcspn(digits, ".,"); /* the point is the locale's */
    buf_adds(out, number < 0 && cents > 0 ? "−$" : "$");
    add_grouped(out, digits, whole);
    if (strcmp(digits + whole + 1, "00") != 0)
        buf_addf(out, ".%s", digits + whole + 1);
    return true;
}

/* Two units at most: 2 h 5 min, 5 min 18 s, 2.8 s, 340 ms. */
static void add_length(struct buf *out, double seconds)
{
    static const struct {
        double size, next;
        const char *name, *rest;
    } units[] = {{86400, 3600, "d", "h"},
                 {3600, 60, "h", "min"},
                 {60, 1, "min", "s"}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double whole, rest;

        if (seconds < units[i].size)
            continue;
        whole = floor(seconds / units[i].size);
        rest = floor((seconds - whole * units[i].size) / units[i].next);
        buf_addf(out, "%.0f %s", whole, units[i].name);
        if (rest > 0)
            buf_addf(out, " %.0f %s", rest, units[i].rest);
        return;
    }
    if (seconds >= 10)
        buf_addf(out, "%.0f s", floor(seconds));
    else if (seconds >= 1)
        buf_addf(out, "%g s", floor(seconds * 10 + 1e-6) / 10);
    else
        buf_addf(out, "%.0f ms", ceil(seconds * 1000 - 1e-6));
}

bool value_dur(struct buf *out, const struct property_value *value,
               bool unit_ms)
{
    double number;

    if (value->kind == PROPERTY_LIST || !to_number(value, &number) ||
        number <= 0 || number >= FIGURE_MAX)
        return false;
    add_length(out, unit_ms ? number / 1000 : number);
    return true;
}

/* Cuts an address into host and path; either may be empty. */
static void split_address(const char *url, struct slice *host,
                          struct slice *path)
{
    const char *start = strstr(url, "://");
    size_t len = strcspn(url, "?#");

    if (start && start < url + len) {
        len -= (size_t)(start + 3 - url);
        url = start + 3;
        host->at = url;
        host->len = strcspn(url, "/\\?#");
        url += host->len;
        len -= host->len;
    } else {
        host->at = url;
        host->len = 0;
    }
    while (len > 0 && *url == '/') {
        url++;
        len--;
    }
    path->at = url;
    path->len = len;
}

/* The pieces between the slashes; an id among them shows as "…". */
static bool add_pieces(struct buf *out, const char *path)
{
    bool any = false;

    for (;;) {
        size_t len = strcspn(path, "/");

        if (words_opaque(path, len)) {
            buf_adds(out, "…");
        } else {
            buf_add(out, path, len);
            any |= len > 0;
        }
        if (!path[len])
            return any;
        buf_addc(out, '/');
        path += len + 1;
    }
}

static bool add_address(struct buf *out, struct slice part)
{
    struct buf plain, clean, pieces;
    bool any;

    if (part.len > LIMIT_TEXT)
        part.len = LIMIT_TEXT;
    buf_init(&plain, LIMIT_TEXT);
    buf_init(&clean, 4 * LIMIT_TEXT);
    buf_init(&pieces, 4 * LIMIT_TEXT);
    url_unescape(&plain, part.at, part.len);
    text_sanitise(&clean, plain.data, plain.len, LIMIT_TEXT);
    any = add_pieces(&pieces, clean.data);
    if (any)
        text_cut(out, pieces.data, ADDRESS_CELLS, "…");
    buf_free(&plain);
    buf_free(&clean);
    buf_free(&pieces);
    return any;
}

bool value_host(struct buf *out, const struct property_value *value)
{
    struct slice host, path;
    const char *at;

    if (value->kind != PROPERTY_TEXT)
        return false;
    split_address(value->text, &host, &path);
    at = memchr(host.at, '@', host.len); /* never show a password */
    if (at) {
        host.len -= (size_t)(at + 1 - host.at);
        host.at = at + 1;
    }
    return add_address(out, host);
}

bool value_path(struct buf *out, const struct property_value *value)
{
    struct slice host, path;

    if (value->kind != PROPERTY_TEXT)
        return false;
    split_address(value->text, &host, &path);
    return add_address(out, path);
}
