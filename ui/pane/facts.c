/* What the detail says of an event above its properties, as texts. Draws
 * nothing; the detail screen's words and layout. */
#include "ui/pane/facts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/links.h"
#include "event/url.h"
#include "ui/pane/account_note.h"
#include "ui/pane/mask.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

static void ago_text(int64_t ms, char *out, size_t size)
{
    char age[AGE_SIZE];

    age_text(ms, age);
    if (ms < 0)
        snprintf(out, size, "in the future");
    else if (!strcmp(age, "now"))
        snprintf(out, size, "now");
    else
        snprintf(out, size, "%s ago", age);
}

/* "Mon 14 Sep 2026 10:45:40 UTC, came 1.2 s later" */
static void when_text(const struct event *event, char *out, size_t size)
{
    int64_t late = event->received_at - event->occurred_at;
    char lateness[AGE_SIZE];
    size_t used = 0;
    struct tm tm;

    age_text(late, lateness);
    out[0] = '\0';
    if (clock_local(event->occurred_at, &tm)) {
        used = strftime(out, size, "%a ", &tm);
        used += (size_t)snprintf(out + used, size - used, "%d", tm.tm_mday);
        used += strftime(out + used, size - used, " %b %Y %H:%M:%S %Z", &tm);
    }
    if (event->flags & EVENT_CLOCK_OFF)
        snprintf(out + used, size - used, ", by the sender's clock");
    else if (late >= 100 && late < 120000)
        snprintf(out + used, size - used, ", came %d.%d s later",
                 (int)(late / 1000), (int)(late % 1000 / 100));
    else if (late >= 120000)
        snprintf(out + used, size - used, ", came %s later", lateness);
}

/* What may name somebody, in so many bytes. */
static void put_masked(char *out, size_t size, const char *text)
{
    struct buf masked;

    buf_init(&masked, LIMIT_TEXT);
    mask_add(&masked, text);
    snprintf(out, size, "%s", masked.data);
    buf_free(&masked);
}

/* A path up to its query, as one reads it. */
static void path_text(const char *path, char *out, size_t size)
{
    size_t len = strcspn(path, "?#");
    struct buf plain, safe;

    buf_init(&plain, LIMIT_TEXT);
    buf_init(&safe, LIMIT_TEXT);
    url_unescape(&plain, path, len);
    text_sanitise(&safe, plain.data, plain.len, size - 1);
    snprintf(out, size, "%s", safe.data);
    buf_free(&safe);
    buf_free(&plain);
}

static void where_text(const struct event *event, char *host, char *path,
                       size_t size)
{
    const char *url = event->url ? event->url : event->project_url;
    const char *at = url ? strstr(url, "://") : NULL;
    size_t len;

    host[0] = path[0] = '\0';
    if (!at)
        return;
    at += 3;
    len = strcspn(at, "/?#");
    snprintf(path, size, "%.*s", (int)len, at);
    put_masked(host, size, path);
    path[0] = '\0';
    at += len;
    if (event->url && *at == '/' && !mask_on())
        path_text(at + 1, path, size);
}

static void account_fact(const struct screen *screen,
                         const struct event *event, struct fact_text *fact)
{
    const struct display_host *host = screen_host(screen);
    const struct account *account =
        event->account.id ? book_find(host->book(host->ctx), event->account.id)
                          : NULL;
    const char *name =
        mask_account(event->account.id, event->account.name, MASK_ANY_CELLS);

    snprintf(fact->value, sizeof fact->value, "%s", name ? name : "-");
    if (account)
        snprintf(fact->more, sizeof fact->more, "%s%s%s%s",
                 account->segment ? account->segment : "",
                 account->segment && account->owner ? ", " : "",
                 account->owner ? "owner " : "",
                 account->owner ? mask_owner(account->owner, MASK_ANY_CELLS)
                                : "");
    else if (event->account.id)
        snprintf(fact->more, sizeof fact->more, "not in your book");
}

static void note_fact(const struct screen *screen, const struct event *event,
                      struct fact_text *fact)
{
    const char *note = account_note_shown(screen, event->account.id);

    fact->whole = true;
    snprintf(fact->value, sizeof fact->value, "%s", note ? note : "");
}

static void person_fact(const struct event *event, struct fact_text *fact)
{
    struct arena arena = ARENA_INIT;
    const char *masked = mask_event_person(event, MASK_ANY_CELLS);

    if (mask_on()) {
        snprintf(fact->value, sizeof fact->value, "%s", masked ? masked : "-");
        return;
    }
    snprintf(fact->value, sizeof fact->value, "%s",
             event_person_label(event, &arena));
    snprintf(fact->more, sizeof fact->more, "%s",
             event->person.email ? event->person.email : "");
    arena_free(&arena);
}

static void replay_fact(const struct event *event, int64_t now,
                        struct draw *draw, struct fact_text *fact)
{
    switch (links_replay_state(event, now)) {
    case REPLAY_NONE:
        snprintf(fact->value, sizeof fact->value,
                 "none: this event came from a server, not a browser");
        break;
    case REPLAY_YOUNG:
        snprintf(fact->value, sizeof fact->value, "%s may not be ready",
                 draw_mark_text(draw, MARK_REPLAY_WAIT));
        snprintf(fact->more, sizeof fact->more,
                 "o opens it now, O when it is ready");
        break;
    case REPLAY_READY:
        snprintf(fact->value, sizeof fact->value, "%s ready",
                 draw_mark_text(draw, MARK_REPLAY));
        snprintf(fact->more, sizeof fact->more, "o opens it");
        break;
    }
}

void facts_fill(const struct screen *screen, const struct event *event,
                enum fact which, struct fact_text *fact)
{
    static const char *const labels[FACT_COUNT] = {"account", "note",
                                                   "person",  "when",
                                                   "where",   "event",
                                                   "replay"};
    struct draw *draw = screen_drawing(screen);
    int64_t now = screen_now(screen);

    *fact = (struct fact_text){.label = labels[which]};
    switch (which) {
    case FACT_ACCOUNT:
        account_fact(screen, event, fact);
        break;
    case FACT_NOTE:
        note_fact(screen, event, fact);
        break;
    case FACT_PERSON:
        person_fact(event, fact);
        break;
    case FACT_WHEN:
        ago_text(now - event->occurred_at, fact->value, sizeof fact->value);
        when_text(event, fact->more, sizeof fact->more);
        break;
    case FACT_WHERE:
        where_text(event, fact->value, fact->more, sizeof fact->more);
        break;
    case FACT_EVENT:
        put_masked(fact->value, sizeof fact->value,
                   *event->name ? event->name : "(no name)");
        snprintf(fact->more, sizeof fact->more, "%s %s",
                 draw_glyph_text(draw, event->category),
                 category_title(event->category));
        break;
    case FACT_REPLAY:
        replay_fact(event, now, draw, fact);
        break;
    case FACT_COUNT:
        break;
    }
}
