/* A file, line by line, in bounded memory. */
#ifndef TELLTALE_IMPORT_FILE_H
#define TELLTALE_IMPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct import_file {
    const char *name; /* as it is said: "-" is standard input */
    int fd;
    uint64_t line;       /* of the last line, from 1 */
    uint64_t size, read; /* bytes; size 0: not known */
    struct buf bytes;
    size_t at; /* of the bytes that are there: handed out up to */
    bool ended;
};

/* name "-" is standard input. False with err: it cannot be read. */
bool import_file_open(struct import_file *file, const char *name,
                      struct err *err);
void import_file_close(struct import_file *file);

enum import_step {
    IMPORT_LINE,
    IMPORT_LONG,
    IMPORT_END,
    IMPORT_STOPPED, /* interrupt_came() where more was to be read */
    IMPORT_FAILED
};
/* The next line, without its newline, valid until the next call; of one that
 * is too long nothing. */
enum import_step import_file_next(struct import_file *file, const char **text,
                                  size_t *len, struct err *err);

#endif
