/* From settings to secrets. How a secret is read and compared is
 * config/secret; who carries it where is the routes' affair. */
#include "app/tokens.h"

#include <string.h>

#include "base/mem.h"
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
 * set. *printed: what the command did print; NULL: it is run. */
static bool add_sources(struct secret_set *set, const struct config *config,
                        enum option_id plain, enum option_id file,
                        enum option_id command, char **printed,
                        struct err *err)
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
    if (text && !*printed)
        *printed = secret_from_command(options[command].key, text,
                                       SECRET_COMMAND_MS, err);
    return !text || (*printed && secret_set_add(set, *printed, err));
}

/* The token of the first start; also when token_file names another place. */
static bool add_token_file(struct tokens *tokens, const struct config *config,
                           struct err *err)
{
    const char *path = config_text(config, OPTION_token_file);
    bool alone = tokens->hook.count == 0, made;
    bool ok;

    if (tokens->hook.count && config_is_default(config, OPTION_token_file))
        return true;
    if (!path)
        return err_set(err, "no home directory to keep a token in: set HOME, "
                            "--token-file or TELLTALE_TOKEN");
    ok = add_owned(&tokens->hook, secret_token_file(path, &made, err), err);
    tokens->ours =
        alone && (made || config_is_default(config, OPTION_token_file));
    return ok;
}

static void make_in_memory(struct tokens *tokens)
{
    struct uuid random = uuid_random();
    char text[UUID_TEXT_SIZE];

    uuid_format(&random, text);
    secret_set_add(&tokens->hook, text, NULL);
    tokens->ours = true;
}

static bool add_viewers(struct viewers *viewers, const struct config *config,
                        struct err *err)
{
    const char *path = config_text(config, OPTION_viewers);

    return !path || viewers_read(viewers, path, err);
}

static bool load(struct tokens *tokens, const struct config *config,
                 struct err *err)
{
    return add_sources(&tokens->hook, config, OPTION_token, OPTION_token_file,
                       OPTION_token_command, &tokens->printed[0], err) &&
           add_token_file(tokens, config, err) &&
           add_sources(&tokens->viewers.tokens, config, OPTION_viewer_token,
                       OPTION_viewer_token_file, OPTION_viewer_token_command,
                       &tokens->printed[1], err) &&
           add_viewers(&tokens->viewers, config, err) &&
           add_sources(&tokens->signing, config, OPTION_signing_secret,
                       OPTION_signing_secret_file,
                       OPTION_signing_secret_command, &tokens->printed[2],
                       err) &&
           secret_can_sign(&tokens->signing, err);
}

bool tokens_load(struct tokens *tokens, const struct config *config,
                 bool in_memory, struct err *err)
{
    memset(tokens, 0, sizeof *tokens);
    if (in_memory) {
        make_in_memory(tokens);
        return true;
    }
    if (load(tokens, config, err))
        return true;
    tokens_free(tokens);
    return false;
}

/* A token file that is gone is no reason to make another: whoever posts would
 * be locked out. */
static bool token_file_is_there(const struct tokens *tokens,
                                const struct config *config, struct err *err)
{
    const char *path = config_text(config, OPTION_token_file);
    char *secret;

    if (!tokens->ours && config_is_default(config, OPTION_token_file))
        return true; /* others were given in place of it */
    secret = secret_from_file(path, err);
    secret_free(secret);
    return secret != NULL;
}

bool tokens_reload(struct tokens *tokens, const struct config *config,
                   struct err *err)
{
    struct tokens fresh = {.ours = false};

    if (!token_file_is_there(tokens, config, err))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (tokens->printed[i])
            fresh.printed[i] = xstrdup(tokens->printed[i]);
    if (!load(&fresh, config, err) || (fresh.ours && !tokens->ours)) {
        tokens_free(&fresh);
        return err->text[0] ? false
                            : err_set(err, "the token is gone from where it "
                                           "was");
    }
    tokens_free(tokens);
    *tokens = fresh;
    return true;
}

char *tokens_as_viewer(const struct config *config, struct err *err)
{
    struct secret_set set = {.count = 0};
    char *printed = NULL, *token = NULL;
    bool ok = add_sources(&set, config, OPTION_viewer_token,
                          OPTION_viewer_token_file,
                          OPTION_viewer_token_command, &printed, err);

    if (ok && set.count)
        token = xstrdup(set.secrets[0]);
    else if (ok)
        err_set(err, "a viewer's token is needed, in TELLTALE_VIEWER_TOKEN "
                     "or viewer_token_file: telltale viewers add makes one "
                     "there");
    secret_free(printed);
    secret_set_free(&set);
    return token;
}

void tokens_free(struct tokens *tokens)
{
    for (size_t i = 0; i < 3; i++) {
        secret_free(tokens->printed[i]);
        tokens->printed[i] = NULL;
    }
    secret_set_free(&tokens->hook);
    viewers_free(&tokens->viewers);
    secret_set_free(&tokens->signing);
}
