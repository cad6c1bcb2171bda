/* What a start would refuse of the settings, and what they come to. */
#include "command/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/address.h"
#include "app/retention.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/option.h"
#include "config/path.h"
#include "config/secret.h"
#include "config/viewers.h"
#include "net/nats.h"
#include "signal/settings.h"
#include "base/banned.h"

/* Secrets are not shown, nor are those in an address. */
static void tell_option(struct check *check, enum option_id id)
{
    struct buf value;

    buf_init(&value, LIMIT_CONFIG_FILE);
    if (options[id].type == CONFIG_SECRET)
        buf_adds(&value, "********");
    else
        secret_mask_login(&value, config_text(check->config, id));
    finding_more(check->findings, "%s = %s  (%s)", options[id].key, value.data,
                 config_origin(check->config, id));
    buf_free(&value);
}

static void check_options(struct check *check)
{
    const char *path = config_text(check->config, OPTION_config);
    struct buf unknown;

    finding_add(check->findings, FINDING_FACT, "settings", "%s%s",
                path ? path : "-",
                path && !access(path, F_OK) ? "" : " (not there)");
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (config_is_default(check->config, (enum option_id)id) ||
            id == OPTION_config)
            continue;
        tell_option(check, (enum option_id)id);
    }
    buf_init(&unknown, 64 * KIB);
    config_unknown_environment(&unknown);
    if (unknown.len)
        finding_add(check->findings, FINDING_NOTE, "settings",
                    "variables that mean nothing here: %s", unknown.data);
    buf_free(&unknown);
}

/* [signals], [areas]: what a start reads of them. */
static void check_signals(struct check *check)
{
    struct signal_settings settings;
    struct err err = {""};

    if (signal_settings_load(&settings, check->config, &err))
        signal_settings_clear(&settings);
    else
        finding_wrong(check->findings, "signals", err.text);
}

static void check_privacy(const struct check *check)
{
    const char *prompts = config_text(check->config, OPTION_prompts);

    if (strcmp(prompts, "drop"))
        finding_add(
            check->findings, FINDING_NOTE, "privacy",
            "prompts   what people ask an AI, and its answers, are kept "
            "in the journal%s ([privacy] prompts = %s)",
            strcmp(prompts, "show") ? ", not shown" : " and shown", prompts);
}

/* ---- the address ---- */

static void tell_public(const struct check *check, const char *url,
                        const char *whole)
{
    struct buf shown;

    buf_init(&shown, LIMIT_CONFIG_FILE);
    secret_mask_login(&shown, url);
    buf_truncate(&shown, address_base(shown.data));
    finding_add(check->findings, FINDING_FACT, "address", "%s%s", shown.data,
                whole);
    buf_free(&shown);
}

/* What PostHog is to call, without the secret: people show to others what
 * this prints. */
static void check_address(const struct check *check)
{
    static const char whole[] = "/hook/…  (whole on the board: \":address\")";
    const char *public = config_text(check->config, OPTION_public_url);
    const char *listen = config_text(check->config, OPTION_listen);
    bool tls = config_text(check->config, OPTION_tls_cert) != NULL;

    if (public) {
        tell_public(check, public, whole);
        return;
    }
    finding_add(check->findings, FINDING_FACT, "address", "http%s://%.*s%s",
                tls ? "s" : "", (int)strcspn(listen, ", \t"), listen, whole);
    if (!tls)
        finding_more(check->findings,
                     "PostHog calls public https addresses only: a tunnel "
                     "or a proxy makes it one, telltale setup asks for it");
}

/* What a start would refuse. */
static void check_listen(struct check *check)
{
    struct err err = {""};

    if (!address_judge(check->config,
                       config_text(check->config, OPTION_listen), &err))
        finding_wrong(check->findings, "listen", err.text);
}

