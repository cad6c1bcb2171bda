/* Event names → category, tone, fold and sentence. The built-in table is
 * catalog.ini, compiled in; the user's events.ini adds rows and overrides
 * them by name. Notation of templates: see the top of
 * catalog.ini. */
#ifndef TELLTALE_CATALOG_H
#define TELLTALE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/event.h"
#include "event/slice.h"

struct catalog;
struct cJSON;

/* The built-in rows; never fails. */
struct catalog *catalog_new(void);
void catalog_free(struct catalog *catalog);
/* Adds the rows of a file; err is "file:line: what". On false the catalogue
 * is as it was. */
bool catalog_load(struct catalog *catalog, const char *path, struct err *err);
/* The same from memory; name is what errors call it. */
bool catalog_read(struct catalog *catalog, const char *name, const char *text,
                  size_t len, struct err *err);

/* Sets category, tone, sentence, fold and, when no row fits, EVENT_UNKNOWN.
 * props is the parsed properties (NULL: none), raw_props their text, for
 * numbers above 53 bits. Text is put into arena. */
void catalog_apply(const struct catalog *catalog, struct event *event,
                   const struct cJSON *props, struct slice raw_props,
                   struct arena *arena);

/* The sentence that catalog_apply() made, its long words whole; NULL: none was
 * cut, or the catalogue says it otherwise by now. props: their JSON. */
const char *catalog_whole(const struct catalog *catalog,
                          const struct event *event, struct slice props,
                          struct arena *arena);

/* What is said of a fold (as in struct event) of several events that do not
 * all say the same: "changed 3 settings". False, with nothing appended, when
 * no row has anything to say for it and the newest sentence stands. */
bool catalog_folded(const struct catalog *catalog, const char *fold,
                    size_t events, size_t names, struct buf *out);

/* One row as others need it: the PostHog destination makes filters of them,
 * the docs a table, `check --events` a list. Pointers live as long as the
 * catalogue. */
struct catalog_row {
    const char *id;           /* section name */
    const char *title;        /* the handbook's phrase, or NULL */
    const char *const *names; /* NULL-terminated; may contain '*' */
    const char *condition;    /* "$current_url ~ docs", or NULL */
    enum category category;
    enum tone tone;
    const char *sentence; /* the template */
    bool builtin;
};
size_t catalog_rows(const struct catalog *catalog);
struct catalog_row catalog_row(const struct catalog *catalog, size_t index);
/* True if any row has this name (aliases and '*' included). */
bool catalog_knows(const struct catalog *catalog, const char *name);

#endif
