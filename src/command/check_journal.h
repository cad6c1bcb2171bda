/* What `telltale check` says of the journal's files, zone and clock, and what
 * it does about them when it is told to. */
#ifndef TELLTALE_CHECK_JOURNAL_H
#define TELLTALE_CHECK_JOURNAL_H

#include <stdbool.h>

/* Lines about damage. salvage: read all of the journal, and save what can be
 * read of damaged ones, unless somebody owns it. Returns how many lines start
 * with "!". */
unsigned check_files(const char *path, bool salvage);
/* Lines about zones and clock of a journal that can be read. */
unsigned check_times(const char *path);

/* `check --zone`, `check --trust-clock`: exit codes. */
int check_move_zone(const char *path, const char *zone);
int check_trust_clock(const char *path);

#endif
