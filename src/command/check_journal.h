/* What `telltale check` says of the journal's files, zone and clock, and what
 * it does about them when it is told to. */
#ifndef TELLTALE_CHECK_JOURNAL_H
#define TELLTALE_CHECK_JOURNAL_H

#include <stdbool.h>

#include "command/findings.h"

/* About damage. salvage: read all of the journal, and save what can be read of
 * damaged ones, unless somebody owns it. */
void check_files(const char *path, bool salvage, struct findings *findings);
/* About zones and clock of a journal that can be read. */
void check_times(const char *path, struct findings *findings);

/* `check --zone`, `check --trust-clock`: exit codes. */
int check_move_zone(const char *path, const char *zone);
int check_trust_clock(const char *path);

#endif
