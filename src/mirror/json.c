/* Mirrors of type json: Zapier, Relay.app, anything with a URL. The event's
 * own JSON form is event.c's; here is what a mirror leaves out of it, and
 * what is made of answers. */
#include "mirror/type.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/slice.h"
#include "mirror/settings.h"
#include "report/report.h"
#include "signal/table.h"

#include "base/banned.h"

static void redact_person(struct event *event, struct arena *arena,
                          const struct message_redaction *redaction)
{
    struct event_person *person = &event->person;

    if (redaction->no_people) {
        *person = (struct event_person){0};
        event->links.person = NULL;
        return;
    }
    if (!redaction->mask_emails)
        return;
    if (person->email)
        person->email = message_mask(arena, person->email);
    if (person->name && strchr(person->name, '@'))
        person->name = message_mask(arena, person->name);
    if (person->id && strchr(person->id, '@'))
        person->id = message_mask(arena, person->id);
}

/* Properties may say again what the person's fields no longer say: with
 * people or addresses redacted they stay out altogether. */
static void redact_properties(struct event *event, struct buf *raw,
                              const struct mirror_settings *settings)
{
    struct slice properties = {event->raw + event->props_at, event->props_len};

    if (settings->redaction.mask_emails || settings->redaction.no_people) {
        event->props_len = 0;
        return;
    }
    if (!settings->drop || !event->props_len)
        return;
    if (!redaction_apply(settings->drop, properties, raw))
        return;
    event->raw = raw->data;
    event->raw_len = raw->len;
    event->props_at = 0;
    event->props_len = raw->len;
}

static void leave_prompts_out(struct event *event, struct arena *arena)
{
    struct redaction *prompts = redaction_new_prompts("");

    redaction_conceal(prompts, event, arena);
    redaction_free(prompts);
}

static bool add(struct buf *out, const struct event *event,
                const struct mirror_settings *settings,
                const struct uuid *journal_id)
{
    struct arena arena = ARENA_INIT;
    struct event copy = *event;
    struct buf raw;
    bool ok;

    buf_init(&raw, 8 * MIB);
    redact_person(&copy, &arena, &settings->redaction);
    if (!settings->redaction.prompts)
        leave_prompts_out(&copy, &arena);
    redact_properties(&copy, &raw, settings);
    ok = (!out->len || buf_addc(out, ',')) &&
         event_to_json(out, &copy, journal_id);
    buf_free(&raw);
    arena_free(&arena);
    return ok;
}

static void redact_row(struct signal_row *row, struct arena *arena,
                       const struct message_redaction *redaction)
{
    if (redaction->no_people) {
        row->person_id = NULL;
        return;
    }
    if (!redaction->mask_emails)
        return;
    if (row->person_email)
        row->person_email = message_mask(arena, row->person_email);
    if (row->person_name && strchr(row->person_name, '@'))
        row->person_name = message_mask(arena, row->person_name);
    if (row->person_id && strchr(row->person_id, '@'))
        row->person_id = message_mask(arena, row->person_id);
}

static bool add_signal(struct buf *out, const struct signal_row *row,
                       const struct mirror_settings *settings)
{
    struct arena arena = ARENA_INIT;
    struct signal_row copy = *row;
    bool ok;

    redact_row(&copy, &arena, &settings->redaction);
    ok = signal_to_json(out, &copy);
    arena_free(&arena);
    return ok;
}

/* A message of one event is that event, not an array. */
static bool render(const struct mirror_settings *settings,
                   const struct mirror_content *content, struct buf *body)
{
    struct slice array = {content->message, strlen(content->message)};
    const char *cursor = NULL, *again;
    struct slice key, first, second;

    (void)settings;
    if (content->report)
        return report_json(body, content->report);
    if (!slice_next(array, &cursor, &key, &first))
        return buf_adds(body, content->message);
    again = cursor;
    if (slice_next(array, &again, &key, &second))
        return buf_adds(body, content->message);
    return buf_add(body, first.at, first.len);
}

static bool check(struct mirror_settings *settings, struct err *err)
{
    if (settings->token || settings->line || settings->channel)
        return err_set(err, "token, channel and line are for type slack");
    return true;
}

/* ---- answers ---- */

static bool says_no(const cJSON *object, const char *key)
{
    return cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool says_failed(const cJSON *object, const char *key)
{
    static const char *const words[] = {"error", "failed", "failure", "fail"};
    const char *said =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    for (size_t i = 0; said && i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(said, words[i]))
            return true;
    return false;
}

static bool contains(const char *text, const char *words)
{
    size_t len = strlen(words);

    for (; *text; text++)
        if (!strncasecmp(text, words, len))
            return true;
    return false;
}

/* A success that says it is none: {"ok":false}, {"status":"error"}, and
 * Teams' "Webhook message delivery failed with error: …". */
static bool is_refusal(const char *body)
{
    cJSON *object = cJSON_Parse(body);
    bool refused = says_no(object, "ok") || says_no(object, "success") ||
                   says_failed(object, "status") ||
                   says_failed(object, "result") ||
                   (!object && contains(body, "delivery failed"));

    cJSON_Delete(object);
    return refused;
}

static enum mirror_verdict judge_success(const struct mirror_answer *answer,
                                         struct err *why)
{
    struct buf said;

    if (mirror_answer_is_page(answer)) {
        err_set(why,
                "it answered %d with a web page: is there a sign-in or a "
                "proxy in front?",
                answer->status);
        return VERDICT_DOUBT;
    }
    if (!is_refusal(answer->body))
        return VERDICT_SENT;
    buf_init(&said, KIB);
    text_sanitise(&said, answer->told, strlen(answer->told), 80);
    err_set(why, "it answered %d, but says that it failed%s%s", answer->status,
            said.len ? ": " : "", said.data);
    buf_free(&said);
    return VERDICT_LATER;
}

static enum mirror_verdict judge(const struct mirror_settings *settings,
                                 const struct mirror_answer *answer,
                                 struct err *why)
{
    (void)settings;
    if (answer->status < 200 || answer->status > 299)
        return mirror_judge_status(answer, why);
    return judge_success(answer, why);
}

const struct mirror_type mirror_json = {.name = "json",
                                        .needs_properties = true,
                                        .check = check,
                                        .add = add,
                                        .add_signal = add_signal,
                                        .render = render,
                                        .judge = judge};
