/* From "ADDR:PORT,…" to bound sockets, and the check that they are where
 * they were asked to be. */
#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "net/inherited.h"

#include "base/banned.h"

/* How often a free port of the first address may be taken at the next. */
#define TRIES 16

struct place {
    struct sockaddr_storage address;
    socklen_t len;
    char text[LISTEN_ADDRESS_SIZE];
};

static bool same_place(const struct place *a, const struct place *b)
{
    const struct sockaddr_in *a4 = (const void *)&a->address;
    const struct sockaddr_in *b4 = (const void *)&b->address;
    const struct sockaddr_in6 *a6 = (const void *)&a->address;
    const struct sockaddr_in6 *b6 = (const void *)&b->address;

    if (a->address.ss_family != b->address.ss_family)
        return false;
    if (a->address.ss_family == AF_INET)
        return a4->sin_addr.s_addr == b4->sin_addr.s_addr &&
               (!a4->sin_port || a4->sin_port == b4->sin_port);
    return !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) &&
           (!a6->sin6_port || a6->sin6_port == b6->sin6_port);
}

static unsigned place_port(const struct place *place)
{
    const struct sockaddr_in *v4 = (const void *)&place->address;
    const struct sockaddr_in6 *v6 = (const void *)&place->address;

    return ntohs(place->address.ss_family == AF_INET ? v4->sin_port
                                                     : v6->sin6_port);
}

static void set_port(struct place *place, unsigned port)
{
    struct sockaddr_in *v4 = (void *)&place->address;
    struct sockaddr_in6 *v6 = (void *)&place->address;

    if (place->address.ss_family == AF_INET)
        v4->sin_port = htons((uint16_t)port);
    else
        v6->sin6_port = htons((uint16_t)port);
}

static void write_place(const struct place *place, char *out, size_t size)
{
    const struct sockaddr_in *v4 = (const void *)&place->address;
    const struct sockaddr_in6 *v6 = (const void *)&place->address;
    char ip[INET6_ADDRSTRLEN] = "?";

    if (place->address.ss_family == AF_INET) {
        inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip);
        snprintf(out, size, "%s:%u", ip, place_port(place));
    } else {
        inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
        snprintf(out, size, "[%s]:%u", ip, place_port(place));
    }
}

static bool parse_port(const char *text, unsigned *port)
{
    size_t digits = strspn(text, "0123456789");

    if (!digits || digits > 5 || text[digits])
        return false;
    *port = (unsigned)strtoul(text, NULL, 10);
    return *port <= 65535;
}

/* "127.0.0.1:8420" or "[::1]:8420". */
static bool parse_place(struct place *place, const char *text, size_t len,
                        struct err *err)
{
    struct sockaddr_in *v4 = (void *)&place->address;
    struct sockaddr_in6 *v6 = (void *)&place->address;
    char *host = place->text, *colon;
    bool v6_form;
    unsigned port;

