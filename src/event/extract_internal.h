/* What the files of extracting share; private to extract*.c. */
#ifndef TELLTALE_EXTRACT_INTERNAL_H
#define TELLTALE_EXTRACT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "event/chat_text.h"
#include "event/extract.h"

/* What a nameless event is called and says. */
struct extracted_words {
    const char *sentence; /* NULL: the catalogue's */
    struct chat_text prose;
    bool nameless;
};

/* extract_text.c */

/* Sanitised, cut to max, trimmed; NULL when nothing is left. */
const char *extract_clean(const struct extraction *extract, const char *text,
                          size_t max);
/* shape_text() of the field, not sanitised, and the same cleaned. */
const char *extract_text(const struct extraction *extract, struct shape *shape,
                         enum payload_field field);
const char *extract_clean_text(const struct extraction *extract,
                               struct shape *shape, enum payload_field field);
bool extract_is_email(const char *text);

/* extract_who.c, extract_time.c, extract_name.c, extract_key.c: each fills in
 * its own of the event. */

void extract_person(const struct extraction *extract, struct shape *shape,
                    struct event *event);
/* After the name. */
void extract_account(const struct extraction *extract, struct shape *shape,
                     struct event *event);
/* A nameless thing may still hold an address or an account somewhere. */
void extract_strings(const struct extraction *extract,
                     const struct shape *shape, struct event *event);
/* The last resort: some events carry nothing but their project's number. */
void extract_team(const struct extraction *extract, const cJSON *props,
                  struct event *event);
void extract_time(const struct extraction *extract, struct shape *shape,
                  struct event *event);
/* The name, else a kind and what the message says. */
void extract_name(const struct extraction *extract, struct shape *shape,
                  struct event *event, struct extracted_words *words);
/* Category, tone and sentence; last, since the catalogue asks for the rest. */
void extract_classify(const struct extraction *extract, struct shape *shape,
                      struct event *event, const struct extracted_words *words,
                      const cJSON *props);
/* The key by which a second delivery is known; after person and raw. */
void extract_key(const struct extraction *extract, struct shape *shape,
                 struct event *event);

#endif
