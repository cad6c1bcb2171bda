/* Whose accounts owner:me are. */
#include <stdlib.h>

#include "base/mem.h"
#include "query/query.h"

#include "base/banned.h"

static char *me;

void query_set_me(const char *email)
{
    free(me);
    me = email ? xstrdup(email) : NULL;
}

const char *query_me(void)
{
    return me;
}
