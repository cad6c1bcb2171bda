/* Taking the address of a web page apart, and judging its characters. */
#include "event/url.h"

#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "base/banned.h"

/* RFC 3986's unreserved and reserved characters without the single quote. */
static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz"
                              "0123456789-._~:/?#[]@!$&()*+,;=%";

bool url_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

bool url_unreserved(char c)
{
    return url_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void url_escape(struct buf *out, const char *text)
{
    for (; *text; text++)
        if (url_unreserved(*text))
            buf_addc(out, *text);
        else
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

/* How many bytes at text are letters, digits, '-' or '.'. */
static size_t host_span(const char *text)
{
    size_t len = 0;

    while (url_alnum(text[len]) || text[len] == '-' || text[len] == '.')
        len++;
    return len;
}

const char *url_after_scheme(const char *url)
{
    if (strncasecmp(url, "https://", 8) == 0)
        return url + 8;
    if (strncasecmp(url, "http://", 7) == 0)
        return url + 7;
    return NULL;
}

/* A port of 1 to 5 digits, or nothing. */
static bool port_fine(const char *port, size_t len)
{
    if (!len)
        return true;
    return *port == ':' && len >= 2 && len <= 6 &&
           strspn(port + 1, "0123456789") >= len - 1;
}

bool url_split(const char *url, struct url_parts *out)
{
    const char *host = url_after_scheme(url);

    if (!host)
        return false;
    out->host = host;
    out->full_len = strcspn(host, "/?#\\");
    out->rest = host + out->full_len;
    out->host_len = host_span(host);
    if (*host == '[') {
        out->host_len = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
        if (host[out->host_len++] != ']')
            return false;
    }
    if (!out->host_len || out->host_len > out->full_len || *host == '.' ||
        host[out->host_len - 1] == '.')
        return false;
    return port_fine(host + out->host_len, out->full_len - out->host_len);
}

bool url_clean(const char *url)
{
    struct url_parts address;

    return url_split(url, &address) && !url[strspn(url, allowed)];
}

void url_unescape(struct buf *out, const char *part, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = -1, low = -1;

        if (part[i] == '%' && i + 2 < len) {
            high = hex_digit(part[i + 1]);
            low = hex_digit(part[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            buf_addc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            buf_addc(out, part[i]);
        }
    }
    if (utf8_valid(out->data, out->len, NULL))
        return;
    buf_clear(out);
    buf_add(out, part, len);
}

bool url_is_local(const char *url)
{
    static const char *const local[] = {"http://127.0.0.1", "http://localhost",
                                        "http://[::1]"};

    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        size_t len = strlen(local[i]);

        if (!strncmp(url, local[i], len) &&
            (!url[len] || url[len] == ':' || url[len] == '/'))
            return true;
    }
    return false;
}
