/* What actions do that open something, copy or send it on. */
#include "base/limits.h"
#include "live/past_piece.h"
#include "ui/links.h"
#include "ui/pane/account_note.h"
#include "ui/pane/by_hand.h"
#include "ui/pane/detail.h"
#include "ui/pane/mask.h"
#include "ui/pane/pins.h"
#include "ui/pane/rejects.h"
#include "ui/pane/replays_pane.h"
#include "ui/pane/stream.h"
#include "ui/pane/time_text.h"
#include "ui/perform.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

/* Of the list of events with the focus, if it is one. */
void perform_open_event(struct screen *screen)
{
    uint64_t number, seq = screen_selected(screen);
    struct pane *stream;

    if (screen->over_count || screen->tab != TAB_live ||
        screen->focus == PANE_ACCOUNTS)
        return;
    stream = screen->panes[screen->focus];
    number = stream_cursor(stream);
    if (seq && (screen->held.on || stream_is_past(stream)))
        screen_show(screen, detail_of(screen, seq));
    else if (!screen->held.on && ring_get(stream_ring(stream), number))
        screen_show(screen, detail_new(screen, number));
}

/* What PostHog is to call, secret and all; NULL: it calls nobody here. */
static const char *hook_address(const struct screen *screen)
{
    const struct display_status *status = screen_status(screen);

    return status->public_url ? status->public_url : status->hook_url;
}

void perform_show_address(struct screen *screen)
{
    static const struct by_hand_words words = {
        "Address",
        "PostHog calls this: Data pipelines, Destinations, New, HTTP Webhook, "
        "URL.",
        "It holds the secret: whoever knows it can send events. y copies it.",
        "the address for PostHog",
    };
    const char *hook = hook_address(screen);

    if (hook)
        screen_show(screen, by_hand_new(screen, hook, &words));
    else
        screen_message(screen, "Nothing listens here.");
}

/* With no event to link to, the address. */
void perform_copy_link(struct screen *screen)
{
    const char *hook = hook_address(screen);
    uint64_t seq = screen_selected(screen);

    if (!seq && hook)
        links_copy(screen->links, hook, "the address for PostHog");
    else
        links_on_event(screen->links, seq, links_copy_best);
}

void perform_no_value(struct screen *screen)
{
    screen_message(screen, "No value here: Enter opens an event first.");
}

void perform_show_replays(struct screen *screen)
{
    screen_show(screen, replays_pane(screen, links_replays(screen->links)));
}

void perform_no_replay(struct screen *screen)
{
    screen_message(screen, "No replay is selected: :replays lists those that "
                           "wait.");
}

static void tell_too_many(struct screen *screen)
{
    screen_message(screen, "Too many pins: ' lists them, d takes one off.");
}

/* Keys may come faster than frames: asked, not looked up. */
static bool is_pinned(const struct screen *screen, uint64_t seq)
{
    struct pinned pinned;

    pinned_read(&pinned, screen->host);
    return pinned_has(&pinned, seq);
}

/* `m` turns a pin on and off; a note is no reason to take it off. What came of
 * it where only the receiver has the event is said once that has answered. */
void perform_pin_event(struct screen *screen, const char *arg)
{
    const struct display_host *host = screen->host;
    uint64_t seq = screen_selected(screen);

    if (!seq) {
        screen_message(screen, "No event is selected.");
    } else if (!*arg && is_pinned(screen, seq)) {
        screen_message(screen, "The pin is off.");
        host->pin_remove(host->ctx, seq);
    } else if (seq & PAST_THERE) {
        screen_message(screen, "Asking the receiver to pin it …");
        if (!host->pin_set(host->ctx, seq, *arg ? arg : NULL))
            tell_too_many(screen);
    } else if (host->pin_set(host->ctx, seq, *arg ? arg : NULL)) {
        screen_message(screen, "Pinned. ' lists the pins%s.",
                       *arg ? "" : ", :pin TEXT adds a note");
    } else {
        tell_too_many(screen);
    }
}

/* What a note is on, by name. */
static const char *account_label(const struct screen *screen, const char *id)
{
    const struct tally_account *account = tally_find(screen->host->tally, id);

    return mask_account(id, account ? account->name : NULL, MASK_ANY_CELLS);
}

