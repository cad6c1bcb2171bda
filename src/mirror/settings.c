/* Reading [mirror NAME]. Every key is one row of a table; what belongs
 * together (a URL and its scheme, a token and its channel) is checked when
 * the section is complete. */
#include "mirror/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/list.h"
#include "mirror/chat.h"

#include "base/banned.h"

#define NAME_MAX_BYTES 40

typedef bool set_key(struct mirror_settings *settings, const char *value,
                     struct err *err);

void mirror_wipe(char **secret)
{
    volatile char *at = *secret;

    while (at && *at)
        *at++ = '\0';
    free(*secret);
    *secret = NULL;
}

static void settings_free(struct mirror_settings *settings)
{
    free(settings->name);
    mirror_wipe(&settings->url);
    mirror_wipe(&settings->token);
    free(settings->channel);
    free(settings->line);
    secret_set_free(&settings->signing);
    query_free(settings->query);
    query_free(settings->bypass);
    redaction_free(settings->drop);
}

void mirror_list_free(struct mirror_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        settings_free(&list->mirrors[i]);
    free(list->mirrors);
    list->mirrors = NULL;
    list->count = 0;
}

/* ---- values ---- */

static bool from_environment(const char *name, char **out, struct err *err)
{
    const char *value = getenv(name);

    if (!value || !*value)
        return err_set(err, "the environment has no %.64s", name);
    if (*out)
        return err_set(err, "another line gives it, too");
    *out = xstrdup(value);
    return true;
}

static bool from_file(const char *path, char **out, struct err *err)
{
    char *secret = secret_from_file(path, err);

    if (secret && *out) {
        secret_free(secret);
        return err_set(err, "another line gives it, too");
    }
    *out = secret ? secret : *out;
    return secret != NULL;
}

static bool yes_or_no(const char *value, bool *out, struct err *err)
{
    *out = !strcmp(value, "yes");
    if (*out || !strcmp(value, "no"))
        return true;
    return err_set(err, "yes or no is needed here, not %.40s", value);
}

