/* Sentence templates: "created a cohort[ · {groups_count|int group}]". The
 * notation is that at the top of catalog.ini. */
#ifndef TELLTALE_TEMPLATE_H
#define TELLTALE_TEMPLATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "event/property.h"

struct template;

/* Compiles text; the result lives in arena. NULL with err (no file or line:
 * the caller knows them) for brackets that do not match or nest, an unknown
 * filter or one without what it needs, a property without a name. */
struct template *template_compile(const char *text, struct arena *arena,
                                  struct err *err);
/* Appends the sentence, sanitised. False, with nothing appended, when a
 * property outside brackets is missing or nothing is left. */
bool template_render(const struct template *template,
                     const struct properties *props, struct buf *out);
/* The value that the first `|if` of the template looks at: what a tone like
 * "warn (false info)" is about. PROPERTY_MISSING when there is none. */
struct property_value template_subject(const struct template *template,
                                       const struct properties *props);

#endif
