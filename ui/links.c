/* What `o O w e u y Y` do: read the whole event from the journal, check the
 * address, open or copy it, and say so on the status row. Which programs are
 * started, launcher.c knows. */
#include "ui/links.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "event/links.h"
#include "ui/clipboard.h"
#include "ui/pane/mask.h"
#include "ui/pane/replays.h"
#include "ui/pane/time_text.h"
#include "ui/screen_internal.h"
#include "ui/term/launcher.h"

#include "base/banned.h"

struct request {
    struct request *next;
    struct links *links; /* NULL: the screen is gone */
    links_act *act;
};

struct links {
    struct screen *screen;
    struct request *requests;
    struct replays replays;
};

static const struct display_host *host(const struct links *links)
{
    return screen_host(links->screen);
}

static const char *browser(const struct links *links)
{
    return host(links)->option(host(links)->ctx, "browser");
}

struct links *links_new(struct screen *screen)
{
    struct links *links = xcalloc(1, sizeof *links);

    links->screen = screen;
    return links;
}

void links_free(struct links *links)
{
    if (!links)
        return;
    for (struct request *r = links->requests; r; r = r->next)
        r->links = NULL;
    replays_clear(&links->replays);
    launcher_reap();
    free(links);
}

struct replays *links_replays(struct links *links)
{
    return &links->replays;
}

/* While the screen is shared, an address that names somebody stays here, and
 * of any other text only what is shown of it goes out. */
void links_copy(struct links *links, const char *text, const char *what)
{
    bool address = !strncmp(text, "http", 4);
    bool secret = address && strstr(text, "/hook/");
    struct buf masked;

    if (mask_on() && (secret || (address && mask_hides(text)))) {
        screen_message(links->screen,
                       "Not copied: the address %s. X ends the screen share.",
                       secret ? "holds the secret" : "names somebody");
        return;
    }
    buf_init(&masked, 8 * MIB);
    if (address)
        buf_adds(&masked, text);
    else
        mask_add(&masked, text);
    clipboard_copy(links->screen->clipboard, masked.data, what);
    buf_free(&masked);
}

/* Opens, or copies where there is no browser. False: neither; it said why. */
static bool browse(struct links *links, const char *project_url,
                   const char *url, bool *opened)
{
    char refused[256];
    struct err err;

    *opened = false;
    if (!links_allowed(host(links)->links, project_url, url, refused,
                       sizeof refused)) {
        screen_message(links->screen,
                       "Not opened: %s is not the project's nor on the "
                       "allow list.",
                       *refused ? refused : "the address");
        return false;
    }
    if (!launcher_has_browser(browser(links))) {
        links_copy(links, url, "the link");
        screen_message(links->screen,
                       "No browser here: open the link elsewhere.");
        return true;
    }
    *opened = launcher_browse(browser(links), url, &err);
    if (!*opened)
        screen_message(links->screen, "Not opened: %s.", err.text);
    return *opened;
}

bool links_open(struct links *links, const char *project_url, const char *url)
{
    bool opened;

    if (!browse(links, project_url, url, &opened))
        return false;
    if (opened)
        screen_message(links->screen, "Opened.");
    return true;
}

static void say_young(struct links *links, int64_t age_ms)
{
    char age[AGE_SIZE];

    age_text(age_ms, age);
    if (!strcmp(age, "now"))
        screen_message(links->screen,
                       "Opened. It just happened and may not be ready; O "
                       "waits for it.");
    else
        screen_message(links->screen,
                       "Opened. %s old, it may not be ready; O waits for it.",
                       age);
}

void links_open_replay(struct links *links, const struct event *event)
{
    int64_t now = screen_now(links->screen);
    bool opened;

    if (!event->links.replay) {
        screen_message(links->screen, "No replay: this event came from a "
                                      "server, not a browser.");
        return;
    }
    if (!browse(links, event->project_url, event->links.replay, &opened) ||
        !opened)
        return;
    if (links_replay_state(event, now) == REPLAY_YOUNG)
        say_young(links, links_replay_age(event->occurred_at,
                                          event->received_at, now));
    else
        screen_message(links->screen, "Opened.");
}

