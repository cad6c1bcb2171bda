/* The terminal. Curses never writes to it: it draws into a scratch file, and
 * tty_pump() copies those bytes to a descriptor of our own, non-blocking, so
 * that a terminal nobody reads cannot hold up the loop. Modes (raw input,
 * alternate screen, mouse, paste) are set here and undone here on every way
 * out. There is at most one: a crash must find it. */
#ifndef TELLTALE_TTY_H
#define TELLTALE_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct tty;

/* Opens the terminal of standard input or output by its path, twice (in and
 * out, non-blocking, close-on-exec), sets raw mode, starts curses, installs
 * the crash handler. NULL with err when there is no terminal or TERM is
 * unknown. */
struct tty *tty_open(bool mouse, bool cells, struct err *err);
/* Flushes for at most one second, restores everything. */
void tty_close(struct tty *tty);
int tty_in(const struct tty *tty);
int tty_out(const struct tty *tty);
bool tty_utf8(const struct tty *tty);      /* the locale's charset */
bool tty_truecolor(const struct tty *tty); /* the same, when it opened */

/* Appends what was typed, at most what out still takes. False when the
 * terminal is gone (end of file, EIO). */
bool tty_read(struct tty *tty, struct buf *out);

/* Sends what curses has drawn since the last call (doupdate() is done here)
 * as one synchronised frame. Ask tty_behind() first. */
void tty_frame(struct tty *tty);
/* Queues bytes that are no cells (OSC 52, titles); they leave after the
 * frame, never inside it. They must be clean: nothing is checked here. */
void tty_send(struct tty *tty, const char *bytes, size_t len);
/* Writes until all is out or the terminal would block; true when all is
 * out. False with tty_gone() when it hung up. */
bool tty_pump(struct tty *tty);
bool tty_behind(const struct tty *tty); /* bytes wait */
bool tty_gone(const struct tty *tty);
/* Monotonic time since bytes wait, in µs; 0 when none do. */
int64_t tty_behind_us(const struct tty *tty);

/* Links on cells from now on, if letters are UTF-8; NULL: there are none. */
struct hyper *tty_links(struct tty *tty);

/* Reads the size from the kernel and tells curses; false: as it was. */
bool tty_resize(struct tty *tty);
void tty_repaint(struct tty *tty); /* the next frame paints every cell */
void tty_mouse(struct tty *tty, bool on);
/* Restores the terminal and stops the process until SIGCONT. */
void tty_suspend(struct tty *tty);
/* After SIGCONT. False: another has the terminal, which must not be read until
 * the next one, or that read would stop the process. */
bool tty_resume(struct tty *tty);

/* 24-bit colours: every palette index in curses' output that has an entry
 * here is sent as that colour. table has 256 entries 0xRRGGBB, or
 * TTY_NO_COLOUR; NULL: as curses says. Borrowed. */
#define TTY_NO_COLOUR UINT32_MAX
void tty_palette(struct tty *tty, const uint32_t *table);

#endif
