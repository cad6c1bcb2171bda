/* `telltale signals`: the inbox of who to call, and when, printed; and what
 * one says of a signal: done, snoozed, a note. Changes go to the owner of the
 * journal while there is one. */
#include "command/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "app/untold.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/uuid.h"
#include "command/owner_ask.h"
#include "command/signals_there.h"
#include "command/there.h"
#include "journal/cursor.h"
#include "journal/db.h"
#include "journal/owner.h"
#include "journal/reader.h"
#include "signal/table.h"

#include "base/banned.h"

#define LINE (64 * KIB)

struct printing {
    bool json;
    int unwritten; /* why standard output did not take it; 0: it did */
    size_t count;
    struct buf line;
};

/* ---- the list ---- */

static char mark_of(enum tone tone)
{
    return tone == TONE_BAD ? '!' : tone == TONE_WARN ? '~' : '+';
}

/* In a terminal a name from right to left turns nothing round beside it. */
static void put_text(struct buf *out, const char *text)
{
    if (isatty(STDOUT_FILENO))
        text_add_isolated(out, text);
    else
        buf_adds(out, text);
}

static void put_person(struct buf *out, const struct signal_row *row)
{
    const char *name = row->person_name    ? row->person_name
                       : row->person_email ? row->person_email
                                           : row->person_id;

    if (!name)
        return;
    buf_adds(out, " · ");
    put_text(out, name);
}

static void put_line(struct buf *out, const struct signal_row *row)
{
    char day[CLOCK_DATE_SIZE];

    clock_date(row->fired_at, day);
    buf_addf(out, "%" PRId64 "  %s  %c %s · ", row->id, day,
             mark_of(row->tone), signal_title(row->kind));
    put_text(out, row->account_name ? row->account_name : row->account_id);
    put_person(out, row);
    buf_adds(out, "  ");
    put_text(out, row->sentence ? row->sentence : "");
    if (row->state != STATE_NEW && row->state != STATE_SEEN)
        buf_addf(out, "  (%s)", signal_state_name(row->state));
    if (row->note) {
        buf_adds(out, "  note: ");
        put_text(out, row->note);
    }
}

static bool print_row(void *ctx, const struct signal_row *row)
{
    struct printing *printing = ctx;

    buf_clear(&printing->line);
    if (printing->json)
        signal_to_json(&printing->line, row);
    else
        put_line(&printing->line, row);
    buf_addc(&printing->line, '\n');
    printing->count++;
    if (fwrite(printing->line.data, 1, printing->line.len, stdout) !=
        printing->line.len)
        printing->unwritten = errno;
    return !printing->unwritten;
}

static bool finish_list(struct printing *printing, bool all, struct err *err)
{
    bool gone;

    buf_free(&printing->line);
    if (printing->unwritten)
        errno = printing->unwritten; /* closing the journal has changed it */
    if (printing->unwritten || fflush(stdout))
        return command_unwritten(&gone, err) || gone;
    if (!printing->count && !printing->json)
        printf("no signals%s\n", all ? "" : " that wait for you");
    return true;
}

static bool list(const char *path, const struct signal_filter *filter,
                 bool json, struct err *err)
{
    struct journal_reader *reader = reader_open(path, err);
    struct printing printing = {.json = json};
    bool ok;

    if (!reader)
        return false;
    buf_init(&printing.line, LINE);
    ok = table_each(reader_db(reader), filter, print_row, &printing, err);
    reader_close(reader);
    if (ok)
        return finish_list(&printing, filter->all, err);
    buf_free(&printing.line);
    return false;
}

/* ---- changes ---- */

static bool find_row(void *ctx, const struct signal_row *row)
{
    int64_t *id = ctx;

    if (row->id != *id)
        return true;
    *id = 0;
    return false;
}

/* The owner answers before the change is made: so it is looked for first. */
static bool is_there(const char *path, int64_t id, struct err *err)
{
    struct journal_reader *reader = reader_open(path, err);
    struct signal_filter filter = {.all = true};
    int64_t wanted = id;
    bool ok;

    if (!reader)
        return false;
    ok = table_each(reader_db(reader), &filter, find_row, &wanted, err);
    reader_close(reader);
    if (ok && wanted)
        return err_set(err,
                       "there is no signal %" PRId64
                       ": telltale signals --all lists them",
                       id);
    return ok;
}

static bool change_by_owner(const char *path,
                            const struct signal_change *change,
                            struct err *err)
{
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "do", "signal");
    cJSON_AddNumberToObject(request, "id", (double)change->id);
    if (change->noted)
        cJSON_AddStringToObject(request, "note",
                                change->note ? change->note : "");
    else
        cJSON_AddStringToObject(request, "state",
                                signal_state_name(change->state));
    cJSON_AddNumberToObject(request, "until", (double)change->until);
    return owner_tell(path, request, err);
}

/* In the journal of a board that was attached, it waits to be told. */
static bool change_row(sqlite3 *db, const struct signal_change *change,
                       struct err *err)
{
    struct uuid there;
    uint64_t place;
    bool full = false;

    if (!table_change(db, change, err) ||
        !cursor_find_there(db, "feed", &there, &place, err) ||
        (place && !untold_signal(db, change, &full, err)))
        return false;
    return !full ||
           err_set(err,
                   "%d things wait to be told already: start the board, "
                   "which tells them",
                   LIMIT_UNTOLD);
}

