/* What serve --sandbox needs of the file system from then on, and giving up
 * the rest. */
#include "app/internal.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/confine.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/option.h"
#include "config/path.h"
#include "net/control_path.h"
#include "base/banned.h"

#define PATHS 128

/* Paths that are ours to free. */
struct paths {
    char *at[PATHS + 1]; /* NULL behind the last */
    size_t count;
};

/* What names, certificates, locales and zones are looked up in. Not all of
 * /proc: others' environment is there. */
static const char *const system_paths[] = {
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/run/systemd/resolve",
    "/run/nscd",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/var/lib/ca-certificates",
    "/nix/store",
    "/dev/urandom",
    "/dev/random",
    "/dev/null",
    "/proc/self",
    "/proc/sys",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
};

static void paths_add(struct paths *paths, const char *path)
{
    if (path && *path && paths->count < PATHS)
        paths->at[paths->count++] = xstrdup(path);
}

/* The folder of a file, since editors put a new one in its place; and of the
 * file that a link leads to. */
static void paths_add_folder(struct paths *paths, const char *file)
{
    char *real, *copy;

    if (!file || !*file)
        return;
    copy = xstrdup(file);
    real = path_real(file);
    paths_add(paths, dirname(copy));
    if (real)
        paths_add(paths, dirname(real));
    free(real);
    free(copy);
}

static void paths_free(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->at[i]);
}

/* A mirror that is resumed reads them again (mirror/settings.h). */
static bool add_mirror_file(void *ctx, const char *name, const char *key,
                            const char *value, const char *where,
                            struct err *err)
{
    char *beside, *full;

    (void)name;
    (void)err;
    if (strcmp(key, "url_file") && strcmp(key, "token_file"))
        return true;
    beside = config_beside(where, value);
    full = path_expand(beside);
    paths_add_folder(ctx, full);
    free(full);
    free(beside);
    return true;
}

static void add_readable(const struct config *config, struct paths *out)
{
    for (size_t i = 0; i < sizeof system_paths / sizeof *system_paths; i++)
        paths_add(out, system_paths[i]);
    paths_add_folder(out, "/etc/resolv.conf"); /* a link, to wherever */
    for (int id = 0; id < OPTION_COUNT; id++)
        if (options[id].type == CONFIG_PATH)
            paths_add_folder(out, config_text(config, (enum option_id)id));
    config_section(config, "mirror", add_mirror_file, out, NULL);
    paths_add(out, getenv("CREDENTIALS_DIRECTORY"));
    paths_add_folder(out, getenv("SSL_CERT_FILE"));
    paths_add(out, getenv("SSL_CERT_DIR"));
    paths_add(out, getenv("TZDIR"));
}

/* journal: as it was given. The control socket lies beside it, or where its
 * name is short enough. */
static void add_writable(const struct app *app, const char *journal,
                         struct paths *out)
{
    const struct config *config = app->config;
    struct sockaddr_un control;
    struct err err;

    paths_add_folder(out, journal);
    if (control_address(journal, &control, &err))
        paths_add_folder(out, control.sun_path);
    paths_add_folder(out, config_text(config, OPTION_log));
    paths_add(out, "/dev/null");
    if (config_number(config, OPTION_posthog_refresh))
        paths_add_folder(out, config_text(config, OPTION_accounts));
}

static void say(const struct confined *done)
{
    if (!done->files || !done->calls)
        log_line(LOG_NOTE, "not locked in by %s%s%s: this kernel has none",
                 done->files ? "" : "landlock",
                 done->files || done->calls ? "" : " and ",
                 done->calls ? "" : "seccomp");
}

bool app_confine(struct app *app, const char *journal, struct err *err)
{
    struct paths readable = {.count = 0}, writable = {.count = 0};
    struct confine_paths paths = {(const char *const *)readable.at,
                                  (const char *const *)writable.at};
    struct confined done;
    bool ok;

    if (!app->options.confined || !config_flag(app->config, OPTION_sandbox))
        return true;
    if (!path_make_parents(journal, err))
        return false;
    add_readable(app->config, &readable);
    add_writable(app, journal, &writable);
    ok = confine(&paths, &done, err);
    paths_free(&readable);
    paths_free(&writable);
    if (ok)
        say(&done);
    else
        err_set(err, "it cannot be locked in: %s; leave --sandbox out",
                err->text);
    return ok;
}
