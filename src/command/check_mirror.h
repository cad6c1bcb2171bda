/* `telltale check --mirror NAME`: one test message to one mirror. */
#ifndef TELLTALE_CHECK_MIRROR_H
#define TELLTALE_CHECK_MIRROR_H

#include <stdbool.h>

#include "config/config.h"

/* Sends it and prints what the other side said; dry: sends nothing and prints
 * what it would send of the newest events. Returns an exit code, errors
 * printed. */
int check_mirror(const struct config *config, const char *name, bool dry);

#endif