static void tell_no_account(struct screen *screen)
{
    if (screen->held.on && screen->held.signal)
        screen_message(screen, "That signal is gone.");
    else
        screen_message(screen, "No account here to note something on: go to "
                               "one, or to an event of one.");
}

void perform_note(struct screen *screen, const char *arg)
{
    const struct display_host *host = screen->host;
    const char *id = screen_selected_account(screen);

    if (!id)
        tell_no_account(screen);
    else if (!*arg && !account_note(screen, id))
        screen_message(screen, "%s has no note: :note TEXT writes one.",
                       account_label(screen, id));
    else if (!account_note_fits(screen, arg))
        return;
    else if (!host->note_set(host->ctx, id, *arg ? arg : NULL))
        screen_message(screen, "Not noted: %d accounts have a note already.",
                       LIMIT_ACCOUNT_NOTES);
    else if (*arg)
        screen_message(screen, "Noted on %s. M changes it.",
                       account_label(screen, id));
    else
        screen_message(screen, "The note on %s is gone.",
                       account_label(screen, id));
}

/* What the note says that is to be changed; NULL: there is nothing that could
 * have one. */
static const char *note_here(const struct screen *screen)
{
    const struct inbox_signal *signal = hold_signal_here(screen);
    const char *id = screen_selected_account(screen), *note;

    if (!signal && !id)
        return NULL;
    note = signal ? signal->note : account_note(screen, id);
    return note ? note : "";
}

void perform_edit_note(struct screen *screen)
{
    const char *note = note_here(screen);
    struct buf line;

    if (!note) {
        tell_no_account(screen);
    } else if (*note && mask_on()) {
        screen_message(screen, "Not while the screen is shared: the note may "
                               "name somebody.");
    } else if (!screen->prompt) {
        buf_init(&line, LIMIT_PASTE);
        buf_addf(&line, "note %s", note);
        hold_selected(screen);
        screen->prompt = prompt_new(screen, PROMPT_COMMAND, line.data);
        buf_free(&line);
    }
}

void perform_no_mirror(struct screen *screen)
{
    screen_message(screen, "No mirror is selected: :mirrors lists them.");
}

/* What finds has nothing to find in while it is read. */
void perform_no_find(struct screen *screen)
{
    if (!screen_top(screen)->ops->finds)
        screen_message(screen, "Nothing is found here: / and n work in "
                               "stream, event and views.");
}

void perform_no_follow(struct screen *screen)
{
    screen_message(screen, "Nothing to follow here: the stream follows, Tab "
                           "goes to it.");
}

void perform_no_table(struct screen *screen)
{
    screen_message(screen, "Nothing to sort here: A and P show tables.");
}

void perform_no_signal(struct screen *screen)
{
    screen_message(screen, "No signal is selected: S lists them.");
}

static void retry_rejects(struct screen *screen)
{
    const struct display_host *host = screen->host;
    struct err err = {""};

    if (!host->rejects_retry)
        screen_message(screen, "Nothing was refused.");
    else if (host->rejects_retry(host->ctx, &err))
        screen_message(screen, "What was refused is being decoded again.");
    else
        screen_message(screen, "Not now: %s.", err.text);
}

void perform_show_rejects(struct screen *screen, const char *arg)
{
    if (!*arg)
        screen_show(screen, rejects_pane(screen));
    else if (!strcmp(arg, "retry"))
        retry_rejects(screen);
    else
        screen_message(screen, "It is :rejects, or :rejects retry.");
}

void perform_send_on(struct screen *screen)
{
    const struct display_host *host = screen->host;
    uint64_t seq = screen_selected(screen);
    size_t mirrors =
        seq && host->mirror_send ? host->mirror_send(host->ctx, seq) : 0;

    if (!seq)
        screen_message(screen, "No event is selected.");
    else if (!mirrors)
        screen_message(screen, "Not sent: no mirror is on. :mirrors");
    else
        screen_message(screen, "Handing it to %zu mirror%s …", mirrors,
                       plural_text(mirrors));
}

/* A pane's own action, typed where there is no such pane. */
void perform_not_here(struct screen *screen, enum action action)
{
    const char *command = action_row(action)->command;

    screen_message(screen, "%.*s does nothing here. ? lists what does.",
                   (int)strcspn(command, " "), command);
}
