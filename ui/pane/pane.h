/* A pane: a rectangle with one list, behind a small table of calls. Calls
 * change state; only draw() draws, and it changes nothing. */
#ifndef TELLTALE_PANE_H
#define TELLTALE_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ui/pane/action.h"
#include "ui/term/draw.h"
#include "ui/term/keys.h"

struct screen;
struct pane;

struct pane_ops {
    void (*free)(struct pane *pane);
    /* The rule above it: left is its name, right the small print. */
    void (*title)(const struct pane *pane, struct buf *left,
                  struct buf *right);
    /* Into pane->rect, which is without the rule. */
    void (*draw)(const struct pane *pane, struct draw *draw);
    /* Below here may be NULL. */
    /* An action meant for the pane with the focus; false: not mine. */
    bool (*action)(struct pane *pane, enum action action, const char *arg);
    /* A key before it is looked up (typing narrows the help); true: eaten. */
    bool (*key)(struct pane *pane, const struct key *key);
    void (*click)(struct pane *pane, int row, int col); /* within rect */
    /* rect changed, or events came: bring rows and cursor up to date. True
     * while work is left (it is called again soon). */
    bool (*update)(struct pane *pane);
    /* The event under the cursor, by its seq in the journal; 0: none. And
     * the id of its account, NULL: none; a pane has both calls or neither. */
    uint64_t (*selected)(const struct pane *pane);
    const char *(*account)(const struct pane *pane);
    bool finds; /* text, by / and n */
    /* For whole-screen panes: takes the category row over (the detail's
     * links, the help's line); NULL: that row stays. */
    void (*head)(const struct pane *pane, struct draw *draw, struct rect row);
    /* What stands in the status line instead of rate, filter and so on;
     * NULL: nothing of its own. */
    void (*hint)(const struct pane *pane, struct buf *out);
    /* Of a screen's table: the names of its columns on the rule above it,
     * instead of the title; how many rows it has; and what stands in the
     * status line instead of "following", NULL or "": nothing. */
    void (*rule)(const struct pane *pane, struct draw *draw, struct rect rule);
    size_t (*rows)(const struct pane *pane);
    void (*advice)(const struct pane *pane, struct buf *out);
};

struct pane {
    const struct pane_ops *ops;
    struct screen *screen;
    struct rect rect;
    bool focus;
    bool bare; /* no rule stands above it: there are too few rows */
    enum action_where where; /* which bindings hold while it has the focus */
};

/* A pane without a place on the screen does not show. */
bool pane_shows(const struct pane *pane);

#endif
