/* `telltale forget`: deletes a person or an account from the journal. Only
 * while nobody else owns it: a running telltale holds events in memory, and
 * what is forgotten must not come back from there. */
#include "command/command.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
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

/* An address, an organisation that was seen, or else a distinct id. */
static bool find_kind(const char *path, const char *text,
                      enum forget_kind *kind, struct err *err)
{
    struct journal_reader *reader = reader_open(path, err);
    sqlite3_stmt *find = NULL;
    bool account;

    if (!reader)
        return false;
    account =
        sqlite3_prepare_v2(reader_db(reader),
                           "SELECT 1 FROM accounts WHERE key = lower(?)", -1,
                           &find, NULL) == SQLITE_OK &&
        sqlite3_bind_text(find, 1, text, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(find) == SQLITE_ROW;
    sqlite3_finalize(find);
    reader_close(reader);
    *kind = strchr(text, '@') ? FORGET_EMAIL
            : account         ? FORGET_ACCOUNT
                              : FORGET_PERSON;
    return true;
}

static bool confirmed(const char *text, enum forget_kind kind)
{
    static const char *const what[] = {"the person", "the person",
                                       "the organisation"};
    char answer[8] = "";

    fprintf(stderr,
            "Delete all that %s %s did from the journal, for good? "
            "Type yes: ",
            what[kind], text);
    return fgets(answer, sizeof answer, stdin) && !strcmp(answer, "yes\n");
}

static void print_result(const struct forget_result *result)
{
    printf("%llu %s deleted, %llu %s blotted out in what others did, "
           "%llu unsent %s and %llu refused %s deleted\n",
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

int command_forget(struct command_context *context)
{
    const char *path = config_text(context->config, OPTION_journal);
    bool yes = false;
    struct command_option options[] = {{"--yes", 'y', &yes, NULL}};
    struct forget_result result;
    struct err err = {""};
    enum forget_kind kind;
    struct buf words;
    int code = EXIT_FAILED;
    long owner;

    buf_init(&words, 4096);
    if (!command_words(context, options, 1, &words))
        code = EXIT_USAGE;
    else if (!words.len)
        code = command_fail(EXIT_USAGE, "forget whom? an e-mail address, an "
                                        "organisation id or a distinct id");
    else if (!path)
        command_fail(code, "no home directory: set HOME or --journal");
    else if ((owner = owner_find(path)))
        command_fail(code,
                     "telltale is running, process %ld, and holds events in "
                     "memory: stop it first",
                     owner);
    else if (!find_kind(path, words.data, &kind, &err))
        command_fail(code, "%s", err.text);
    else if (!yes && !confirmed(words.data, kind))
        command_fail(code, "nothing was deleted");
    else if (!forget(path, kind, words.data, &result, &err))
        command_fail(code, "%s", err.text);
    else {
        print_result(&result);
        code = EXIT_DONE;
    }
    buf_free(&words);
    return code;
}
