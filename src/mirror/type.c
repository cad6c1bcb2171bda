/* The kinds of mirrors. */
#include "mirror/type.h"

#include <string.h>

#include "base/banned.h"

static const struct mirror_type *const types[] = {
#define TYPE(name) &mirror_##name,
#include "mirror/types.def"
#undef TYPE
};
#define TYPES (sizeof types / sizeof *types)

/* "slack or json", "a, b or c" */
static const char *known_types(void)
{
    static char list[200];
    struct buf text;

    buf_init(&text, sizeof list - 1);
    for (size_t i = 0; i < TYPES; i++)
        buf_addf(&text, "%s%s",
                 !i              ? ""
                 : i + 1 < TYPES ? ", "
                                 : " or ",
                 types[i]->name);
    memcpy(list, text.data, text.len + 1);
    buf_free(&text);
    return list;
}

const struct mirror_type *mirror_type_find(const char *name,
                                           const char **known)
{
    for (size_t i = 0; i < TYPES; i++)
        if (!strcmp(types[i]->name, name))
            return types[i];
    if (known)
        *known = known_types();
    return NULL;
}
