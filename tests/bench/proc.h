/* What a process costs, as /proc says: processor time, wake-ups, memory.
 * Zeros where there is no /proc. */
#ifndef TELLTALE_PROC_H
#define TELLTALE_PROC_H

#include <stdint.h>
#include <sys/types.h>

struct proc_cost {
    int64_t at;   /* when it was read, monotonic microseconds */
    long ticks;   /* of a processor, of all threads (_SC_CLK_TCK a second) */
    long wakeups; /* voluntary context switches of all threads */
};

struct proc_cost proc_cost(pid_t pid);
/* Of one core, between the two: 1.0 is all of it. */
double proc_share(const struct proc_cost *before,
                  const struct proc_cost *after);
/* A line of /proc/PID/status in KiB: "VmRSS:", "VmHWM:". */
long proc_kib(pid_t pid, const char *name);

#endif
