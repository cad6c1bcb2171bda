/* The rig of the catalogue's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "tests/unit/catalog_rig.h"

#include "base/banned.h"

struct catalog *catalog;
struct arena catalog_arena;

int catalog_setup(void **state)
{
    (void)state;
    catalog = catalog_new();
    return 0;
}

int catalog_teardown(void **state)
{
    (void)state;
    catalog_free(catalog);
    arena_free(&catalog_arena);
    return 0;
}

struct event apply_catalog(const char *name, const char *json)
{
    struct event event = {.name = name};
    cJSON *props = json ? cJSON_Parse(json) : NULL;
    struct slice raw = {json, json ? strlen(json) : 0};

    if (json)
        assert_non_null(props);
    catalog_apply(catalog, &event, props, raw, &catalog_arena);
    cJSON_Delete(props);
    return event;
}
