/* Reads an address of NATS, and makes the form that may be shown: no password,
 * no token. */
#include "net/nats_url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/secret.h"

#include "base/banned.h"

#define PORT "4222"
#define STREAM_MAX 64
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static size_t scheme_len(const char *text, bool *tls)
{
    *tls = !strncmp(text, "tls://", 6);
    return *tls ? 6 : !strncmp(text, "nats://", 7) ? 7 : 0;
}

bool nats_url_is(const char *text)
{
    bool tls;

    return text && scheme_len(text, &tls);
}

/* %40 is an @: names and passwords may have any byte but NUL. */
static char *unescaped(const char *text, size_t len)
{
    char *out = xmalloc(len + 1), *to = out;

    for (size_t i = 0; i < len; i++) {
        int high = i + 2 < len && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_digit(text[i + 2]);

        if (low < 0 || !(high << 4 | low)) {
            *to++ = text[i];
            continue;
        }
        *to++ = (char)(high << 4 | low);
        i += 2;
    }
    *to = '\0';
    return out;
}

static void read_user(const char *text, size_t len, struct nats_url *out)
{
    const char *colon = memchr(text, ':', len);

    if (!colon) {
        out->token = unescaped(text, len);
        return;
    }
    out->user = unescaped(text, (size_t)(colon - text));
    out->password = unescaped(colon + 1, len - (size_t)(colon - text) - 1);
}

static bool is_port(const char *text, size_t len)
{
    unsigned long port = 0;

    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]) || len > 5)
            return false;
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    return len && port > 0 && port < 65536;
}

/* A name that begins like an address of this machine is none. */
static bool is_here(const char *host, size_t len)
{
    return (len == 5 && !memcmp(host, "[::1]", 5)) ||
           (len == 9 && !memcmp(host, "localhost", 9)) ||
           (len > 4 && !memcmp(host, "127.", 4) &&
            strspn(host, "0123456789.") >= len);
}

/* The letters of a host's name, or of an address in brackets; 0: it is
 * none. */
static size_t host_len(const char *text, size_t len)
{
    size_t host = strspn(text, LETTERS "0123456789.-_");
    const char *end = *text == '[' ? memchr(text, ']', len) : NULL;

    if (*text != '[')
        return host < len ? host : len;
    if (!end || strspn(text + 1, "0123456789abcdefABCDEF:.") !=
                    (size_t)(end - text) - 1)
        return 0;
    return (size_t)(end - text) + 1;
}

static bool read_server(const char *text, size_t len, bool open,
                        struct nats_url *out, struct err *err)
{
    size_t host = host_len(text, len);
    struct buf server;

    if (!host || (host < len && (text[host] != ':' ||
                                 !is_port(text + host + 1, len - host - 1))))
        return err_set(err, "\"%.*s\" is no HOST or HOST:PORT",
                       (int)(len < 60 ? len : 60), text);
    if (out->count == NATS_URL_SERVERS)
        return err_set(err, "%d servers are enough", NATS_URL_SERVERS);
    if (!out->tls && !open && !is_here(text, host))
        return err_set(err,
                       "%.*s: events would travel in the open: tls://, or "
                       "allow_plain = yes in [nats] where the network is your "
                       "own",
                       (int)(host < 60 ? host : 60), text);
    buf_init(&server, LIMIT_TEXT);
    buf_addf(&server, "nats://%.*s:%.*s", (int)host, text,
             host < len ? (int)(len - host - 1) : (int)strlen(PORT),
             host < len ? text + host + 1 : PORT);
    out->servers[out->count++] = buf_take(&server);
    return true;
}

static bool read_servers(const char *text, size_t len, bool open,
                         struct nats_url *out, struct err *err)
{
    for (;;) {
        const char *comma = memchr(text, ',', len);
        size_t took = comma ? (size_t)(comma - text) : len;

        if (!read_server(text, took, open, out, err))
            return false;
        if (!comma)
            return true;
        text += took + 1;
        len -= took + 1;
    }
}

/* A stream's name is a part of subjects, and a file's. */
static bool read_stream(const char *path, struct nats_url *out,
                        struct err *err)
{
    const char *name = *path == '/' ? path + 1 : path;
    size_t len = strlen(name);

    if (!len)
        name = NATS_URL_STREAM;
    if (len > STREAM_MAX || strspn(name, LETTERS "0123456789-_") < len)
        return err_set(err,
                       "\"%.60s\" is no name of a stream: letters, digits, "
                       "- and _",
                       name);
    out->stream = xstrdup(name);
    return true;
}

static void show(struct nats_url *url)
{
    struct buf shown;

    buf_init(&shown, LIMIT_TEXT);
    buf_addf(&shown, "%s/%s", url->servers[0] + strlen("nats://"),
             url->stream);
    url->shown = buf_take(&shown);
}

bool nats_url_read(const char *text, bool open, struct nats_url *out,
                   struct err *err)
{
    const char *at, *slash, *user;
    size_t scheme, len;

    *out = (struct nats_url){.count = 0};
    scheme = scheme_len(text, &out->tls);
    if (!scheme)
        return err_set(err, "an address of NATS begins with nats:// or "
                            "tls://");
    at = text + scheme;
    user = strrchr(at, '@'); /* a slash may be in a password */
    if (user)
        read_user(at, (size_t)(user - at), out);
    at = user ? user + 1 : at;
    slash = strchr(at, '/');
    len = slash ? (size_t)(slash - at) : strlen(at);
    if (read_servers(at, len, open, out, err) &&
        read_stream(at + len, out, err)) {
        show(out);
        return true;
    }
    nats_url_free(out);
    return false;
}

void nats_url_free(struct nats_url *url)
{
    for (size_t i = 0; i < url->count; i++)
        free(url->servers[i]);
    secret_free(url->user);
    secret_free(url->password);
    secret_free(url->token);
    free(url->stream);
    free(url->shown);
    *url = (struct nats_url){.count = 0};
}
