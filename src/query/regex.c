/* Regular expressions in a query: PCRE2, with every limit it has and one that
 * it lacks. What it compiles to is bounded by the memory it may ask for, so
 * that nested repeats fail before they expand. What matching costs is counted
 * at a callout before each item of the pattern: PCRE2's own match limit
 * begins anew at each place of the text. It is never compiled to machine
 * code, whose limits are others. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "query/tree.h"

#include "base/banned.h"

#define STEPS_AN_ITEM 16  /* of LIMIT_TEXT_STEPS */
#define PLACES_A_STEP 8   /* of the text passed over before a match begins */
#define REPEATS_A_STEP 16 /* what a {…} may compare in vain */
#define CLASS_A_STEP 8    /* bytes of a [class] */
#define MATCH_DEPTH 2000  /* as deep as LIMIT_PATTERN_HEAP would allow */

struct query_regex {
    struct query_regex *next;
    pcre2_general_context *memory;
    pcre2_match_context *context;
    pcre2_match_data *data;
    pcre2_code *code;
    size_t most;       /* bytes it may ask for at once */
    size_t item_steps; /* what one item may cost at least */
    size_t char_steps; /* and what one character of the text may */
    size_t *left;      /* while matching: steps left */
    size_t place;      /* while matching: where the last item began */
};

/* --- memory ------------------------------------------------------------ */

/* PCRE2 asks for what it compiles to in one piece, knowing its size. */
static void *take_memory(size_t size, void *ctx)
{
    const struct query_regex *regex = ctx;

    return size > regex->most ? NULL : malloc(size);
}

static void give_back(void *memory, void *ctx)
{
    (void)ctx;
    free(memory);
}

/* --- what is refused --------------------------------------------------- */

/* The number at text, or more than any allowed one. */
static unsigned long number_at(const char *text, const char **end)
{
    unsigned long number = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        if (number <= LIMIT_PATTERN_REPEAT)
            number = number * 10 + (unsigned long)(*text - '0');
    *end = text;
    return number;
}

/* The larger number of {n}, {n,} and {n,m} at text; 0: no repeat. */
static unsigned long repeat_at(const char *text)
{
    unsigned long least, most = 0;

    least = number_at(text + 1, &text);
    if (*text == ',')
        most = number_at(text + 1, &text);
    return *text != '}' ? 0 : most > least ? most : least;
}

/* What follows "(?" in a group that only groups or looks, or sets options. */
static bool is_plain_group(const char *text)
{
    static const char *const kinds[] = {":", "|", ">", "=", "!", "<=", "<!"};
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(text, kinds[i], strlen(kinds[i])) == 0)
            return true;
    text += strspn(text, "^imsxn-");
    return *text == ':' || *text == ')';
}

/* Refers to a group, by \1, \g or \k; or takes bytes apart. */
static bool is_costly_escape(char c)
{
    return (c >= '1' && c <= '9') || c == 'g' || c == 'k' || c == 'C';
}

/* Bytes of the [class] at text. */
static size_t class_length(const char *text)
{
    size_t len = 1;

    len += text[len] == '^';
    len += text[len] == ']';
    for (; text[len] && text[len] != ']'; len++) {
        const char *end;

        if (text[len] == '\\' && text[len + 1])
            len++;
        else if (text[len] == '[' && text[len + 1] == ':' &&
                 (end = strstr(text + len, ":]")))
            len = (size_t)(end - text) + 1;
    }
    return len;
}

static bool check_escape(const char *text, struct err *err)
{
    return !is_costly_escape(text[1]) ||
           err_set(err,
                   "a regular expression cannot refer back with \\%c "
                   "here",
                   text[1]);
}

static bool check_group(const char *text, struct err *err)
{
    return (text[1] != '*' && (text[1] != '?' || is_plain_group(text + 2))) ||
           err_set(err,
                   "a regular expression may group and look around "
                   "here, no more: not (%.2s",
                   text + 1);
}

static bool check_repeat(struct query_regex *regex, const char *text,
                         struct err *err)
{
    unsigned long repeat = repeat_at(text);

    if (repeat / REPEATS_A_STEP + 1 > regex->item_steps / STEPS_AN_ITEM)
        regex->item_steps = (repeat / REPEATS_A_STEP + 1) * STEPS_AN_ITEM;
    return repeat <= LIMIT_PATTERN_REPEAT ||
           err_set(err, "a regular expression may repeat up to {%d} here",
                   LIMIT_PATTERN_REPEAT);
}

/* Looks at what costs more than it is long, and notes what an item and a
 * character may cost. */
static bool check_cost(struct query_regex *regex, const char *pattern,
                       struct err *err)
{
    const char *at = pattern;
    bool ok = strlen(pattern) <= LIMIT_PATTERN ||
              err_set(err, "this regular expression is too long");

    regex->item_steps = STEPS_AN_ITEM;
    regex->char_steps = 1;
    while (ok && *at) {
        size_t len = 1;

        if (*at == '\\' && at[1]) {
            ok = check_escape(at, err);
            len = 2;
        } else if (*at == '(') {
            ok = check_group(at, err);
        } else if (*at == '{') {
            ok = check_repeat(regex, at, err);
        } else if (*at == '[') {
            len = class_length(at);
            if (len / CLASS_A_STEP + 1 > regex->char_steps)
                regex->char_steps = len / CLASS_A_STEP + 1;
        }
        at += len;
    }
    regex->item_steps *= regex->char_steps;
    return ok;
}

