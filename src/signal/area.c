/* Which area of the product a page of the docs is about: its path, looked
 * for in the table areas.def. */
#include <string.h>

#include "signal/internal.h"

#include "base/banned.h"

static const struct area {
    const char *path, *title;
    enum category category;
} areas[] = {
#define AREA(path, category, title) {path, title, CATEGORY_##category},
#include "signal/areas.def"
#undef AREA
};

const char *signal_area(enum category category)
{
    static const char *const titles[CATEGORY_COUNT] = {
        [CATEGORY_OTHER] = "the product",
        [CATEGORY_BILLING] = "plans and limits",
        [CATEGORY_AI] = "AI",
        [CATEGORY_FLAGS] = "feature flags",
        [CATEGORY_ANALYTICS] = "product analytics",
        [CATEGORY_REPLAY] = "session replay",
        [CATEGORY_SURVEYS] = "surveys",
        [CATEGORY_PIPELINES] = "data pipelines",
        [CATEGORY_ERRORS] = "error tracking",
        [CATEGORY_ENGAGEMENT] = "the product",
        [CATEGORY_TEAM] = "teams and projects",
    };

    return titles[category];
}

/* A whole step of the path: /docs/surveys, /docs/surveys/…, not
 * /docs/surveysomething. */
static bool begins(const char *path, const char *step)
{
    size_t len = strlen(step);

    return !strncmp(path, step, len) &&
           (!path[len] || strchr("/?#", path[len]));
}

int area_of_docs(const char *url, const char **title)
{
    const char *docs = url ? strstr(url, "/docs/") : NULL;

    if (!docs)
        return -1;
    docs += strlen("/docs/");
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
        if (begins(docs, areas[i].path)) {
            *title = areas[i].title;
            return areas[i].category;
        }
    return -1;
}
