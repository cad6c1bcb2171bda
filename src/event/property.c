/* Finding a property and saying what kind of value it is. How it is written
 * for a reader is value_text.c's business. */
#include "event/property.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/json_tree.h"
#include "event/nothing.h"
#include "base/banned.h"

#define DAY_SECONDS 86400
#define EXACT_TO 9007199254740992.0 /* 2^53 */

/* At each step the longest key that is there wins, so that keys with dots in
 * them are found too: the same rule as slice_path(). */
static const cJSON *walk(const cJSON *object, const char *path)
{
    const cJSON *item;
    char key[256];
    size_t len = strlen(path);

    if (!cJSON_IsObject(object) || len >= sizeof key)
        return NULL;
    item = json_member(object, path);
    while (!item && len > 0) {
        while (len > 0 && path[--len] != '.')
            ;
        if (len == 0)
            return NULL;
        memcpy(key, path, len);
        key[len] = '\0';
        item = json_member(object, key);
        if (item)
            return walk(item, path + len + 1);
    }
    return item;
}

static struct property_value text_value(const char *text)
{
    struct property_value value = {.kind = PROPERTY_TEXT, .text = text};

    if (!text || !text[strspn(text, " \t\r\n\v\f")] ||
        nothing_said(text, strlen(text)))
        value.kind = PROPERTY_MISSING;
    return value;
}

static struct property_value number_value(const struct properties *props,
                                          const char *name, double number)
{
    struct property_value value = {.kind = PROPERTY_NUMBER, .number = number};

    if (fabs(number) >= EXACT_TO && props->raw.len > 0)
        slice_path(props->raw, name, &value.exact);
    if (!isfinite(number))
        value.kind = PROPERTY_MISSING;
    return value;
}

struct property_value property_find(const struct properties *props,
                                    const char *name)
{
    const cJSON *item = walk(props->json, name);
    struct property_value value = {.kind = PROPERTY_MISSING};

    if (cJSON_IsString(item))
        value = text_value(item->valuestring);
    else if (cJSON_IsNumber(item))
        return number_value(props, name, item->valuedouble);
    else if (cJSON_IsBool(item))
        return (struct property_value){.kind = PROPERTY_BOOL,
                                       .truth = cJSON_IsTrue(item)};
    else if (cJSON_IsArray(item))
        return (struct property_value){.kind = PROPERTY_LIST,
                                       .number = cJSON_GetArraySize(item)};
    else if (cJSON_IsObject(item))
        return (struct property_value){.kind = PROPERTY_OBJECT};
    if (value.kind == PROPERTY_MISSING && strcmp(name, "$current_url") == 0)
        value = text_value(props->url);
    value.whole = props->whole;
    return value;
}

bool value_text(struct buf *out, const struct property_value *value)
{
    switch (value->kind) {
    case PROPERTY_TEXT:
        return buf_adds(out, value->text);
    case PROPERTY_BOOL:
        return buf_adds(out, value->truth ? "true" : "false");
    case PROPERTY_NUMBER:
        if (value->exact.len > 0)
            return buf_add(out, value->exact.at, value->exact.len);
        return buf_addf(out, "%.15g", value->number);
    case PROPERTY_MISSING:
    case PROPERTY_LIST:
    case PROPERTY_OBJECT:
        break;
    }
    return false;
}

/* posthog-js calls itself "web"; older and lighter ones "js", "js-lite". */
static bool is_browser(const char *lib)
{
    static const char *const browsers[] = {
        "web",        "js",          "js-lite",
        "posthog-js", "posthog-web", "posthog-js-lite",
        "snippet",    "browser",
    };

    for (size_t i = 0; i < sizeof browsers / sizeof *browsers; i++)
        if (text_casecmp(browsers[i], lib) == 0)
            return true;
    return false;
}

bool properties_count_ms(const struct properties *props,
                         const struct property_value *value)
{
    struct property_value lib = property_find(props, "$lib");
    double number = value->number;

    if (lib.kind == PROPERTY_TEXT)
        return is_browser(lib.text);
    if (value->kind == PROPERTY_TEXT)
        number = strtod(value->text, NULL);
    return number > DAY_SECONDS;
}

bool value_true(const struct property_value *value)
{
    switch (value->kind) {
    case PROPERTY_MISSING:
        return false;
    case PROPERTY_BOOL:
        return value->truth;
    case PROPERTY_NUMBER:
    case PROPERTY_LIST:
        return value->number != 0;
    case PROPERTY_TEXT:
        return text_casecmp(value->text, "false") != 0 &&
               strcmp(value->text, "0") != 0;
    case PROPERTY_OBJECT:
        break;
    }
    return true;
}
