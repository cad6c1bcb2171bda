/* The destination of `telltale setup`: a public address, somebody who
 * receives, what PostHog is told of both, and a test that arrives by way of
 * PostHog. */
#include "command/setup/setup.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "command/ask.h"
#include "command/destination_target.h"
#include "command/reach.h"
#include "event/url.h"
#include "journal/owner.h"
#include "base/banned.h"

/* The address. */

/* The first one of --listen. */
static void listens_at(const struct setup *setup, struct buf *out)
{
    const char *list = config_text(setup->config, OPTION_listen);

    list += strspn(list, ", ");
    buf_add(out, list, strcspn(list, ", "));
}

static void print_tunnels(const struct setup *setup)
{
    const char *port;
    struct buf at;

    buf_init(&at, 4 * KIB);
    listens_at(setup, &at);
    port = strrchr(at.data, ':') ? strrchr(at.data, ':') + 1 : at.data;
    printf(
        "\nHow events come. At once: PostHog posts each to an https address "
        "that leads to\nthis machine. Start one of these in another "
        "terminal; it says its address:\n"
        "  cloudflared tunnel --url http://%s\n"
        "  ngrok http %s\n"
        "  tailscale funnel %s\n"
        "  ssh -R 80:%s HOST, where HOST speaks https\n"
        "Or type the address of a host of yours that passes on to this "
        "one. Enter, and\nthere is none: telltale asks PostHog every "
        "minute instead (--source posthog).\n"
        "Next, with an address, the destination is made at PostHog, for "
        "your accounts\nonly, and PostHog sends a test.\n",
        at.data, port, port, at.data);
    buf_free(&at);
}

/* https if it does not say, and without the path of the hook: the whole
 * address of the first screen does as well. */
static bool tidy_address(char *answer, size_t size, struct err *err)
{
    char copy[SETUP_ANSWER], *path, *hook;

    if (!strpbrk(answer, ".:"))
        return err_set(err, "An address like https://telltale.example.com, "
                            "or Enter alone if there is none.");
    if (!strstr(answer, "://")) {
        snprintf(copy, sizeof copy, "%s", answer);
        snprintf(answer, size, "https://%s", copy);
    }
    path = strchr(strstr(answer, "://") + 3, '/');
    hook = path ? strstr(path, "/hook") : NULL;
    if (hook && (!hook[5] || hook[5] == '/'))
        *hook = '\0';
    return !strncmp(answer, "https://", 8) || url_is_local(answer) ||
           err_set(err, "It must begin with https://: the token would travel "
                        "in the open.");
}

int setup_check_address(struct setup *setup)
{
    const char *url = config_text(setup->config, OPTION_public_url);
    struct err err = {""};
    char copy[SETUP_ANSWER];

    if (!url)
        return EXIT_DONE;
    snprintf(copy, sizeof copy, "%s", url);
    if (strstr(url, "://") && tidy_address(copy, sizeof copy, &err))
        return EXIT_DONE;
    return command_fail(EXIT_CONFIG,
                        "the public URL%s%s must begin with https://",
                        strchr(url, '@') ? "" : " ",
                        strchr(url, '@') ? "" : url);
}

bool setup_is_polled(const struct setup *setup)
{
    return !config_text(setup->config, OPTION_public_url) &&
           !strcmp(config_text(setup->config, OPTION_source), "posthog");
}

static int ask_address(struct setup *setup)
{
    int code;

    if (config_text(setup->config, OPTION_public_url) ||
        setup_is_polled(setup))
        return EXIT_DONE;
    print_tunnels(setup);
    code = setup_ask(setup, OPTION_public_url,
                     "Public address (https://..., Enter: none, ask every "
                     "minute)",
                     NULL, tidy_address);
    if (code != EXIT_DONE || config_text(setup->config, OPTION_public_url))
        return code;
    if (!setup->talk)
        return command_fail(EXIT_FAILED,
                            "run telltale setup again with --public-url "
                            "https://..., or with --source posthog, which "
                            "needs none");
    config_set(setup->config, OPTION_source, "posthog", "setup", NULL);
    return EXIT_DONE;
}

static int find_address(struct setup *setup)
{
    int code = ask_address(setup);

    if (code == EXIT_DONE)
        code = setup_keep(setup);
    if (code == EXIT_DONE && !setup->kept)
        printf("settings     %s (as they were)\n",
               config_text(setup->config, OPTION_config));
    return code;
}

/* The destination. */

static int await_events(struct setup *setup)
{
    const char *journal = config_text(setup->config, OPTION_journal);
    int code;

    setup->owner = journal ? owner_find(journal) : 0;
    if (setup_is_polled(setup))
        return EXIT_DONE;
    if (setup->owner) {
        printf("receiver     the telltale that runs, process %ld\n",
               setup->owner);
        return EXIT_DONE;
    }
    code = receiver_begin(&setup->receiver);
    if (code == EXIT_DONE)
        printf("receiver     listens on %s for the test\n",
               setup->receiver.address);
    return code;
}

/* False after saying what is wrong. */
static bool is_reached(const struct setup *setup)
{
    struct err why = {""};
    struct buf at;
    bool ok;

    buf_init(&at, 4 * KIB);
    if (setup->owner)
        listens_at(setup, &at);
    else
        buf_adds(&at, setup->receiver.address);
    ok = reach_test(config_text(setup->config, OPTION_public_url), at.data,
                    &why);
    if (!ok)
        printf("! address    %s\n", why.text);
    buf_free(&at);
    return ok;
}

/* PostHog may reach what we cannot, so that anybody may go on. */
static int try_address(struct setup *setup)
{
    struct err err = {""};
    char answer[SETUP_ANSWER];

    while (!setup_is_polled(setup) && !is_reached(setup) && setup->talk) {
        if (!ask_line("Another address, or Enter to go on with this one", NULL,
                      false, answer, sizeof answer))
            return setup_ended();
        if (!*answer)
            break;
        if (tidy_address(answer, sizeof answer, &err))
            config_set(setup->config, OPTION_public_url, answer, "setup",
                       NULL);
        else
            printf("%s\n", err.text);
    }
    return setup_keep(setup);
}

static int connect(struct setup *setup)
{
    struct err err = {""};
    struct destination_target target;
    int code;

    if (setup_is_polled(setup)) {
        printf("source       PostHog, asked every %lld s (120 queries an hour "
               "are allowed, unless the organisation has more)\n",
               (long long)config_number(setup->config, OPTION_posthog_every) /
                   1000);
        return EXIT_DONE;
    }
    if (!destination_target_open(&target, setup->config, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    code = destination_target_apply(&target, setup->posthog, 0);
    destination_target_say_unheard(&target, stdout);
    if (code == EXIT_DONE)
        code = destination_target_test(&target, setup->posthog, setup->config);
    destination_target_close(&target);
    setup->known = setup->known || code == EXIT_DONE;
    return code;
}

int setup_destination(struct setup *setup)
{
    static setup_step *const steps[] = {find_address, await_events,
                                        try_address, connect};

    return setup_in_order(setup, steps, sizeof steps / sizeof *steps);
}
