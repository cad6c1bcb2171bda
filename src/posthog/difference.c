/* What differs between a destination as it is and as it should be, in lines
 * a person can read: + what comes, - what goes, ~ what becomes something
 * else. Secrets are compared where PostHog shows them, and never printed. */
#include <ctype.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "config/secret.h"
#include "posthog/destination.h"
#include "posthog/filters.h"
#include "base/banned.h"

static const cJSON *get(const cJSON *object, const char *a, const char *b)
{
    return cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(object, a), b);
}

static const cJSON *input(const cJSON *function, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(get(function, "inputs", key),
                                            "value");
}

static const char *word(const cJSON *value)
{
    return cJSON_IsString(value) ? value->valuestring : "";
}

static void compare_url(const cJSON *is, const cJSON *wanted, struct buf *out)
{
    const char *old = word(input(is, "url"));
    const char *new = word(input(wanted, "url"));

    if (!strcmp(old, new))
        return;
    buf_adds(out, "~ address    ");
    secret_mask_login(out, old);
    buf_adds(out, " → ");
    secret_mask_login(out, new);
    buf_addc(out, '\n');
}

/* A header that PostHog keeps secret reads back as an object. */
static bool same_header(const cJSON *is, const cJSON *wanted)
{
    return cJSON_IsObject(is) || !strcmp(word(is), word(wanted));
}

static void compare_headers(const cJSON *is, const cJSON *wanted,
                            struct buf *out)
{
    const cJSON *old = input(is, "headers"), *header;
    const cJSON *new = input(wanted, "headers");

    cJSON_ArrayForEach(header, new)
    {
        const cJSON *found =
            cJSON_GetObjectItemCaseSensitive(old, header->string);

        if (!found)
            buf_addf(out, "+ header     %s\n", header->string);
        else if (!same_header(found, header))
            buf_addf(out, "~ header     %s\n", header->string);
    }
    cJSON_ArrayForEach(header, old)
    {
        if (!cJSON_GetObjectItemCaseSensitive(new, header->string))
            buf_addf(out, "- header     %s\n", header->string);
    }
}

static void compare_secret(const cJSON *is, const cJSON *wanted,
                           struct buf *out)
{
    bool has = get(is, "inputs", "signing_secret") &&
               !cJSON_IsNull(get(is, "inputs", "signing_secret"));
    bool wants = get(wanted, "inputs", "signing_secret") != NULL;

    if (has != wants)
        buf_addf(out, "%c signature\n", wants ? '+' : '-');
}

static bool has_event(const cJSON *events, const char *name)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, events)
    {
        if (!strcmp(word(cJSON_GetObjectItemCaseSensitive(entry, "id")), name))
            return true;
    }
    return false;
}

static void list_missing(const cJSON *from, const cJSON *in, char mark,
                         struct buf *out)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, from)
    {
        const char *name = word(cJSON_GetObjectItemCaseSensitive(entry, "id"));

        if (!has_event(in, name))
            buf_addf(out, "%c event      %s\n", mark,
                     *name ? name : "(every event)");
    }
}

/* Projects are numbers, and their texts beside them: one line for both. */
static bool has_text(const cJSON *list, const char *text)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (!strcmp(word(item), text))
            return true;
    }
    return false;
}

/* Another spelling of one that is in the list as well. */
static bool is_spelling(const char *id, const cJSON *list)
{
    char small[256];
    size_t len = strlen(id);

    if (len >= sizeof small)
        return false;
    for (size_t i = 0; i <= len; i++)
        small[i] = (char)tolower((unsigned char)id[i]);
    return strcmp(small, id) != 0 && has_text(list, small);
}

static void list_organizations(const cJSON *from, const cJSON *in, char mark,
                               const struct book *book, struct buf *out)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, from)
    {
        const struct account *account = book_find(book, word(item));

        if (*word(item) && strcmp(word(item), FILTERS_NOBODY) != 0 &&
            !has_text(in, word(item)) && !is_spelling(word(item), from))
            buf_addf(out, "%c account    %s%s%s\n", mark, word(item),
                     account ? "  " : "", account ? account->name : "");
    }
}

/* What PostHog adds when it stores filters does not count. */
static bool same_entries(const cJSON *old, const cJSON *new)
{
    const cJSON *entry;
    int at = 0;

    if (cJSON_GetArraySize(old) != cJSON_GetArraySize(new))
        return false;
    cJSON_ArrayForEach(entry, new)
    {
        const cJSON *other = cJSON_GetArrayItem(old, at++);

        if (strcmp(word(cJSON_GetObjectItemCaseSensitive(entry, "id")),
                   word(cJSON_GetObjectItemCaseSensitive(other, "id"))) != 0 ||
            !cJSON_Compare(
                cJSON_GetObjectItemCaseSensitive(entry, "properties"),
                cJSON_GetObjectItemCaseSensitive(other, "properties"), true))
            return false;
    }
    return true;
}

static void compare_filters(const cJSON *is, const cJSON *wanted,
                            const struct book *book, struct buf *out)
{
    const cJSON *old = cJSON_GetObjectItemCaseSensitive(is, "filters");
    const cJSON *new = cJSON_GetObjectItemCaseSensitive(wanted, "filters");
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(old, "events");
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(new, "events");
    const cJSON *had = filters_listed(old);
    const cJSON *gets = filters_listed(new);
    size_t len = out->len;

    list_missing(after, before, '+', out);
    list_missing(before, after, '-', out);
    list_organizations(gets, had, '+', book, out);
    list_organizations(had, gets, '-', book, out);
    if (out->len == len &&
        (!same_entries(before, after) ||
         !cJSON_Compare(cJSON_GetObjectItemCaseSensitive(old, "properties"),
                        cJSON_GetObjectItemCaseSensitive(new, "properties"),
                        true)))
        buf_adds(out, "~ filters    not as telltale makes them\n");
}

void destination_difference(const cJSON *is, const cJSON *wanted,
                            const struct book *book, struct buf *out)
{
    compare_url(is, wanted, out);
    compare_headers(is, wanted, out);
    compare_secret(is, wanted, out);
    if (!cJSON_Compare(input(is, "body"), input(wanted, "body"), true))
        buf_adds(out, "~ payload\n");
    compare_filters(is, wanted, book, out);
}
