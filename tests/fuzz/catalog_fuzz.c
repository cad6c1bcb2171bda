/* Rows and templates of a stranger's, properties of another: a sentence is
 * never empty or too long, and it is harmless. The input is INI text (when
 * it begins with "[") or a template, a NUL byte, and properties in JSON. */
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/catalog.h"
#include "event/template.h"
#include "fuzz.h"
#include "base/banned.h"

/* Sanitising a sentence again must not change it. */
static void require_harmless(const char *sentence)
{
    struct buf again;

    buf_init(&again, 2 * MIB);
    text_sanitise(&again, sentence, strlen(sentence), MIB);
    REQUIRE(strcmp(again.data, sentence) == 0);
    buf_free(&again);
}

static void apply(const struct catalog *catalog, const char *name,
                  const cJSON *props, struct slice raw)
{
    struct arena arena = ARENA_INIT;
    struct event event = {.name = name};

    catalog_apply(catalog, &event, props, raw, &arena);
    REQUIRE(event.sentence && *event.sentence);
    REQUIRE(strlen(event.sentence) <= LIMIT_SENTENCE);
    require_harmless(event.sentence);
    arena_free(&arena);
}

static void try_rows(const char *ini, size_t len, const char *json,
                     const cJSON *props, struct slice raw)
{
    struct catalog *catalog = catalog_new();
    struct err err = {{0}};

    if (!catalog_read(catalog, "events.ini", ini, len, &err))
        REQUIRE(strncmp(err.text, "events.ini:", 11) == 0);
    for (size_t i = 0; i < catalog_rows(catalog); i++)
        apply(catalog, catalog_row(catalog, i).names[0], props, raw);
    apply(catalog, json, props, raw);
    catalog_free(catalog);
}

static void try_template(const char *text, const cJSON *props,
                         struct slice raw)
{
    struct properties given = {props, raw, text, false};
    struct arena arena = ARENA_INIT;
    struct err err = {{0}};
    struct template *template = template_compile(text, &arena, &err);
    struct buf out;

    buf_init(&out, MIB);
    REQUIRE(template || *err.text);
    if (template && template_render(template, &given, &out)) {
        REQUIRE(out.len > 0);
        require_harmless(out.data);
    }
    buf_free(&out);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text, *json;
    cJSON *props = NULL;
    struct slice raw;

    if (size > 16 * KIB)
        return 0;
    text = xstrndup((const char *)data, size);
    json = strlen(text) < size
               ? xstrndup((const char *)data + strlen(text) + 1,
                          size - strlen(text) - 1)
               : xstrdup("{}");
    raw = (struct slice){json, strlen(json)};
    if (slice_check(json, raw.len, NULL))
        props = cJSON_Parse(json);
    if (!props)
        raw.len = 0;
    if (*text == '[')
        try_rows(text, strlen(text), json, props, raw);
    else
        try_template(text, props, raw);
    cJSON_Delete(props);
    free(text);
    free(json);
    return 0;
}
