/* What PostHog would say of this telltale: whose key it is and what it lacks,
 * and for every destination whether it is there, on, healthy in PostHog's
 * eyes, and what book and catalogue say it should be. */
#include "command/check_posthog.h"

#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "app/plan.h"
#include "base/limits.h"
#include "base/text.h"
#include "command/destination_target.h"
#include "command/reach.h"
#include "config/secret.h"
#include "journal/owner.h"
#include "posthog/api_blocking.h"
#include "posthog/join.h"
#include "posthog/key.h"
#include "base/banned.h"

struct check {
    const struct config *config;
    struct posthog *posthog;
    struct key_facts facts;
    struct findings *findings;
};

static void wrong(struct check *check, const char *text)
{
    finding_add(check->findings, FINDING_WRONG, "posthog", "%s", text);
}

/* The key. */

static void print_key(const struct check *check, const cJSON *me)
{
    const char *email =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(me, "email"));
    struct buf line;

    buf_init(&line, 4 * KIB);
    key_label(&check->facts, &line);
    buf_adds(&line, "of ");
    if (email)
        text_sanitise(&line, email, strlen(email), KIB);
    else
        buf_adds(&line, "somebody");
    finding_add(check->findings, FINDING_FACT, "key", "%s", line.data);
    buf_free(&line);
}

static void check_scopes(struct check *check)
{
    struct buf missing;
    struct err err;

    buf_init(&missing, 4 * KIB);
    if (key_missing(&check->facts, &missing)) {
        err_set(&err, "the API key lacks %s: add what is missing at %s%s",
                missing.data, posthog_host(check->posthog), KEY_PAGE);
        wrong(check, err.text);
    }
    if (!key_has(&check->facts, KEY_REPLAY_SCOPE))
        finding_add(check->findings, FINDING_NOTE, "key",
                    "add the scope " KEY_REPLAY_SCOPE
                    ", and O opens a replay when it is ready");
    buf_free(&missing);
}

/* False when there is no use in asking on. */
static bool check_key(struct check *check)
{
    struct err err = {""};
    enum key_state state = key_ask(check->posthog, &check->facts, &err);
    cJSON *me = NULL;

    if (state != KEY_UNKNOWN)
        me = posthog_request(check->posthog, "GET", "/api/users/@me/", NULL,
                             &err);
    if (state == KEY_TOLD || me)
        print_key(check, me);
    else
        wrong(check, err.text);
    if (state == KEY_TOLD)
        check_scopes(check);
    cJSON_Delete(me);
    return state == KEY_TOLD || me;
}

static bool check_project(struct check *check)
{
    const char *project = posthog_project(check->posthog);
    struct err err;

    if (!project) {
        wrong(check, "which project? telltale setup, or --posthog-project N");
        return false;
    }
    if (key_allows(&check->facts, project))
        return true;
    err_set(&err, "the API key may not see project %s: change that at %s%s",
            project, posthog_host(check->posthog), KEY_PAGE);
    wrong(check, err.text);
    return false;
}

/* The destinations. */

/* PostHog's watcher: how it judges what a destination's answers cost it.
 * False when it holds events back; *word says what it thinks. */
static bool is_healthy(const cJSON *function, const char **word)
{
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(function, "status"), "state");

    *word = "";
    switch (cJSON_IsNumber(state) ? state->valueint : 0) {
    case 1:
        *word = ", healthy";
        return true;
    case 2:
    case 11:
        *word = ", degraded by PostHog: slow or failing answers";
        return false;
    case 3:
    case 12:
        *word = ", disabled by PostHog: slow or failing answers";
        return false;
    default:
        return true;
    }
}

static void check_function(struct check *check, const cJSON *function)
{
    const char *name = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(function, "name"));
    const char *word;
    bool healthy = is_healthy(function, &word);
    struct err err;

    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(function, "enabled")))
        err_set(&err, "webhook \"%s\": paused (telltale destination resume)%s",
                name, word);
    else if (!healthy)
        err_set(&err, "webhook \"%s\": on%s", name, word);
    else {
        finding_add(check->findings, FINDING_FACT, "webhook", "\"%s\": on%s",
                    name, word);
        return;
    }
    wrong(check, err.text);
}