static bool clock_minute(const char **text, int *minute)
{
    int hours, minutes, used = 0;

    if (sscanf(*text, "%2d:%2d%n", &hours, &minutes, &used) < 2 || !used ||
        hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *minute = hours * 60 + minutes;
    *text += used;
    return true;
}

static bool set_type(struct mirror_settings *s, const char *value,
                     struct err *err)
{
    const char *known = "";
    const struct mirror_type *type = mirror_type_find(value, &known);

    if (!type)
        return err_set(err, "type is %s, not %.40s", known, value);
    s->type = type;
    return true;
}

static bool set_url(struct mirror_settings *s, const char *value,
                    struct err *err)
{
    if (s->url)
        return err_set(err, "another line gives it, too");
    s->url = xstrdup(value);
    return true;
}

static bool set_url_env(struct mirror_settings *s, const char *value,
                        struct err *err)
{
    return from_environment(value, &s->url, err);
}

static bool set_url_file(struct mirror_settings *s, const char *value,
                         struct err *err)
{
    return from_file(value, &s->url, err);
}

static bool set_token_env(struct mirror_settings *s, const char *value,
                          struct err *err)
{
    return from_environment(value, &s->token, err);
}

static bool set_token_file(struct mirror_settings *s, const char *value,
                           struct err *err)
{
    return from_file(value, &s->token, err);
}

static bool set_channel(struct mirror_settings *s, const char *value,
                        struct err *err)
{
    (void)err;
    free(s->channel);
    s->channel = xstrdup(value);
    return true;
}

static bool set_signing_file(struct mirror_settings *s, const char *value,
                             struct err *err)
{
    char *secret = secret_from_file(value, err);
    bool ok = secret && secret_set_add(&s->signing, secret, err);

    mirror_wipe(&secret);
    return ok;
}

static bool set_signing_env(struct mirror_settings *s, const char *value,
                            struct err *err)
{
    char *secret = NULL;
    bool ok = from_environment(value, &secret, err) &&
              secret_set_add(&s->signing, secret, err);

    mirror_wipe(&secret);
    return ok;
}

static bool parse_query(const char *value, struct query **out, struct err *err)
{
    struct query_error error;
    struct query *query = query_parse(value, &error);

    if (!query)
        return err_set(err, "column %d: %s", error.column + 1, error.err.text);
    if (query_asks_book(query)) {
        query_free(query);
        return err_set(err, "a mirror does not know owners and segments yet: "
                            "name the accounts, like account:borealis");
    }
    query_free(*out);
    *out = query;
    return true;
}

static bool set_query(struct mirror_settings *s, const char *value,
                      struct err *err)
{
    return parse_query(value, &s->query, err);
}

static bool set_bypass(struct mirror_settings *s, const char *value,
                       struct err *err)
{
    return parse_query(value, &s->bypass, err);
}

static bool set_window(struct mirror_settings *s, const char *value,
                       struct err *err)
{
    return (clock_parse_length(value, &s->window_ms) &&
            s->window_ms <= 3600000) ||
           err_set(err, "window is a time up to 1h, like 3s");
}

static bool set_cooldown(struct mirror_settings *s, const char *value,
                         struct err *err)
{
    return clock_parse_length(value, &s->cooldown_ms) ||
           err_set(err, "per_account_cooldown is a time, like 10m");
}

static bool set_backoff(struct mirror_settings *s, const char *value,
                        struct err *err)
{
    return (clock_parse_length(value, &s->backoff_max_ms) &&
            s->backoff_max_ms >= 100 && s->backoff_max_ms <= 3600000) ||
           err_set(err, "backoff_max is a time up to 1h, like 5m");
}

static bool set_timeout(struct mirror_settings *s, const char *value,
                        struct err *err)
{
    return (clock_parse_length(value, &s->timeout_ms) &&
            s->timeout_ms >= 100 && s->timeout_ms <= 60000) ||
           err_set(err, "timeout is a time up to 60s, like 10s");
}

static bool set_line(struct mirror_settings *s, const char *value,
                     struct err *err)
{
    free(s->line);
    s->line = xstrdup(value);
    return chat_line_check(value, err);
}

static bool set_quiet(struct mirror_settings *s, const char *value,
                      struct err *err)
{
    const char *at = value;

    if (clock_minute(&at, &s->quiet_from) && *at++ == '-' &&
        clock_minute(&at, &s->quiet_to) && !*at &&
        s->quiet_from != s->quiet_to)
        return true;
    return err_set(err, "quiet_hours is like 19:00-08:00");
}

static bool set_digest(struct mirror_settings *s, const char *value,
                       struct err *err)
{
    const char *at = value;

    return (clock_minute(&at, &s->digest_at) && !*at) ||
           err_set(err, "digest is a time of the day, like 17:30");
}

static bool set_redact(struct mirror_settings *s, const char *value,
                       struct err *err)
{
    s->redaction = (struct message_redaction){.prompts = s->redaction.prompts};
    while (*(value += strspn(value, " ,"))) {
        size_t len = strcspn(value, " ,");

        if (len == 6 && !strncmp(value, "emails", len))
            s->redaction.mask_emails = true;
        else if (len == 6 && !strncmp(value, "people", len))
            s->redaction.no_people = true;
        else
            return err_set(err, "redact takes emails and people, not %.*s",
                           (int)(len < 40 ? len : 40), value);
        value += len;
    }
    return true;
}

static bool set_drop(struct mirror_settings *s, const char *value,
                     struct err *err)
{
    struct buf words;
    bool ok;

    buf_init(&words, LIMIT_CONFIG_FILE);
    ok = list_read(VALUE_LIST, NULL, value, &words, err);
    redaction_free(s->drop);
    s->drop = redaction_new(words.len ? words.data : "");
    buf_free(&words);
    return ok;
}

static bool set_catch_up(struct mirror_settings *s, const char *value,
                         struct err *err)
{
    s->catch_up_all = !strcmp(value, "all");
    return s->catch_up_all || !strcmp(value, "digest") ||
           err_set(err, "catch_up is digest or all, not %.40s", value);
}

static bool set_silence(struct mirror_settings *s, const char *value,
                        struct err *err)
{
    return yes_or_no(value, &s->silence, err);
}

static bool set_prompts(struct mirror_settings *s, const char *value,
                        struct err *err)
{
    return yes_or_no(value, &s->redaction.prompts, err);
}

static bool set_allow_http(struct mirror_settings *s, const char *value,
                           struct err *err)
{
    return yes_or_no(value, &s->allow_http, err);
}

static const struct {
    const char *key;
    set_key *set;
} keys[] = {
    {"type", set_type},
    {"url", set_url},
    {"url_env", set_url_env},
    {"url_file", set_url_file},
    {"token_env", set_token_env},
    {"token_file", set_token_file},
    {"channel", set_channel},
    {"signing_secret_env", set_signing_env},
    {"signing_secret_file", set_signing_file},
    {"query", set_query},
    {"bypass", set_bypass},
    {"window", set_window},
    {"per_account_cooldown", set_cooldown},
    {"backoff_max", set_backoff},
    {"timeout", set_timeout},
    {"line", set_line},
    {"quiet_hours", set_quiet},
    {"digest", set_digest},
    {"redact", set_redact},
    {"drop_properties", set_drop},
    {"prompts", set_prompts},
    {"catch_up", set_catch_up},
    {"allow_http", set_allow_http},
    {"silence", set_silence},
};

/* ---- sections ---- */

static struct mirror_settings *find_or_add(struct mirror_list *list,
                                           const char *name)
{
    struct mirror_settings *settings;

    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->mirrors[i].name, name))
            return &list->mirrors[i];
    if (list->count == MIRRORS_MAX)
        return NULL;
    list->mirrors =
        xreallocarray(list->mirrors, list->count + 1, sizeof *list->mirrors);
    settings = &list->mirrors[list->count++];
    *settings = (struct mirror_settings){.name = xstrdup(name),
                                         .type = &mirror_slack,
                                         .window_ms = 3000,
                                         .backoff_max_ms = 300000,
                                         .timeout_ms = 10000,
                                         .quiet_from = -1,
                                         .quiet_to = -1,
                                         .digest_at = -1};
    return settings;
}

