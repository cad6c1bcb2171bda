/* The key of `telltale setup`: asking for it, finding the region that knows
 * it, naming what it lacks, and keeping it. Nothing is written before PostHog
 * has taken it. */
#include "command/setup/setup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <openssl/crypto.h>

#include "base/buf.h"
#include "base/limits.h"
#include "command/ask.h"
#include "command/posthog.h"
#include "config/path.h"
#include "posthog/api.h"
#include "posthog/api_blocking.h"
#include "posthog/book.h"
#include "base/banned.h"

static const char welcome[] =
    "From nothing to a live feed: at most four questions (key, project,\n"
    "address, board), then a test by way of PostHog. ^C leaves at any of "
    "them; run\nagain, setup goes on from there.\n"
    "\nA personal API key: in PostHog, Settings, Personal API keys, with the\n"
    "scopes user:read, query:read, hog_function:read and hog_function:write\n"
    "(and " KEY_REPLAY_SCOPE ", so that O opens a replay when it is ready).\n"
    "It is kept in a file that only you can read. Next, us.posthog.com and\n"
    "eu.posthog.com are asked which of them knows it; is your PostHog "
    "elsewhere, type\nits address first (https://...).\n";

/* Is it the place of a PostHog, and no key? */
static bool is_host(const char *answer)
{
    return !strcmp(answer, "us") || !strcmp(answer, "eu") ||
           strstr(answer, "://") || strchr(answer, '.');
}

/* us, eu, or an address, https if it does not say. */
static void take_host(struct setup *setup, const char *answer)
{
    char host[SETUP_ANSWER + 8];
    bool whole = strstr(answer, "://") || !strchr(answer, '.');
    struct err err = {""};

    snprintf(host, sizeof host, "%s%s", whole ? "" : "https://", answer);
    if (strchr(answer, '@')) {
        printf("No login belongs in the address: the key is one.\n");
        return;
    }
    if (config_set(setup->config, OPTION_posthog_host, host, "setup", &err)) {
        setup->any_host = false;
        printf("PostHog at %s. Now its key.\n", host);
    } else {
        printf("%s\n", err.text);
    }
}

/* Takes the place of a typed one, or of a file's that PostHog does not know. */
static int ask_key(struct setup *setup)
{
    struct err err = {""};
    char answer[SETUP_ANSWER];
    bool more;

    while ((more = ask_line("API key (not shown; Enter: leave)", NULL, true,
                            answer, sizeof answer))) {
        if (!strncmp(answer, "phc_", 4))
            printf("That is a project's key (phc_...): a personal API key "
                   "begins with phx_\n");
        else if (is_host(answer))
            take_host(setup, answer);
        else
            break;
    }
    if (more && !*answer)
        return command_fail(EXIT_FAILED, "left: nothing was changed");
    setup->typed = more && config_set(setup->config, OPTION_posthog_api_key,
                                      answer, "setup", &err);
    OPENSSL_cleanse(answer, sizeof answer);
    return setup->typed ? EXIT_DONE : setup_ended();
}

/* Only where another answer would change something. */
static bool may_ask_again(const struct setup *setup)
{
    const struct config *config = setup->config;

    return setup->talk &&
           (setup->typed ||
            (!config_text(config, OPTION_posthog_api_key) &&
             !config_text(config, OPTION_posthog_api_key_command)));
}

static void set_host(struct setup *setup, const char *host)
{
    config_set(setup->config, OPTION_posthog_host, host, "setup", NULL);
}

/* Asks here, then elsewhere if nobody said where PostHog is. Afterwards it is
 * open, or not, and then what is wrong was printed. */
static enum key_state find_key(struct setup *setup, struct err *err)
{
    const char *next = "us";
    enum key_state state = KEY_UNKNOWN;

    while (next) {
        if (setup->any_host)
            set_host(setup, next);
        posthog_close(setup->posthog);
        key_free(&setup->facts);
        setup->posthog = command_posthog(setup->config);
        if (!setup->posthog)
            return KEY_UNTOLD;
        state = key_ask(setup->posthog, &setup->facts, err);
        next = state == KEY_UNKNOWN && setup->any_host ? key_next_host(next)
                                                       : NULL;
    }
    return state;
}

static int refuse_key(const struct setup *setup, const struct err *err)
{
    if (setup->any_host)
        return command_fail(EXIT_FAILED,
                            "neither us.posthog.com nor eu.posthog.com knows "
                            "this API key: it is mistyped or deleted, or your "
                            "PostHog is elsewhere: then its address comes "
                            "first, or --posthog-host https://...");
    return command_fail(EXIT_FAILED, "%s", err->text);
}