/* Its own "~" is a part of it. */
static void tell_difference(struct check *check, const char *difference)
{
    while (*difference) {
        int len = (int)strcspn(difference, "\n");

        finding_more(check->findings, "%.*s", len, difference);
        difference += len + (difference[len] == '\n');
    }
}

static void on_step(void *ctx, const char *name, enum apply_step step,
                    const char *difference)
{
    static const char *const words[] = {
        NULL, "not there: telltale destination create",
        "not as it should be: telltale destination update",
        "one too many: telltale destination update"};
    struct check *check = ctx;
    struct err err;

    if (step == APPLY_SAME)
        return;
    err_set(&err, "webhook \"%s\" is %s", name, words[step]);
    wrong(check, err.text);
    tell_difference(check, difference);
}

static void check_destinations(struct check *check,
                               const struct destination_target *target)
{
    struct err err = {""};
    cJSON *ours = destination_find(check->posthog, target->plan.name, &err);
    const cJSON *function;

    cJSON_ArrayForEach(function, ours)
    {
        check_function(check, function);
    }
    if (!ours || !destination_target_change(target, check->posthog, APPLY_DRY,
                                            on_step, check, &err))
        wrong(check, err.text);
    cJSON_Delete(ours);
}

static void check_address(struct check *check)
{
    const char *journal = config_text(check->config, OPTION_journal);
    const char *url = config_text(check->config, OPTION_public_url);
    struct err why, err;
    struct buf shown;

    if (!journal || !owner_find(journal))
        finding_add(check->findings, FINDING_NOTE, "address",
                    "nothing receives now, so that the public address was "
                    "not tried");
    else if (!reach_test(url, "where telltale listens", &why)) {
        buf_init(&shown, LIMIT_CONFIG_FILE);
        secret_mask_login(&shown, url);
        err_set(&err, "address %s: %s", shown.data, why.text);
        buf_free(&shown);
        wrong(check, err.text);
    }
}

/* The book. */

static void check_join(struct check *check)
{
    const char *path = config_text(check->config, OPTION_accounts);
    struct book *book =
        path && !access(path, F_OK) ? book_load(path, NULL, NULL) : NULL;
    struct err err = {""};
    struct join join;
    struct buf line;

    buf_init(&line, 4 * KIB);
    if (book_count(book) && !join_ask(check->posthog, book, &join, &err))
        finding_add(check->findings, FINDING_NOTE, "accounts",
                    "whether the accounts send events: %s", err.text);
    else if (book_count(book))
        join_say(&join, group_index(check->config), &line);
    findings_add_lines(check->findings, "accounts", line.data);
    buf_free(&line);
    book_free(book);
}

/* Opening the target would make a token; here nothing is made. */
static bool has_token(const struct config *config)
{
    const char *file = config_text(config, OPTION_token_file);

    return config_text(config, OPTION_token) ||
           config_text(config, OPTION_token_command) ||
           (file && !access(file, F_OK));
}

static void check_destination(struct check *check)
{
    struct err err = {""};
    struct destination_target target;

    if (!config_text(check->config, OPTION_public_url) &&
        !strcmp(config_text(check->config, OPTION_source), "posthog")) {
        finding_add(check->findings, FINDING_FACT, "webhook",
                    "none: PostHog is asked");
    } else if (!has_token(check->config)) {
        wrong(check, "no token yet, so there is no destination that could "
                     "carry it: telltale setup");
    } else if (destination_target_open(&target, check->config, &err)) {
        check_destinations(check, &target);
        check_address(check);
        destination_target_close(&target);
    } else {
        wrong(check, err.text);
    }
}

void check_posthog(const struct config *config, struct findings *findings)
{
    struct check check = {.config = config, .findings = findings};
    struct err err = {""};

    check.posthog = posthog_open(config, NULL, NULL, &err);
    if (!check.posthog) {
        wrong(&check, err.text);
        return;
    }
    finding_add(findings, FINDING_FACT, "posthog", "%s, project %s",
                posthog_host(check.posthog),
                posthog_project(check.posthog) ? posthog_project(check.posthog)
                                               : "-");
    if (check_key(&check) && check_project(&check)) {
        check_join(&check);
        check_destination(&check);
    }
    key_free(&check.facts);
    posthog_close(check.posthog);
}
