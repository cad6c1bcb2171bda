/* From settings to secrets. How a secret is read and compared is
 * config/secret; who carries it where is the routes' affair. */
#include "app/tokens.h"

#include <string.h>

#include "base/uuid.h"
#include "config/option.h"
#include "base/banned.h"

/* Adds a secret that was read, and wipes the copy; NULL passes err on. */
static bool add_owned(struct secret_set *set, char *secret, struct err *err)
{
    bool ok = secret && secret_set_add(set, secret, err);

    secret_free(secret);
    return ok;
}

/* A service manager's file of that name; there need not be one. */
static bool add_credential(struct secret_set *set, const char *name,
                           struct err *err)
{
    struct err why = {""};
    char *secret = secret_from_credential(name, &why);

    if (!secret)
        return !why.text[0] || err_set(err, "%s", why.text);
    return add_owned(set, secret, err);
}

/* Adds what variable, credential, file and command give, as far as they are
 * set. */
static bool add_sources(struct secret_set *set, const struct config *config,
                        enum option_id plain, enum option_id file,
                        enum option_id command, struct err *err)
{
    const char *text = config_text(config, plain);

    if (!add_credential(set, options[plain].key, err))
        return false;
    if (text && !secret_set_add(set, text, err))
        return false;
    if (config_text(config, file) && !config_is_default(config, file) &&
        file != OPTION_token_file &&
        !add_owned(set, secret_from_file(config_text(config, file), err), err))
        return false;
    text = config_text(config, command);
    return !text || add_owned(set, secret_from_command(text, err), err);
}

/* The token of the first start; also when token_file names another place. */
static bool add_token_file(struct tokens *tokens, const struct config *config,
                           struct err *err)
{
    const char *path = config_text(config, OPTION_token_file);
    bool made;

    if (tokens->hook.count && config_is_default(config, OPTION_token_file))
        return true;
    if (!path)
        return err_set(err, "no home directory to keep a token in: set HOME, "
                            "--token-file or TELLTALE_TOKEN");
    tokens->ours = tokens->hook.count == 0;
    return add_owned(&tokens->hook, secret_token_file(path, &made, err), err);
}

static void make_in_memory(struct tokens *tokens)
{
    struct uuid random = uuid_random();
    char text[UUID_TEXT_SIZE];

    uuid_format(&random, text);
    secret_set_add(&tokens->hook, text, NULL);
    tokens->ours = true;
}

bool tokens_load(struct tokens *tokens, const struct config *config,
                 bool in_memory, struct err *err)
{
    memset(tokens, 0, sizeof *tokens);
    if (in_memory) {
        make_in_memory(tokens);
        return true;
    }
    if (add_sources(&tokens->hook, config, OPTION_token, OPTION_token_file,
                    OPTION_token_command, err) &&
        add_token_file(tokens, config, err) &&
        add_sources(&tokens->viewer, config, OPTION_viewer_token,
                    OPTION_viewer_token_file, OPTION_viewer_token_command,
                    err) &&
        add_sources(&tokens->signing, config, OPTION_signing_secret,
                    OPTION_signing_secret_file, OPTION_signing_secret_command,
                    err) &&
        secret_can_sign(&tokens->signing, err))
        return true;
    tokens_free(tokens);
    return false;
}

void tokens_free(struct tokens *tokens)
{
    secret_set_free(&tokens->hook);
    secret_set_free(&tokens->viewer);
    secret_set_free(&tokens->signing);
}
