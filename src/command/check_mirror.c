/* One test message, planned and rendered as the mirror itself would, past
 * its query, its window and its outbox. A dry run shows what the newest
 * events of the journal would look like that the query matches; without any,
 * the test message. The journal is only read. */
#include "command/check_mirror.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "command/command.h"
#include "event/event.h"
#include "journal/reader.h"
#include "mirror/batch.h"
#include "mirror/mirror.h"
#include "net/client.h"
#include "base/banned.h"

#define DRY_EVENTS 20

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
            VERDICT_SENT;
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

/* The newest of the page that would be sent, oldest first; how many. */
static size_t choose_events(const struct mirror_settings *settings,
                            const struct event_batch *page, int64_t now,
                            struct event events[DRY_EVENTS])
{
    size_t count = 0;
    struct err err;

    for (size_t i = 0; i < page->count && count < DRY_EVENTS; i++) {
        const struct event *event = &page->events[i];

        if (event->hidden == HIDDEN_NO && !(event->flags & EVENT_BACKFILLED) &&
            query_match(settings->query, event, now))
            events[DRY_EVENTS - ++count] = *event;
    }
    if (!query_explain_unjudged(settings->query, &err))
        fprintf(stderr, "telltale: query: %s\n", err.text);
    return count;
}

/* All of them together, whatever the time of the day. */
static struct planned *plan_newest(const struct mirror_settings *settings,
                                   struct journal_reader *reader,
                                   size_t *planned)
{
    struct reader_range range = {.newest_first = true};
    struct mirror_settings at_once = *settings;
    struct event_batch *page = event_batch_new();
    struct event events[DRY_EVENTS];
    struct cooldowns cooldowns = {NULL, 0};
    struct planned *plan = NULL;
    int64_t now = clock_now_ms();
    struct err err;
    size_t count;
    bool more;

    at_once.bypass = NULL;
    at_once.digest_at = at_once.quiet.from = -1;
    at_once.cooldown_ms = 0;
    at_once.catch_up_all = true;
    if (reader_page(reader, &range, page, &more, &err)) {
        count = choose_events(settings, page, now, events);
        plan = batch_plan(&at_once, &cooldowns, reader_journal_id(reader),
                          events + DRY_EVENTS - count, count, now, planned);
    }
    cooldowns_free(&cooldowns);
    event_batch_free(page);
    return plan;
}

/* Sends or prints one planned message. */
static int use_planned(const struct mirror_settings *settings,
                       const struct planned *planned, bool dry)
{
    struct uuid nowhere = uuid_random();
    struct arena arena = ARENA_INIT;
    struct mirror_content content = {.bucket = planned->bucket,
                                     .message = planned->message};
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
    return code;
}

static int test_mirror(const struct mirror_settings *settings, bool dry)
{
    struct event event = test_event();
    const struct event *one = &event;
    struct uuid nowhere = uuid_random();
    size_t count;
    struct planned *planned =
        batch_now(settings, &nowhere, &one, 1, event.received_at, &count);
    int code = use_planned(settings, planned, dry);

    batch_free(planned, count);
    return code;
}

static int print_digest(const struct mirror_settings *settings,
                        struct journal_reader *reader)
{
    struct err err = {""};
    struct buf body;
    int code = EXIT_DONE;

    buf_init(&body, 8 * MIB);
    if (mirror_preview(settings, reader, clock_now_ms(), &body, &err))
        printf("%s\n", body.data);
    else
        code = command_fail(EXIT_FAILED, "%s", err.text);
    buf_free(&body);
    return code;
}

static int dry_run(const struct config *config,
                   const struct mirror_settings *settings)
{
    struct err err;
    struct journal_reader *reader =
        reader_open(config_text(config, OPTION_journal), &err);
    struct planned *planned = NULL;
    size_t count = 0;
    int code = EXIT_DONE;

    if (reader && settings->digest_at >= 0) {
        code = print_digest(settings, reader);
        reader_close(reader);
        return code;
    }
    if (reader)
        planned = plan_newest(settings, reader, &count);
    for (size_t i = 0; i < count && code == EXIT_DONE; i++)
        code = use_planned(settings, &planned[i], true);
    if (!count)
        code = test_mirror(settings, true);
    batch_free(planned, count);
    if (reader)
        reader_close(reader);
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
    if (!settings)
        code = refuse_name(&list, name);
    else
        code = dry ? dry_run(config, settings) : test_mirror(settings, false);
    mirror_list_free(&list);
    return code;
}
