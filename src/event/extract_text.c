/* Texts of a shape as an event keeps them. */
#include "event/extract_internal.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

const char *extract_clean(const struct extraction *extract, const char *text,
                          size_t max)
{
    const char *made;

    if (!text)
        return NULL;
    made = text_sanitised(extract->arena, text, strlen(text), max);
    return shape_trim(extract->arena, made, strlen(made));
}

const char *extract_text(const struct extraction *extract, struct shape *shape,
                         enum payload_field field)
{
    return shape_text(shape, field, extract->arena);
}

const char *extract_clean_text(const struct extraction *extract,
                               struct shape *shape, enum payload_field field)
{
    return extract_clean(extract, extract_text(extract, shape, field),
                         LIMIT_TEXT);
}

/* Something, one '@', and a domain; nothing that ends an address. */
bool extract_is_email(const char *text)
{
    const char *at = strchr(text, '@');

    return at && at > text && at[1] && !strchr(at + 1, '@') &&
           !strpbrk(text, " \t\r\n<>\"/,;:") && strlen(text) <= 320;
}
