/* `telltale mirrors`: how each mirror fares, and switching one off and on
 * again, for who has no screen. The owner of the journal does it while there
 * is one. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "command/mirror_row.h"
#include "command/owner_ask.h"
#include "journal/db.h"
#include "journal/owner.h"
#include "mirror/outbox.h"

#include "base/banned.h"

struct named {
    const char *name;
    bool found;
};

static bool compare_name(void *ctx, const char *name, const char *key,
                         const char *value, const char *where, struct err *err)
{
    struct named *named = ctx;

    (void)key, (void)value, (void)where, (void)err;
    named->found |= !strcmp(name, named->name);
    return true;
}

/* Only the names are looked at: who asks need not be able to read a secret. */
static bool in_settings(const struct config *config, const char *name)
{
    struct named named = {name, false};

    config_section(config, "mirror", compare_name, &named, NULL);
    return named.found;
}

struct listing {
    const struct config *config;
    struct buf line;
};

static void print_row(void *ctx, const struct mirror_row *row)
{
    struct listing *listing = ctx;
    struct buf *line = &listing->line;

    buf_clear(line);
    buf_addf(line, "%-16s  %-6s  %llu event%s sent, %llu wait, %llu parked",
             row->name,
             in_settings(listing->config, row->name) ? row->state
                                                     : "not in the settings",
             (unsigned long long)row->sent, row->sent == 1 ? "" : "s",
             (unsigned long long)row->waiting,
             (unsigned long long)row->parked);
    if (row->unread)
        buf_addf(line, ", %llu not looked at",
                 (unsigned long long)row->unread);
    if (*row->reason) {
        buf_adds(line, "  ");
        text_sanitise(line, row->reason, strlen(row->reason), LIMIT_SENTENCE);
    }
    printf("%s\n", line->data);
}

static int list(const struct config *config, struct journal_reader *reader)
{
    struct listing listing = {.config = config};
    struct err err;
    size_t count;
    bool ok;

    buf_init(&listing.line, 4 * KIB);
    ok = mirror_rows(reader, NULL, print_row, &listing, &count, &err);
    buf_free(&listing.line);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (!count)
        printf("no mirrors yet: a [mirror NAME] of the settings is listed "
               "once telltale has started with it\n");
    return EXIT_DONE;
}

static bool switch_by_owner(const char *path,
                            const struct outbox_switch *change,
                            struct err *err)
{
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "do", "mirror");
    cJSON_AddStringToObject(request, "name", change->mirror);
    cJSON_AddStringToObject(request, "state", change->state);
    return owner_tell(path, request, err);
}

/* Closing rolls back what was not committed. */
static bool switch_here(const char *path, struct outbox_switch *change,
                        struct err *err)
{
    long pid;
    struct owner *owner = owner_take(path, &pid, err);
    sqlite3 *db = owner ? db_open(path, err) : NULL;
    bool ok = db && db_exec(db, "BEGIN IMMEDIATE", err) &&
              outbox_switch(change, db, err) && db_exec(db, "COMMIT", err);

    db_close(db);
    owner_release(owner);
    return ok;
}

struct before {
    bool off;
    uint64_t waiting; /* for whatever reason */
    uint64_t unread;
};

static void note_row(void *ctx, const struct mirror_row *row)
{
    struct before *before = ctx;

    before->off = !strcmp(row->state, "off");
    before->waiting = row->waiting + row->parked;
    before->unread = row->unread;
}

static int refuse_name(const struct config *config, const char *name)
{
    if (in_settings(config, name))
        return command_fail(EXIT_USAGE,
                            "[mirror %s] is there once telltale has started "
                            "with it",
                            name);
    return command_fail(EXIT_USAGE,
                        "there is no mirror \"%s\": telltale mirrors lists "
                        "them",
                        name);
}

static void tell_switched(const struct outbox_switch *change,
                          const struct before *before)
{
    if (strcmp(change->state, "on")) {
        printf("%s paused: what would be sent waits\n", change->mirror);
        return;
    }
    printf("%s resumed: %llu event%s to be sent", change->mirror,
           (unsigned long long)before->waiting,
           before->waiting == 1 ? "" : "s");
    if (before->unread)
        printf(", %llu to be looked at", (unsigned long long)before->unread);
    printf("\n");
}

static int change(const struct config *config, struct journal_reader *reader,
                  const char *verb, const char *name)
{
    const char *path = config_text(config, OPTION_journal);
    struct outbox_switch change = {.mirror = name,
                                   .state = !strcmp(verb, "resume") ? "on"
                                                                    : "paused",
                                   .now = clock_now_ms()};
    struct before before = {.off = false};
    struct err err = {""};
    size_t count;

    if (!*name)
        return command_fail(EXIT_USAGE, "which? telltale mirrors %s NAME",
                            verb);
    if (!mirror_rows(reader, name, note_row, &before, &count, &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (!count)
        return refuse_name(config, name);
    if (before.off && !strcmp(verb, "pause"))
        return command_fail(EXIT_FAILED, "%s is off: nothing is sent", name);
    if (!(owner_find(path) ? switch_by_owner(path, &change, &err)
                           : switch_here(path, &change, &err)))
        return command_fail(EXIT_FAILED, "%s is as it was: %s", name,
                            err.text);
    tell_switched(&change, &before);
    return EXIT_DONE;
}

static int perform(const struct config *config, const char *verb,
                   const char *name)
{
    struct err err = {""};
    struct journal_reader *reader;
    int code;

    if (!strcmp(verb, "list") && *name)
        return command_fail(EXIT_USAGE, "mirrors list takes no name");
    reader = reader_open(config_text(config, OPTION_journal), &err);
    if (!reader)
        return command_fail(EXIT_FAILED, "%s", err.text);
    code = !strcmp(verb, "list") ? list(config, reader)
                                 : change(config, reader, verb, name);
    reader_close(reader);
    return code;
}

int command_mirrors(struct command_context *context)
{
    const char *path = config_text(context->config, OPTION_journal);
    const char *verb;
    struct buf name;
    int code = EXIT_USAGE;

    buf_init(&name, 4 * KIB);
    buf_adds(&name, "");
    if (command_words(context, &verb, &name))
        code =
            path ? perform(context->config, verb, name.data)
                 : command_fail(EXIT_CONFIG, "no home directory: set HOME or "
                                             "--journal");
    buf_free(&name);
    return code;
}
