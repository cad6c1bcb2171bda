/* Which keys of a body name something that must not be kept. Senders write a
 * property's place into its key in many ways ("properties.$ai_input",
 * "properties[$ai_input]", "properties__$ai_input__0__content"): whatever
 * looks like a step of such a path is looked at, in any case, and with or
 * without the blanks of its words ("aiInput"). Private to redact.c. */
#ifndef TELLTALE_COVER_H
#define TELLTALE_COVER_H

#include <stdbool.h>
#include <stddef.h>

struct cover;

/* What goes of a value. */
enum covered {
    COVERED_NO,
    COVERED_LONG,   /* text above COVER_TEXT_MAX, or JSON in a text */
    COVERED_NESTED, /* and objects and lists */
    COVERED_TEXT,   /* all but numbers and truths */
    COVERED_ALL
};
/* A short word of an AI property (a model, an id) says nothing of what was
 * asked; bytes. */
#define COVER_TEXT_MAX 200

/* list: names as in redact.h; prompts: also REDACT_DEFAULT, and $ai_ names
 * by what they may hold. */
struct cover *cover_new(const char *list, bool prompts);
void cover_free(struct cover *cover);
/* A quick look: false if cover_judge() would say COVERED_NO. A byte behind
 * key is read, too. */
bool cover_may(const struct cover *cover, const char *key, size_t len);
/* key is unescaped; len bytes, no NUL needed behind. */
enum covered cover_judge(const struct cover *cover, const char *key,
                         size_t len);
/* How many bytes at the front of text, of no notation that is known, come
 * before anything like a covered name; keys: only where a value follows. */
size_t cover_cut(const struct cover *cover, const char *text, size_t len,
                 bool keys);

#endif
