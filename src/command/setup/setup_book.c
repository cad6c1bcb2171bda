/* The book of `telltale setup`: from where PostHog keeps it, or a CSV. */
#include "command/setup/setup.h"

#include <stdio.h>
#include <unistd.h>

#include "command/ask.h"
#include "command/pull.h"
#include "base/banned.h"

static int no_book(const char *why, const char *path)
{
    return command_fail(EXIT_FAILED,
                        "%s: put a CSV with organization_id and "
                        "organization_name at %s, or give a query with these "
                        "columns by --posthog-accounts-sql",
                        why, path ? path : "--accounts FILE");
}

/* Where it was found: the next time only that is asked. */
static void keep_word(struct setup *setup, const char *word)
{
    if (*word && !config_text(setup->config, OPTION_posthog_accounts_sql))
        config_set(setup->config, OPTION_posthog_accounts_sql, word, "setup",
                   NULL);
}

/* What one has set oneself stays. */
static int follow_accounts(struct setup *setup)
{
    struct config *config = setup->config;

    if (!config_text(config, OPTION_posthog_refresh)) {
        config_set(config, OPTION_posthog_refresh, "1d", "setup", NULL);
        if (config_is_default(config, OPTION_posthog_update))
            config_set(config, OPTION_posthog_update, "yes", "setup", NULL);
        printf("refresh      once a day, and the destination follows "
               "([posthog] refresh, update)\n");
    }
    return setup_keep(setup);
}

static int pull_book(struct setup *setup, const char *path, bool there)
{
    struct pull_result result;
    int code = pull_accounts(setup->posthog, setup->config, false, &result);

    if (code != EXIT_DONE && !there)
        return no_book("no book yet", path);
    keep_word(setup, result.word);
    return code == EXIT_DONE ? follow_accounts(setup) : code;
}

static int await_book(struct setup *setup, const char *path)
{
    char answer[16];

    while (access(path, F_OK))
        if (!ask_line("Enter, when the CSV is there", NULL, false, answer,
                      sizeof answer))
            return setup_ended();
    setup->by_hand = true;
    printf("book         %s\n", path);
    return EXIT_DONE;
}

/* A book that is there is not asked for again, unless there is a query. */
int setup_book(struct setup *setup)
{
    const char *path = config_text(setup->config, OPTION_accounts);
    bool there = path && !access(path, F_OK);
    int code;

    if (there && !config_text(setup->config, OPTION_posthog_accounts_sql)) {
        printf("book         %s (telltale accounts pull renews it)\n", path);
        return EXIT_DONE;
    }
    code = pull_book(setup, path, there);
    if (code != EXIT_DONE && !there && path && setup->talk)
        return await_book(setup, path);
    return code;
}