/* ---- replays that wait ---- */

static void open_item(struct links *links, struct replay_item *item)
{
    replay_opened(item, screen_now(links->screen));
    links_open(links, item->project_url, item->url);
}

/* Nobody can be asked any more, or never could: then the clock decides. */
static void ask_for(struct links *links, struct replay_item *item)
{
    const struct display_host *to = host(links);
    bool asked = to->ask_recording && item->project_url && item->session_id &&
                 to->ask_recording(to->ctx, item->seq, item->project_url,
                                   item->session_id, item->moment);

    item->fate = asked ? REPLAY_ASKED : REPLAY_TIMED;
    item->ask_at = CLOCK_NONE;
}

static void look_at(struct links *links, struct replay_item *item)
{
    int64_t next = replay_next(item);

    if (next == CLOCK_NONE || next > screen_now(links->screen))
        return;
    if (item->fate == REPLAY_ASKED)
        ask_for(links, item);
    else
        open_item(links, item);
}

static void look_due(struct screen *screen)
{
    links_look(screen->links);
}

static void arm_replays(struct links *links)
{
    int64_t next = replays_next(&links->replays), wait;

    if (next == CLOCK_NONE) {
        screen_later(links->screen, 0, look_due);
        return;
    }
    wait = next - screen_now(links->screen);
    screen_later(links->screen, clock_mono_us() + (wait > 0 ? wait : 1) * 1000,
                 look_due);
}

void links_look(struct links *links)
{
    int64_t next = replays_next(&links->replays);

    if (next == CLOCK_NONE)
        return;
    if (next <= screen_now(links->screen)) {
        for (size_t i = 0; i < links->replays.count; i++)
            look_at(links, &links->replays.items[i]);
        screen_dirty(links->screen);
    }
    arm_replays(links);
}

static void say_waiting(struct links *links, const struct replay_item *item)
{
    char at[AGE_SIZE];

    time_minutes(item->opens_at, at);
    if (item->fate == REPLAY_ASKED)
        screen_message(links->screen,
                       "Opens when it is ready. :replays lists them.");
    else
        screen_message(links->screen,
                       "Opens when it is ready, about %s. :replays lists "
                       "them.",
                       at);
}

/* Why it is not opened now, if that is not just that it is too early. */
static void say_heard(struct links *links, const struct replay_item *item,
                      const char *why)
{
    char came[AGE_SIZE], opens[AGE_SIZE];

    time_minutes(item->at, came);
    time_minutes(item->opens_at, opens);
    if (item->fate == REPLAY_MISSED)
        screen_message(links->screen,
                       "No recording of %s so far: it may be too short, or "
                       "sampled out. :replays",
                       came);
    else if (item->fate == REPLAY_TIMED)
        screen_message(links->screen, "Opens about %s: %s", opens, why);
}

void links_recording(struct links *links, uint64_t seq,
                     enum recording recording, const char *why)
{
    struct replay_item *item = replays_find(&links->replays, seq);

    if (!item)
        return; /* taken off the list, or opened by hand */
    if (replay_heard(item, recording, screen_now(links->screen)))
        open_item(links, item);
    else
        say_heard(links, item, why);
    arm_replays(links);
    screen_dirty(links->screen);
}

static struct replay_item *add_replay(struct links *links,
                                      const struct event *event)
{
    struct arena arena = ARENA_INIT;
    struct replay_item item = {
        .seq = event->seq,
        .url = xstrdup(event->links.replay),
        .project_url = event->project_url ? xstrdup(event->project_url) : NULL,
        .session_id = event->session_id ? xstrdup(event->session_id) : NULL,
        .account = xstrdup(event->account.name ? event->account.name : "-"),
        .account_id = event->account.id ? xstrdup(event->account.id) : NULL,
        .person = xstrdup(event_person_label(event, &arena)),
        .person_id = event->person.id ? xstrdup(event->person.id) : NULL,
        .what = xstrdup(event->sentence ? event->sentence : event->name),
        .at = event->received_at,
        .moment = event_time(event),
        .opens_at = event->received_at + REPLAY_READY_MS,
    };

    arena_free(&arena);
    return replays_add(&links->replays, &item);
}

