/* Does a text satisfy one value of a term? How long that may take is counted:
 * what a stranger sends must not cost more than its size. */
#include "base/limits.h"
#include "base/text.h"
#include "query/tree.h"

#include "base/banned.h"

bool query_value_holds(const struct query_value *value, const char *text,
                       size_t *left)
{
    switch (value->mode) {
    case QUERY_VALUE_ANY:
        return text != NULL;
    case QUERY_VALUE_NONE:
        return text == NULL;
    case QUERY_VALUE_FOLDED:
        return text && text_find(text, value->needle, true, left);
    case QUERY_VALUE_CASED:
        return text && text_find(text, value->needle, false, left);
    case QUERY_VALUE_EQUAL:
        return text && text_same(text, value->needle);
    case QUERY_VALUE_GLOB:
        return text && text_find_glob(value->needle, text, left);
    case QUERY_VALUE_REGEX:
        return text && regex_matches(value->regex, text, left);
    case QUERY_VALUE_BEGINS:
        return text && text_starts(text, value->needle, true, left);
    case QUERY_VALUE_NEVER:
        return false;
    }
    return false;
}

enum verdict meter_costly(struct meter *meter, const struct query_value *value)
{
    meter->hit = true;
    if (!meter->costly)
        meter->costly = value;
    return VERDICT_COSTLY;
}

enum verdict query_value_judge(const struct query_value *value,
                               const char *text, struct meter *meter)
{
    bool whole = meter->row_left >= LIMIT_TEXT_STEPS;
    size_t may = whole ? LIMIT_TEXT_STEPS : meter->row_left, left = may;
    bool holds = query_value_holds(value, text, &left);

    meter->row_left -= may - left;
    meter->steps += may - left;
    if (left)
        return holds ? VERDICT_YES : VERDICT_NO;
    meter_costly(meter, value);
    return whole ? VERDICT_COSTLY : VERDICT_OPEN;
}