/* Where there is none yet, one is made, if its folder is there. */
static void check_log(struct check *check)
{
    const char *path = config_text(check->config, OPTION_log);
    char *folder = path ? path_beside(path, ".") : NULL;
    int fd = -1;
    struct err err = {""};

    if (path)
        fd = open(path,
                  O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (path && fd < 0 && (errno != ENOENT || access(folder, W_OK | X_OK))) {
        err_errno(&err, "%s: %s cannot be written",
                  config_origin(check->config, OPTION_log), path);
        finding_wrong(check->findings, "log", err.text);
    }
    if (fd >= 0)
        close(fd);
    free(folder);
}

static void check_retention(struct check *check)
{
    struct err err = {""};

    if (!retention_check(check->config, &err))
        finding_wrong(check->findings, "journal", err.text);
}

/* NATS: what a start would refuse; it is not asked. */
static void check_nats(struct check *check, enum option_id id)
{
    const char *url = config_text(check->config, id);
    struct nats_settings settings;
    struct err err = {""};

    if (!url || !*url || (id == OPTION_source && !nats_url_is(url)))
        return;
    if (!nats_settings_read(&settings, check->config, url, &err)) {
        finding_wrong(check->findings, options[id].key, err.text);
        return;
    }
    finding_add(check->findings, FINDING_FACT, options[id].key, "%s",
                settings.url.shown);
    nats_settings_free(&settings);
}

/* ---- secrets ---- */

/* A file of secrets that others may read, or that holds none, is refused by a
 * start; one that is not there yet is no fault of the defaults. */
static void check_secret(struct check *check, enum option_id id)
{
    const char *path = config_text(check->config, id);
    struct err err = {""};
    char *secret;

    if (!path || (access(path, F_OK) && config_is_default(check->config, id)))
        return;
    secret = secret_from_file(path, &err);
    if (!secret)
        finding_wrong(check->findings, "secrets", err.text);
    secret_free(secret);
}

/* What prints one is looked for, and not run: it may ask for a password. */
static void check_secret_command(struct check *check, const char *setting,
                                 enum option_id id)
{
    const char *command = config_text(check->config, id);
    struct err err;

    if (command && !secret_command_check(setting, command, &err))
        finding_wrong(check->findings, "secrets", err.text);
}

static void check_secret_commands(struct check *check)
{
    check_secret_command(check, "token_command", OPTION_token_command);
    check_secret_command(check, "viewer_token_command",
                         OPTION_viewer_token_command);
    check_secret_command(check, "signing_secret_command",
                         OPTION_signing_secret_command);
    check_secret_command(check, "[posthog] api_key_command",
                         OPTION_posthog_api_key_command);
}

/* Where the secret of the address comes from, never what it is. */
static void tell_token(const struct check *check)
{
    const struct config *config = check->config;
    const char *path = config_text(config, OPTION_token_file);
    const char *origin = config_text(config, OPTION_token)
                             ? config_origin(config, OPTION_token)
                         : config_text(config, OPTION_token_command)
                             ? config_origin(config, OPTION_token_command)
                             : NULL;

    if (origin)
        finding_add(check->findings, FINDING_FACT, "token", "from %s", origin);
    else
        finding_add(check->findings, FINDING_FACT, "token", "%s%s",
                    path ? path : "-",
                    path && access(path, F_OK)
                        ? " (not there yet: the first start makes it)"
                        : "");
}

static void judge_signing(struct check *check, const char *text,
                          const char *place)
{
    struct secret_set set = {.count = 0};
    struct err err = {""};

    if (!secret_set_add(&set, text, &err) || !secret_can_sign(&set, &err))
        finding_add(check->findings, FINDING_WRONG, "secrets", "%s%s%s", place,
                    *place ? ": " : "", err.text);
    secret_set_free(&set);
}

/* A file that cannot be read was told. */
static void check_signing(struct check *check)
{
    const char *text = config_text(check->config, OPTION_signing_secret);
    const char *path = config_text(check->config, OPTION_signing_secret_file);
    struct err err = {""};
    char *secret = path ? secret_from_file(path, &err) : NULL;

    if (text)
        judge_signing(check, text, "");
    if (secret)
        judge_signing(check, secret, path);
    secret_free(secret);
}

static void check_secrets(struct check *check)
{
    tell_token(check);
    check_secret(check, OPTION_token_file);
    check_secret(check, OPTION_viewer_token_file);
    check_secret(check, OPTION_signing_secret_file);
    check_secret(check, OPTION_posthog_api_key_file);
    check_secret_commands(check);
    check_signing(check);
}

/* Those with names; who has a token of the settings has none. */
static void check_viewers(struct check *check)
{
    const char *path = config_text(check->config, OPTION_viewers);
    struct viewers viewers = {.named = NULL};
    struct err err = {""};

    if (path && !viewers_read(&viewers, path, &err))
        finding_wrong(check->findings, "viewers", err.text);
    else if (viewers.count)
        finding_add(check->findings, FINDING_FACT, "viewers",
                    "%zu: telltale viewers lists them", viewers.count);
    viewers_free(&viewers);
}

/* ---- PostHog ---- */

/* Without asking it anything: is there what is needed to ask? */
static void check_access(const struct check *check)
{
    const struct config *config = check->config;
    const char *file = config_text(config, OPTION_posthog_api_key_file);
    const char *project = config_text(config, OPTION_posthog_project);
    bool key = config_text(config, OPTION_posthog_api_key) ||
               config_text(config, OPTION_posthog_api_key_command) ||
               (file && !access(file, F_OK));

    if (key && project)
        finding_add(check->findings, FINDING_FACT, "posthog",
                    "project %s: telltale check --posthog asks what is there",
                    project);
    else if (key || project)
        finding_add(check->findings, FINDING_NOTE, "posthog",
                    "PostHog cannot be asked: there is %s. telltale setup "
                    "sees to it",
                    key ? "a key, but no project" : "a project, but no key");
    else
        finding_add(check->findings, FINDING_FACT, "posthog",
                    "not asked for anything: telltale setup connects to it");
}

void check_settings(struct check *check)
{
    check_options(check);
    check_listen(check);
    check_address(check);
    check_log(check);
    check_retention(check);
    check_nats(check, OPTION_publish);
    check_nats(check, OPTION_source);
    check_secrets(check);
    check_viewers(check);
    check_access(check);
    check_privacy(check);
    check_signals(check);
}

/* ---- the screen's ---- */

struct key_check {
    struct check *check;
    const struct display_ops *display;
};

static bool check_key(void *ctx, const char *name, const char *key,
                      const char *value, const char *where, struct err *err)
{
    struct key_check *keys = ctx;
    struct err why = {""};

    (void)name;
    (void)err;
    if (!keys->display->takes_key(key, value, &why))
        finding_add(keys->check->findings, FINDING_WRONG, "keys",
                    "%s: [keys] %s", where, why.text);
    return true;
}

static void tell_theme(void *ctx, char mark, const char *text)
{
    struct check *check = ctx;

    finding_add(check->findings, finding_level(mark), "theme", "%s", text);
}

void check_screen(struct check *check, const struct display_ops *display)
{
    struct key_check keys = {check, display};

    if (!display || !display->examine_themes)
        return;
    config_section(check->config, "keys", check_key, &keys, NULL);
    display->examine_themes(config_text(check->config, OPTION_theme),
                            tell_theme, check);
}
