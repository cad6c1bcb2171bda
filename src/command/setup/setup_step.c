/* What the steps of `telltale setup` share: their order, asking for an option,
 * and keeping what is known in the settings file. */
#include "command/setup/setup_step.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "command/ask.h"
#include "config/edit.h"
#include "config/path.h"
#include "base/banned.h"

int setup_in_order(struct setup *setup, setup_step *const *steps, size_t count)
{
    int code = EXIT_DONE;

    for (size_t i = 0; code == EXIT_DONE && i < count; i++)
        code = steps[i](setup);
    return code;
}

int setup_ended(void)
{
    return command_fail(EXIT_FAILED,
                        "the input has ended, and so does setup; run again, "
                        "it goes on with what it has kept");
}

int setup_ask(struct setup *setup, enum option_id id, const char *prompt,
              const char *standard, setup_tidy *tidy)
{
    struct err err = {""};
    char answer[SETUP_ANSWER];

    while (setup->talk && config_is_default(setup->config, id)) {
        if (!ask_line(prompt, standard, false, answer, sizeof answer))
            return setup_ended();
        if (!*answer || ((!tidy || tidy(answer, sizeof answer, &err)) &&
                         config_set(setup->config, id, answer, "setup", &err)))
            break;
        printf("%s\n", err.text);
    }
    return EXIT_DONE;
}

int setup_keep(struct setup *setup)
{
    static const enum option_id kept[] = {OPTION_listen,
                                          OPTION_source,
                                          OPTION_public_url,
                                          OPTION_project_url,
                                          OPTION_posthog_host,
                                          OPTION_posthog_project,
                                          OPTION_posthog_owner,
                                          OPTION_posthog_accounts_sql,
                                          OPTION_posthog_group_index,
                                          OPTION_posthog_refresh,
                                          OPTION_posthog_update,
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
        if (!setup->by_hand || kept[i] != OPTION_posthog_accounts_sql)
            edit_put(&text, setup->config, kept[i], &changed);
    if (ok && changed)
        ok = path_make_parents(path, &err) &&
             config_write_file(path, text.data, text.len, &err);
    buf_free(&text);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (changed && !setup->kept)
        printf("settings     kept in %s\n", path);
    setup->kept = setup->kept || changed;
    return EXIT_DONE;
}
