/* `telltale destination`: the webhook destination at PostHog that feeds this
 * telltale, looked at, made, changed, tried, paused and deleted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "command/command.h"
#include "command/destination_target.h"
#include "command/posthog.h"
#include "config/secret.h"
#include "base/banned.h"

struct words {
    bool yes, dry, force, json, secrets;
};

static void mask_login(cJSON *url)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(url, "value"));
    struct buf shown;

    if (!text)
        return;
    buf_init(&shown, LIMIT_CONFIG_FILE);
    secret_mask_login(&shown, text);
    cJSON_ReplaceItemInObjectCaseSensitive(url, "value",
                                           cJSON_CreateString(shown.data));
    buf_free(&shown);
}

/* Puts asterisks where a secret is. */
static void mask(cJSON *body)
{
    cJSON *inputs = cJSON_GetObjectItemCaseSensitive(body, "inputs");
    cJSON *secret = cJSON_GetObjectItemCaseSensitive(inputs, "signing_secret");
    cJSON *headers = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(inputs, "headers"), "value");

    mask_login(cJSON_GetObjectItemCaseSensitive(inputs, "url"));
    if (secret)
        cJSON_ReplaceItemInObjectCaseSensitive(secret, "value",
                                               cJSON_CreateString("********"));
    if (cJSON_GetObjectItemCaseSensitive(headers, "X-Telltale-Token"))
        cJSON_ReplaceItemInObjectCaseSensitive(headers, "X-Telltale-Token",
                                               cJSON_CreateString("********"));
}

/* With --json one object a line, else to be read. */
static void print_json(const struct destination_target *target,
                       const struct words *words)
{
    for (size_t i = 0; i < destination_parts(&target->plan); i++) {
        cJSON *body = destination_body(&target->plan, i);
        char *text;

        if (!words->secrets)
            mask(body);
        text = words->json ? cJSON_PrintUnformatted(body) : cJSON_Print(body);
        puts(text);
        cJSON_free(text);
        cJSON_Delete(body);
    }
}

static void print_steps(const struct destination_target *target, bool secrets)
{
    struct buf shown;

    buf_init(&shown, LIMIT_CONFIG_FILE);
    if (secrets)
        buf_adds(&shown, target->plan.url);
    else
        secret_mask_login(&shown, target->plan.url);
    printf("By hand, in PostHog: Data pipelines, Destinations, New, HTTP "
           "Webhook; then\n"
           "  name      %s\n"
           "  URL       %s\n"
           "  method    POST\n"
           "  headers   as in \"headers\" below (--secrets prints the token)\n"
           "  body      as in \"body\" below\n"
           "  filters   each event of \"events\" below, and \"properties\" "
           "for all of them;\n"
           "            never leave a list of organisations empty: it means "
           "everybody\n"
           "Docs pages go by the person and not by the group: a second "
           "destination, the\n"
           "same but for its filters. Or POST these to "
           "/api/projects/N/hog_functions/:\n",
           target->plan.name, shown.data);
    buf_free(&shown);
}

/* Those that are there; each prints its line. */
static int for_each(struct destination_target *target, struct posthog *posthog,
                    bool (*act)(struct posthog *posthog, const char *id,
                                struct err *err),
                    const char *done)
{
    struct err err = {""};
    cJSON *ours = destination_find(posthog, target->plan.name, &err);
    const cJSON *function;
    int code = EXIT_DONE;

    if (!ours)
        return posthog_failed(posthog, &err);
    if (!cJSON_GetArraySize(ours))
        code = command_fail(EXIT_FAILED, "there is no destination \"%s\"",
                            target->plan.name);
    cJSON_ArrayForEach(function, ours)
    {
        if (!act(posthog, posthog_text(function, "id"), &err)) {
            code = posthog_failed(posthog, &err);
            break;
        }
        printf("destination \"%s\" %s\n", posthog_text(function, "name"),
               done);
    }
    cJSON_Delete(ours);
    return code;
}

static bool switch_on(struct posthog *posthog, const char *id, struct err *err)
{
    return destination_enable(posthog, id, true, err);
}

static bool switch_off(struct posthog *posthog, const char *id,
                       struct err *err)
{
    return destination_enable(posthog, id, false, err);
}

static int act(struct destination_target *target, struct posthog *posthog,
               const struct config *config, const char *verb,
               const struct words *words)
{
    if (!strcmp(verb, "create") || !strcmp(verb, "update"))
        return destination_target_apply(target, posthog,
                                        (words->dry ? APPLY_DRY : 0) |
                                            (words->force ? APPLY_ALWAYS : 0));
    if (!strcmp(verb, "test"))
        return destination_target_test(target, posthog, config);
    if (!strcmp(verb, "pause"))
        return for_each(target, posthog, switch_off, "paused");
    if (!strcmp(verb, "resume"))
        return for_each(target, posthog, switch_on, "is on again");
    if (!words->yes)
        return command_fail(EXIT_USAGE,
                            "this deletes \"%s\" at PostHog: telltale "
                            "destination delete --yes",
                            target->plan.name);
    return for_each(target, posthog, destination_delete, "deleted");
}

static int run(const struct config *config, const char *verb,
               const struct words *words)
{
    struct posthog *posthog;
    struct err err = {""};
    struct destination_target target;
    int code = EXIT_DONE;

    if (!destination_target_open(&target, config, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    if (!strcmp(verb, "show")) {
        if (!words->json)
            print_steps(&target, words->secrets);
        print_json(&target, words);
        destination_target_say_unheard(&target, words->json ? stderr : stdout);
    } else {
        posthog = command_posthog(config);
        code =
            posthog ? act(&target, posthog, config, verb, words) : EXIT_CONFIG;
        posthog_close(posthog);
    }
    destination_target_close(&target);
    return code;
}

int command_destination(struct command_context *context)
{
    const char *verb;
    struct words words;

    if (!command_words(context, &verb, NULL))
        return EXIT_USAGE;
    words = (struct words){
        .yes = command_flag(context, ARG_destination_yes),
        .dry = command_flag(context, ARG_destination_dry_run),
        .force = command_flag(context, ARG_destination_force),
        .secrets = command_flag(context, ARG_destination_secrets),
        .json = config_flag(context->config, OPTION_json),
    };
    return run(context->config, verb, &words);
}
