/* The screen as panes see it: what they may ask of it and change. It is
 * above them and owns them (ui/screen_internal.h). Keys become command
 * strings, commands become actions, actions change state; one function,
 * screen_draw() in ui/frame.c, draws. */
#ifndef TELLTALE_SCREEN_H
#define TELLTALE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "live/display.h"
#include "live/view.h"
#include "query/query.h"
#include "ui/pane/action.h"
#include "ui/pane/pane.h"
#include "ui/term/draw.h"

struct screen;
struct highlight;
struct labels;
struct pinned;

/* What panes may ask. */
const struct display_host *screen_host(const struct screen *screen);
const struct display_status *screen_status(const struct screen *screen);
const struct keymap *screen_keymap(const struct screen *screen);
struct draw *screen_drawing(const struct screen *screen);
/* The stream's view: the filter, its rows, what is frozen. */
struct view *screen_view(const struct screen *screen);
/* The event under the cursor of the pane with the focus, by its seq in the
 * journal; 0: none. */
uint64_t screen_selected(const struct screen *screen);
/* The account the cursor is on (its own row, or its event); NULL: none. */
const char *screen_selected_account(const struct screen *screen);
int64_t screen_now(const struct screen *screen); /* wall clock, ms */
/* Accounts' names, told apart; refreshed before each frame. */
struct labels *screen_labels(const struct screen *screen);
/* What was pinned when this frame began. */
const struct pinned *screen_pinned(const struct screen *screen);
/* What stands out; NULL: nothing does. */
struct highlight *screen_highlight(const struct screen *screen);
/* Since when the stream is frozen; CLOCK_NONE: it is not. */
int64_t screen_frozen_at(const struct screen *screen);
/* Are events of staff and machines shown? */
bool screen_shows_hidden(const struct screen *screen);
/* Do rows begin with how long ago that was? */
bool screen_shows_ages(const struct screen *screen);
/* Is everything until some moment hidden? */
bool screen_floor(const struct screen *screen);
/* What came behind that number in the ring is new since the user looked; 0:
 * there is no news. And when that was. */
uint64_t screen_looked_number(const struct screen *screen);
int64_t screen_looked_at(const struct screen *screen);

/* What they may change. Each marks the screen dirty. */
void screen_dirty(struct screen *screen);
/* A pane has work left: it goes on before the next frame, and is drawn then. */
void screen_go_on(struct screen *screen);
/* One line on the status row until the next key or for 5 s. */
void screen_message(struct screen *screen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Runs a command line, as `:` and keys do; false: it said why. */
bool screen_run(struct screen *screen, const char *command);
/* Puts a pane over Live (detail, help, a list); Esc takes it away again. The
 * screen owns it then. */
void screen_show(struct screen *screen, struct pane *pane);
/* Closes the topmost of those; false: there is none. */
bool screen_back(struct screen *screen);
/* Where the keys are bound now; for the help of the pane below it. */
enum action_where screen_where(const struct screen *screen);
/* The panes of views are those that saved.h says; false: not all have room. */
bool screen_set_view_panes(struct screen *screen);
/* The stream gets the focus. */
void screen_focus_stream(struct screen *screen);
/* Moves the stream's cursor to an event of the ring, by its number there (the
 * detail goes to the next event). */
void screen_select(struct screen *screen, uint64_t number);

/* Sets the filter; the cursor stays on its event. False with error: the
 * filter stays as it was. */
bool screen_filter(struct screen *screen, const char *text,
                   struct query_error *error);
const char *screen_filter_text(const struct screen *screen); /* "" */
/* Text to find in the list with the focus, NULL or "": none. */
void screen_find(struct screen *screen, const char *text);
const char *screen_find_text(const struct screen *screen);
/* The best address of an event to go on to, for a row of it: NULL when there is
 * none, nobody may see it, or the terminal shows no links; or not yet, and the
 * screen is drawn again once it is known. Valid until the turn ends. */
const char *screen_row_link(const struct screen *screen, uint64_t seq);
/* Opens an address if the policy allows it, and says what came of it; false:
 * it was not opened. */
bool screen_open_link(struct screen *screen, const char *project_url,
                      const char *url);
/* Goes to the Signals screen, to that one if it is there. */
void screen_to_signal(struct screen *screen, int64_t id);
/* Copies text natively or through the terminal, and says so: what is "the
 * link". */
void screen_copy(struct screen *screen, const char *text, const char *what);
/* Copies into the terminal's output after the frame (OSC 52). */
void screen_send(struct screen *screen, const char *bytes, size_t len);
/* Calls due(screen) once at that monotonic time; 0 cancels. Each function
 * waits once: asked for again, it comes at the new time. For replays that
 * wait. */
void screen_later(struct screen *screen, int64_t mono_us,
                  void (*due)(struct screen *screen));

#endif
