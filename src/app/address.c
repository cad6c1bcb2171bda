/* Addresses as text: which are loopback, and the URL to paste. Sockets are
 * the server's affair; it binds what this file allowed. */
#include "app/address.h"

#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/limits.h"
#include "base/mem.h"
#include "event/url.h"
#include "net/inherited.h"
#include "net/listen.h"
#include "base/banned.h"

const char *address_list(const struct app *app)
{
    if (app->options.listen)
        return app->options.listen;
    return inherited_list() ? inherited_list()
                            : config_text(app->config, OPTION_listen);
}

/* "127.x.y.z:port", "[::1]:port", "localhost:port". */
static bool is_loopback(const char *address)
{
    return !strncmp(address, "[::1]", 5) || !strncmp(address, "127.", 4) ||
           !strncmp(address, "localhost:", 10);
}

/* Looks at one address of the list; len without the comma. */
static bool one_is_allowed(const char *address, size_t len, struct err *err)
{
    char *copy = xstrndup(address, len);
    bool ok = is_loopback(copy);

    if (!ok)
        err_set(err,
                "%s is beyond this machine and the token would travel "
                "in the open: give --tls-cert and --tls-key, or "
                "--behind-proxy if a proxy in front speaks TLS",
                copy);
    free(copy);
    return ok;
}

/* Understood, and where the token may travel. */
static bool list_is_allowed(const struct config *config, const char *list,
                            struct err *err)
{
    const char *at = list;

    if (!listeners_check(list, err))
        return false;
    if (config_text(config, OPTION_tls_cert) ||
        config_flag(config, OPTION_behind_proxy))
        return true;
    for (;;) {
        size_t len;

        at += strspn(at, ", \t");
        len = strcspn(at, ", \t");
        if (!len)
            return true;
        if (!one_is_allowed(at, len, err))
            return false;
        at += len;
    }
}

bool address_judge(const struct config *config, const char *list,
                   struct err *err)
{
    const char *cert = config_text(config, OPTION_tls_cert);
    const char *key = config_text(config, OPTION_tls_key);
    struct err why = {""};

    if (!cert != !key)
        return err_set(err, "--tls-cert and --tls-key go together");
    return list_is_allowed(config, list, &why) ||
           err_set(err, "%s: %s",
                   list == inherited_list()
                       ? "the service manager's socket"
                       : config_origin(config, OPTION_listen),
                   why.text);
}

static void add_token(const struct app *app, bool masked, struct buf *out)
{
    const struct secret_set *tokens = &app->tokens.hook;

    buf_adds(out, "/hook/");
    if (masked)
        buf_adds(out, "********");
    else
        url_escape(out, tokens->secrets[0]);
}

/* An address that listens everywhere is reached through loopback. */
static void add_address(const struct app *app, struct buf *out)
{
    const char *address = server_address(app->server);

    if (!strncmp(address, "0.0.0.0:", 8))
        buf_addf(out, "127.0.0.1:%u", server_port(app->server));
    else if (!strncmp(address, "[::]:", 5))
        buf_addf(out, "[::1]:%u", server_port(app->server));
    else
        buf_adds(out, address);
}

char *address_hook_url(const struct app *app, bool masked)
{
    bool tls = config_text(app->config, OPTION_tls_cert) != NULL;
    struct buf out;

    buf_init(&out, 8 * KIB);
    buf_addf(&out, "http%s://", tls ? "s" : "");
    add_address(app, &out);
    add_token(app, masked, &out);
    return buf_take(&out);
}

static size_t without_slashes(const char *url, size_t len)
{
    while (len && url[len - 1] == '/')
        len--;
    return len;
}

size_t address_base(const char *url)
{
    size_t len = without_slashes(url, strlen(url));

    if (len > 5 && !strncmp(url + len - 5, "/hook", 5))
        len = without_slashes(url, len - 5);
    return len;
}

char *address_public_url(const struct app *app)
{
    const char *url = config_text(app->config, OPTION_public_url);
    size_t len = url ? address_base(url) : 0;
    struct buf out;

    if (!len)
        return NULL;
    buf_init(&out, 8 * KIB);
    buf_add(&out, url, len);
    add_token(app, false, &out);
    return buf_take(&out);
}