    memset(place, 0, sizeof *place);
    if (len >= sizeof place->text)
        return err_set(err, "listen: \"%.*s\" is too long", (int)len, text);
    memcpy(host, text, len);
    colon = strrchr(host, ':');
    v6_form = host[0] == '[' && colon > host && colon[-1] == ']';
    if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
        return err_set(err,
                       "listen: \"%s\" is not ADDR:PORT, like "
                       "127.0.0.1:8420",
                       host);
    if (!parse_port(colon + 1, &port))
        return err_set(err, "listen: \"%s\": a port is 0 to 65535", host);
    colon[v6_form ? -1 : 0] = '\0';
    if (v6_form && inet_pton(AF_INET6, host + 1, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        place->len = sizeof *v6;
    } else if (!v6_form && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        place->len = sizeof *v4;
    } else {
        return err_set(err,
                       "listen: \"%.*s\": an IP address is needed, like "
                       "127.0.0.1:8420 or [::1]:8420",
                       (int)len, text);
    }
    set_port(place, port);
    write_place(place, place->text, sizeof place->text);
    return true;
}

static bool parse_list(struct place *places, size_t *count, const char *list,
                       struct err *err)
{
    *count = 0;
    while (*list) {
        size_t skip = strspn(list, ", \t");
        size_t len = strcspn(list + skip, ", \t");

        list += skip;
        if (!len)
            break;
        if (*count == LIMIT_LISTENERS)
            return err_set(err, "listen: at most %d addresses",
                           LIMIT_LISTENERS);
        if (!parse_place(&places[(*count)++], list, len, err))
            return false;
        list += len;
    }
    return *count || err_set(err, "listen: no address given");
}

/* Trusts nothing: the socket must be where it was asked to be. */
static bool check_place(int fd, const struct place *wanted,
                        struct place *found, struct err *err)
{
    *found = *wanted;
    found->len = sizeof found->address;
    if (getsockname(fd, (void *)&found->address, &found->len))
        return err_errno(err, "listen: %s", wanted->text);
    write_place(found, found->text, sizeof found->text);
    if (!same_place(wanted, found))
        return err_set(err, "listen: asked for %s and got %s", wanted->text,
                       found->text);
    return true;
}

static int open_place(const struct place *place, struct place *found,
                      struct err *err)
{
    int family = place->address.ss_family, on = 1, saved;
    int fd = inherited_take((const void *)&place->address);

    if (fd >= 0) {
        if (check_place(fd, place, found, err))
            return fd;
        close(fd);
        errno = 0;
        return -1;
    }
    fd = socket(family, SOCK_STREAM, 0);
    if (fd >= 0) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (family == AF_INET6)
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        if (!bind(fd, (const void *)&place->address, place->len) &&
            !listen(fd, SOMAXCONN) && check_place(fd, place, found, err))
            return fd;
    }
    saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    if (!errno)
        return -1; /* check_place() has said why */
    if (errno == EADDRINUSE)
        err_set(err,
                "%s is in use: stop the program that listens there, or take "
                "another with --listen",
                place->text);
    else
        err_errno(err, "cannot listen on %s", place->text);
    return -1;
}

/* [::1] on a machine without IPv6. */
static bool family_is_missing(const struct place *place)
{
    const struct sockaddr_in6 *v6 = (const void *)&place->address;

    return (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) &&
           place->address.ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* One attempt at all of them. *again: a free port was not free everywhere. */
static bool open_all(struct listeners *listeners, const struct place *places,
                     size_t count, bool *again, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct place wanted = places[i], found;
        bool borrowed = !place_port(&wanted) && listeners->count;
        int fd;

        if (borrowed) {
            set_port(&wanted, listeners->port);
            write_place(&wanted, wanted.text, sizeof wanted.text);
        }
        errno = 0;
        fd = open_place(&wanted, &found, err);
        if (fd < 0) {
            if (family_is_missing(&wanted) && count > 1) {
                log_line(LOG_NOTE,
                         "this machine has no IPv6: not listening "
                         "on %s",
                         wanted.text);
                continue;
            }
            *again = borrowed && errno == EADDRINUSE;
            return false;
        }
        if (!listeners->count) {
            listeners->port = place_port(&found);
            memcpy(listeners->address, found.text, sizeof found.text);
        }
        listeners->fds[listeners->count++] = fd;
    }
    return listeners->count;
}

bool listeners_check(const char *list, struct err *err)
{
    struct place places[LIMIT_LISTENERS];
    size_t count;

    return parse_list(places, &count, list, err);
}

bool listeners_open(struct listeners *listeners, const char *list,
                    struct err *err)
{
    struct place places[LIMIT_LISTENERS];
    size_t count;
    bool again = true;

    memset(listeners, 0, sizeof *listeners);
    if (!parse_list(places, &count, list, err))
        return false;
    for (int i = 0; i < TRIES && again; i++) {
        again = false;
        if (open_all(listeners, places, count, &again, err))
            return true;
        listeners_close(listeners);
    }
    return false;
}

void listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        close(listeners->fds[i]);
    listeners->count = 0;
}
