/* One test message, planned and rendered as the mirror itself would, past
 * its query, its window and its outbox: the journal is not touched. */
#include "command/check_mirror.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "command/command.h"
#include "event/event.h"
#include "mirror/batch.h"
#include "mirror/mirror.h"
#include "mirror/slack.h"
#include "net/client.h"
#include "base/banned.h"

static struct event test_event(void)
{
    int64_t now = clock_now_ms();

    return (struct event){.seq = 1,
                          .has_uuid = true,
                          .uuid = uuid_timed(now),
                          .name = "telltale check",
                          .sentence = "sent a test: this mirror works",
                          .fold = FOLD_SAME,
                          .occurred_at = now,
                          .received_at = now,
                          .account = {.name = "telltale check"},
                          .raw = "{}",
                          .raw_len = 2};
}

static const struct mirror_settings *find(const struct mirror_list *list,
                                          const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->mirrors[i].name, name))
            return &list->mirrors[i];
    return NULL;
}

static int refuse_name(const struct mirror_list *list, const char *name)
{
    struct buf known;
    int code;

    buf_init(&known, 16 * KIB);
    for (size_t i = 0; i < list->count; i++)
        buf_addf(&known, "%s%s", i ? ", " : "", list->mirrors[i].name);
    code = command_fail(EXIT_CONFIG, "no [mirror %s] in the configuration%s%s",
                        name, known.len ? "; there is: " : "", known.data);
    buf_free(&known);
    return code;
}

struct verdict {
    const struct mirror_settings *settings;
    int code;
};

static void judge(void *ctx, const struct client_answer *answer)
{
    struct verdict *verdict = ctx;
    const struct mirror_settings *settings = verdict->settings;
    struct err why = {""};
    bool taken;

    if (answer->outcome != CLIENT_ANSWERED) {
        verdict->code = command_fail(EXIT_REFUSED, "%s: %s", settings->name,
                                     answer->error);
        return;
    }
    taken = mirror_judge(settings, answer->status, answer->body, &why) ==
            SLACK_SENT;
    if (taken)
        printf("%s took a test message (%d).\n", settings->name,
               answer->status);
    else
        command_fail(EXIT_REFUSED, "%s: %s", settings->name, why.text);
    verdict->code = taken ? EXIT_DONE : EXIT_REFUSED;
}

static int send_body(const struct mirror_settings *settings,
                     const char *const *headers, const struct buf *body)
{
    struct client_request request = {.url = settings->url,
                                     .headers = headers,
                                     .body = body->data,
                                     .len = body->len,
                                     .allow_http = settings->allow_http,
                                     .timeout_ms =
                                         (unsigned)settings->timeout_ms,
                                     .max_answer = 64 * KIB};
    struct verdict verdict = {settings, EXIT_FAILED};

    client_perform(&request, judge, &verdict);
    return verdict.code;
}

static int test_mirror(const struct mirror_settings *settings, bool dry)
{
    struct event event = test_event();
    struct uuid nowhere = uuid_random();
    struct planned *planned =
        batch_one(settings, &nowhere, &event, event.received_at);
    struct arena arena = ARENA_INIT;
    struct mirror_content content = {planned->bucket, planned->message, NULL};
    char id[UUID_TEXT_SIZE + 4] = "msg_";
    const char *headers[8];
    struct buf body;
    int code;

    uuid_format(&nowhere, id + 4);
    content.id = id;
    buf_init(&body, 8 * MIB);
    if (!mirror_request(settings, &content, &arena, headers, &body)) {
        code = command_fail(EXIT_FAILED, "%s: no message could be made",
                            settings->name);
    } else if (dry) {
        printf("%s\n", body.data);
        code = EXIT_DONE;
    } else {
        code = send_body(settings, headers, &body);
    }
    buf_free(&body);
    arena_free(&arena);
    batch_free(planned, 1);
    return code;
}

int check_mirror(const struct config *config, const char *name, bool dry)
{
    struct mirror_list list = {NULL, 0};
    const struct mirror_settings *settings;
    struct err err = {""};
    int code;

    if (!mirror_list_load(&list, config, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    settings = find(&list, name);
    code = settings ? test_mirror(settings, dry) : refuse_name(&list, name);
    mirror_list_free(&list);
    return code;
}
