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

static void print_row(void *ctx, const struct mirror_row *row)
{
    struct buf *line = ctx;

    buf_clear(line);
    buf_addf(line, "%-16s  %-6s  %llu events sent, %llu wait, %llu parked",
             row->name, row->state, (unsigned long long)row->sent,
             (unsigned long long)row->waiting,
             (unsigned long long)row->parked);
    if (*row->reason) {
        buf_adds(line, "  ");
        text_sanitise(line, row->reason, strlen(row->reason), LIMIT_SENTENCE);
    }
    printf("%s\n", line->data);
}

static int list(struct journal_reader *reader)
{
    struct buf line;

    buf_init(&line, 4 * KIB);
    if (!mirror_rows(reader, NULL, print_row, &line))
        printf("no mirrors yet: each is a section [mirror NAME] of the "
               "settings\n");
    buf_free(&line);
    return EXIT_DONE;
}

static bool switch_by_owner(const char *path,
                            const struct outbox_switch *change,
                            struct err *err)
{
    cJSON *request = cJSON_CreateObject(), *answer;
    char *line;

    cJSON_AddStringToObject(request, "do", "mirror");
    cJSON_AddStringToObject(request, "name", change->mirror);
    cJSON_AddStringToObject(request, "state", change->state);
    line = cJSON_PrintUnformatted(request);
    answer = owner_ask(path, line, err);
    cJSON_free(line);
    cJSON_Delete(request);
    cJSON_Delete(answer);
    return answer != NULL;
}

/* Without its end, what was begun is taken back. */
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

static void note_off(void *ctx, const struct mirror_row *row)
{
    *(bool *)ctx = !strcmp(row->state, "off");
}

static int change(struct journal_reader *reader, const char *path,
                  const char *verb, const char *name)
{
    struct outbox_switch change = {.mirror = name,
                                   .state = !strcmp(verb, "resume") ? "on"
                                                                    : "paused",
                                   .now = clock_now_ms()};
    struct err err = {""};
    bool off = false;

    if (!*name)
        return command_fail(EXIT_USAGE, "which? telltale mirrors %s NAME",
                            verb);
    if (!mirror_rows(reader, name, note_off, &off))
        return command_fail(EXIT_USAGE,
                            "there is no mirror \"%s\": telltale mirrors "
                            "lists them",
                            name);
    if (off && !strcmp(verb, "pause"))
        return command_fail(EXIT_FAILED, "%s is off: nothing is sent", name);
    if (!(owner_find(path) ? switch_by_owner(path, &change, &err)
                           : switch_here(path, &change, &err)))
        return command_fail(EXIT_FAILED, "%s", err.text);
    return EXIT_DONE;
}

static int perform(const char *path, const char *verb, const char *name)
{
    struct err err = {""};
    struct journal_reader *reader;
    int code;

    if (!strcmp(verb, "list") && *name)
        return command_fail(EXIT_USAGE, "mirrors list takes no name");
    reader = reader_open(path, &err);
    if (!reader)
        return command_fail(EXIT_FAILED, "%s", err.text);
    code = !strcmp(verb, "list") ? list(reader)
                                 : change(reader, path, verb, name);
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
            path ? perform(path, verb, name.data)
                 : command_fail(EXIT_CONFIG, "no home directory: set HOME or "
                                             "--journal");
    buf_free(&name);
    return code;
}
