/* Why an exchange came to nothing, in a line for who reads it. */
#ifndef TELLTALE_CLIENT_ERROR_H
#define TELLTALE_CLIENT_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

/* "host: cannot connect"; of an address, which may be a secret, only the host
 * is said. left: the request, or a part of it, has. */
void client_error(CURL *easy, CURLcode code, bool left, char *out,
                  size_t size);

#endif
