/* Reading /proc for the benchmarks, and nothing else. */
#include "proc.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/banned.h"

static long ticks_of(pid_t pid)
{
    char path[64], text[1024] = "";
    const char *at;
    unsigned long user = 0, system = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "r");
    if (!file)
        return 0;
    if (!fgets(text, sizeof text, file))
        text[0] = '\0';
    fclose(file);
    at = strrchr(text, ')');
    if (!at || sscanf(at + 2,
                      "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
                      "%lu %lu",
                      &user, &system) != 2)
        return 0;
    return (long)(user + system);
}

/* The number behind a name in a status file; 0: none. */
static long status_number(const char *path, const char *name)
{
    char line[256];
    long number = 0;
    FILE *file = fopen(path, "r");

    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, strlen(name)))
            number = strtol(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return number;
}

static long wakeups_of(pid_t pid)
{
    char path[512];
    struct dirent *entry;
    long count = 0;
    DIR *tasks;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    tasks = opendir(path);
    while (tasks && (entry = readdir(tasks))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)pid,
                 entry->d_name);
        count += status_number(path, "voluntary_ctxt_switches:");
    }
    if (tasks)
        closedir(tasks);
    return count;
}

struct proc_cost proc_cost(pid_t pid)
{
    return (struct proc_cost){clock_mono_us(), ticks_of(pid), wakeups_of(pid)};
}

double proc_share(const struct proc_cost *before,
                  const struct proc_cost *after)
{
    double seconds = (double)(after->at - before->at) / 1e6;
    double used =
        (double)(after->ticks - before->ticks) / (double)sysconf(_SC_CLK_TCK);

    return seconds > 0 ? used / seconds : 0;
}

long proc_kib(pid_t pid, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    return status_number(path, name);
}
