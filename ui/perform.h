/* What actions do, as the table of them calls it (ui/actions.def); those that
 * are done in perform.c itself are not here. */
#ifndef TELLTALE_PERFORM_H
#define TELLTALE_PERFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "query/query.h"
#include "ui/pane/action.h"

struct screen;

/* perform.c: what panes ask for by way of ui/pane/screen.h, where each of
 * them is explained as screen_…(). */
bool perform_run(struct screen *screen, const char *command);
bool perform_filter(struct screen *screen, const char *text,
                    struct query_error *error);
/* The same, wherever the cursor then stands. */
bool perform_set_filter(struct screen *screen, const char *text,
                        struct query_error *error);
void perform_go_to_time(struct screen *screen, const char *arg);
void perform_select(struct screen *screen, uint64_t number);
void perform_focus_stream(struct screen *screen);
void perform_to_signal(struct screen *screen, int64_t id);

/* perform_screen.c */
void perform_wider(struct screen *screen);
void perform_narrower(struct screen *screen);
void perform_toggle_zoom(struct screen *screen);
void perform_equal_panes(struct screen *screen);
void perform_change_layout(struct screen *screen, const char *arg);
void perform_change_times(struct screen *screen, const char *arg);
void perform_change_theme(struct screen *screen, const char *arg);
void perform_toggle_mouse(struct screen *screen);
void perform_toggle_share(struct screen *screen);
void perform_redraw(struct screen *screen);
void perform_suspend(struct screen *screen);
void perform_reload(struct screen *screen);
void perform_show_help(struct screen *screen);

/* perform_open.c */
void perform_open_event(struct screen *screen);
void perform_show_address(struct screen *screen);
void perform_copy_link(struct screen *screen);
void perform_no_value(struct screen *screen);
void perform_show_replays(struct screen *screen);
void perform_no_replay(struct screen *screen);
void perform_pin_event(struct screen *screen, const char *arg);
void perform_note(struct screen *screen, const char *arg);
void perform_edit_note(struct screen *screen);
void perform_no_mirror(struct screen *screen);
void perform_no_find(struct screen *screen);
void perform_no_follow(struct screen *screen);
void perform_no_table(struct screen *screen);
void perform_no_signal(struct screen *screen);
void perform_show_rejects(struct screen *screen, const char *arg);
void perform_send_on(struct screen *screen);
void perform_not_here(struct screen *screen, enum action action);

#endif