static int try_key(struct setup *setup)
{
    struct err err = {""};
    enum key_state state = find_key(setup, &err);

    if (!setup->posthog)
        return EXIT_CONFIG;
    if (state == KEY_UNKNOWN)
        return refuse_key(setup, &err);
    setup->known = state == KEY_TOLD;
    if (setup->any_host &&
        !strcmp(config_text(setup->config, OPTION_posthog_host), "eu"))
        printf("region       eu: us.posthog.com does not know the key\n");
    return EXIT_DONE;
}

static int say_missing(const struct setup *setup, const char *missing)
{
    struct buf label;

    buf_init(&label, KIB);
    key_label(&setup->facts, &label);
    command_fail(EXIT_FAILED,
                 "the API key %slacks %s: add what is missing at %s" KEY_PAGE,
                 label.data, missing, posthog_host(setup->posthog));
    buf_free(&label);
    return EXIT_FAILED;
}

/* All at once, before anything is made. A key's scopes can be changed while
 * it stays the same, so that at a terminal we wait for that. */
static int check_scopes(struct setup *setup)
{
    struct buf missing;
    struct err err = {""};
    char answer[16];
    int code = EXIT_DONE;

    buf_init(&missing, KIB);
    while (setup->facts.answer && key_missing(&setup->facts, &missing)) {
        code = say_missing(setup, missing.data);
        buf_clear(&missing);
        if (!setup->talk || !ask_line("Enter, when they are there", NULL,
                                      false, answer, sizeof answer))
            break;
        code = EXIT_DONE;
        key_free(&setup->facts);
        key_ask(setup->posthog, &setup->facts, &err);
    }
    buf_free(&missing);
    return code;
}

static int enter(struct setup *setup)
{
    bool first = setup->talk && !posthog_has_key(setup->config);
    int code = EXIT_DONE;

    setup->any_host = config_is_default(setup->config, OPTION_posthog_host);
    if (first) {
        fputs(welcome, stdout);
        code = ask_key(setup);
    }
    while (code == EXIT_DONE && (code = try_key(setup)) == EXIT_FAILED &&
           may_ask_again(setup))
        code = ask_key(setup);
    return code;
}

int setup_keep_key(struct setup *setup)
{
    const char *key = config_text(setup->config, OPTION_posthog_api_key);
    const char *path = config_text(setup->config, OPTION_posthog_api_key_file);
    struct err err = {""};
    struct buf line;
    bool ok;

    if (!setup->known || !key || !path ||
        (!setup->typed && !access(path, F_OK)))
        return EXIT_DONE;
    buf_init(&line, 4 * KIB);
    buf_addf(&line, "%s\n", key);
    ok = path_make_parents(path, &err) &&
         config_write_file(path, line.data, line.len, &err);
    OPENSSL_cleanse(line.data, line.len);
    buf_free(&line);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    setup->typed = false;
    printf("key          kept in %s\n", path);
    return EXIT_DONE;
}

static void default_to(struct setup *setup, enum option_id id,
                       const char *value)
{
    if (value && !config_text(setup->config, id))
        config_set(setup->config, id, value, "PostHog", NULL);
}

/* Who the key is, and which project. */

static void say_key(const struct setup *setup, const char *email)
{
    struct buf label;

    buf_init(&label, KIB);
    key_label(&setup->facts, &label);
    printf("key          %sof %s\n", label.data, *email ? email : "somebody");
    if (setup->facts.answer && !key_has(&setup->facts, KEY_REPLAY_SCOPE))
        printf("             (add " KEY_REPLAY_SCOPE
               ", and O opens a replay when it is ready)\n");
    buf_free(&label);
}

/* "71", "csm@team.example", or both: each goes to what it is. */
static bool take_word(struct setup *setup, const char *word, struct err *err)
{
    if (strspn(word, "0123456789") == strlen(word))
        return config_set(setup->config, OPTION_posthog_project, word, "setup",
                          err);
    if (strchr(word, '@') && book_email_valid(word))
        return config_set(setup->config, OPTION_posthog_owner, word, "setup",
                          err);
    return err_set(err,
                   "\"%s\" is neither a project, which is the number in its "
                   "address (.../project/NUMBER), nor an e-mail address",
                   word);
}

static bool take_words(struct setup *setup, char *answer, struct err *err)
{
    char *rest = NULL, *word = strtok_r(answer, " ,\t", &rest);
    bool ok = true;

    for (; ok && word; word = strtok_r(NULL, " ,\t", &rest))
        ok = take_word(setup, word, err);
    return ok;
}

