/* The daily digest: when it is due, a report is gathered of what the outbox
 * says that it is of. The outbox keeps only that: which events, and which
 * signals; so what was done, withdrawn or forgotten meanwhile is not told. */
#include "base/clock.h"
#include "mirror/internal.h"

#include <string.h>

#include "event/prompt.h"
#include "mirror/message.h"
#include "signal/table.h"

#include "base/banned.h"

/* ---- what is told: on the reader's thread ---- */

static bool wants_event(void *ctx, struct event *event, struct arena *arena)
{
    const struct telling *telling = ctx;
    const struct mirror_settings *settings = telling->settings;

    if (!batch_wants(settings, event, telling->now) ||
        event_is_test(event->person.id))
        return false;
    if (!settings->redaction.prompts)
        event->sentence = prompt_unquoted(event, arena);
    return true;
}

static bool wants_signal(void *ctx, const struct signal_row *row)
{
    const struct telling *telling = ctx;
    const struct message *told = telling->told;

    if (!told)
        return query_asks_signals(telling->settings->query);
    if (row->state != STATE_NEW && row->state != STATE_SEEN)
        return false;
    for (size_t i = 0; i < told->signal_count; i++)
        if (told->signals[i] == row->id)
            return true;
    return false;
}

static const char *shown_person(void *ctx, const struct event *event,
                                struct arena *arena)
{
    const struct telling *telling = ctx;

    return message_person(arena, event, &telling->settings->redaction);
}

/* ---- gathering ---- */

static enum reader_step gather(void *ctx, struct journal_reader *reader,
                               struct err *err)
{
    struct mirror *mirror = ctx;

    return digest_step(mirror->digest, reader, err);
}

static struct digest_choice choice_of(struct telling *telling, int64_t since,
                                      int64_t until)
{
    const struct mirror_settings *settings = telling->settings;

    return (struct digest_choice){.from_ms = since,
                                  .to_ms = until,
                                  .bodies = query_deep(settings->query),
                                  .event = wants_event,
                                  .signal = wants_signal,
                                  .person = settings->redaction.no_people
                                                ? NULL
                                                : shown_person,
                                  .ctx = telling,
                                  .now_ms = telling->now};
}

/* An outage, or the sleep of a laptop, may have made it more than a day. */
static struct digest_choice choice_of_taken(struct mirror *mirror)
{
    const struct message *told = mirror->telling.told;
    int64_t now = mirror->take.now, since = mirror->take.created,
            until = mirror_digest_time(mirror->settings, since);
    struct digest_choice choice;

    if (until > now)
        until = now;
    if (since > until - CLOCK_DAY_MS)
        since = until - CLOCK_DAY_MS;
    choice = choice_of(&mirror->telling, since, until);
    choice.days = journal_days(mirror->all->options.journal);
    if (told->events) {
        choice.first_seq = told->first_seq;
        choice.last_seq = told->last_seq;
    }
    return choice;
}

bool mirror_gather(struct mirror *mirror, job_done *on_gathered)
{
    struct digest_choice choice;
    struct message *told;

    if (strcmp(mirror->take.bucket, BUCKET_DIGEST) != 0)
        return false;
    told =
        message_from_json(mirror->take.message, strlen(mirror->take.message));
    /* Events as they are: planned before digests were reports. */
    if (!told)
        return false;
    mirror->telling =
        (struct telling){mirror->settings, told, mirror->take.now};
    choice = choice_of_taken(mirror);
    mirror->digest = digest_new(&choice);
    journal_read(mirror->all->options.journal, gather, on_gathered, mirror);
    return true;
}

void mirror_forget_digest(struct mirror *mirror)
{
    digest_free(mirror->digest);
    message_free(mirror->telling.told);
    mirror->digest = NULL;
    mirror->telling.told = NULL;
}

bool mirror_preview(const struct mirror_settings *settings,
                    struct journal_reader *reader, int64_t now,
                    struct buf *body, struct err *err)
{
    struct telling telling = {.settings = settings, .now = now};
    struct digest_choice choice = choice_of(&telling, now - CLOCK_DAY_MS, now);
    struct mirror_content content = {.bucket = BUCKET_DIGEST, .message = ""};
    enum reader_step step = READER_AGAIN;
    struct digest *digest;
    bool ok;

    if (!reader_since(reader, choice.from_ms, &choice.first_seq, err) ||
        !reader_last_seq(reader, &choice.last_seq, err))
        return false;
    choice.first_seq++;
    digest = digest_new(&choice);
    while (step == READER_AGAIN)
        step = digest_step(digest, reader, err);
    content.report = digest_report(digest);
    ok = step == READER_DONE &&
         settings->type->render(settings, &content, body);
    digest_free(digest);
    return ok;
}
