/* `telltale setup`: from nothing to a live feed, step by step: the key, the
 * project, the settings, the book, the public address, the destination, a
 * test. What flags, environment and settings say already is not asked; every
 * step can be repeated and nothing is done twice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <openssl/crypto.h>

#include "base/file.h"
#include "base/limits.h"
#include "command/ask.h"
#include "command/command.h"
#include "command/feed.h"
#include "command/pull.h"
#include "command/remote.h"
#include "config/edit.h"
#include "config/path.h"
#include "journal/owner.h"
#include "base/banned.h"

#define ANSWER_SIZE 1024

struct setup {
    struct config *config;
    struct posthog *posthog;
    bool talk; /* there is somebody to ask */
};

static const char tunnels[] =
    "PostHog posts events to an https address that leads to this machine:\n"
    "  cloudflared tunnel --url http://localhost:8420\n"
    "  ngrok http 8420\n"
    "  tailscale funnel 8420\n"
    "  ssh -R 80:localhost:8420 HOST, where HOST speaks https\n"
    "or run telltale serve on a host that PostHog can reach. Without any,\n"
    "telltale backfill reads events by query.\n";

/* Asks for an option that nothing has set yet. */
static void ask_option(struct setup *setup, enum option_id id,
                       const char *prompt, const char *standard, bool hidden)
{
    struct err err = {""};
    char answer[ANSWER_SIZE];

    while (setup->talk && config_is_default(setup->config, id) &&
           ask_line(prompt, standard, hidden, answer, sizeof answer) &&
           *answer) {
        if (config_set(setup->config, id, answer, "setup", &err))
            break;
        printf("%s\n", err.text);
    }
    OPENSSL_cleanse(answer, sizeof answer);
}

static bool has_key(const struct config *config)
{
    const char *file = config_text(config, OPTION_posthog_api_key_file);

    return config_text(config, OPTION_posthog_api_key) ||
           config_text(config, OPTION_posthog_api_key_command) ||
           (file && !access(file, F_OK));
}

static void ask_key(struct setup *setup)
{
    if (has_key(setup->config) || !setup->talk)
        return;
    printf("A personal API key with the scopes user:read, query:read,\n"
           "hog_function:read and hog_function:write, made at\n"
           "Settings, Personal API keys:\n");
    ask_option(setup, OPTION_posthog_api_key, "API key (not shown)", NULL,
               true);
}

/* A key from the environment or typed in is kept, 0600, for the next time. */
static int keep_key(const struct setup *setup)
{
    const char *key = config_text(setup->config, OPTION_posthog_api_key);
    const char *path = config_text(setup->config, OPTION_posthog_api_key_file);
    struct err err = {""};
    struct buf line;
    bool ok;

    if (!key || !path || !access(path, F_OK))
        return EXIT_DONE;
    buf_init(&line, 4 * KIB);
    buf_addf(&line, "%s\n", key);
    ok = path_make_parents(path, &err) &&
         config_write_file(path, line.data, line.len, &err);
    OPENSSL_cleanse(line.data, line.len);
    buf_free(&line);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    printf("key          kept in %s\n", path);
    return EXIT_DONE;
}

static void default_to(struct setup *setup, enum option_id id,
                       const char *value)
{
    if (value && !config_text(setup->config, id))
        config_set(setup->config, id, value, "PostHog", NULL);
}

static void learn(struct setup *setup, const cJSON *me)
{
    const cJSON *team = cJSON_GetObjectItemCaseSensitive(me, "team");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(team, "id");
    const char *email =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(me, "email"));
    char number[24] = "";

    if (cJSON_IsNumber(id) && id->valuedouble > 0 && id->valuedouble < 1e15)
        snprintf(number, sizeof number, "%.0f", id->valuedouble);
    printf("key          of %s\n", email ? email : "somebody");
    ask_option(setup, OPTION_posthog_project, "Number of the project",
               *number ? number : NULL, false);
    default_to(setup, OPTION_posthog_project, *number ? number : NULL);
    ask_option(setup, OPTION_posthog_owner, "Whose accounts (e-mail)", email,
               false);
    default_to(setup, OPTION_posthog_owner, email);
}

