/* A short list: there are as many as have a feed open. */
#include "live/presence.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

struct look {
    char *who, *account;
};

struct presence {
    struct look looks[LIMIT_FEEDS];
    size_t count;
};

struct presence *presence_new(void)
{
    return xcalloc(1, sizeof(struct presence));
}

bool presence_clear(struct presence *presence)
{
    bool any = presence->count > 0;

    for (size_t i = 0; i < presence->count; i++) {
        free(presence->looks[i].who);
        free(presence->looks[i].account);
    }
    presence->count = 0;
    return any;
}

void presence_free(struct presence *presence)
{
    if (!presence)
        return;
    presence_clear(presence);
    free(presence);
}

static void take_out(struct presence *presence, size_t index)
{
    free(presence->looks[index].who);
    free(presence->looks[index].account);
    memmove(&presence->looks[index], &presence->looks[index + 1],
            (presence->count - index - 1) * sizeof *presence->looks);
    presence->count--;
}

static bool change(struct presence *presence, size_t index,
                   const char *account)
{
    struct look *look = &presence->looks[index];

    if (!account) {
        take_out(presence, index);
        return true;
    }
    if (!strcmp(look->account, account))
        return false;
    free(look->account);
    look->account = xstrdup(account);
    return true;
}

bool presence_set(struct presence *presence, const char *who,
                  const char *account)
{
    for (size_t i = 0; i < presence->count; i++)
        if (!strcmp(presence->looks[i].who, who))
            return change(presence, i, account);
    if (!account || presence->count == LIMIT_FEEDS)
        return false;
    presence->looks[presence->count++] =
        (struct look){xstrdup(who), xstrdup(account)};
    return true;
}

size_t presence_count(const struct presence *presence)
{
    return presence->count;
}

const char *presence_who(const struct presence *presence, size_t index)
{
    return presence->looks[index].who;
}

const char *presence_account(const struct presence *presence, size_t index)
{
    return presence->looks[index].account;
}
