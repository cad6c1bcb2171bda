/* The words of categories and tones. Which an event has, the catalogue says. */
#include "event/category.h"

#include <string.h>

#include "base/banned.h"

static const struct {
    const char *name, *label, *title;
} categories[CATEGORY_COUNT] = {
    [CATEGORY_OTHER] = {"other", "OTH", "Other"},
    [CATEGORY_BILLING] = {"billing", "BIL", "Billing"},
    [CATEGORY_AI] = {"ai", "AI ", "AI"},
    [CATEGORY_FLAGS] = {"flags", "FLG", "Flags"},
    [CATEGORY_ANALYTICS] = {"analytics", "ANA", "Analytics"},
    [CATEGORY_REPLAY] = {"replay", "REP", "Replay"},
    [CATEGORY_SURVEYS] = {"surveys", "SUR", "Surveys"},
    [CATEGORY_PIPELINES] = {"pipelines", "PIP", "Pipelines"},
    [CATEGORY_ERRORS] = {"errors", "ERR", "Errors"},
    [CATEGORY_ENGAGEMENT] = {"engagement", "ENG", "Engagement"},
    [CATEGORY_TEAM] = {"team", "TEA", "Team"},
};
static const char *const tones[TONE_COUNT] = {"info", "good", "warn", "bad"};

const char *category_name(enum category category)
{
    return categories[category].name;
}

const char *category_label(enum category category)
{
    return categories[category].label;
}

const char *category_title(enum category category)
{
    return categories[category].title;
}

bool category_parse(const char *word, enum category *out)
{
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        if (strcmp(categories[i].name, word) == 0) {
            *out = (enum category)i;
            return true;
        }
    }
    return false;
}

const char *tone_name(enum tone tone)
{
    return tones[tone];
}

bool tone_parse(const char *word, enum tone *out)
{
    for (int i = 0; i < TONE_COUNT; i++) {
        if (strcmp(tones[i], word) == 0) {
            *out = (enum tone)i;
            return true;
        }
    }
    return false;
}
