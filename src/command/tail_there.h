/* `telltale tail URL`: the events of another telltale. */
#ifndef TELLTALE_TAIL_THERE_H
#define TELLTALE_TAIL_THERE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

struct tail_there {
    const struct config *config;
    const char *url, *query;
    uint64_t limit; /* the newest so many that match */
    bool json, hidden, follow;
};

/* Prints them; returns an exit code, errors printed. */
int tail_there(const struct tail_there *tail);

#endif