/* What is not set yet, as it would be taken. */
static void ask_whose(const struct setup *setup, const char *project,
                      const char *email, struct buf *prompt,
                      struct buf *standard)
{
    bool which = !config_text(setup->config, OPTION_posthog_project);
    bool whose = !config_text(setup->config, OPTION_posthog_owner);

    buf_adds(prompt, which ? "Number of the project" : "");
    if (whose)
        buf_addf(prompt, "%s",
                 which ? ", and whose accounts (e-mail)"
                       : "Whose accounts (e-mail)");
    if (which && *project)
        buf_adds(standard, project);
    if (whose && *email)
        buf_addf(standard, "%s%s", standard->len ? " " : "", email);
}

/* One question for both. */
static int ask_project(struct setup *setup, const char *project,
                       const char *email)
{
    char answer[SETUP_ANSWER];
    struct buf prompt, standard;
    struct err err = {""};
    bool more = true;

    buf_init(&prompt, KIB);
    buf_init(&standard, 2 * KIB);
    ask_whose(setup, project, email, &prompt, &standard);
    if (setup->talk && prompt.len)
        printf("\nEvents come from one project, and the accounts are those of "
               "one who looks after\nthem. %s\nNext, these accounts are "
               "fetched from where PostHog has them.\n",
               standard.len ? "Enter takes what is in brackets; for another, "
                              "type its number, an\ne-mail address, or both."
                            : "Enter goes on without.");
    while (setup->talk && prompt.len && more) {
        more = ask_line(prompt.data, standard.len ? standard.data : NULL,
                        false, answer, sizeof answer);
        if (more && take_words(setup, answer, &err))
            break;
        if (more)
            printf("%s\n", err.text);
    }
    buf_free(&prompt);
    buf_free(&standard);
    return more ? EXIT_DONE : setup_ended();
}

/* The only project the key is limited to, else the one its owner is in. */
static void likely_project(const struct setup *setup, const cJSON *me,
                           struct buf *out)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(me, "team"), "id");

    if (key_projects(&setup->facts, out) == 1)
        return;
    buf_clear(out);
    if (cJSON_IsNumber(id) && id->valuedouble > 0 && id->valuedouble < 1e15)
        buf_addf(out, "%.0f", id->valuedouble);
}

static int learn(struct setup *setup, const cJSON *me)
{
    const char *email = posthog_text(me, "email");
    struct buf project;
    int code;

    if (!book_email_valid(email))
        email = "";
    say_key(setup, email);
    buf_init(&project, KIB);
    likely_project(setup, me, &project);
    code = ask_project(setup, project.len ? project.data : "", email);
    default_to(setup, OPTION_posthog_project,
               project.len ? project.data : NULL);
    default_to(setup, OPTION_posthog_owner, *email ? email : NULL);
    buf_free(&project);
    return code;
}

/* A key without user:read, of a PostHog that does not tell its scopes, will
 * do when the project is known. */
static int identify(struct setup *setup)
{
    struct err err = {""};
    cJSON *me =
        posthog_request(setup->posthog, "GET", "/api/users/@me/", NULL, &err);
    int code = EXIT_DONE;

    setup->known = setup->known || me;
    if (me)
        code = learn(setup, me);
    else if (!config_text(setup->config, OPTION_posthog_project))
        code = command_fail(EXIT_FAILED, "%s", err.text);
    else
        printf("key          %s\n", err.text);
    cJSON_Delete(me);
    return code;
}

/* The address of the project, for links. */
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

static int say_limited(const struct setup *setup, const char *project)
{
    struct buf label, only;

    buf_init(&label, KIB);
    buf_init(&only, KIB);
    key_label(&setup->facts, &label);
    key_projects(&setup->facts, &only);
    command_fail(EXIT_FAILED,
                 "the API key %sis limited to project %s and may not see "
                 "project %s: change that at %s" KEY_PAGE,
                 label.data, only.data, project, posthog_host(setup->posthog));
    buf_free(&only);
    buf_free(&label);
    return EXIT_FAILED;
}

static int choose_project(struct setup *setup)
{
    const char *project = config_text(setup->config, OPTION_posthog_project);
    struct err err = {""};

    if (!project)
        return command_fail(EXIT_FAILED, "which project? --posthog-project N");
    if (!posthog_set_project(setup->posthog, project, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    if (!key_allows(&setup->facts, project))
        return say_limited(setup, project);
    printf("project      %s at %s\n", project, posthog_host(setup->posthog));
    name_project(setup);
    return EXIT_DONE;
}

int setup_key(struct setup *setup)
{
    static setup_step *const steps[] = {enter,          check_scopes,
                                        identify,       choose_project,
                                        setup_keep_key, setup_keep};

    return setup_in_order(setup, steps, sizeof steps / sizeof *steps);
}
