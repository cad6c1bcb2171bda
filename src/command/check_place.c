/* The machine. Nothing is made and nothing is changed here. */
#include "command/check_place.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/path.h"
#include "journal/owner.h"
#include "net/listen.h"
#include "base/banned.h"

#define GIB (UINT64_C(1024) * MIB)
#define SPACE_WRONG (100 * (uint64_t)MIB)
#define SPACE_NOTE GIB

/* ---- clock ---- */

static void check_clock(struct findings *findings)
{
    int64_t now = clock_now_ms();
    char text[CLOCK_ISO_SIZE];

    clock_format_iso(now, text);
    if (now < CLOCK_EARLIEST_MS)
        finding_add(findings, FINDING_WRONG, "clock",
                    "the clock says %.10s: set it, or signed webhooks are "
                    "refused and days are wrong",
                    text);
    else if (!clock_is_kept())
        finding_add(findings, FINDING_NOTE, "clock",
                    "nothing keeps the clock right here: if times look "
                    "wrong, sudo timedatectl set-ntp true");
    else
        finding_add(findings, FINDING_FACT, "clock", "%s", text);
}

/* ---- locale ---- */

static const char *locale_name(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return value;
    }
    return "C";
}

static void check_locale(struct findings *findings)
{
    const char *charset = nl_langinfo(CODESET);

    if (!setlocale(LC_CTYPE, ""))
        finding_add(findings, FINDING_NOTE, "locale",
                    "the locale %s is not installed here, so names lose "
                    "their accents: export LANG=C.UTF-8, or take one of "
                    "locale -a",
                    locale_name());
    else if (strcmp(charset, "UTF-8"))
        finding_add(findings, FINDING_NOTE, "locale",
                    "the locale %s is not of UTF-8, so names lose their "
                    "accents: export LANG=C.UTF-8",
                    locale_name());
    else
        finding_add(findings, FINDING_FACT, "locale", "%s", locale_name());
}

/* ---- disk ---- */

void check_space(uint64_t bytes, const char *folder, struct findings *findings)
{
    if (bytes < SPACE_WRONG)
        finding_add(findings, FINDING_WRONG, "disk",
                    "only %llu MB are free in %s: make room, or events are "
                    "refused until there is",
                    (unsigned long long)(bytes / MIB), folder);
    else if (bytes < SPACE_NOTE)
        finding_add(findings, FINDING_NOTE, "disk",
                    "%llu MB are free in %s: make room, or give the journal "
                    "a max_size",
                    (unsigned long long)(bytes / MIB), folder);
    else
        finding_add(findings, FINDING_FACT, "disk", "%llu GB are free in %s",
                    (unsigned long long)(bytes / GIB), folder);
}

/* The nearest folder above path that is there. */
static char *folder_of(const char *path)
{
    char *folder = path_real(path), *slash;

    while ((slash = strrchr(folder, '/')) && slash != folder) {
        *slash = '\0';
        if (!access(folder, F_OK))
            return folder;
    }
    free(folder);
    return xstrdup("/");
}

static void check_disk(const char *journal, struct findings *findings)
{
    char *folder = folder_of(journal);
    struct statvfs disk;

    if (access(folder, W_OK) && errno != ENOENT)
        finding_add(findings, FINDING_WRONG, "disk",
                    "cannot write in %s, where the journal is: %s", folder,
                    strerror(errno));
    if (!statvfs(folder, &disk))
        check_space((uint64_t)disk.f_bavail * disk.f_frsize, folder, findings);
    free(folder);
}

/* ---- port ---- */

/* Port 0: a free one is taken. */
static bool changes_port(const char *list)
{
    size_t len = strlen(list);

    return strstr(list, ":0,") || strstr(list, ":0 ") ||
           (len > 1 && !strcmp(list + len - 2, ":0"));
}

/* A list that is not understood is told by address_judge(). */
static void check_port(const char *list, struct findings *findings)
{
    struct listeners listeners = {.count = 0};
    struct err err = {""};

    if (!listeners_check(list, &err))
        return;
    if (listeners_open(&listeners, list, &err))
        finding_add(findings, FINDING_FACT, "listen",
                    changes_port(list)
                        ? "%s: each start takes a port that is free then"
                        : "%s is free",
                    list);
    else
        finding_add(findings, FINDING_WRONG, "listen", "%s", err.text);
    listeners_close(&listeners);
}

/* ---- terminal ---- */

static void tell_terminal(void *ctx, char mark, const char *text)
{
    finding_add(ctx, finding_level(mark), "terminal", "%s", text);
}

void check_place(const struct config *config,
                 const struct display_ops *display, struct findings *findings)
{
    const char *journal = config_text(config, OPTION_journal);

    check_clock(findings);
    check_locale(findings);
    if (journal)
        check_disk(journal, findings);
    if (!journal || !owner_find(journal))
        check_port(config_text(config, OPTION_listen), findings);
    if (display && display->examine)
        display->examine(config_text(config, OPTION_browser), tell_terminal,
                         findings);
}
