/* The list of a project's destinations comes in pages, and may leave out
 * their inputs: those of ours are asked for one by one. */
#include "posthog/search.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"

#include "base/banned.h"

#define NOT_OURS SIZE_MAX

/* In the order of filters.h's kinds. */
static const char *const kinds[] = {"", " docs", " projects"};
#define KINDS (sizeof kinds / sizeof *kinds)

void search_part_name(const char *name, size_t part, struct buf *out)
{
    size_t at = part % SEARCH_PARTS_MAX;

    buf_clear(out);
    buf_adds(out, name);
    buf_adds(out, kinds[part / SEARCH_PARTS_MAX]);
    if (at)
        buf_addf(out, " %zu", at + 1);
}

/* "" → 0, " 2" → 1; nothing that is only like it. */
static size_t place_of(const char *rest)
{
    unsigned long number;
    char *end;

    if (!*rest)
        return 0;
    if (rest[0] != ' ' || rest[1] < '1' || rest[1] > '9')
        return NOT_OURS;
    number = strtoul(rest + 1, &end, 10);
    return !*end && number >= 2 && number <= SEARCH_PARTS_MAX ? number - 1
                                                              : NOT_OURS;
}

static size_t part_of_name(const char *base, const char *name)
{
    size_t len = strlen(base);

    if (strncmp(name, base, len) != 0)
        return NOT_OURS;
    for (size_t kind = KINDS; kind-- > 0;) {
        size_t word = strlen(kinds[kind]);
        size_t at = strncmp(name + len, kinds[kind], word) == 0
                        ? place_of(name + len + word)
                        : NOT_OURS;

        if (at != NOT_OURS)
            return search_part_number(kind, at);
    }
    return NOT_OURS;
}

size_t search_part_of(const struct search *search, const cJSON *function)
{
    return part_of_name(search->name, posthog_text(function, "name"));
}

const cJSON *search_called(const struct search *search, const char *name)
{
    const cJSON *function;

    cJSON_ArrayForEach(function, search->found)
    {
        if (!strcmp(posthog_text(function, "name"), name))
            return function;
    }
    return NULL;
}

/* Somebody may have given the name to something else. */
static bool is_ours(const struct search *search, const cJSON *function)
{
    const cJSON *template =
        cJSON_GetObjectItemCaseSensitive(function, "template");
    size_t part = search_part_of(search, function);

    return part != NOT_OURS &&
           !search_called(search, posthog_text(function, "name")) &&
           *posthog_text(function, "id") &&
           !cJSON_IsTrue(
               cJSON_GetObjectItemCaseSensitive(function, "deleted")) &&
           (!cJSON_IsObject(template) ||
            !strcmp(posthog_text(template, "id"), "template-webhook"));
}

/* The path of an absolute address: the key goes to our host only. What stands
 * before it is where a PostHog is that lies below a path, which is our host's
 * already. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : url;
    const char *api = path ? strstr(path, "/api/") : NULL;

    return api && api < path + strcspn(path, "?#") ? api : NULL;
}

/* In the order of their parts. cJSON_InsertItemInArray() of some versions
 * loses what it is to put between two others. */
static void keep(struct search *search, const cJSON *function)
{
    size_t part = search_part_of(search, function);
    cJSON *sorted = cJSON_CreateArray(), *item;
    cJSON *kept = cJSON_Duplicate(function, true);

    while ((item = cJSON_DetachItemFromArray(search->found, 0))) {
        if (kept && search_part_of(search, item) > part) {
            cJSON_AddItemToArray(sorted, kept);
            kept = NULL;
        }
        cJSON_AddItemToArray(sorted, item);
    }
    if (kept)
        cJSON_AddItemToArray(sorted, kept);
    cJSON_Delete(search->found);
    search->found = sorted;
}

static void hear_page(struct search *search, const cJSON *page)
{
    const cJSON *results = cJSON_GetObjectItemCaseSensitive(page, "results");
    const char *next = path_of(posthog_text(page, "next"));
    const cJSON *function;

    cJSON_ArrayForEach(function, results)
    {
        if (is_ours(search, function))
            keep(search, function);
    }
    search->listed = !next || strcmp(next, search->path.data) == 0;
    buf_clear(&search->path);
    if (!search->listed)
        buf_adds(&search->path, next);
}

/* The next of ours that came without its inputs; false: there is none. */
static bool find_lacking(struct search *search)
{
    for (; search->lacking < cJSON_GetArraySize(search->found);
         search->lacking++) {
        const cJSON *function =
            cJSON_GetArrayItem(search->found, search->lacking);

        if (!cJSON_IsObject(
                cJSON_GetObjectItemCaseSensitive(function, "inputs"))) {
            buf_clear(&search->path);
            buf_addf(&search->path, "/hog_functions/%s/",
                     posthog_text(function, "id"));
            return true;
        }
    }
    return false;
}

static bool next(void *ctx, struct question *question, struct err *err)
{
    struct search *search = ctx;

    (void)err;
    if (search->listed && !find_lacking(search))
        return false;
    *question = (struct question){.method = "GET", .path = search->path.data};
    return true;
}

static bool take(void *ctx, const cJSON *answer, struct err *err)
{
    struct search *search = ctx;

    if (!search->listed)
        hear_page(search, answer);
    else if (cJSON_IsObject(
                 cJSON_GetObjectItemCaseSensitive(answer, "inputs")))
        cJSON_ReplaceItemInArray(search->found, search->lacking++,
                                 cJSON_Duplicate(answer, true));
    else
        return err_set(err, "PostHog does not show what the destination "
                            "sends: has the key hog_function:read?");
    return true;
}

void search_open(struct search *search, const char *name)
{
    *search = (struct search){.name = name, .found = cJSON_CreateArray()};
    buf_init(&search->path, 8 * KIB);
    buf_adds(&search->path,
             "/hog_functions/?type=destination&full=true&limit=100");
}

void search_close(struct search *search)
{
    buf_free(&search->path);
    cJSON_Delete(search->found);
    search->found = NULL;
}

struct api_sequence search_sequence(struct search *search)
{
    return (struct api_sequence){.ctx = search, .next = next, .take = take};
}
