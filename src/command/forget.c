/* `telltale forget`: deletes a person or an account from the journal. Says
 * whom and how much first. A telltale that runs does it itself, since it holds
 * events in memory: it is asked over its control socket. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/limits.h"
#include "command/forget_aside.h"
#include "command/forget_here.h"
#include "command/forget_preview.h"
#include "command/owner_ask.h"
#include "journal/forget.h"
#include "journal/owner.h"

#include "base/banned.h"

/* ---- by the telltale that runs ---- */

#define LOOK_MS 100

static void read_result(const cJSON *answer, struct forget_result *result)
{
    *result = (struct forget_result){
        .events = owner_number(answer, "events"),
        .mentions = owner_number(answer, "mentions"),
        .messages = owner_number(answer, "messages"),
        .rejects = owner_number(answer, "rejects"),
        .views = owner_number(answer, "views"),
        .unsearched = owner_number(answer, "unsearched"),
        .done = owner_number(answer, "done"),
        .of = owner_number(answer, "of"),
        .unreadable = cJSON_IsTrue(
            cJSON_GetObjectItemCaseSensitive(answer, "unreadable")),
    };
}

/* Looks until it is over. */
static bool await_owner(const char *path, struct forget_result *result,
                        struct err *err)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};

    for (;;) {
        cJSON *answer = owner_ask(path, "{\"do\":\"forget progress\"}", err);
        const char *failed;
        bool runs, ok;

        if (!answer)
            return false;
        read_result(answer, result);
        runs =
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "running"));
        failed = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(answer, "failed"));
        ok = !failed || err_set(err, "%s", failed);
        cJSON_Delete(answer);
        if (!runs)
            return ok;
        nanosleep(&pause, NULL);
    }
}

static bool forget_by_owner(const char *path, enum forget_kind kind,
                            const char *text, struct forget_result *result,
                            struct err *err)
{
    static const char *const kinds[] = {[FORGET_EMAIL] = "email",
                                        [FORGET_PERSON] = "person",
                                        [FORGET_ACCOUNT] = "account"};
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "do", "forget");
    cJSON_AddStringToObject(request, "as", kinds[kind]);
    cJSON_AddStringToObject(request, "text", text);
    return owner_tell(path, request, err) && await_owner(path, result, err);
}

/* ---- the command ---- */

static bool confirmed(void)
{
    char answer[8] = "";

    fprintf(stderr, "All of it goes, for good. Type yes: ");
    return fgets(answer, sizeof answer, stdin) && !strcmp(answer, "yes\n");
}

static void print_result(const struct forget_result *result)
{
    printf("%llu %s deleted, %llu %s blotted out in what others did, "
           "%llu unsent %s and %llu refused %s cleared\n",
           (unsigned long long)result->events,
           result->events == 1 ? "event" : "events",
           (unsigned long long)result->mentions,
           result->mentions == 1 ? "mention" : "mentions",
           (unsigned long long)result->messages,
           result->messages == 1 ? "message" : "messages",
           (unsigned long long)result->rejects,
           result->rejects == 1 ? "body" : "bodies");
    if (result->views)
        printf("%llu saved %s named them and %s gone\n",
               (unsigned long long)result->views,
               result->views == 1 ? "view" : "views",
               result->views == 1 ? "is" : "are");
    if (result->unsearched)
        printf("They go by very many names: where others wrote one of the "
               "last %llu of them, it stays.\n",
               (unsigned long long)result->unsearched);
    if (!result->unreadable)
        printf("Somebody reads the journal just now: the bytes leave the "
               "file with the next start.\n");
    printf("What was sent to Slack or elsewhere before is not taken back.\n");
}

/* What was typed into a dashboard's prompts may name anybody. */
static void forget_typed(const char *path)
{
    struct buf name;

    buf_init(&name, 8 * KIB);
    buf_addf(&name, "%s.history", path);
    if (buf_ok(&name))
        unlink(name.data);
    buf_free(&name);
}

/* The journal, and then what lies beside it. */
static bool forget_all(const char *path, const struct whom *whom,
                       struct err *err)
{
    enum forget_kind kind = (enum forget_kind)whom_kind(whom);
    struct forget_result result = {0};

    if (!(owner_find(path)
              ? forget_by_owner(path, kind, whom_text(whom), &result, err)
              : forget_here(path, kind, whom_text(whom), &result, err)))
        return false;
    print_result(&result);
    forget_typed(path);
    return forget_aside(path, whom, err);
}

static int fail(const struct err *err)
{
    return command_fail(EXIT_FAILED, "%s", err->text);
}

/* Everybody's consent. */
static int forget_known(const char *path, const struct whom *whom, bool yes)
{
    struct err err = {""};

    if (!yes && !isatty(STDIN_FILENO))
        return command_fail(EXIT_FAILED, "nothing was deleted: where nobody "
                                         "can be asked, say --yes");
    if (!yes && !confirmed())
        return command_fail(EXIT_FAILED, "nothing was deleted");
    return forget_all(path, whom, &err) ? EXIT_DONE : fail(&err);
}

/* Whom, as the journal knows it, comes first. */
static int run(const char *path, const char *text, bool yes, bool preview)
{
    struct err err = {""};
    FILE *out = preview ? stdout : stderr;
    struct whom *whom = forget_preview(path, text, out, &err);
    int code;

    if (!whom)
        return fail(&err);
    forget_say_aside(path, out);
    code = preview ? EXIT_DONE : forget_known(path, whom, yes);
    whom_free(whom);
    return code;
}

int command_forget(struct command_context *context)
{
    const char *path = config_text(context->config, OPTION_journal);
    struct buf words;
    int code = EXIT_USAGE;

    buf_init(&words, 4096);
    if (!command_words(context, NULL, &words))
        code = EXIT_USAGE;
    else if (!words.len)
        command_fail(code, "forget whom? an e-mail address, an organisation "
                           "id or a distinct id");
    else if (!path)
        code = command_fail(EXIT_FAILED,
                            "no home directory: set HOME or --journal");
    else
        code = run(path, words.data, command_flag(context, ARG_forget_yes),
                   command_flag(context, ARG_forget_preview));
    buf_free(&words);
    return code;
}
