/* Reading [mirror NAME] by the table mirrors.def: a row is read by its kind,
 * into its field, also the default. What belongs together (a URL and its
 * scheme, a token and its channel) is checked when the section is complete. */
#include "mirror/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/day_minute.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text_near.h"
#include "config/list.h"
#include "mirror/chat.h"

#include "base/banned.h"

#define NAME_MAX_BYTES 40

/* A row of mirrors.def. */
struct key {
    const char *name;
    bool (*read)(const struct key *key, void *field, const char *value,
                 struct err *err);
    size_t offset; /* of the field, in struct mirror_settings */
    const char *range, *standard;
};

static void settings_free(struct mirror_settings *settings)
{
    free(settings->name);
    secret_free(settings->url);
    secret_free(settings->token);
    free(settings->url_file);
    free(settings->token_file);
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

/* ---- the kinds of mirrors.def: value into field ---- */

static bool read_TYPE(const struct key *key, void *field, const char *value,
                      struct err *err)
{
    const struct mirror_type **out = field;
    const char *known = "";
    const struct mirror_type *type = mirror_type_find(value, &known);

    if (!type)
        return err_set(err, "%s is %s, not %.40s", key->name, known, value);
    *out = type;
    return true;
}

static bool read_SECRET(const struct key *key, void *field, const char *value,
                        struct err *err)
{
    char **out = field;

    (void)key;
    if (*out)
        return err_set(err, "another line gives it, too");
    *out = xstrdup(value);
    return true;
}

static bool read_SECRET_ENV(const struct key *key, void *field,
                            const char *value, struct err *err)
{
    (void)key;
    return from_environment(value, field, err);
}

static bool read_SECRET_FILE(const struct key *key, void *field,
                             const char *value, struct err *err)
{
    (void)key;
    return from_file(value, field, err);
}

static bool read_SIGNING_ENV(const struct key *key, void *field,
                             const char *value, struct err *err)
{
    char *secret = NULL;
    bool ok = from_environment(value, &secret, err) &&
              secret_set_add(field, secret, err);

    (void)key;
    secret_free(secret);
    return ok;
}

static bool read_SIGNING_FILE(const struct key *key, void *field,
                              const char *value, struct err *err)
{
    char *secret = secret_from_file(value, err);
    bool ok = secret && secret_set_add(field, secret, err);

    (void)key;
    secret_free(secret);
    return ok;
}

static bool read_TEXT(const struct key *key, void *field, const char *value,
                      struct err *err)
{
    char **out = field;

    (void)key, (void)err;
    free(*out);
    *out = xstrdup(value);
    return true;
}

static bool read_LINE(const struct key *key, void *field, const char *value,
                      struct err *err)
{
    return read_TEXT(key, field, value, err) && chat_line_check(value, err);
}

static bool read_QUERY(const struct key *key, void *field, const char *value,
                       struct err *err)
{
    struct query **out = field;
    struct query_error error;
    struct query *query = query_parse(value, &error);

    (void)key;
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

/* Is ms in a range like "100ms..1h"? */
static bool in_range(const char *range, int64_t ms)
{
    const char *dots = strstr(range, "..");
    int64_t least, most;
    char first[16];

    snprintf(first, sizeof first, "%.*s", (int)(dots - range), range);
    return clock_parse_length(first, &least) &&
           clock_parse_length(dots + 2, &most) && ms >= least && ms <= most;
}

static bool read_LENGTH(const struct key *key, void *field, const char *value,
                        struct err *err)
{
    const char *like = key->standard ? key->standard : "10m";
    int64_t *out = field, ms;

    if (!clock_parse_length(value, &ms) ||
        (key->range && !in_range(key->range, ms)))
        return err_set(err, "%s is a time%s%s, like %s", key->name,
                       key->range ? " of " : "", key->range ? key->range : "",
                       like);
    *out = ms;
    return true;
}

static bool read_MINUTE(const struct key *key, void *field, const char *value,
                        struct err *err)
{
    const char *at = value;

    return (day_minute(&at, field) && !*at) ||
           err_set(err, "%s is a time of the day, like 17:30", key->name);
}

static bool read_HOURS(const struct key *key, void *field, const char *value,
                       struct err *err)
{
    struct mirror_hours *out = field;
    const char *at = value;

    if (day_minute(&at, &out->from) && *at++ == '-' &&
        day_minute(&at, &out->to) && !*at && out->from != out->to)
        return true;
    return err_set(err, "%s is like 19:00-08:00", key->name);
}

static bool read_REDACT(const struct key *key, void *field, const char *value,
                        struct err *err)
{
    struct message_redaction *out = field;

    out->mask_emails = out->no_people = false;
    while (*(value += strspn(value, " ,"))) {
        size_t len = strcspn(value, " ,");

        if (len == 6 && !strncmp(value, "emails", len))
            out->mask_emails = true;
        else if (len == 6 && !strncmp(value, "people", len))
            out->no_people = true;
        else
            return err_set(err, "%s takes emails and people, not %.*s",
                           key->name, (int)(len < 40 ? len : 40), value);
        value += len;
    }
    return true;
}

static bool read_LIST(const struct key *key, void *field, const char *value,
                      struct err *err)
{
    struct redaction **out = field;
    struct buf words;
    bool ok;

    (void)key;
    buf_init(&words, LIMIT_CONFIG_FILE);
    ok = list_read(CONFIG_LIST, NULL, value, &words, err);
    redaction_free(*out);
    *out = redaction_new(words.len ? words.data : "");
    buf_free(&words);
    return ok;
}

static bool read_CHOICE(const struct key *key, void *field, const char *value,
                        struct err *err)
{
    size_t first = strcspn(key->range, "|");
    bool *out = field;

    *out = !strcmp(value, key->range + first + 1);
    return *out ||
           (strlen(value) == first && !strncmp(value, key->range, first)) ||
           err_set(err, "%s is %s, not %.40s", key->name, key->range, value);
}

static bool read_FLAG(const struct key *key, void *field, const char *value,
                      struct err *err)
{
    bool *out = field;

    *out = !strcmp(value, "yes");
    return *out || !strcmp(value, "no") ||
           err_set(err, "%s is yes or no, not %.40s", key->name, value);
}

static const struct key keys[] = {
#define MIRROR(name, kind, field, range, standard, help)                      \
    {#name, read_##kind, offsetof(struct mirror_settings, field), range,      \
     standard},
#include "mirror/mirrors.def"
#undef MIRROR
};
#define KEYS (sizeof keys / sizeof *keys)

static bool key_read(const struct key *key, struct mirror_settings *settings,
                     const char *value, struct err *err)
{
    return key->read(key, (char *)settings + key->offset, value, err);
}

/* ---- sections ---- */

static struct mirror_settings *find_or_add(struct mirror_list *list,
                                           const char *name)
{
    struct mirror_settings *settings;

    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->mirrors[i].name, name))
            return &list->mirrors[i];
    if (list->count == LIMIT_MIRRORS)
        return NULL;
    list->mirrors =
        xreallocarray(list->mirrors, list->count + 1, sizeof *list->mirrors);
    settings = &list->mirrors[list->count++];
    *settings = (struct mirror_settings){.name = xstrdup(name),
                                         .quiet = {-1, -1},
                                         .digest_at = -1};
    for (size_t i = 0; i < KEYS; i++)
        if (keys[i].standard)
            key_read(&keys[i], settings, keys[i].standard, NULL);
    return settings;
}

