/* Does a text satisfy one value of a term? How long that may take is counted:
 * what a stranger sends must not cost more than its size. */
#include "base/limits.h"
#include "base/text.h"
#include "query/tree.h"

#include "base/banned.h"

bool value_holds(const struct value *value, const char *text, size_t *left)
{
    switch (value->mode) {
    case VALUE_ANY:
        return text != NULL;
    case VALUE_NONE:
        return text == NULL;
    case VALUE_FOLDED:
        return text && text_find(text, value->needle, true, left);
    case VALUE_CASED:
        return text && text_find(text, value->needle, false, left);
    case VALUE_EQUAL:
        return text && text_same(text, value->needle);
    case VALUE_GLOB:
        return text && text_find_glob(value->needle, text, left);
    case VALUE_REGEX:
        return text && regex_matches(value->regex, text, left);
    case VALUE_BEGINS:
        return text && text_starts(text, value->needle, true, left);
    case VALUE_NEVER:
        return false;
    }
    return false;
}

enum verdict meter_costly(struct meter *meter, const struct value *value)
{
    meter->hit = true;
    if (!meter->costly)
        meter->costly = value;
    return VERDICT_COSTLY;
}

enum verdict value_judge(const struct value *value, const char *text,
                         struct meter *meter)
{
    bool whole = meter->row_left >= LIMIT_TEXT_STEPS;
    size_t may = whole ? LIMIT_TEXT_STEPS : meter->row_left, left = may;
    bool holds = value_holds(value, text, &left);

    meter->row_left -= may - left;
    meter->steps += may - left;
    if (left)
        return holds ? VERDICT_YES : VERDICT_NO;
    meter_costly(meter, value);
    return whole ? VERDICT_COSTLY : VERDICT_OPEN;
}
