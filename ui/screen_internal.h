/* What the files that make up the screen share: screen_life.c (made, called
 * from outside), input.c (keys), perform.c (what actions do), frame.c
 * (drawing and when), layout.c (who is where), hold.c (what a command is meant
 * for). Panes see none of it, only ui/pane/screen.h. */
#ifndef TELLTALE_SCREEN_INTERNAL_H
#define TELLTALE_SCREEN_INTERNAL_H

#include "ui/arrange.h"
#include "ui/pane/labels.h"
#include "ui/pane/pins.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"
#include "ui/prompt.h"
#include "ui/term/keys.h"
#include "ui/term/theme.h"
#include "ui/term/tty.h"

#define PANES_MAX 8 /* stream, accounts, up to six categories */
#define OVERS_MAX 4
#define LATER_MAX 4
#define BORDERS_MAX 2

/* Where panes stand in the list of them. */
enum pane_place {
    PANE_STREAM,
    PANE_ACCOUNTS,
    PANE_CATEGORIES, /* and all behind it */
};

/* The screens, in the order of their tabs. */
enum tab {
#define TAB(id, name, where) TAB_##id,
#include "ui/tabs.def"
#undef TAB
    TAB_COUNT
};

/* Column borders of Live: between left, stream and right. */
struct layout {
    int rows, cols;
    int columns; /* 1, 2 or 3 side by side */
    bool category_row;
    struct rect body; /* all panes with their rules */
    int borders[BORDERS_MAX];
    bool no_left; /* the first border is that of the right column */
    int border_count;
};

/* What the cursor was on when a command's prompt opened. While that command
 * runs (on), it is what is selected. */
struct held {
    bool on;
    uint64_t seq;   /* of the event; 0: none */
    char *account;  /* id; NULL: none */
    int64_t signal; /* id; 0: none */
};

/* What stands under the accounts of Live: who works now, the open signals. */
enum side { SIDE_WORKING, SIDE_SIGNALS, SIDE_COUNT };

/* What panes ask for that takes more than the screen's state: the functions
 * of the same names in ui/pane/screen.h call these. So panes, and what they
 * are tested with, need nothing that makes them. */
struct screen_ops {
    bool (*run)(struct screen *screen, const char *command);
    bool (*filter)(struct screen *screen, const char *text,
                   struct query_error *error);
    void (*select)(struct screen *screen, uint64_t number);
    void (*focus_stream)(struct screen *screen);
    void (*to_signal)(struct screen *screen, int64_t id);
    bool (*set_view_panes)(struct screen *screen);
    bool (*open_link)(struct screen *screen, const char *project_url,
                      const char *url);
    void (*copy)(struct screen *screen, const char *text, const char *what);
    const char *(*row_link)(const struct screen *screen, uint64_t seq);
};

struct screen {
    const struct screen_ops *ops;
    const struct display_host *host;
    struct tty *tty;
    struct keys *keys;
    struct keymap *map;
    struct theme *theme;
    struct draw *draw;
    struct prompt *prompt; /* NULL: none */
    struct held held;
    struct links *links;
    struct row_links *row_links; /* NULL: the terminal shows none */
    struct clipboard *clipboard;
    struct labels *labels;
    struct highlight *highlight;
    struct pinned pinned; /* at the last frame */

    struct pane *panes[PANES_MAX]; /* by enum pane_place */
    size_t pane_count;
    size_t focus;
    enum tab tab;
    /* What the other screens are made of: a table, and what is known of its
     * selected row. Live has its panes. */
    struct pane *tables[TAB_COUNT], *facts[TAB_COUNT];
    struct pane *sides[SIDE_COUNT]; /* under the accounts of Live */
    struct view *view;              /* the stream's */
    struct pane *overs[OVERS_MAX];
    size_t over_count;
    struct layout layout;
    enum arrangement arrangement;
    bool zoom;
    int left_extra, right_extra; /* by + and -, or dragged */
    int dragged;                 /* border under the mouse, from 1; 0: none */

    char *filter, *find;
    bool show_hidden;
    bool ages;      /* rows begin with how long ago that was */
    uint64_t floor; /* number of the newest that x hides; 0: none */
    bool frozen;
    int64_t frozen_at;

