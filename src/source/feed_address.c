/* Where another telltale is: what such an address must look like. */
#include "source/feed_state.h"

#include <string.h>

#include "base/mem.h"

#include "base/banned.h"

/* The host alone is shown. */
char *feed_host_of(const char *url)
{
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    return xstrndup(host, strcspn(host, "/"));
}

/* A name that begins like an address of this machine is none. */
static bool is_here(const char *host)
{
    size_t len = strcspn(host, ":/");

    return !strncmp(host, "[::1]", 5) ||
           (len == 9 && !strncmp(host, "localhost", 9)) ||
           (!strncmp(host, "127.", 4) && strspn(host, "0123456789.") == len);
}

bool feed_source_check(const char *url, struct err *err)
{
    bool tls = !strncmp(url, "https://", 8);
    const char *host = tls ? url + 8 : url + 7;

    if (!tls && strncmp(url, "http://", 7))
        return err_set(err, "%.60s: https:// and where telltale serve is",
                       strchr(url, '@') ? "what has a login in it" : url);
    if (strchr(host, '@'))
        return err_set(err, "no login belongs in the address: the token is "
                            "one");
    if (strpbrk(url, "?# \t\r\n") || !*host)
        return err_set(err, "%.60s: only a host, a port and a path", url);
    if (!tls && !is_here(host))
        return err_set(err,
                       "%.60s: the token would travel in the open, use https",
                       url);
    return true;
}
