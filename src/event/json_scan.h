/* JSON text, token by token, strictly by RFC 8259: what slice_check() and
 * json_tree() have in common. Private to them. It never recurses. */
#ifndef TELLTALE_JSON_SCAN_H
#define TELLTALE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/limits.h"
#include "event/slice.h"

enum json_token {
    JSON_BAD, /* not JSON: json_scan_why() */
    JSON_END, /* of a whole value */
    JSON_OPEN,
    JSON_CLOSE,
    JSON_KEY, /* in its quotes, as strings are */
    JSON_STRING,
    JSON_NUMBER,
    JSON_WORD /* true, false, null */
};

enum json_expect {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* right after '[' */
    EXPECT_KEY,
    EXPECT_KEY_OR_END, /* right after '{' */
    EXPECT_COMMA_OR_END,
    EXPECT_NOTHING,
};

struct json_scan {
    const char *text, *at, *end;
    const char *why; /* of a failure, at `at` */
    struct slice token;
    bool escaped; /* the token has a backslash */
    enum json_expect expect;
    size_t depth; /* what is open, as closing brackets: */
    char closers[LIMIT_JSON_DEPTH];
};

/* False with err for text that is empty or not UTF-8. text is borrowed. */
bool json_scan_begin(struct json_scan *scan, struct slice text,
                     struct err *err);
enum json_token json_scan_next(struct json_scan *scan);
/* Says why it was JSON_BAD; false. */
bool json_scan_why(const struct json_scan *scan, struct err *err);

#endif
