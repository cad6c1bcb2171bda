/* Whom, how many, since when; and what stays. */
#include "command/forget_preview.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/buf.h"
#include "base/limits.h"
#include "journal/reader.h"
#include "base/banned.h"

#define LISTED 8 /* names of one kind that are spelled out */

static bool is_known(sqlite3 *db, const char *sql, const char *text)
{
    sqlite3_stmt *find = NULL;
    bool known =
        sqlite3_prepare_v2(db, sql, -1, &find, NULL) == SQLITE_OK &&
        sqlite3_bind_text(find, 1, text, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(find) == SQLITE_ROW;

    sqlite3_finalize(find);
    return known;
}

static enum forget_kind find_kind(sqlite3 *db, const char *text)
{
    if (is_known(db,
                 "SELECT 1 FROM identities WHERE lower(email) = lower(?) "
                 "LIMIT 1",
                 text))
        return FORGET_EMAIL;
    if (is_known(db, "SELECT 1 FROM accounts WHERE key = lower(?)", text))
        return FORGET_ACCOUNT;
    if (!strchr(text, '@') ||
        is_known(db, "SELECT 1 FROM identities WHERE person_id = ? LIMIT 1",
                 text))
        return FORGET_PERSON;
    return FORGET_EMAIL;
}

static size_t count_names(const struct whom *whom, enum whom_name wanted)
{
    size_t count = 0;

    for (size_t i = 0; i < whom_names(whom); i++) {
        enum whom_name kind;
        const char *name = whom_name(whom, i, &kind);

        count += kind == wanted && strcmp(name, whom_text(whom));
    }
    return count;
}

/* "d7, 0199… and 3 more" */
static void print_names(FILE *out, const struct whom *whom,
                        enum whom_name wanted)
{
    size_t count = count_names(whom, wanted), said = 0;

    for (size_t i = 0; i < whom_names(whom) && said < LISTED; i++) {
        enum whom_name kind;
        const char *name = whom_name(whom, i, &kind);
        struct buf clean;

        if (kind != wanted || !strcmp(name, whom_text(whom)))
            continue;
        buf_init(&clean, LIMIT_TEXT * 4);
        text_sanitise(&clean, name, strlen(name), 200);
        fprintf(out, "%s%s", said++ ? ", " : "", clean.data);
        buf_free(&clean);
    }
    if (count > said)
        fprintf(out, " and %zu more", count - said);
}

static void print_list(FILE *out, const struct whom *whom,
                       enum whom_name wanted, const char *what,
                       const char *rest)
{
    if (!count_names(whom, wanted))
        return;
    fputs(what, out);
    print_names(out, whom, wanted);
    fprintf(out, "%s\n", rest);
}

static void print_count(FILE *out, const struct whom *whom,
                        const struct whom_events *events)
{
    static const char *const what[] = {[WHOM_EMAIL] = "address",
                                       [WHOM_PERSON] = "distinct id",
                                       [WHOM_ACCOUNT] = "organisation"};
    char first[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE];
    struct buf clean;

    buf_init(&clean, LIMIT_TEXT * 4);
    text_sanitise(&clean, whom_text(whom), strlen(whom_text(whom)), 200);
    fprintf(out, "%s (%s): %llu %s", clean.data, what[whom_kind(whom)],
            (unsigned long long)events->count,
            events->count == 1 ? "event" : "events");
    buf_free(&clean);
    if (events->count) {
        clock_date(events->first_ms, first);
        clock_date(events->last_ms, last);
        fprintf(out, " by %llu %s, %s to %s",
                (unsigned long long)events->people,
                events->people == 1 ? "person" : "people", first, last);
    }
    fputc('\n', out);
}

static void print_whom(FILE *out, const struct whom *whom,
                       const struct whom_events *events)
{
    print_count(out, whom, events);
    if (whom_kind(whom) == WHOM_ACCOUNT)
        return;
    print_list(out, whom, WHOM_NAME_ID, "  also as ", "");
    print_list(out, whom, WHOM_NAME_EMAIL, "  also as ", "");
    print_list(out, whom, WHOM_NAME_FULL, "  called ", "");
    if (whom_kind(whom) == WHOM_EMAIL) {
        print_list(out, whom, WHOM_NAME_SHARED, "~ others are behind ",
                   ", too: theirs stays");
        if (events->nameless)
            fprintf(out,
                    "~ %llu %s there without an address %s, since nobody "
                    "knows whose %s\n",
                    (unsigned long long)events->nameless,
                    events->nameless == 1 ? "event" : "events",
                    events->nameless == 1 ? "stays" : "stay",
                    events->nameless == 1 ? "it is" : "they are");
    } else {
        print_list(out, whom, WHOM_NAME_OTHER, "~ behind this id are ",
                   ": what they did under it goes, under others it stays");
    }
}

struct whom *forget_preview(const char *path, const char *text, FILE *out,
                            struct err *err)
{
    struct journal_reader *reader = reader_open(path, err);
    struct whom_events events;
    struct whom *whom;

    if (!reader)
        return NULL;
    whom = whom_find(reader_db(reader),
                     (enum whom_kind)find_kind(reader_db(reader), text), text,
                     err);
    if (whom && !whom_count(whom, reader_db(reader), &events, err)) {
        whom_free(whom);
        whom = NULL;
    }
    if (whom)
        print_whom(out, whom, &events);
    reader_close(reader);
    return whom;
}
