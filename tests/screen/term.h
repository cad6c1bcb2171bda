/* A terminal for tests: a program in a pty, what it draws kept cell by cell
 * by libvterm, keys sent to it. Waiting is for the program's own mark
 * `frame N drawn` (TELLTALE_FRAMES) and a condition, never for quiet. */
#ifndef TELLTALE_SCREEN_TERM_H
#define TELLTALE_SCREEN_TERM_H

#include <stdbool.h>
#include <sys/types.h>
#include <vterm.h>

#include "base/buf.h"
#include "linkgrid.h"

#define TERM_LIMIT_MS 10000 /* the longest a condition is waited for */

/* Behind all that a board has written when it stands still: what the kernel
 * passes on later than a mark on a descriptor cannot be overtaken by it. */
#define STILL_MARK "\033]9999;still\a"

struct term {
    pid_t pid;
    int master;
    int marks;   /* read end: one line a frame */
    int control; /* write end of the program's descriptor 3, for board */
    VTerm *vt;
    VTermScreen *screen;
    int rows, cols;
    unsigned long frames, bytes;
    unsigned long stills;   /* STILL_MARKs */
    size_t still;           /* bytes of one that were read */
    struct linkgrid *links; /* which cells are links, or NULL */
    VTerm *beside; /* gets what is written from now on as well, or NULL … */
    struct linkgrid *links_beside; /* … and this one too, or NULL */
    struct buf raw;      /* the last bytes the program wrote, at most 64 KiB */
    struct buf unfed;    /* was read, and is not on the screen yet */
    bool frame_by_frame; /* conditions see each frame of many read at once */
    bool gone;           /* end of file on the pty */
    bool frozen;         /* nothing is read from the pty */
};

/* Terminals that are started from now on know which cells are links. */
extern bool term_keeps_links;

/* Starts argv in a terminal of that size; extra is NULL or a NULL-terminated
 * list of NAME=VALUE. Its descriptor 3 is the read end of `control`, 4 gets
 * the marks. */
struct term *term_start(int rows, int cols, const char *const *argv,
                        const char *const *extra);
/* Ends the program if it still runs (SIGKILL), frees all. */
void term_free(struct term *term);

void term_type(struct term *term, const char *keys);
/* A line to the program's descriptor 3. */
void term_tell(struct term *term, const char *line);
void term_resize(struct term *term, int rows, int cols);
/* Reads what is there; waits at most ms for something. Frame by frame it
 * stops behind the first frame. */
void term_pump(struct term *term, int ms);
/* What was read is on the screen, all of it. */
void term_feed(struct term *term);

/* Waits until the condition holds after a whole frame; false at the limit. */
typedef bool term_condition(struct term *term, const void *ctx);
bool term_wait(struct term *term, term_condition *condition, const void *ctx);
/* Waits for text anywhere on the screen, or for it to be gone. */
bool term_shows(struct term *term, const char *text);
bool term_hides(struct term *term, const char *text);
/* Waits until these bytes were written: sequences that are no cells. */
bool term_wrote(struct term *term, const char *bytes);
/* Waits for the end of the program; its status as waitpid() gives it. */
bool term_ended(struct term *term, int *status);

/* One row as text, blanks kept; and all rows with newlines. The second cell
 * of a wide character is no character. */
void term_row(const struct term *term, int row, struct buf *out);
void term_text(const struct term *term, struct buf *out);
/* Row in which text stands, or -1. */
int term_find(const struct term *term, const char *text);

#endif
