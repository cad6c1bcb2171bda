/* What a process that runs for months gives up once it has all it needs: the
 * file system but for some folders (landlock), and the system calls that only
 * an intruder would make (seccomp). Linux only, without a library; a kernel
 * that has one of them not gives that one up. */
#ifndef TELLTALE_CONFINE_H
#define TELLTALE_CONFINE_H

#include <stdbool.h>

#include "base/err.h"

struct confine_paths {
    /* NULL-terminated; folders or files, with everything below. What is not
     * there is left out. Below what may be written may also be read. */
    const char *const *readable, *const *writable;
};

struct confined {
    bool files, calls; /* what this kernel could give up */
};

/* For this thread and those it starts from now on, for good: to be called
 * before there are others. Opening anything else gives EACCES; starting a
 * program or a process, tracing one and the like give EPERM. False with err:
 * the kernel has it and refused. */
bool confine(const struct confine_paths *paths, struct confined *done,
             struct err *err);

/* What the program knows is in no core file, and no other process of the user
 * may look into it. Best effort. */
void confine_memory(void);

#endif
