/* application/x-www-form-urlencoded → JSON text. */
#ifndef TELLTALE_FORM_H
#define TELLTALE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* True if a body is to be read as a form: its content type says so (NULL: it
 * begins with "payload="), and it does not begin like JSON all the same, as
 * curl -d sends it. */
bool form_expected(const char *content_type, const char *body, size_t len);
/* Appends the JSON in a field named payload, data, body or json, else an
 * object of all fields as strings. What comes out may still be no JSON or no
 * UTF-8: check it. False only when out overflowed. */
bool form_to_json(const char *body, size_t len, struct buf *out);

#endif
