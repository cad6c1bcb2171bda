/* `telltale attach`: the board of another telltale. Its events are kept in a
 * journal of our own, one for each host, so that it opens with what was there,
 * and without a link too. */
#include "command/command.h"

#include <ctype.h>
#include <stdlib.h>

#include "app/tokens.h"
#include "base/buf.h"
#include "base/limits.h"
#include "command/watch.h"
#include "config/path.h"
#include "source/feed.h"

#include "base/banned.h"

/* "attached-hub.example_8420.db", beside the journal of this machine. */
static char *cache_path(const struct config *config, const char *url)
{
    const char *journal = config_text(config, OPTION_journal);
    struct buf name;
    char *path;

    if (!journal || !config_is_default(config, OPTION_journal))
        return NULL;
    buf_init(&name, 256);
    buf_adds(&name, "attached-");
    for (url = strstr(url, "://") + 3; *url && name.len < 200; url++) {
        char c = (char)tolower((unsigned char)*url);

        if (*url == '/' && !url[1])
            break;
        buf_addc(&name,
                 isalnum((unsigned char)c) || c == '.' || c == '-' ? c : '_');
    }
    buf_adds(&name, ".db");
    path = path_beside(journal, name.data);
    buf_free(&name);
    return path;
}

static int run(struct command_context *context, const char *url,
               const char *token)
{
    bool plain = watch_is_plain(context);
    char *cache = cache_path(context->config, url);
    struct watch_options watch = {.app = {.display =
                                              plain ? NULL : context->display,
                                          .attach = url,
                                          .attach_token = token,
                                          .journal = cache},
                                  .hidden =
                                      command_flag(context, ARG_attach_hidden),
                                  .print = plain};
    int code = watch_receive(context, &watch);

    free(cache);
    return code;
}

int command_attach(struct command_context *context)
{
    struct err err = {""};
    struct buf url;
    char *token = NULL;
    int code;

    buf_init(&url, 4 * KIB);
    buf_adds(&url, "");
    if (!command_words(context, NULL, &url))
        code = EXIT_USAGE;
    else if (!url.len)
        code = command_fail(EXIT_USAGE, "attach to which? telltale attach "
                                        "https://HOST");
    else if (!feed_source_check(url.data, &err))
        code = command_fail(EXIT_USAGE, "%s", err.text);
    else if (!(token = tokens_as_viewer(context->config, &err)))
        code = command_fail(EXIT_CONFIG, "%s", err.text);
    else
        code = run(context, url.data, token);
    secret_free(token);
    buf_free(&url);
    return code;
}
