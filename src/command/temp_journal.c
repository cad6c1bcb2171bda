/* mkdtemp() and what it takes to be rid of it: the journal's files by name,
 * and nothing else that may lie there. */
#include "command/temp_journal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#include "base/banned.h"

char *temp_journal_make(const char *name, struct err *err)
{
    const char *base = getenv("TMPDIR");
    struct buf path;
    char *made;

    if (!base || *base != '/')
        base = "/tmp";
    buf_init(&path, strlen(base) + 64);
    buf_addf(&path, "%s/telltale-%s-XXXXXX", base, name);
    made = buf_take(&path);
    if (mkdtemp(made))
        return made;
    err_errno(err, "%s", made);
    free(made);
    return NULL;
}

static char *inside(const char *directory, const char *name)
{
    struct buf path;

    buf_init(&path, strlen(directory) + 32);
    buf_addf(&path, "%s/%s", directory, name);
    return buf_take(&path);
}

char *temp_journal_path(const char *directory)
{
    return inside(directory, "journal.db");
}

void temp_journal_remove(const char *directory)
{
    static const char *const names[] = {"journal.db",      "journal.db-wal",
                                        "journal.db-shm",  "journal.db.lock",
                                        "journal.db.sock", NULL};

    for (const char *const *name = names; directory && *name; name++) {
        char *path = inside(directory, *name);

        unlink(path);
        free(path);
    }
    if (directory)
        rmdir(directory);
}
