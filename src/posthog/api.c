/* PostHog as the settings name it, and what its answers are made of. */
#include "posthog/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"
#include "config/secret.h"
#include "event/url.h"
#include "posthog/internal.h"
#include "base/banned.h"

/* Settings. */

static char *read_host(const char *text, struct err *err)
{
    size_t len;

    if (!strcmp(text, "us"))
        return xstrdup("https://us.posthog.com");
    if (!strcmp(text, "eu"))
        return xstrdup("https://eu.posthog.com");
    if (strchr(text, '@')) {
        err_set(err, "posthog host: no login belongs in it: the API key is "
                     "one");
        return NULL;
    }
    if (strncmp(text, "https://", 8) && !url_is_local(text)) {
        err_set(err,
                "posthog host: \"%s\" is neither us nor eu nor an https "
                "address",
                text);
        return NULL;
    }
    if (strstr(text, "i.posthog.com")) {
        err_set(err, "posthog host: that is where events are sent to; the "
                     "API is at us or eu");
        return NULL;
    }
    len = strlen(text);
    while (len && text[len - 1] == '/')
        len--;
    return xstrndup(text, len);
}

/* The environment, then the file if it is named or there, then the command. */
static char *read_key(const struct config *config, struct err *err)
{
    const char *plain = config_text(config, OPTION_posthog_api_key);
    const char *file = config_text(config, OPTION_posthog_api_key_file);
    const char *command = config_text(config, OPTION_posthog_api_key_command);

    if (plain && *plain)
        return xstrdup(plain);
    if (command)
        return secret_from_command("[posthog] api_key_command", command,
                                   SECRET_COMMAND_MS, err);
    if (file && (!config_is_default(config, OPTION_posthog_api_key_file) ||
                 !access(file, F_OK)))
        return secret_from_file(file, err);
    err_set(err,
            "no PostHog API key: put a personal one (phx_...) into "
            "TELLTALE_POSTHOG_API_KEY or, mode 0600, into %s",
            file ? file : "a file named by --posthog-api-key-file");
    return NULL;
}

bool posthog_has_key(const struct config *config)
{
    const char *plain = config_text(config, OPTION_posthog_api_key);
    const char *file = config_text(config, OPTION_posthog_api_key_file);

    return (plain && *plain) ||
           config_text(config, OPTION_posthog_api_key_command) ||
           (file && !access(file, F_OK));
}

bool posthog_configured(const struct config *config)
{
    return config_text(config, OPTION_posthog_project) &&
           posthog_has_key(config);
}

/* A header must stay one line. */
static bool key_is_plain(const char *key, struct err *err)
{
    if (*key &&
        key[strspn(key, "abcdefghijklmnopqrstuvwxyz_-"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == 0) {
        if (strncmp(key, "phc_", 4) != 0)
            return true;
        return err_set(err, "that is a project's key (phc_...): a personal "
                            "API key begins with phx_");
    }
    return err_set(err, "the PostHog API key holds something else than "
                        "letters, digits and _");
}

struct posthog *posthog_open(const struct config *config,
                             posthog_waiting *waiting, void *ctx,
                             struct err *err)
{
    struct posthog *posthog = xcalloc(1, sizeof *posthog);
    const char *project = config_text(config, OPTION_posthog_project);
    const char *index = config_text(config, OPTION_posthog_group_index);

    posthog->waiting = waiting;
    posthog->ctx = ctx;
    posthog->group_index = index ? *index - '0' : 0;
    posthog->host = read_host(config_text(config, OPTION_posthog_host), err);
    posthog->key = posthog->host ? read_key(config, err) : NULL;
    if (posthog->key && key_is_plain(posthog->key, err) &&
        (!project || posthog_set_project(posthog, project, err)))
        return posthog;
    posthog_close(posthog);
    return NULL;
}

void posthog_close(struct posthog *posthog)
{
    if (!posthog)
        return;
    secret_free(posthog->key);
    free(posthog->host);
    free(posthog->project);
    free(posthog);
}

const char *posthog_host(const struct posthog *posthog)
{
    return posthog->host;
}

const char *posthog_project(const struct posthog *posthog)
{
    return posthog->project;
}

int posthog_group_index(const struct posthog *posthog)
{
    return posthog->group_index;
}

/* posthog/rate_limit.py: a wait longer than a minute is the hour's. */
const char *posthog_limit(unsigned seconds)
{
    return seconds > 60 ? "PostHog's limit of an hour is reached (120 queries "
                          "with a personal key, unless the organisation has "
                          "more)"
                        : "PostHog's limit of a minute is reached, or it is "
                          "busy";
}

bool posthog_set_project(struct posthog *posthog, const char *project,
                         struct err *err)
{
    size_t len = strlen(project);

    if (!len || len > 18 || strspn(project, "0123456789") != len)
        return err_set(err,
                       "posthog project: \"%s\" is no number: it is the one "
                       "in the address of your project",
                       project);
    free(posthog->project);
    posthog->project = xstrdup(project);
    return true;
}

/* What answers and texts are made of. */

const char *posthog_text(const cJSON *object, const char *name)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

    return text ? text : "";
}

int posthog_column(const cJSON *answer, const char *name)
{
    const cJSON *columns = cJSON_GetObjectItemCaseSensitive(answer, "columns");
    const cJSON *column;
    int at = 0;

    cJSON_ArrayForEach(column, columns)
    {
        if (cJSON_IsString(column) && !strcmp(column->valuestring, name))
            return at;
        at++;
    }
    return -1;
}

void posthog_quote(struct buf *sql, const char *text)
{
    buf_addc(sql, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            buf_addc(sql, '\\');
        buf_addc(sql, *text);
    }
    buf_addc(sql, '\'');
}
