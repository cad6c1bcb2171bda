/* The kinds of signals by name: what the journal, the command line, the JSON
 * form and the filter language call a conclusion. How they are drawn is
 * signal/'s. */
#ifndef TELLTALE_SIGNAL_KIND_H
#define TELLTALE_SIGNAL_KIND_H

#include <stdbool.h>

enum signal_kind {
#define SIGNAL(id, ...) SIGNAL_##id,
#include "event/signals.def"
#undef SIGNAL
    SIGNAL_COUNT
};
/* "going-quiet", as in the journal and the JSON form. */
const char *signal_name(enum signal_kind kind);
const char *signal_title(enum signal_kind kind); /* "going quiet" */
/* Days after which it leaves the inbox by itself; 0: as many as any. */
int signal_stays(enum signal_kind kind);
bool signal_parse(const char *name, enum signal_kind *out);

#endif
