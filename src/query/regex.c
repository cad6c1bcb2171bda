/* Regular expressions in a query: POSIX extended ones, of a size that cannot
 * hold anybody up. No references back (\1), whose cost has no bound, and few
 * counted repeats, whose compiled form would be large. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "query/tree.h"

#include "base/banned.h"

#define PATTERN_MAX 256
#define REPEATS_MAX 2  /* {…} in one pattern */
#define REPEAT_MAX 100 /* the number in it */

struct query_regex {
    struct query_regex *next;
    regex_t compiled;
};

/* False if a number in the braces at text is too large. */
static bool repeat_is_small(const char *text)
{
    unsigned number = 0;

    for (text++; *text && *text != '}'; text++) {
        number = *text >= '0' && *text <= '9'
                     ? number * 10 + (unsigned)(*text - '0')
                     : 0;
        if (number > REPEAT_MAX)
            return false;
    }
    return true;
}

static bool check_cost(const char *pattern, struct err *err)
{
    int repeats = 0;

    if (strlen(pattern) > PATTERN_MAX)
        return err_set(err, "this regular expression is too long");
    for (; *pattern; pattern++) {
        if (*pattern == '\\' && pattern[1]) {
            pattern++;
            if (*pattern >= '1' && *pattern <= '9')
                return err_set(err,
                               "a regular expression cannot refer back "
                               "with \\%c here",
                               *pattern);
        } else if (*pattern == '{' &&
                   (++repeats > REPEATS_MAX || !repeat_is_small(pattern))) {
            return err_set(err, "a regular expression may have two {…} here, "
                                "up to {100}");
        }
    }
    return true;
}

bool value_compile(struct query *query, struct value *value, bool any_case,
                   struct err *err)
{
    struct query_regex *regex;
    char why[128];
    int status;

    if (!check_cost(value->needle, err))
        return false;
    regex = xcalloc(1, sizeof *regex);
    status = regcomp(&regex->compiled, value->needle,
                     REG_EXTENDED | REG_NOSUB | (any_case ? REG_ICASE : 0));
    if (status) {
        regerror(status, &regex->compiled, why, sizeof why);
        free(regex);
        return err_set(err, "this is no regular expression: %s", why);
    }
    regex->next = query->regexes;
    query->regexes = regex;
    value->regex = regex;
    return true;
}

bool regex_matches(const struct query_regex *regex, const char *text)
{
    return regexec(&regex->compiled, text, 0, NULL, 0) == 0;
}

void regex_free_all(struct query *query)
{
    while (query->regexes) {
        struct query_regex *next = query->regexes->next;

        regfree(&query->regexes->compiled);
        free(query->regexes);
        query->regexes = next;
    }
}