/* Who is asking; a key without user:read will do when the project is known. */
static int identify(struct setup *setup)
{
    struct err err = {""};
    cJSON *me =
        posthog_request(setup->posthog, "GET", "/api/users/@me/", NULL, &err);
    const char *project;

    if (me)
        learn(setup, me);
    else if (!config_text(setup->config, OPTION_posthog_project))
        return command_fail(EXIT_FAILED, "%s", err.text);
    else
        printf("key          %s\n", err.text);
    cJSON_Delete(me);
    project = config_text(setup->config, OPTION_posthog_project);
    if (!project)
        return command_fail(EXIT_FAILED, "which project? --posthog-project N");
    if (!posthog_set_project(setup->posthog, project, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    printf("project      %s at %s\n", project, posthog_host(setup->posthog));
    return EXIT_DONE;
}

/* The settings file, with what is known now. */
static int keep_settings(struct setup *setup)
{
    static const enum option_id kept[] = {OPTION_public_url,
                                          OPTION_project_url,
                                          OPTION_posthog_host,
                                          OPTION_posthog_project,
                                          OPTION_posthog_owner,
                                          OPTION_posthog_accounts_sql,
                                          OPTION_posthog_destination};
    const char *path = config_text(setup->config, OPTION_config);
    struct err err = {""};
    struct buf text;
    bool changed = false, ok = true;
    char *old;
    size_t len;

    if (!path)
        return command_fail(EXIT_CONFIG, "no home directory: set HOME");
    buf_init(&text, LIMIT_CONFIG_FILE);
    if (!access(path, F_OK)) {
        old = file_slurp(path, LIMIT_CONFIG_FILE, &len, &err);
        ok = old && buf_add(&text, old, len);
        free(old);
    }
    for (size_t i = 0; ok && i < sizeof kept / sizeof *kept; i++)
        edit_put(&text, setup->config, kept[i], &changed);
    if (ok && changed)
        ok = path_make_parents(path, &err) &&
             config_write_file(path, text.data, text.len, &err);
    buf_free(&text);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    printf("settings     %s%s\n", path, changed ? "" : " (as they were)");
    return EXIT_DONE;
}

static void name_project(struct setup *setup)
{
    struct buf url;

    buf_init(&url, 4 * KIB);
    buf_addf(&url, "%s/project/%s", posthog_host(setup->posthog),
             posthog_project(setup->posthog));
    if (!strncmp(url.data, "https://", 8))
        default_to(setup, OPTION_project_url, url.data);
    buf_free(&url);
}

/* A book that is there is not asked for again, unless there is a query. */
static int fetch_book(struct setup *setup)
{
    const char *path = config_text(setup->config, OPTION_accounts);
    bool changed;

    if (path && !access(path, F_OK) &&
        !config_text(setup->config, OPTION_posthog_accounts_sql)) {
        printf("book         %s (telltale accounts pull renews it)\n", path);
        return EXIT_DONE;
    }
    if (pull_accounts(setup->posthog, setup->config, false, &changed) !=
        EXIT_DONE)
        return command_fail(EXIT_FAILED,
                            "no book yet: give the query by "
                            "--posthog-accounts-sql, or put a CSV at %s",
                            path ? path : "--accounts FILE");
    return EXIT_DONE;
}

static int find_address(struct setup *setup)
{
    if (!config_text(setup->config, OPTION_public_url))
        fputs(tunnels, stdout);
    ask_option(setup, OPTION_public_url, "Public address (https://...)", NULL,
               false);
    if (!config_text(setup->config, OPTION_public_url))
        return command_fail(EXIT_FAILED,
                            "then run telltale setup again with --public-url "
                            "https://...");
    return EXIT_DONE;
}

static int connect_feed(struct setup *setup)
{
    const char *journal = config_text(setup->config, OPTION_journal);
    struct err err = {""};
    struct feed feed;
    int code;

    if (!feed_open(&feed, setup->config, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    code = feed_apply(&feed, setup->posthog, 0);
    if (code == EXIT_DONE && journal && owner_find(journal))
        code = feed_test(&feed, setup->posthog, setup->config);
    else if (code == EXIT_DONE)
        printf("Start telltale now; telltale destination test, in another "
               "terminal, sends it an event.\n");
    feed_close(&feed);
    return code;
}

static int run(struct setup *setup)
{
    static int (*const steps[])(
        struct setup *) = {identify,     keep_settings, fetch_book,
                           find_address, keep_settings, connect_feed};
    int code = keep_key(setup);

    for (size_t i = 0; code == EXIT_DONE && i < sizeof steps / sizeof *steps;
         i++) {
        code = steps[i](setup);
        if (i == 0 && code == EXIT_DONE)
            name_project(setup);
    }
    return code;
}

int command_setup(struct command_context *context)
{
    struct setup setup = {.config = context->config, .talk = ask_possible()};
    int code;

    if (!command_words(context, NULL, 0, NULL))
        return EXIT_USAGE;
    ask_option(&setup, OPTION_posthog_host,
               "Where is your PostHog? us, eu or "
               "an address",
               "us", false);
    ask_key(&setup);
    setup.posthog = remote_open(setup.config);
    code = setup.posthog ? run(&setup) : EXIT_CONFIG;
    posthog_close(setup.posthog);
    return code;
}
