/* Kinds of signals and their names, out of the table signals.def. */
#include "event/signal_kind.h"

#include <string.h>

#include "base/banned.h"

static const struct kind {
    const char *name, *title;
    int stays;
} kinds[SIGNAL_COUNT] = {
#define SIGNAL(id, name, title, rest, stays, ...)                             \
    [SIGNAL_##id] = {name, title, stays},
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

int signal_stays(enum signal_kind kind)
{
    return kinds[kind].stays;
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
