/* `telltale signals URL`: the signals of another telltale. */
#ifndef TELLTALE_SIGNALS_THERE_H
#define TELLTALE_SIGNALS_THERE_H

#include <stdbool.h>

#include "command/there.h"
#include "signal/table.h"

/* Both return an exit code, err filled in unless it is EXIT_DONE. account as
 * it was given; NULL: all. each returns false to stop. */
int signals_there_list(const struct there *there, bool all,
                       const char *account,
                       bool (*each)(void *ctx, const struct signal_row *row),
                       void *ctx, struct err *err);
int signals_there_change(const struct there *there,
                         const struct signal_change *change, struct err *err);

#endif