    char message[256];
    int64_t message_until; /* monotonic; 0: none */
    /* New since the user last looked: events after that one. */
    uint64_t looked_number; /* 0: no news yet */
    int64_t looked_at;
    int64_t looked_before; /* when the last screen was looked at; CLOCK_NONE:
                              not known, or told by now */
    int64_t last_key;      /* monotonic */
    uint64_t last_key_number; /* the newest then */
    int64_t last_key_at;

    bool light;          /* the terminal says its background is */
    int64_t asked_until; /* until when it may say so */
    bool dirty, repaint, quitting, mouse;
    int64_t dirty_since, last_frame, last_cost; /* monotonic, µs */
    size_t last_ever;  /* ring_ever() at the last frame */
    int64_t last_full; /* frame that showed all there was to show */
    bool more;         /* a pane has work left */
    uint64_t frames_left_out;
    unsigned news;     /* told in the window's title since the last key */
    int64_t esc_due;   /* a lone ESC is one by then; 0: none */
    int64_t clock_due; /* something shown changes by the clock alone */
    struct {
        int64_t at;
        void (*due)(struct screen *screen);
    } later[LATER_MAX];
};

/* layout.c */
void layout_update(struct screen *screen);
/* Where the mouse points; NULL: on no pane. */
struct pane *layout_pane_at(struct screen *screen, int y, int x);
/* What a pane is wider by, of the accounts (left) or of those at the right of
 * the stream, as far as the layout has room for it. False: they do not stand
 * beside the stream. */
bool layout_fit_extra(const struct screen *screen, bool left, int *extra);
/* Takes hold of the border at that column; moves the one that is held. */
bool layout_grab(struct screen *screen, int y, int x);
void layout_drag(struct screen *screen, int x);

/* tabs.c: the screens */
void tabs_new(struct screen *screen);
void tabs_free(struct screen *screen);
const char *tab_name(enum tab tab);
/* Goes there; what lay over the screen is closed. */
void tabs_go(struct screen *screen, enum tab tab);
/* What its tab shows beside its name; "": nothing. */
void tab_number(const struct screen *screen, enum tab tab,
                char out[NUMBER_SIZE]);
/* What stands at the right of the title row while it is open. */
void tab_summary(const struct screen *screen, struct buf *out);

/* input.c */
void input_take(struct screen *screen, bool late);
/* What waits for its rest has waited long enough. */
void input_late(struct screen *screen);

/* hold.c */
/* The signal under the cursor of the Signals screen; NULL: none, or something
 * lies over it. */
const struct inbox_signal *hold_signal_here(const struct screen *screen);
/* A command's prompt opens: its command is meant for what is selected now. */
void hold_selected(struct screen *screen);
/* Between these, that is what is selected. */
void hold_begin(struct screen *screen);
void hold_end(struct screen *screen);
void hold_free(struct screen *screen);

/* frame.c */
void frame_arm(struct screen *screen);
void frame_due(struct screen *screen);

/* screen_life.c: made and taken apart */
struct screen *screen_new(const struct display_host *host, struct err *err);
void screen_free(struct screen *screen);

/* news.c: fresh events came last in the ring; what came while no screen was open
 * is in it, once that reaches so far back */
void news_came(struct screen *screen, size_t fresh);
void news_from_absence(struct screen *screen);

/* perform_prompt.c: a key that goes to the prompt */
void screen_prompt(struct screen *screen, const struct key *key);

/* perform.c: what actions do */
/* The ring was filled anew, its numbers of before mean nothing: at the newest
 * event, nothing hidden or frozen. keep_past: who reads the journal reads on
 * there. */
void screen_begin_again(struct screen *screen, bool keep_past);
/* Somebody is forgotten, or is being: so too, and nothing that was read or
 * asked for before and could still name them is kept. What lies over the
 * screen is closed. */
void screen_forget(struct screen *screen, enum display_forgetting forgetting);

/* screen.c */
/* The table that has the screen, and what is known of its row; NULL: Live. */
struct pane *screen_table(const struct screen *screen);
struct pane *screen_facts(const struct screen *screen);
bool screen_use_theme(struct screen *screen, const char *name,
                      struct err *err);
struct pane *screen_top(const struct screen *screen);
void screen_focus(struct screen *screen, size_t index);

#endif
