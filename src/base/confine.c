/* Locking the process in: files here, calls in confine_calls.c. The kernel's
 * own headers may be older than the kernel, so that landlock's few numbers
 * are written down here. */
#ifdef __linux__
#define _DEFAULT_SOURCE /* syscall() */
#define _GNU_SOURCE     /* O_PATH */
#endif
#include "base/confine.h"

#include <sys/resource.h>

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/confine_calls.h"
#include "base/banned.h"

#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define WHICH_VERSION 1
#define BENEATH 1

/* Bits of what may be done with a file, by landlock's version. */
#define EXECUTE UINT64_C(0x1)
#define WRITE_FILE UINT64_C(0x2)
#define READ_FILE UINT64_C(0x4)
#define READ_DIR UINT64_C(0x8)
#define MAKE_CHAR UINT64_C(0x40)
#define MAKE_BLOCK UINT64_C(0x800)
#define ALL_OF_1 UINT64_C(0x1fff)
#define REFER UINT64_C(0x2000)     /* 2 */
#define TRUNCATE UINT64_C(0x4000)  /* 3 */
#define IOCTL_DEV UINT64_C(0x8000) /* 5 */
#define SCOPE_SIGNAL UINT64_C(0x2) /* 6 */

#define READ (READ_FILE | READ_DIR)
#define NEVER (EXECUTE | MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV)
#define FOR_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)

struct ruleset {
    uint64_t files, network, scoped;
};

struct beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

static uint64_t bits_of(long version)
{
    return ALL_OF_1 | (version >= 2 ? REFER : 0) |
           (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
}

static bool allow(int rules, const char *path, uint64_t bits, struct err *err)
{
    struct beneath rule = {.allowed = bits};
    struct stat found;
    bool ok;

    rule.parent = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent < 0)
        return true; /* not there */
    if (!fstat(rule.parent, &found) && !S_ISDIR(found.st_mode))
        rule.allowed &= FOR_FILES;
    ok = !syscall(LANDLOCK_ADD, rules, BENEATH, &rule, 0);
    if (!ok)
        err_errno(err, "landlock: %s", path);
    close(rule.parent);
    return ok;
}

static bool allow_all(int rules, const struct confine_paths *paths,
                      uint64_t bits, struct err *err)
{
    for (size_t i = 0; paths->readable[i]; i++)
        if (!allow(rules, paths->readable[i], READ, err))
            return false;
    for (size_t i = 0; paths->writable[i]; i++)
        if (!allow(rules, paths->writable[i], bits & ~NEVER, err))
            return false;
    return true;
}

static bool confine_files(const struct confine_paths *paths, bool *done,
                          struct err *err)
{
    long version = syscall(LANDLOCK_CREATE, NULL, 0, WHICH_VERSION);
    struct ruleset set = {.files = bits_of(version),
                          .scoped = version >= 6 ? SCOPE_SIGNAL : 0};
    int rules;

    *done = false;
    if (version < 1)
        return true; /* a kernel without, or one where it is off */
    rules = (int)syscall(LANDLOCK_CREATE, &set, sizeof set, 0);
    if (rules < 0)
        return err_errno(err, "landlock");
    *done = allow_all(rules, paths, set.files, err);
    if (*done && syscall(LANDLOCK_RESTRICT, rules, 0)) {
        err_errno(err, "landlock");
        *done = false;
    }
    close(rules);
    return *done;
}

bool confine(const struct confine_paths *paths, struct confined *done,
             struct err *err)
{
    *done = (struct confined){false, false};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return err_errno(err, "no_new_privs");
    return confine_files(paths, &done->files, err) &&
           confine_calls(&done->calls, err);
}

void confine_memory(void)
{
    struct rlimit none = {0, 0};

    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!getrlimit(RLIMIT_CORE, &none)) {
        none.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &none);
    }
}

#else

#include "base/banned.h"

bool confine(const struct confine_paths *paths, struct confined *done,
             struct err *err)
{
    (void)paths;
    (void)err;
    *done = (struct confined){false, false};
    return true;
}

void confine_memory(void)
{
    struct rlimit none = {0, 0};

    if (!getrlimit(RLIMIT_CORE, &none)) {
        none.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &none);
    }
}

#endif
