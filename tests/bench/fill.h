/* A large journal, written as fast as it goes: events of 30 accounts with 20
 * people each, a fifth of a second apart, the newest two minutes old: nothing
 * leaves the last minute while the board is watched. */
#ifndef TELLTALE_FILL_H
#define TELLTALE_FILL_H

#include <stddef.h>

#define FILL_PIECE 500 /* events: it writes a multiple of them */

/* To that path; lines and requests are NULL, or files that get the same
 * events as lines for people and as requests of a web server. The text of
 * event N ends in "#nN", every 1,000th is by somebody at "rare.example".
 * Ends the process when it fails.
 *
 * Where BENCH_FILLED names a folder, the one of that size is taken from there
 * (by its name: it is there no more), and fill_keep() leaves it for the next
 * bench. */
void fill_journal(const char *path, size_t events, const char *lines,
                  const char *requests);
void fill_keep(const char *path, size_t events);

#endif
