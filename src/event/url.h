/* The address of a web page: its parts, and whether it is safe to write down.
 * Which hosts may be opened is links.h's affair. */
#ifndef TELLTALE_URL_H
#define TELLTALE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct url_parts {
    const char *host; /* with the port, if one is given */
    size_t host_len;  /* without it */
    size_t full_len;  /* with it */
    const char *rest; /* path, query and fragment; may be "" */
};

/* What follows "http://" or "https://"; NULL: neither is there. */
const char *url_after_scheme(const char *url);
/* False for anything but http(s)://host[:port][/…]: a user, a password, an
 * escape or a character beyond ASCII in the host is refused. The parts point
 * into url. */
bool url_split(const char *url, struct url_parts *out);
/* True if url is http(s), names a plain host without a user or password, and
 * has only unreserved and reserved URL characters, no single quote. */
bool url_clean(const char *url);
/* http to this machine: what is sent so does not travel in the open. */
bool url_is_local(const char *url);
/* RFC 3986's unreserved characters; letters and digits, of ASCII. */
bool url_unreserved(char c);
bool url_alnum(char c);
/* Appends text as a part of an address: percent-encodes all else. */
void url_escape(struct buf *out, const char *text);
/* Puts a part of an address into out, which is empty, as people read it:
 * %E5%A3%B2 is 売, unless what comes out is no text. To be sanitised. */
void url_unescape(struct buf *out, const char *part, size_t len);

#endif
