/* `telltale viewers`: who may look from elsewhere. Each has a token of their
 * own, which is printed once and kept as its hash; taking one back ends what
 * its owner is looking at. A telltale that runs is told. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "command/owner_ask.h"
#include "config/path.h"
#include "config/viewers.h"
#include "journal/owner.h"

#include "base/banned.h"

/* Whoever runs reads the file again. */
static int tell_owner(const struct config *config)
{
    const char *journal = config_text(config, OPTION_journal);
    struct err err = {""};
    cJSON *answer;

    if (!journal || !owner_find(journal))
        return EXIT_DONE;
    answer = owner_ask(journal, "{\"do\":\"viewers\"}", &err);
    cJSON_Delete(answer);
    if (answer)
        return EXIT_DONE;
    return command_fail(EXIT_FAILED,
                        "it is written, but the telltale that runs does not "
                        "know yet: %s",
                        err.text);
}

static bool save(const struct viewers *viewers, const char *path,
                 struct err *err)
{
    return path_make_parents(path, err) && viewers_write(viewers, path, err);
}

static int list(const struct viewers *viewers)
{
    for (size_t i = 0; i < viewers->count; i++) {
        char since[CLOCK_DATE_SIZE];

        clock_date(viewers->named[i].since_ms, since);
        printf("%-24s  since %s\n", viewers->named[i].name, since);
    }
    if (!viewers->count)
        printf("no viewers: telltale viewers add NAME makes a token\n");
    return EXIT_DONE;
}

static int add(struct viewers *viewers, const struct config *config,
               const char *name)
{
    const char *path = config_text(config, OPTION_viewers);
    struct err err = {""};
    char *token = viewers_add(viewers, name, clock_now_ms(), &err);
    int code = EXIT_FAILED;

    if (!token)
        return command_fail(EXIT_USAGE, "%s", err.text);
    if (!save(viewers, path, &err)) {
        command_fail(EXIT_FAILED, "%s", err.text);
    } else {
        printf("%s\n", token);
        fflush(stdout);
        fprintf(stderr,
                "telltale: this is shown once. %s starts with "
                "TELLTALE_VIEWER_TOKEN set to it.\n",
                name);
        code = tell_owner(config);
    }
    secret_free(token);
    return code;
}

static int take_back(struct viewers *viewers, const struct config *config,
                     const char *name)
{
    struct err err = {""};

    if (!viewers_remove(viewers, name))
        return command_fail(EXIT_USAGE,
                            "there is no viewer \"%s\": telltale viewers "
                            "list",
                            name);
    if (!save(viewers, config_text(config, OPTION_viewers), &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    return tell_owner(config);
}

static int perform(struct viewers *viewers, const struct config *config,
                   const char *verb, const char *name)
{
    if (!strcmp(verb, "list"))
        return *name ? command_fail(EXIT_USAGE, "viewers list takes no name")
                     : list(viewers);
    if (!*name)
        return command_fail(EXIT_USAGE, "whom? telltale viewers %s NAME",
                            verb);
    return !strcmp(verb, "add") ? add(viewers, config, name)
                                : take_back(viewers, config, name);
}

int command_viewers(struct command_context *context)
{
    const char *path = config_text(context->config, OPTION_viewers);
    struct viewers viewers = {.count = 0};
    struct err err = {""};
    const char *verb;
    struct buf name;
    int code;

    buf_init(&name, 4 * KIB);
    buf_adds(&name, "");
    if (!command_words(context, &verb, &name))
        code = EXIT_USAGE;
    else if (!path)
        code = command_fail(EXIT_CONFIG, "no home directory to keep viewers "
                                         "in: set HOME or --viewers");
    else if (!viewers_read(&viewers, path, &err))
        code = command_fail(EXIT_CONFIG, "%s", err.text);
    else
        code = perform(&viewers, context->config, verb, name.data);
    viewers_free(&viewers);
    buf_free(&name);
    return code;
}