void links_queue_replay(struct links *links, const struct event *event)
{
    struct replay_item *item = replays_find(&links->replays, event->seq);

    if (!event->links.replay ||
        (!item && links_replay_state(event, screen_now(links->screen)) !=
                      REPLAY_YOUNG)) {
        links_open_replay(links, event);
        return;
    }
    if (!item) {
        item = add_replay(links, event);
        if (item)
            ask_for(links, item);
    }
    if (item)
        say_waiting(links, item);
    else
        screen_message(links->screen,
                       "Not queued: %d replays wait already. "
                       ":replays lists them.",
                       REPLAYS_MAX);
    arm_replays(links);
}

/* ---- actions ---- */

/* The best address of an event to hand to somebody. */
const char *links_best(const struct event *event)
{
    if (event->links.replay)
        return event->links.replay;
    return event->links.event ? event->links.event : event->links.person;
}

static void open_or_say(struct links *links, const struct event *event,
                        const char *url, const char *missing)
{
    if (url)
        links_open(links, event->project_url, url);
    else
        screen_message(links->screen, "%s", missing);
}

void links_open_person(struct links *links, const struct event *event)
{
    open_or_say(links, event, event->links.person,
                "No person: nobody is named in this event.");
}

void links_open_event(struct links *links, const struct event *event)
{
    open_or_say(links, event, event->links.event,
                "No page of its own: the event names none.");
}

void links_open_url(struct links *links, const struct event *event)
{
    open_or_say(links, event, event->url,
                "No address: this event came from a server, not a browser.");
}

void links_copy_best(struct links *links, const struct event *event)
{
    mask_event_person(event, MASK_ANY_CELLS); /* its words are known then */
    if (mask_on() && links_best(event) == event->links.person)
        screen_message(links->screen,
                       "Not copied: the address names somebody. X ends the "
                       "screen share.");
    else if (links_best(event))
        links_copy(links, links_best(event), "the link");
    else
        screen_message(links->screen, "No link: the event names none.");
}

/* What the screen would show of it. */
static void mask_event(const struct event *event, struct buf *sentence,
                       struct event *out)
{
    *out = *event;
    mask_add(sentence, event->sentence ? event->sentence : "");
    out->sentence = sentence->data;
    out->account =
        (struct event_account){.name = mask_account(event->account.id,
                                                    event->account.name,
                                                    MASK_ANY_CELLS),
                               .listed = event->account.listed};
    out->person = (struct event_person){
        .name = mask_event_person(event, MASK_ANY_CELLS)};
    out->links = (struct event_links){NULL, NULL, NULL};
    out->url = out->session_id = out->project_url = out->key = NULL;
    out->props_len = 0;
}

void links_copy_json(struct links *links, const struct event *event)
{
    struct buf json, sentence;
    struct event masked;

    buf_init(&json, 8 * MIB);
    buf_init(&sentence, LIMIT_BODY);
    if (mask_on()) {
        mask_event(event, &sentence, &masked);
        event = &masked;
    }
    if (event_to_json(&json, event, host(links)->journal_id))
        clipboard_copy(links->screen->clipboard, json.data,
                       "the event as JSON");
    buf_free(&json);
    buf_free(&sentence);
}

static void found(void *ctx, const struct event *event)
{
    struct request *request = ctx, **at;
    struct links *links = request->links;

    if (links) {
        for (at = &links->requests; *at != request; at = &(*at)->next)
            ;
        *at = request->next;
        if (event)
            request->act(links, event);
        else
            screen_message(links->screen,
                           "This event is no longer in the journal.");
    }
    free(request);
}

void links_on_event(struct links *links, uint64_t seq, links_act *act)
{
    struct request *request;

    launcher_reap();
    if (!seq) {
        screen_message(links->screen, "No event is selected.");
        return;
    }
    request = xcalloc(1, sizeof *request);
    request->links = links;
    request->act = act;
    request->next = links->requests;
    links->requests = request;
    host(links)->fetch(host(links)->ctx, seq, found, request);
}
