/* Where a journal's control socket is. Both sides work it out from the
 * journal's path alone. */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hash.h"
#include "config/path.h"
#include "net/control_path.h"

#include "base/banned.h"

/* Nobody else may put a socket of theirs in our way. */
static bool is_private(const char *dir)
{
    struct stat found;

    return !lstat(dir, &found) && S_ISDIR(found.st_mode) &&
           found.st_uid == getuid() && !(found.st_mode & 077);
}

static bool runtime_dir(char *out, size_t size, struct err *err)
{
    const char *dir = getenv("XDG_RUNTIME_DIR");

    if (dir && dir[0] == '/' && strlen(dir) < size && is_private(dir)) {
        snprintf(out, size, "%s", dir);
        return true;
    }
    snprintf(out, size, "/tmp/telltale-%ld", (long)getuid());
    if (mkdir(out, 0700) && errno != EEXIST)
        return err_errno(err, "cannot make %s", out);
    return is_private(out) ||
           err_set(err, "%s is not a private directory of ours", out);
}

/* journal is the path as path_real() gives it. */
static bool address_of(const char *journal, struct sockaddr_un *address,
                       struct err *err)
{
    char dir[sizeof address->sun_path];
    int len;

    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    len = snprintf(address->sun_path, sizeof address->sun_path, "%s.sock",
                   journal);
    if (len > 0 && (size_t)len < sizeof address->sun_path)
        return true;
    if (!runtime_dir(dir, sizeof dir, err))
        return false;
    len = snprintf(address->sun_path, sizeof address->sun_path,
                   "%s/telltale-%016" PRIx64 ".sock", dir,
                   hash_text(HASH_START, journal));
    if (len > 0 && (size_t)len < sizeof address->sun_path)
        return true;
    return err_set(err, "no room for a control socket in %s", dir);
}

/* The same for every way to write the same path. */
bool control_address(const char *journal_path, struct sockaddr_un *address,
                     struct err *err)
{
    char *real = path_real(journal_path);
    bool ok = address_of(real, address, err);

    free(real);
    return ok;
}
