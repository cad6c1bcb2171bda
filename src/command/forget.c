/* `telltale forget`: deletes a person or an account from the journal. Says
 * whom and how much first. A telltale that runs does it itself, since it holds
 * events in memory: it is asked over its control socket. */
#include "command/command.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "command/forget_preview.h"
#include "command/owner_ask.h"
#include "journal/forget.h"
#include "journal/owner.h"

#include "base/banned.h"

/* What stands in for a loop: wait until the journal's threads say so. */
struct forgetting {
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake, done, ok;
    struct forget_result result;
    struct err err;
};

static void wake(void *ctx)
{
    struct forgetting *forgetting = ctx;

    pthread_mutex_lock(&forgetting->mutex);
    forgetting->awake = true;
    pthread_cond_signal(&forgetting->woken);
    pthread_mutex_unlock(&forgetting->mutex);
}

static void forgotten(void *ctx, bool ok, const struct forget_result *result,
                      const struct err *err)
{
    struct forgetting *forgetting = ctx;

    forgetting->ok = ok;
    forgetting->result = *result;
    forgetting->err = *err;
    forgetting->done = true;
}

static bool forget(const char *path, enum forget_kind kind, const char *text,
                   struct forget_result *result, struct err *err)
{
    struct forgetting forgetting = {.done = false};
    struct journal_options options = {.path = path,
                                      .wake = wake,
                                      .wake_ctx = &forgetting};
    struct journal *journal;

    pthread_mutex_init(&forgetting.mutex, NULL);
    pthread_cond_init(&forgetting.woken, NULL);
    journal = journal_open(&options, NULL, err);
    if (journal)
        journal_forget(journal, kind, text, clock_now_ms(), forgotten,
                       &forgetting);
    while (journal && !forgetting.done) {
        pthread_mutex_lock(&forgetting.mutex);
        while (!forgetting.awake)
            pthread_cond_wait(&forgetting.woken, &forgetting.mutex);
        forgetting.awake = false;
        pthread_mutex_unlock(&forgetting.mutex);
        journal_drain(journal);
    }
    journal_close(journal);
    pthread_cond_destroy(&forgetting.woken);
    pthread_mutex_destroy(&forgetting.mutex);
    if (!journal)
        return false;
    *result = forgetting.result;
    *err = forgetting.err;
    return forgetting.ok;
}

/* ---- by the telltale that runs ---- */

#define LOOK_MS 100

static uint64_t number(const cJSON *answer, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(answer, name);

    return cJSON_IsNumber(value) && value->valuedouble > 0
               ? (uint64_t)value->valuedouble
               : 0;
}

static void read_result(const cJSON *answer, struct forget_result *result)
{
    *result = (struct forget_result){
        .events = number(answer, "events"),
        .mentions = number(answer, "mentions"),
        .messages = number(answer, "messages"),
        .rejects = number(answer, "rejects"),
        .done = number(answer, "done"),
        .of = number(answer, "of"),
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
    cJSON *request = cJSON_CreateObject(), *answer;
    char *line;

    cJSON_AddStringToObject(request, "do", "forget");
    cJSON_AddStringToObject(request, "as", kinds[kind]);
    cJSON_AddStringToObject(request, "text", text);
    line = cJSON_PrintUnformatted(request);
    answer = owner_ask(path, line, err);
    cJSON_free(line);
    cJSON_Delete(request);
    cJSON_Delete(answer);
    return answer && await_owner(path, result, err);
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
    if (!result->unreadable)
        printf("Somebody reads the journal just now: the bytes leave the "
               "file with the next start.\n");
    printf("What was sent to Slack or elsewhere before is not taken back.\n");
}

/* Whom, as the journal knows it, and then with everybody's consent. */
static int run(const char *path, const char *text, bool yes, bool preview)
{
    struct forget_result result = {0};
    struct err err = {""};
    enum forget_kind kind;
    bool ok;

    if (!forget_preview(path, text, preview ? stdout : stderr, &kind, &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (preview)
        return EXIT_DONE;
    if (!yes && !isatty(STDIN_FILENO))
        return command_fail(EXIT_FAILED, "nothing was deleted: where nobody "
                                         "can be asked, say --yes");
    if (!yes && !confirmed())
        return command_fail(EXIT_FAILED, "nothing was deleted");
    ok = owner_find(path) ? forget_by_owner(path, kind, text, &result, &err)
                          : forget(path, kind, text, &result, &err);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    print_result(&result);
    return forget_say_aside(path) ? EXIT_DONE : EXIT_FAILED;
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