static bool names_file(const char *key)
{
    size_t len = strlen(key);

    return len > 5 && !strcmp(key + len - 5, "_file");
}

/* A file is looked for beside the file that names it. */
static bool set_from(struct mirror_settings *settings, size_t key,
                     const char *value, const char *where, struct err *err)
{
    char *beside;
    bool ok;

    if (!names_file(keys[key].key))
        return keys[key].set(settings, value, err);
    beside = config_beside(where, value);
    ok = keys[key].set(settings, beside, err);
    free(beside);
    return ok;
}

static bool take_key(void *ctx, const char *name, const char *key,
                     const char *value, const char *where, struct err *err)
{
    struct mirror_settings *settings;
    struct err why;

    if (strlen(name) > NAME_MAX_BYTES)
        return err_set(err, "%s: the name of a mirror has up to %d bytes",
                       where, NAME_MAX_BYTES);
    settings = find_or_add(ctx, name);
    if (!settings)
        return err_set(err, "%s: more than %d mirrors", where, MIRRORS_MAX);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(keys[i].key, key))
            return set_from(settings, i, value, where, &why) ||
                   err_set(err, "%s: %s", where, why.text);
    return err_set(err, "%s: [mirror %.40s] has no setting %.40s", where, name,
                   key);
}

static bool has_blank(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 127)
            return true;
    return false;
}

static bool check(struct mirror_settings *s, struct err *err)
{
    struct err why;

    if (!s->type->check(s, &why))
        return err_set(err, "[mirror %.40s] %s", s->name, why.text);
    if (!s->url)
        return err_set(err, "[mirror %.40s] needs url, url_env or url_file",
                       s->name);
    if (has_blank(s->url) || (s->token && has_blank(s->token)))
        return err_set(err,
                       "[mirror %.40s] the url or the token has a blank or a "
                       "line break in it",
                       s->name);
    if (strncasecmp(s->url, "https://", 8) &&
        !(s->allow_http && !strncasecmp(s->url, "http://", 7)))
        return err_set(err,
                       "[mirror %.40s] url is not https; allow_http = "
                       "yes takes http, for tests on this machine",
                       s->name);
    if (!s->query)
        return parse_query("", &s->query, err);
    return true;
}

/* Children get none of it. Only when all are read: mirrors may share one. */
static bool forget_variable(void *ctx, const char *name, const char *key,
                            const char *value, const char *where,
                            struct err *err)
{
    size_t len = strlen(key);

    (void)ctx, (void)name, (void)where, (void)err;
    if (len > 4 && !strcmp(key + len - 4, "_env"))
        unsetenv(value);
    return true;
}

bool mirror_list_load(struct mirror_list *list, const struct config *config,
                      struct err *err)
{
    bool ok = config_section(config, "mirror", take_key, list, err);

    for (size_t i = 0; ok && i < list->count; i++)
        ok = check(&list->mirrors[i], err);
    if (ok)
        ok = config_section(config, "mirror", forget_variable, NULL, err);
    if (!ok)
        mirror_list_free(list);
    return ok;
}