/* --- compiling --------------------------------------------------------- */

/* Before each item of the pattern: takes off what it costs. The way between
 * two items is what a repeat passed over. */
static int count_item(pcre2_callout_block *block, void *ctx)
{
    struct query_regex *regex = ctx;
    size_t place = block->current_position;
    size_t way =
        place > regex->place ? place - regex->place : regex->place - place;
    size_t steps = regex->item_steps + way * regex->char_steps;

    regex->place = place;
    if (steps > *regex->left) {
        *regex->left = 0;
        return PCRE2_ERROR_CALLOUT;
    }
    *regex->left -= steps;
    return 0;
}

static bool explain(int code, struct err *err)
{
    PCRE2_UCHAR why[128] = "";

    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED ||
        code == PCRE2_ERROR_PATTERN_TOO_LARGE)
        return err_set(err, "this regular expression is too costly: fewer "
                            "and smaller repeats are needed");
    pcre2_get_error_message(code, why, sizeof why);
    return err_set(err, "this is no regular expression: %s",
                   (const char *)why);
}

static bool compile(struct query_regex *regex, const char *pattern,
                    bool any_case, struct err *err)
{
    pcre2_compile_context *context =
        pcre2_compile_context_create(regex->memory);
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_AUTO_CALLOUT |
                       PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_BACKSLASH_C |
                       (any_case ? PCRE2_CASELESS : 0);
    PCRE2_SIZE offset;
    int code = PCRE2_ERROR_NOMEMORY;

    if (context) {
        pcre2_set_parens_nest_limit(context, LIMIT_PATTERN_DEPTH);
        pcre2_set_max_pattern_length(context, LIMIT_PATTERN);
        regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                    options, &code, &offset, context);
        pcre2_compile_context_free(context);
    }
    return regex->code || explain(code, err);
}

/* Texts are composed before they are matched; so is the pattern. */
static bool compile_composed(struct query_regex *regex, const char *pattern,
                             bool any_case, struct err *err)
{
    char *composed = text_compose(pattern);
    bool ok = compile(regex, composed ? composed : pattern, any_case, err);

    free(composed);
    return ok;
}

static bool set_limits(struct query_regex *regex, struct err *err)
{
    regex->most = LIMIT_PATTERN_HEAP;
    regex->context = pcre2_match_context_create(regex->memory);
    regex->data = pcre2_match_data_create(1, regex->memory);
    if (!regex->context || !regex->data)
        return explain(PCRE2_ERROR_NOMEMORY, err);
    pcre2_set_match_limit(regex->context, LIMIT_TEXT_STEPS / STEPS_AN_ITEM);
    pcre2_set_depth_limit(regex->context, MATCH_DEPTH);
    pcre2_set_heap_limit(regex->context, LIMIT_PATTERN_HEAP / KIB);
    pcre2_set_callout(regex->context, count_item, regex);
    return true;
}

static void regex_free(struct query_regex *regex)
{
    pcre2_code_free(regex->code);
    pcre2_match_data_free(regex->data);
    pcre2_match_context_free(regex->context);
    pcre2_general_context_free(regex->memory);
    free(regex);
}

static struct query_regex *regex_new(void)
{
    struct query_regex *regex = xcalloc(1, sizeof *regex);

    regex->most = LIMIT_PATTERN_CODE;
    regex->memory =
        pcre2_general_context_create(take_memory, give_back, regex);
    return regex;
}

bool query_value_compile(struct query *query, struct query_value *value,
                         bool any_case, struct err *err)
{
    struct query_regex *regex;

    if (query->patterns == LIMIT_PATTERNS)
        return err_set(err, "a filter may have %d regular expressions",
                       LIMIT_PATTERNS);
    regex = regex_new();
    if (!check_cost(regex, value->needle, err) ||
        !compile_composed(regex, value->needle, any_case, err) ||
        !set_limits(regex, err)) {
        regex_free(regex);
        return false;
    }
    query->patterns++;
    regex->next = query->regexes;
    query->regexes = regex;
    value->regex = regex;
    return true;
}

/* --- matching ---------------------------------------------------------- */

static bool is_bad_text(int code)
{
    return code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21;
}

bool regex_matches(struct query_regex *regex, const char *text, size_t *left)
{
    char *composed = text_compose(text);
    const char *subject = composed ? composed : text;
    size_t len = strlen(subject), pass = 1 + len / PLACES_A_STEP;
    int code = PCRE2_ERROR_MATCHLIMIT;

    if (pass < *left) {
        *left -= pass;
        regex->left = left;
        regex->place = 0;
        code = pcre2_match(regex->code, (PCRE2_SPTR)subject, len, 0, 0,
                           regex->data, regex->context);
    }
    free(composed);
    if (code < PCRE2_ERROR_NOMATCH && !is_bad_text(code))
        *left = 0;
    return code >= 0;
}

void regex_free_all(struct query *query)
{
    while (query->regexes) {
        struct query_regex *next = query->regexes->next;

        regex_free(query->regexes);
        query->regexes = next;
    }
}
