/* Which secrets the receiver knows: of hooks, of viewers, for signatures. */
#ifndef TELLTALE_TOKENS_H
#define TELLTALE_TOKENS_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"
#include "config/secret.h"
#include "config/viewers.h"

struct tokens {
    struct secret_set hook, signing;
    struct viewers viewers;
    bool ours; /* the hook's token is one we made: it may be shown */
    /* What the commands printed, in that order; NULL: none is set. They are
     * not run again. */
    char *printed[3];
};

/* Reads what is set (environment, files, commands; several add up). Without
 * any for hooks the token file is read, and made at the first start; with
 * in_memory a token is made and nothing is read or written. On false nothing
 * is left to free. */
bool tokens_load(struct tokens *tokens, const struct config *config,
                 bool in_memory, struct err *err);
/* Reads files and credentials again; what the environment and the commands
 * gave stays, since a command may ask somebody and would hold up the loop.
 * False with err: tokens are as they were. */
bool tokens_reload(struct tokens *tokens, const struct config *config,
                   struct err *err);
/* The viewer's token by which we ask another telltale; the caller wipes it by
 * secret_free(). NULL with err: none is set. */
char *tokens_as_viewer(const struct config *config, struct err *err);
void tokens_free(struct tokens *tokens);

#endif
