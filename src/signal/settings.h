/* The sections [signals] and [areas] of the configuration. */
#ifndef TELLTALE_SIGNAL_SETTINGS_H
#define TELLTALE_SIGNAL_SETTINGS_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"
#include "signal/signal.h"

/* What they say; zone stays the caller's. Holidays and areas are allocated:
 * signal_settings_clear(). False with err that names file and line. */
bool signal_settings_load(struct signal_settings *settings,
                          const struct config *config, struct err *err);
void signal_settings_clear(struct signal_settings *settings);

#endif
