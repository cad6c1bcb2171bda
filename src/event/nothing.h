/* Words that stand where a sender had no value: they are none. */
#ifndef TELLTALE_NOTHING_H
#define TELLTALE_NOTHING_H

#include <stdbool.h>
#include <stddef.h>

/* True for null, undefined, None, NaN, [object Object], dashes and templates
 * with nothing in them; white space around it counts for nothing. */
bool nothing_said(const char *text, size_t len);
/* "{event.event}", "{{ person.name }}", "${distinct_id}": a template that
 * nobody filled in. No JSON. */
bool nothing_filled(const char *text);
/* The same, but only of what PostHog's templates can name: an event may be
 * called "{curly}". */
bool nothing_of_posthog(const char *text);

#endif
