/* The list of a project's destinations comes in pages, and may leave out
 * their inputs: those of ours are asked for one by one. */
#include "posthog/search.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"

#include "base/banned.h"

#define NOT_OURS SIZE_MAX
#define PARTS_MAX 1000

void search_part_name(const char *name, size_t part, struct buf *out)
{
    buf_clear(out);
    buf_adds(out, name);
    if (part)
        buf_addf(out, " %zu", part + 1);
}

/* "NAME" → 0, "NAME 2" → 1; nothing that is only like it. */
static size_t part_of_name(const char *base, const char *name)
{
    size_t len = strlen(base);
    unsigned long number;
    char *end;

    if (strncmp(name, base, len) != 0)
        return NOT_OURS;
    if (!name[len])
        return 0;
    if (name[len] != ' ' || name[len + 1] < '1' || name[len + 1] > '9')
        return NOT_OURS;
    number = strtoul(name + len + 1, &end, 10);
    return !*end && number >= 2 && number <= PARTS_MAX ? number - 1 : NOT_OURS;
}

size_t search_part_of(const struct search *search, const cJSON *function)
{
    return part_of_name(search->name, posthog_text(function, "name"));
}

const cJSON *search_part(const struct search *search, size_t part)
{
    const cJSON *function;

    cJSON_ArrayForEach(function, search->found)
    {
        if (search_part_of(search, function) == part)
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

    return part != NOT_OURS && !search_part(search, part) &&
           *posthog_text(function, "id") &&
           !cJSON_IsTrue(
               cJSON_GetObjectItemCaseSensitive(function, "deleted")) &&
           (!cJSON_IsObject(template) ||
            !strcmp(posthog_text(template, "id"), "template-webhook"));
}

/* The path of an absolute address: the key goes to our host only. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : url;

    return path && strncmp(path, "/api/", 5) == 0 ? path : NULL;
}

/* In the order of their parts. */
static void keep(struct search *search, const cJSON *function)
{
    size_t part = search_part_of(search, function);
    int at = 0;

    while (at < cJSON_GetArraySize(search->found) &&
           search_part_of(search, cJSON_GetArrayItem(search->found, at)) <
               part)
        at++;
    cJSON_InsertItemInArray(search->found, at,
                            cJSON_Duplicate(function, true));
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

static bool ask(void *ctx, struct question *question, struct err *err)
{
    struct search *search = ctx;

    (void)err;
    if (search->listed && !find_lacking(search))
        return false;
    *question = (struct question){.method = "GET", .path = search->path.data};
    return true;
}

static bool hear(void *ctx, const cJSON *answer, struct err *err)
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

struct talk search_talk(struct search *search)
{
    return (struct talk){.ctx = search, .ask = ask, .hear = hear};
}
