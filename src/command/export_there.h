/* `telltale export URL`: the journal of another telltale, written out. */
#ifndef TELLTALE_EXPORT_THERE_H
#define TELLTALE_EXPORT_THERE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "query/query.h"

struct export_there {
    const struct config *config;
    const char *url;
    struct query *query;
    int64_t since_ms; /* 0: not given */
    bool csv;
};

/* Writes it to standard output, and has it noted there; returns an exit code,
 * errors printed. */
int export_there(const struct export_there *export);

#endif
