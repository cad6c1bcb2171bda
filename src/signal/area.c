/* A list of paths, gone through for each step of an address: pages that are
 * read are few among events. */
#include "signal/area.h"

#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/ini.h"
#include "base/limits.h"
#include "base/mem.h"
#include "event/category.h"
#include "signal/signal.h"

#include "base/banned.h"

extern const struct embedded area_files[];

#define NONE (-1)

struct area {
    char *path;
    size_t len;
    int category; /* or NONE */
};

struct areas {
    struct area *list;
    size_t count;
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

/* ---- the table ---- */

static struct area *area_of_path(struct areas *areas, const char *path)
{
    struct area *area = areas->list;

    for (size_t i = 0; i < areas->count; i++, area++)
        if (!strcmp(area->path, path))
            return area;
    areas->list =
        xreallocarray(areas->list, areas->count + 1, sizeof *areas->list);
    area = &areas->list[areas->count++];
    *area = (struct area){.path = xstrdup(path), .len = strlen(path)};
    return area;
}

static bool is_path(const char *path)
{
    return *path && *path != '/' && path[strlen(path) - 1] != '/' &&
           !strpbrk(path, "?# ");
}

bool areas_set(struct areas *areas, const char *path, const char *category,
               struct err *err)
{
    enum category found = CATEGORY_OTHER;
    bool none = !strcmp(category, "none");

    if (!is_path(path))
        return err_set(err, "\"%s\" is no path, like docs/surveys", path);
    if (!none && !category_parse(category, &found))
        return err_set(err, "\"%s\" is no category; none takes it away",
                       category);
    if (areas->count >= LIMIT_AREAS)
        return err_set(err, "more than %d paths", LIMIT_AREAS);
    area_of_path(areas, path)->category = none ? NONE : (int)found;
    return true;
}

static bool take_entry(void *ctx, const struct ini_entry *entry,
                       struct err *err)
{
    return areas_set(ctx, entry->key, entry->value, err);
}

struct areas *areas_new(void)
{
    struct areas *areas = xcalloc(1, sizeof *areas);
    struct err err = {""};

    if (!ini_read(area_files[0].name, area_files[0].text, area_files[0].len,
                  take_entry, areas, &err))
        abort(); /* a mistake in the table */
    return areas;
}

void areas_free(struct areas *areas)
{
    if (!areas)
        return;
    for (size_t i = 0; i < areas->count; i++)
        free(areas->list[i].path);
    free(areas->list);
    free(areas);
}

/* ---- looking up ---- */

/* Whole steps: docs/surveys, docs/surveys/..., not docs/surveysomething. */
static bool begins(const char *at, const struct area *area)
{
    return !strncmp(at, area->path, area->len) &&
           (!at[area->len] || strchr("/?#", at[area->len]));
}

/* The end of the path: what is behind it only looks like steps. */
static const char *path_end(const char *url)
{
    return url + strcspn(url, "?#");
}

int areas_find(const struct areas *areas, const char *url)
{
    const struct area *best = NULL;
    const char *end;

    if (!url)
        return -1;
    end = path_end(url);
    for (const char *step = strchr(url, '/'); step && step < end;
         step = strchr(step + 1, '/'))
        for (size_t i = 0; i < areas->count; i++)
            if ((!best || areas->list[i].len > best->len) &&
                begins(step + 1, &areas->list[i]))
                best = &areas->list[i];
    return best ? best->category : -1;
}
