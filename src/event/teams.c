/* Two columns: digits, and an id that needs no quotes. */
#include "event/teams.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define ID_DIGITS 15

struct teams {
    struct team *teams;
    size_t count, room;
};

/* A field without blanks and quotes around it. */
static const char *field(const char *from, size_t *len)
{
    while (*len && strchr(" \t\r\"", *from))
        from++, (*len)--;
    while (*len && strchr(" \t\r\"", from[*len - 1]))
        (*len)--;
    return from;
}

static void put(struct teams *teams, struct team team)
{
    if (teams->count == teams->room) {
        teams->room = teams->room * 2 + 16;
        teams->teams =
            xreallocarray(teams->teams, teams->room, sizeof *teams->teams);
    }
    teams->teams[teams->count++] = team;
}

static void add(struct teams *teams, int64_t id, const char *account,
                size_t len)
{
    char *copy = xstrndup(account, len);

    ascii_lower_text(copy);
    put(teams, (struct team){id, copy});
}

static bool is_number(const char *text, size_t len)
{
    return len && len <= ID_DIGITS && strspn(text, "0123456789") >= len;
}

/* Does a line before give the project to another organisation? */
static bool is_anothers(const struct teams *teams, int64_t id,
                        const char *account, size_t len)
{
    for (size_t i = 0; i < teams->count; i++)
        if (teams->teams[i].id == id &&
            (strncasecmp(teams->teams[i].account, account, len) != 0 ||
             teams->teams[i].account[len]))
            return true;
    return false;
}

/* False with what is wrong with it. */
static bool take_line(struct teams *teams, const char *line, size_t len,
                      bool first, const char **wrong)
{
    size_t left = strcspn(line, ",;\t\n"), right;
    const char *id, *account;

    *wrong = "there must be a project's number and an organisation's id";
    if (left >= len)
        return false;
    right = len - left - 1;
    account = line + left + 1;
    if (strcspn(account, ",;\t\n") < right)
        right = strcspn(account, ",;\t\n");
    id = field(line, &left);
    account = field(account, &right);
    if (first && !is_number(id, left))
        return true; /* the header */
    *wrong = "a project's number is of digits";
    if (!is_number(id, left))
        return false;
    *wrong = "the organisation's id is missing or too long";
    if (!right || right > 128)
        return false;
    *wrong = "a line above gives this project to another organisation";
    if (is_anothers(teams, strtoll(id, NULL, 10), account, right))
        return false;
    *wrong = "too many projects";
    if (teams->count >= LIMIT_TEAMS)
        return false;
    add(teams, strtoll(id, NULL, 10), account, right);
    return true;
}

static int by_id(const void *a, const void *b)
{
    int64_t one = ((const struct team *)a)->id;
    int64_t other = ((const struct team *)b)->id;

    return (one > other) - (one < other);
}

struct teams *teams_read(const char *name, const char *text, size_t len,
                         struct err *err)
{
    struct teams *teams = xcalloc(1, sizeof *teams);
    const char *end = text + len, *at = text, *wrong;
    bool first = true;

    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    for (unsigned line = 1; at < end; line++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((next ? next : end) - at), rest = size;

        (void)field(at, &rest);
        if (rest && !take_line(teams, at, size, first, &wrong)) {
            err_set(err, "%s:%u: %s", name, line, wrong);
            teams_free(teams);
            return NULL;
        }
        first = first && !rest;
        at = next ? next + 1 : end;
    }
    if (teams->count)
        qsort(teams->teams, teams->count, sizeof *teams->teams, by_id);
    return teams;
}

void teams_add_book(struct teams **teams, const struct book *book)
{
    struct teams *all = *teams ? *teams : xcalloc(1, sizeof *all);
    struct teams of_book = {NULL, 0, 0};
    const struct account *account;
    size_t cursor = 0;
    int64_t id;

    while (book_next_team(book, &cursor, &id, &account))
        if (!teams_account(all, id))
            add(&of_book, id, account->id, strlen(account->id));
    for (size_t i = 0; i < of_book.count; i++)
        put(all, of_book.teams[i]);
    free(of_book.teams);
    *teams = all->count ? all : NULL;
    if (!*teams)
        teams_free(all);
    else
        qsort(all->teams, all->count, sizeof *all->teams, by_id);
}

struct teams *teams_load(const char *path, struct err *err)
{
    size_t len;
    char *text = file_slurp(path, LIMIT_CONFIG_FILE, &len, err);
    struct teams *teams = text ? teams_read(path, text, len, err) : NULL;

    free(text);
    return teams;
}

void teams_free(struct teams *teams)
{
    if (!teams)
        return;
    for (size_t i = 0; i < teams->count; i++)
        free((char *)(uintptr_t)teams->teams[i].account);
    free(teams->teams);
    free(teams);
}

size_t teams_count(const struct teams *teams)
{
    return teams ? teams->count : 0;
}

struct team teams_at(const struct teams *teams, size_t index)
{
    return teams->teams[index];
}

const char *teams_account(const struct teams *teams, int64_t id)
{
    struct team key = {id, NULL};
    const struct team *found = teams_count(teams)
                                   ? bsearch(&key, teams->teams, teams->count,
                                             sizeof *teams->teams, by_id)
                                   : NULL;

    return found ? found->account : NULL;
}
