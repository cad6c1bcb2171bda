/* A journal that was damaged, or was put in the place of another, is kept
 * aside; whoever is forgotten may be in there, too. Nobody has these files
 * open, so this process may go through them, whoever owns the journal. */
#include "command/forget_aside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "command/forget_here.h"
#include "config/path.h"
#include "journal/db.h"
#include "journal/mend.h"
#include "journal/salvage.h"

#include "base/banned.h"

/* What belongs to a database, itself last: while it is there, all is found
 * again. */
static const char *const files[] = {"-wal", "-shm", ".lock", ""};

/* ---- one file ---- */

static bool remove_files(const char *path, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof files / sizeof *files; i++) {
        char *name = file_name_with(path, files[i]);

        ok = !unlink(name) || errno == ENOENT ||
             err_errno(err, "cannot delete %s", name);
        free(name);
    }
    return ok;
}

/* What can be read of it, as a journal of its own at path. */
static bool save(const char *aside, const char *path, struct err *err)
{
    struct salvage_report report = {0};
    sqlite3 *db =
        mend_begin(path, aside, NULL, err) ? db_open(path, err) : NULL;
    bool ok = db && salvage_events(db, aside, &report, err);

    db_close(db);
    return ok;
}

/* A name the journal knows may stand alone in there. */
static bool clean(const char *path, const struct whom *whom, struct err *err)
{
    bool ok = forget_here(path, (enum forget_kind)whom_kind(whom),
                          whom_text(whom), NULL, err);

    for (size_t i = 0; ok && i < whom_names(whom); i++) {
        enum whom_name kind;
        const char *name = whom_name(whom, i, &kind);

        if (kind == WHOM_NAME_EMAIL)
            ok = forget_here(path, FORGET_EMAIL, name, NULL, err);
        else if (kind == WHOM_NAME_ID)
            ok = forget_here(path, FORGET_PERSON, name, NULL, err);
    }
    return ok;
}

/* Closing says nothing of a log that could not be copied into its file. */
static bool is_in_file(const char *path, struct err *err)
{
    char *log = file_name_with(path, "-wal");
    struct stat info;
    bool ok = stat(log, &info) || !info.st_size ||
              err_set(err, "there is no room to write it anew");

    free(log);
    return ok;
}

/* In the place of the damaged one; nothing of that is left. */
static bool replace(const char *aside, const char *sound, struct err *err)
{
    return is_in_file(sound, err) && remove_files(aside, err) &&
           (!rename(sound, aside) ||
            err_errno(err, "cannot rename %s", sound));
}

static bool rebuild(const char *aside, const struct whom *whom,
                    struct err *err)
{
    char *sound = file_name_with(aside, ".new");
    bool ok = remove_files(sound, err) && save(aside, sound, err) &&
              clean(sound, whom, err) && replace(aside, sound, err);

    remove_files(sound, NULL);
    free(sound);
    return ok;
}

/* What was salvaged is in the journal. */
static bool is_kept(const char *aside, const struct whom *whom,
                    struct err *why)
{
    enum mend_state state;

    if (strstr(file_base(aside), ".salvaged-"))
        return err_set(why, "what could be read of it is in the journal");
    state = mend_examine(aside, why);
    if (state == MEND_SOUND)
        return clean(aside, whom, why);
    if (state == MEND_DAMAGED)
        return rebuild(aside, whom, why);
    return err_set(why, "it cannot be read");
}

static bool forget_in(const char *aside, const struct whom *whom,
                      struct err *err)
{
    struct err why = {""};
    char *lock;

    if (!is_kept(aside, whom, &why)) {
        if (!remove_files(aside, err))
            return false;
        printf("%s is deleted: %s\n", aside, why.text);
        return true;
    }
    lock = file_name_with(aside, ".lock");
    unlink(lock);
    free(lock);
    printf("%s is cleared of them, too\n", aside);
    return true;
}

/* ---- all of them ---- */

void forget_say_aside(const char *path, FILE *out)
{
    char *real = path_real(path);
    char **aside = mend_list_aside(real);

    for (size_t i = 0; aside[i]; i++)
        fprintf(out, "  also in %s, which is kept aside\n", aside[i]);
    mend_free_list(aside);
    free(real);
}

bool forget_aside(const char *path, const struct whom *whom, struct err *err)
{
    char *real = path_real(path);
    char **aside = mend_list_aside(real);
    bool ok = true;

    for (size_t i = 0; aside[i]; i++)
        ok = forget_in(aside[i], whom, err) && ok;
    mend_free_list(aside);
    free(real);
    return ok;
}
