/* Pins of events that only the telltale has to which this board is attached:
 * they are set and taken off there, by POST /act. Here they stand beside those
 * of our journal until the board ends, with an event of their own each, since
 * our journal has none of them. */
#include "app/pin_there.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "app/link_service.h"
#include "app/pin_service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/pins.h"
#include "journal/forget.h"
#include "live/display.h"
#include "live/past_piece.h"

#include "base/banned.h"

struct pin_there {
    struct pin_there *next;
    struct pin_place place;
    struct display_pin pin; /* its event is the batch's */
    char *note;
    struct event_batch *batch;
};

/* One that is under way: its event is asked for, then it is said there. */
struct pin_ask {
    struct pin_ask *next;
    struct app *app;
    uint64_t seq; /* with PAST_THERE */
    struct pin_place place;
    char *note;
    bool on;
    bool told; /* by others: it is so there */
    struct event_batch *batch;
};

/* ---- the list ---- */

static void pin_free(struct pin_there *pin)
{
    event_batch_free(pin->batch);
    free(pin->note);
    free(pin);
}

static bool is_same(const struct pin_place *a, const struct pin_place *b)
{
    return a->seq == b->seq && uuid_equal(&a->journal, &b->journal);
}

static struct pin_there *find(const struct app *app, uint64_t seq)
{
    struct pin_there *pin = app->pins_there;

    while (pin && pin->pin.seq != seq)
        pin = pin->next;
    return pin;
}

static struct pin_there **find_place(struct app *app,
                                     const struct pin_place *place)
{
    struct pin_there **at = &app->pins_there;

    while (*at && !is_same(&(*at)->place, place))
        at = &(*at)->next;
    return at;
}

size_t pin_there_count(const struct app *app)
{
    size_t count = 0;

    for (const struct pin_there *pin = app->pins_there; pin; pin = pin->next)
        count++;
    return count;
}

/* Both lists have the newest first. */
bool pin_there_at(struct app *app, size_t index, struct display_pin *out)
{
    const struct pin_there *there = app->pins_there;
    struct display_pin here;
    size_t at = 0;

    for (size_t i = 0;; i++) {
        bool have = pin_service_at(app->services[SERVICE_pins], at, &here);
        bool theirs = there && (!have || there->pin.at > here.at);

        if (!have && !there)
            return false;
        if (i == index) {
            *out = theirs ? there->pin : here;
            return true;
        }
        if (theirs)
            there = there->next;
        else
            at++;
    }
}

static void set_note(struct pin_there *pin, const char *note)
{
    free(pin->note);
    pin->note = note ? xstrdup(note) : NULL;
    pin->pin.note = pin->note;
}

static void take_off(struct app *app, const struct pin_place *place)
{
    struct pin_there **at = find_place(app, place), *pin = *at;

    if (!pin)
        return;
    *at = pin->next;
    pin_free(pin);
}

/* What was asked is so there. */
static void put(struct pin_ask *ask)
{
    struct app *app = ask->app;
    struct pin_there *pin = *find_place(app, &ask->place);

    if (!ask->on) {
        take_off(app, &ask->place);
        return;
    }
    if (!pin && ask->batch) {
        pin = xcalloc(1, sizeof *pin);
        pin->place = ask->place;
        pin->batch = ask->batch;
        pin->pin = (struct display_pin){.seq = ask->seq,
                                        .at = clock_now_ms(),
                                        .event = ask->batch->events};
        pin->next = app->pins_there;
        app->pins_there = pin;
        ask->batch = NULL;
    }
    if (pin)
        set_note(pin, ask->note);
}

/* ---- asking ---- */

static struct pin_ask *ask_new(struct app *app, uint64_t seq, const char *note,
                               bool on)
{
    struct pin_ask *ask = xcalloc(1, sizeof *ask);

    *ask = (struct pin_ask){.next = app->pin_asks,
                            .app = app,
                            .seq = seq,
                            .note = note ? xstrdup(note) : NULL,
                            .on = on};
    app->pin_asks = ask;
    return ask;
}

static void ask_free(struct pin_ask *ask)
{
    event_batch_free(ask->batch);
    free(ask->note);
    free(ask);
}

static void ask_end(struct pin_ask *ask)
{
    struct pin_ask **at = &ask->app->pin_asks;

    while (*at != ask)
        at = &(*at)->next;
    *at = ask->next;
    app_changed(ask->app);
    ask_free(ask);
}

/* why goes on behind the host's name. */
static void say(const struct pin_ask *ask, const char *why)
{
    struct app *app = ask->app;
    char text[300];

    if (ask->told)
        return;
    snprintf(text, sizeof text, "%s: %s %s",
             ask->on ? "Not pinned" : "The pin stays",
             link_service_host(app->services[SERVICE_link]), why);
    app->lent.said(app, text);
}

#define NO_LINK                                                               \
    "has this event, and there is no link: try again when it is back."

static void say_failed(const struct pin_ask *ask,
                       const struct client_answer *answer)
{
    char text[80];

    if (answer->outcome != CLIENT_ANSWERED) {
        say(ask, "has this event and does not answer: try again.");
    } else if (answer->status == 404) {
        say(ask, "has this event no longer.");
    } else if (answer->status == 409) {
        say(ask, "has too many pins: ' lists them, d takes one off.");
    } else {
        snprintf(text, sizeof text, "answers %d: try again later.",
                 answer->status);
        say(ask, text);
    }
}