static bool names_file(const char *key)
{
    size_t len = strlen(key);

    return len > 5 && !strcmp(key + len - 5, "_file");
}

/* Where it is noted which file gave a secret, to read it again. */
static char **file_of(struct mirror_settings *settings, const struct key *key)
{
    if (key->read != read_SECRET_FILE)
        return NULL;
    return key->offset == offsetof(struct mirror_settings, url)
               ? &settings->url_file
               : &settings->token_file;
}

/* A file is looked for beside the file that names it. */
static bool set_from(struct mirror_settings *settings, const struct key *key,
                     const char *value, const char *where, struct err *err)
{
    char *beside, **file = file_of(settings, key);
    bool ok;

    if (!names_file(key->name))
        return key_read(key, settings, value, err);
    beside = config_beside(where, value);
    ok = key_read(key, settings, beside, err);
    if (ok && file)
        *file = xstrdup(beside);
    free(beside);
    return ok;
}

static bool refuse_key(const char *where, const char *name, const char *key,
                       struct err *err)
{
    const char *names[KEYS + 1] = {NULL}, *nearest;

    for (size_t i = 0; i < KEYS; i++)
        names[i] = keys[i].name;
    nearest = text_nearest(key, names);
    return err_set(err, "%s: [mirror %.40s] has no setting %.40s%s%s", where,
                   name, key, nearest ? "; nearest: " : "",
                   nearest ? nearest : "");
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
        return err_set(err, "%s: more than %d mirrors", where, LIMIT_MIRRORS);
    for (size_t i = 0; i < KEYS; i++)
        if (!strcmp(keys[i].name, key))
            return set_from(settings, &keys[i], value, where, &why) ||
                   err_set(err, "%s: %s", where, why.text);
    return refuse_key(where, name, key, err);
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
    struct query_error everything;
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
    if (!strcspn(strchr(s->url, ':') + 3, "/?#"))
        return err_set(err, "[mirror %.40s] the url names no host", s->name);
    if (!s->query)
        s->query = query_parse("", &everything);
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

/* ---- reading again ---- */

static bool read_again(char **field, const char *file, struct err *err)
{
    if (!file)
        return true;
    *field = NULL;
    return from_file(file, field, err);
}

/* Only the two fields are written: other threads read the rest meanwhile. */
bool mirror_settings_read_again(struct mirror_settings *settings,
                                struct err *err)
{
    struct mirror_settings fresh = *settings;
    char *url = settings->url, *token = settings->token;
    bool ok = read_again(&fresh.url, settings->url_file, err) &&
              read_again(&fresh.token, settings->token_file, err) &&
              check(&fresh, err);

    if (ok) {
        settings->url = fresh.url;
        settings->token = fresh.token;
        fresh.url = url;
        fresh.token = token;
    }
    if (fresh.url != settings->url)
        secret_free(fresh.url);
    if (fresh.token != settings->token)
        secret_free(fresh.token);
    return ok;
}
