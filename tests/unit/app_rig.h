/* What the tests of a whole receiver share: a folder and settings of its own,
 * a test in the place of the screen, and a script of what is posted. */
#ifndef TELLTALE_APP_RIG_H
#define TELLTALE_APP_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"

/* For cmocka, once for all cases: they go on in the same journal. */
int app_rig_setup(void **state);
int app_rig_teardown(void **state);
extern char directory[64];    /* where its files are */
extern struct config *config; /* a theme and a key */

/* The screen's side: what it was told since it was opened. */
extern struct screen {
    const struct display_host *host;
    size_t fresh, changes, found, gone;
    uint64_t found_seq;
    unsigned closed;
    enum display_forgetting forgetting; /* the last that was said */
    char said[256];
} screen;
extern const struct display_ops fake_display;

/* A receiver on a free port, or the case fails. */
struct app *open_app(const struct display_ops *display);

/* A script: posts bodies one after the other, and again when the condition
 * gives it more. */
extern struct play {
    struct app *app;
    struct loop_timer *timer;
    const char *const *bodies;
    const char *url; /* NULL: the hook's own */
    int status;      /* of the last answer */
    bool (*until)(void);
    int64_t give_up_us;
} play;
/* Runs the app until the bodies (NULL: none) are posted and the condition
 * holds; a case whose condition never holds fails. */
void run_play(struct app *app, const char *const *bodies, bool (*until)(void));

#endif