static void say_done(const struct pin_ask *ask)
{
    struct app *app = ask->app;
    char text[300];

    snprintf(text, sizeof text,
             ask->on ? "Pinned at %s. ' lists the pins."
                     : "The pin is off, at %s too.",
             link_service_host(app->services[SERVICE_link]));
    app->lent.said(app, text);
}

static void on_said(void *ctx, const struct client_answer *answer)
{
    struct pin_ask *ask = ctx;

    if (answer->outcome == CLIENT_ANSWERED && answer->status == 200) {
        put(ask);
        say_done(ask);
    } else {
        say_failed(ask, answer);
    }
    ask_end(ask);
}

static void say_there(struct pin_ask *ask)
{
    if (link_service_pin_asked(ask->app->services[SERVICE_link], &ask->place,
                               ask->note, ask->on, on_said, ask))
        return;
    say(ask, NO_LINK);
    ask_end(ask);
}

/* How it is named everywhere. */
static bool take_event(struct pin_ask *ask, const struct client_answer *answer)
{
    struct app *app = ask->app;
    struct event event;

    ask->batch = event_batch_new();
    if (!past_there_event(app, answer, &ask->batch->arena, &event))
        return false;
    event_batch_add(ask->batch, &event);
    ask->place = (struct pin_place){event.origin_id, event.origin_seq};
    if (!event.has_origin) {
        link_service_there(app->services[SERVICE_link], &ask->place.journal);
        ask->place.seq = ask->seq & ~PAST_THERE;
    }
    return true;
}

static void on_event(void *ctx, const struct client_answer *answer)
{
    struct pin_ask *ask = ctx;
    bool ok = take_event(ask, answer);

    if (ok && !ask->told) {
        say_there(ask);
        return;
    }
    if (ok)
        put(ask);
    else if (answer->outcome == CLIENT_ANSWERED && answer->status == 200)
        say(ask, "has this event no longer.");
    else
        say_failed(ask, answer);
    ask_end(ask);
}

static void ask_event(struct pin_ask *ask)
{
    if (past_there_ask(ask->app, ask->seq, on_event, ask))
        return;
    say(ask, NO_LINK);
    ask_end(ask);
}

bool pin_there_set(struct app *app, uint64_t seq, const char *note)
{
    const struct pin_there *known = find(app, seq);
    struct pin_ask *ask;

    if (!known && pin_there_count(app) +
                          pin_service_count(app->services[SERVICE_pins]) >=
                      LIMIT_PINS)
        return false;
    ask = ask_new(app, seq, note, true);
    if (known) {
        ask->place = known->place;
        say_there(ask);
    } else {
        ask_event(ask);
    }
    return true;
}

void pin_there_remove(struct app *app, uint64_t seq)
{
    const struct pin_there *known = find(app, seq);
    struct pin_ask *ask;

    if (!known)
        return;
    ask = ask_new(app, seq, NULL, false);
    ask->place = known->place;
    say_there(ask);
}

/* Others took off what is still asked for since others had pinned it. */
static void untell(struct app *app, uint64_t seq)
{
    for (struct pin_ask *ask = app->pin_asks; ask; ask = ask->next)
        if (ask->told && ask->seq == seq)
            ask->on = false;
}

/* Its seq there is known where that journal is its first one. */
void pin_there_told(struct app *app, const struct pin_place *place,
                    const char *note, bool on)
{
    struct pin_there *known = *find_place(app, place);
    struct pin_ask *ask;
    struct uuid there;

    if (known && on)
        set_note(known, note);
    else if (known)
        take_off(app, place);
    app_changed(app);
    if (known || !app->display ||
        !link_service_there(app->services[SERVICE_link], &there) ||
        !uuid_equal(&there, &place->journal))
        return;
    if (!on)
        untell(app, place->seq | PAST_THERE);
    if (!on || pin_there_count(app) >= LIMIT_PINS)
        return;
    ask = ask_new(app, place->seq | PAST_THERE, note, true);
    ask->told = true;
    ask_event(ask);
}

/* What is under way of theirs comes to nothing here. */
static void hide_asked(struct app *app, const struct forget_goes *goes)
{
    for (struct pin_ask *ask = app->pin_asks; ask; ask = ask->next)
        if (ask->batch && forget_takes(goes, ask->batch->events)) {
            event_batch_free(ask->batch);
            ask->batch = NULL;
        }
}

void pin_there_hide(struct app *app, const struct forget_goes *goes)
{
    struct pin_there **at = &app->pins_there;

    hide_asked(app, goes);
    while (*at) {
        struct pin_there *pin = *at;

        if (forget_takes(goes, pin->pin.event)) {
            *at = pin->next;
            pin_free(pin);
        } else {
            at = &pin->next;
        }
    }
}

void pin_there_drop(struct app *app)
{
    while (app->pin_asks) {
        struct pin_ask *ask = app->pin_asks;

        app->pin_asks = ask->next;
        ask_free(ask);
    }
    while (app->pins_there) {
        struct pin_there *pin = app->pins_there;

        app->pins_there = pin->next;
        pin_free(pin);
    }
}
