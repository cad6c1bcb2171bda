/* Kinds of signals and their names, out of the table signals.def. */
#include "event/signal_kind.h"

#include <string.h>

#include "base/banned.h"

static const struct kind {
    const char *name, *title;
} kinds[SIGNAL_COUNT] = {
#define SIGNAL(id, name, title, ...) [SIGNAL_##id] = {name, title},
#include "event/signals.def"
#undef SIGNAL
};

const char *signal_name(enum signal_kind kind)
{
    return kinds[kind].name;
}

const char *signal_title(enum signal_kind kind)
{
    return kinds[kind].title;
}

bool signal_parse(const char *name, enum signal_kind *out)
{
    for (int i = 0; i < SIGNAL_COUNT; i++)
        if (!strcmp(kinds[i].name, name)) {
            *out = (enum signal_kind)i;
            return true;
        }
    return false;
}
