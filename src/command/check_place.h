/* What `telltale check` finds out of the machine it runs on: clock, locale,
 * disk, port, terminal. */
#ifndef TELLTALE_CHECK_PLACE_H
#define TELLTALE_CHECK_PLACE_H

#include <stdint.h>

#include "command/findings.h"
#include "config/config.h"
#include "live/display.h"

/* display may be NULL: there is no screen to ask about the terminal. The port
 * is tried, for a moment, while nobody owns the journal. */
void check_place(const struct config *config,
                 const struct display_ops *display, struct findings *findings);

/* What so many bytes that are free mean, in that folder. */
void check_space(uint64_t bytes, const char *folder,
                 struct findings *findings);

#endif
