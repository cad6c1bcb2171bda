/* An import under way: what the two that do the work, in this process
 * (import_here.c) and through the telltale that owns the journal
 * (import_owner.c), tell the command. */
#ifndef TELLTALE_IMPORT_H
#define TELLTALE_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

struct import_counts {
    uint64_t fresh, duplicates, forgotten; /* what became of events */
    uint64_t skipped;          /* lines in which something is wrong */
    uint64_t ticks, old_ticks; /* kept; left out */
};

struct import {
    const struct config *config;
    const char *path; /* the journal's */
    struct import_counts counts;
    bool terminal; /* standard error is one */
    uint64_t told; /* lines of which was said what is wrong */
};

/* A line that is skipped: counted and, unless it is one of very many, said. */
void import_wrong(struct import *import, const char *file, uint64_t line,
                  const char *why);
/* The line of progress, if there is one, makes room. */
void import_clear_line(const struct import *import);

/* Where lines go. All but free return false with err when nothing more can be
 * kept. */
struct import_sink {
    void *(*open)(struct import *import, struct err *err);
    /* One line, without its newline; may return before it is kept. */
    bool (*line)(void *self, const char *file, uint64_t number,
                 const char *text, size_t len, struct err *err);
    /* Waits until all is kept, and counted. */
    bool (*finish)(void *self, struct err *err);
    void (*free)(void *self);
};
extern const struct import_sink import_here, import_owner;

#endif
