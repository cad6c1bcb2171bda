/* What an event is about and how it is meant: two small vocabularies that
 * know nothing of events, so that colours and signs can be given to them. */
#ifndef TELLTALE_CATEGORY_H
#define TELLTALE_CATEGORY_H

#include <stdbool.h>

/* The numbers are stored in journals: add at the end, never renumber. Keys
 * 1…9 and 0 are categories 1…10. */
enum category {
    CATEGORY_OTHER,
    CATEGORY_BILLING,
    CATEGORY_AI,
    CATEGORY_FLAGS,
    CATEGORY_ANALYTICS,
    CATEGORY_REPLAY,
    CATEGORY_SURVEYS,
    CATEGORY_PIPELINES,
    CATEGORY_ERRORS,
    CATEGORY_ENGAGEMENT,
    CATEGORY_TEAM,
    CATEGORY_COUNT
};
enum tone { TONE_INFO, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_COUNT };

/* Lower-case words of the JSON form and the query language ("billing",
 * "bad"). The parsers return false for a word they do not know. */
const char *category_name(enum category category);
const char *category_label(enum category category); /* "BIL" … */
const char *category_title(enum category category); /* "Billing" … */
const char *tone_name(enum tone tone);
bool category_parse(const char *word, enum category *out);
bool tone_parse(const char *word, enum tone *out);

#endif
