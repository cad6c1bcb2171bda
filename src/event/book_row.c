/* The values of a row made plain: names sanitised, domains out of addresses.
 * Which column is what is book_columns.c's, what an id is book_id.c's. */
#include "event/book_row.h"

#include <string.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/text.h"
#include "event/book_id.h"
#include "event/property.h"
#include "base/banned.h"

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The text of a column on one line, without blanks around it; NULL when
 * there is none. */
static const char *read_text(const struct csv_row *row, size_t column,
                             struct arena *arena)
{
    char *text;
    size_t len;

    if (column >= row->count)
        return NULL;
    text = text_sanitised(arena, row->fields[column],
                          strlen(row->fields[column]), LIMIT_TEXT);
    text += strspn(text, " ");
    len = strlen(text);
    while (len > 0 && text[len - 1] == ' ')
        text[--len] = '\0';
    return len > 0 ? text : NULL;
}

static bool is_host_char(char c)
{
    return is_name_char(c) || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* "https://www.Acme.example/en", "jo@acme.example" → "acme.example". */
static size_t host_of(const char *text, size_t len, char *host, size_t size)
{
    const char *slashes = NULL;
    size_t out = 0, dots = 0;

    for (size_t i = 0; i + 3 <= len && !slashes; i++)
        if (memcmp(text + i, "://", 3) == 0)
            slashes = text + i + 3;
    if (slashes) {
        len -= (size_t)(slashes - text);
        text = slashes;
    }
    for (size_t i = 0; i < len && text[i] != '/'; i++)
        if (text[i] == '@') {
            len -= i + 1;
            text += i + 1;
            i = (size_t)-1;
        }
    if (len > 4 && ascii_lower(text[0]) == 'w' &&
        ascii_lower(text[1]) == 'w' && ascii_lower(text[2]) == 'w' &&
        text[3] == '.') {
        text += 4;
        len -= 4;
    }
    for (; out < len && out < size - 1 && is_host_char(ascii_lower(text[out]));
         out++) {
        host[out] = ascii_lower(text[out]);
        dots += host[out] == '.';
    }
    while (out > 0 && host[out - 1] == '.') {
        out--;
        dots--;
    }
    host[out] = '\0';
    return dots > 0 && host[0] != '.' ? out : 0;
}

/* Adds the domains of one field, separated by blanks, commas, ; or |. */
static void add_domains(struct buf *out, const char *text)
{
    static const char separators[] = " \t\r\n,;|";
    char host[256];

    while (*text) {
        size_t len = strcspn(text, separators);

        if (len > 0 && host_of(text, len, host, sizeof host) > 0 &&
            !accounts_free_mail(host)) {
            if (out->len > 0)
                buf_addc(out, ' ');
            text_sanitise(out, host, strlen(host), sizeof host);
        }
        text += len;
        text += strspn(text, separators);
    }
}

static const char *read_domains(const struct book_columns *columns,
                                const struct csv_row *row, struct arena *arena)
{
    struct buf domains;
    const char *text = NULL;

    buf_init(&domains, LIMIT_TEXT);
    for (size_t i = 0; i < columns->domains.count; i++)
        if (columns->domains.at[i] < row->count)
            add_domains(&domains, row->fields[columns->domains.at[i]]);
    if (domains.len > 0)
        text = arena_strndup(arena, domains.data, domains.len);
    buf_free(&domains);
    return text;
}

/* What is in the columns of projects, as it stands there. */
static const char *read_teams(const struct book_columns *columns,
                              const struct csv_row *row, struct arena *arena)
{
    struct buf teams;
    const char *text = NULL;

    buf_init(&teams, LIMIT_TEXT);
    for (size_t i = 0; i < columns->teams.count; i++) {
        const char *one = read_text(row, columns->teams.at[i], arena);

        if (one)
            buf_addf(&teams, "%s%s", teams.len ? ";" : "", one);
    }
    if (teams.len > 0)
        text = arena_strndup(arena, teams.data, teams.len);
    buf_free(&teams);
    return text;
}

/* A CRM's id of a user says nothing to anybody. */
static const char *read_owner(const struct csv_row *row, size_t column,
                              struct arena *arena)
{
    const char *owner = read_text(row, column, arena);

    return owner && words_opaque(owner, strlen(owner)) ? NULL : owner;
}

/* A row that is over only in empty fields is as long as the header. */
static bool is_too_long(const struct book_columns *columns,
                        const struct csv_row *row)
{
    size_t count = row->count;

    while (count > columns->count && !*row->fields[count - 1])
        count--;
    return count > columns->count;
}

const char *row_read(const struct book_columns *columns,
                     const struct csv_row *row, struct account *account,
                     struct arena *arena)
{
    const char *text =
        columns->id < row->count ? row->fields[columns->id] : "";
    const char *wrong;

    *account = (struct account){.line = row->line};
    wrong = book_id_read(text, arena, &account->id, &account->written);
    if (wrong)
        return wrong;
    if (columns->weak_id && !book_id_is_uuid(account->id))
        return "the organisation id is no UUID";
    if (is_too_long(columns, row))
        return "more fields than the header; quote values with commas";
    account->name = read_text(row, columns->name, arena);
    account->owner = read_owner(row, columns->owner, arena);
    account->segment = read_text(row, columns->segment, arena);
    account->arr = read_text(row, columns->arr, arena);
    account->domains = read_domains(columns, row, arena);
    account->teams = read_teams(columns, row, arena);
    return NULL;
}