/* Without its end, what was begun is taken back. */
static bool change_here(const char *path, const struct signal_change *change,
                        struct err *err)
{
    long pid;
    struct owner *owner = owner_take(path, &pid, err);
    sqlite3 *db = owner ? db_open(path, err) : NULL;
    bool ok = db && db_exec(db, "BEGIN IMMEDIATE", err) &&
              change_row(db, change, err) && db_exec(db, "COMMIT", err);

    db_close(db);
    owner_release(owner);
    return ok;
}

static bool make_change(const char *path, const struct signal_change *change,
                        struct err *err)
{
    return is_there(path, change->id, err) &&
           (owner_find(path) ? change_by_owner(path, change, err)
                             : change_here(path, change, err));
}

static bool parse_until(const char *text, int64_t *until, struct err *err)
{
    return clock_parse_until(text, clock_now_ms(), until) ||
           err_set(err,
                   "snooze until when? tomorrow, week, 3d or a date to "
                   "come, not \"%s\"",
                   text);
}

/* done "3", snooze "3 week", note "3 call on Friday". */
static bool parse_change(const char *verb, const char *words,
                         struct signal_change *change, struct err *err)
{
    char *rest;
    bool snooze;

    change->id = strtoll(words, &rest, 10);
    if (rest == words || (*rest && *rest != ' '))
        return err_set(err, "which signal? telltale signals %s ID", verb);
    rest += strspn(rest, " ");
    snooze = !strcmp(verb, "snooze");
    change->at = clock_now_ms();
    change->state = snooze ? STATE_SNOOZED : STATE_DONE;
    change->noted = !strcmp(verb, "note");
    change->note = change->noted && *rest ? rest : NULL;
    if (snooze)
        return parse_until(rest, &change->until, err);
    if (change->noted || !*rest)
        return true;
    return err_set(err, "done takes an id and nothing else");
}

static int change(const char *path, const char *verb, const char *words)
{
    struct signal_change change = {0};
    struct err err = {""};

    if (!parse_change(verb, words, &change, &err))
        return command_fail(EXIT_USAGE, "%s", err.text);
    if (!make_change(path, &change, &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    return EXIT_DONE;
}

/* ---- there ---- */

static int list_there(struct command_context *context,
                      const struct there *there, struct err *err)
{
    struct printing printing = {.json =
                                    config_flag(context->config, OPTION_json)};
    bool all = command_flag(context, ARG_signals_all);
    int code;

    buf_init(&printing.line, LINE);
    code = signals_there_list(there, all,
                              command_value(context, ARG_signals_account),
                              print_row, &printing, err);
    if (code != EXIT_DONE) {
        buf_free(&printing.line);
        return there_fail(there, code, err);
    }
    return finish_list(&printing, all, err)
               ? EXIT_DONE
               : command_fail(EXIT_FAILED, "%s", err->text);
}

static int change_there(const struct there *there, const char *verb,
                        const char *words, struct err *err)
{
    struct signal_change change = {0};
    int code;

    if (!parse_change(verb, words, &change, err))
        return command_fail(EXIT_USAGE, "%s", err->text);
    code = signals_there_change(there, &change, err);
    return code == EXIT_DONE ? code : there_fail(there, code, err);
}

static int run_there(struct command_context *context, const char *verb,
                     const char *url, const char *words)
{
    struct there there;
    struct err err = {""};
    bool lists = !strcmp(verb, "list");
    int code;

    if (lists && *words)
        return command_fail(EXIT_USAGE, "signals list takes an address and "
                                        "nothing else");
    code = there_open(&there, context->config, url);
    if (code != EXIT_DONE)
        return code;
    code = lists ? list_there(context, &there, &err)
                 : change_there(&there, verb, words, &err);
    there_close(&there);
    return code;
}

static int run_here(struct command_context *context, const char *verb,
                    const char *words)
{
    const char *path = config_text(context->config, OPTION_journal);
    const char *account = command_value(context, ARG_signals_account);
    struct signal_filter filter = {.now = clock_now_ms(),
                                   .all =
                                       command_flag(context, ARG_signals_all)};
    struct err err = {""};
    char *folded = NULL;
    int code = EXIT_DONE;

    if (!path)
        return command_fail(EXIT_FAILED,
                            "no home directory: set HOME or --journal");
    if (strcmp(verb, "list") != 0)
        return change(path, verb, words);
    if (*words)
        return command_fail(EXIT_USAGE, "signals list takes no word \"%s\"",
                            words);
    if (account)
        filter.account = folded = text_fold(account);
    if (!list(path, &filter, config_flag(context->config, OPTION_json), &err))
        code = command_fail(EXIT_FAILED, "%s", err.text);
    free(folded);
    return code;
}

int command_signals(struct command_context *context)
{
    const char *verb, *rest;
    struct buf words;
    int code = EXIT_USAGE;

    buf_init(&words, LINE);
    buf_adds(&words, "");
    if (command_words(context, &verb, &words)) {
        code = there_is(words.data, &rest)
                   ? run_there(context, verb, words.data, rest)
                   : run_here(context, verb, words.data);
    }
    buf_free(&words);
    return code;
}
