/* One row of the catalogue while it is read and matched. Private to
 * catalog*.c; others see struct catalog_row. */
#ifndef TELLTALE_CATALOG_ROW_H
#define TELLTALE_CATALOG_ROW_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "event/event.h"
#include "event/property.h"
#include "event/template.h"

/* The keys of a section, in the order in which errors list them. */
enum row_key {
    ROW_NAMES,
    ROW_TITLE,
    ROW_CATEGORY,
    ROW_TONE,
    ROW_FOLDS,
    ROW_SENTENCE,
    ROW_FOLDED,
    ROW_KEY_COUNT
};

struct row {
    struct arena arena; /* all of the below */
    const char *id;
    bool builtin;
    const char *texts[ROW_KEY_COUNT]; /* as written; NULL: not given */

    const char **names;    /* NULL-terminated */
    const char *condition; /* as written, or NULL */
    const char *property;  /* what it looks at */
    bool contains;         /* '~', else '=' */
    const char *wanted;
    enum category category;
    enum tone tone;
    const char *tone_value; /* tone (tone_value tone_then), or NULL */
    enum tone tone_then;
    const char *fold;    /* as in struct event */
    const char *fold_by; /* the property whose value tells parts apart */
    struct template *template;
    struct template *folded; /* NULL: the newest sentence */
};

struct row *row_new(const char *id);
struct row *row_copy(const struct row *row);
void row_free(struct row *row); /* NULL is allowed */
/* Sets one key; false with err that begins with where. *which says which it
 * was, for noticing one that stands twice. */
bool row_set(struct row *row, const char *key, const char *value,
             const char *where, enum row_key *which, struct err *err);
/* True if the condition, when there is one, holds. */
bool row_holds(const struct row *row, const struct properties *props);
enum tone row_tone(const struct row *row, const struct properties *props);

#endif
