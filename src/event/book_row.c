/* Headers as people and CRMs name them, and the values beneath them made
 * plain: ids trimmed and lower case, names sanitised, domains out of
 * addresses. */
#include "event/book_row.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/uuid.h"
#include "event/property.h"
#include "base/banned.h"

/* A header is compared in lower case without anything but letters and
 * digits, and without Salesforce's __c. The earlier name wins. */
static const char *const id_names[] = {"organizationid",
                                       "organisationid",
                                       "orgid",
                                       "posthogorgid",
                                       "posthogorganizationid",
                                       "posthogorganisationid",
                                       "organizationuuid",
                                       "orguuid",
                                       "phorgid",
                                       "posthogid",
                                       "group0",
                                       "groupkey",
                                       NULL};
static const char *const weak_id_names[] = {"externalid", "organization",
                                            "accountid",  "uuid",
                                            "id",         NULL};
static const char *const name_names[] = {"organizationname",
                                         "organisationname",
                                         "orgname",
                                         "accountname",
                                         "name",
                                         "companyname",
                                         "company",
                                         "customername",
                                         "account",
                                         "customer",
                                         "posthogorgname",
                                         "posthogorganizationname",
                                         NULL};
static const char *const owner_names[] = {
    "owneremail",   "accountowneremail",
    "csmemail",     "owner",
    "accountowner", "csm",
    "csmname",      "customersuccessmanager",
    "tam",          "ownername",
    "assignee",     NULL};
static const char *const segment_names[] = {
    "segment",      "accountsegment", "customersegment", "tier",
    "customertier", "accounttier",    "segments",        NULL};
static const char *const arr_names[] = {
    "arr",        "arrusd",     "annualrecurringrevenue",
    "currentarr", "accountarr", "annualrevenue",
    NULL};
static const char *const domain_names[] = {
    "domain",         "domains",   "emaildomain", "emaildomains",
    "companydomain",  "website",   "websiteurl",  "accountdomain",
    "companywebsite", "webdomain", NULL};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "Posthog_Org_ID__c" → "posthogorgid"; "vitally.custom.tier" → "tier". */
static void header_key(const char *header, char *key, size_t size)
{
    static const char *const prefixes[] = {"vitally", "custom", "traits",
                                           "properties", NULL};
    size_t len = strlen(header), out = 0, cut;

    if (len > 3 && strcmp(header + len - 3, "__c") == 0)
        len -= 3;
    for (size_t i = 0; i < len && out < size - 1; i++)
        if (is_name_char(lower(header[i])))
            key[out++] = lower(header[i]);
    key[out] = '\0';
    for (size_t i = 0; prefixes[i]; i++) {
        cut = strlen(prefixes[i]);
        if (out > cut && strchr(header, '.') &&
            strncmp(key, prefixes[i], cut) == 0) {
            memmove(key, key + cut, out - cut + 1);
            out -= cut;
        }
    }
}

/* The column with the earliest of the names; the first of equals. */
static size_t find_column(const struct csv_row *header,
                          const char *const *names)
{
    for (; *names; names++)
        for (size_t i = 0; i < header->count; i++) {
            char key[64];

            header_key(header->fields[i], key, sizeof key);
            if (strcmp(key, *names) == 0)
                return i;
        }
    return BOOK_NO_COLUMN;
}

static void find_domains(struct book_columns *columns,
                         const struct csv_row *header)
{
    columns->domain_count = 0;
    for (size_t i = 0; i < header->count; i++) {
        char key[64];

        header_key(header->fields[i], key, sizeof key);
        for (const char *const *name = domain_names; *name; name++)
            if (strcmp(key, *name) == 0 &&
                columns->domain_count < BOOK_DOMAIN_COLUMNS)
                columns->domains[columns->domain_count++] = i;
    }
}

bool columns_read(struct book_columns *columns, const struct csv_row *header)
{
    columns->count = header->count;
    columns->id = find_column(header, id_names);
    columns->weak_id = columns->id == BOOK_NO_COLUMN;
    if (columns->weak_id)
        columns->id = find_column(header, weak_id_names);
    columns->name = find_column(header, name_names);
    columns->owner = find_column(header, owner_names);
    columns->segment = find_column(header, segment_names);
    columns->arr = find_column(header, arr_names);
    find_domains(columns, header);
    return columns->id != BOOK_NO_COLUMN;
}

static bool is_uuid(const char *text)
{
    struct uuid uuid;

    return uuid_parse(text, strlen(text), &uuid);
}

bool columns_guess(struct book_columns *columns, const struct csv_row *row)
{
    *columns = (struct book_columns){
        .count = row->count,
        .id = BOOK_NO_COLUMN,
        .name = BOOK_NO_COLUMN,
        .owner = BOOK_NO_COLUMN,
        .segment = BOOK_NO_COLUMN,
        .arr = BOOK_NO_COLUMN,
    };
    for (size_t i = 0; i < row->count; i++) {
        if (is_uuid(row->fields[i]) && columns->id == BOOK_NO_COLUMN)
            columns->id = i;
        else if (*row->fields[i] && columns->name == BOOK_NO_COLUMN)
            columns->name = i;
    }
    return columns->id != BOOK_NO_COLUMN;
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

/* What people write where there is nothing. */
static bool is_nothing(const char *id)
{
    static const char *const words[] = {"-",    "--",   "n/a", "na",
                                        "none", "null", "tbd", "unknown",
                                        "#n/a", "#ref!"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(id, words[i]) == 0)
            return true;
    return false;
}

/* A UUID of 36 characters that lost or gained some. */
static bool is_broken_uuid(const char *id)
{
    size_t len = strlen(id), dashes = 0;

    if (strspn(id, "0123456789abcdef-") != len)
        return false;
    for (const char *at = id; *at; at++)
        dashes += *at == '-';
    return dashes == 4 && len > 28 && !is_uuid(id);
}

static const char *check_id(const struct book_columns *columns, const char *id)
{
    if (is_nothing(id))
        return "no organisation id";
    if (id[strcspn(id, " ,;/\\\"'<>@")] || strlen(id) > 128)
        return "this is no organisation id";
    if (is_broken_uuid(id) || (columns->weak_id && !is_uuid(id)))
        return "the organisation id is no UUID";
    return NULL;
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
    if (len > 4 && lower(text[0]) == 'w' && lower(text[1]) == 'w' &&
        lower(text[2]) == 'w' && text[3] == '.') {
        text += 4;
        len -= 4;
    }
    for (; out < len && out < size - 1 && is_host_char(lower(text[out]));
         out++) {
        host[out] = lower(text[out]);
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
    for (size_t i = 0; i < columns->domain_count; i++)
        if (columns->domains[i] < row->count)
            add_domains(&domains, row->fields[columns->domains[i]]);
    if (domains.len > 0)
        text = arena_strndup(arena, domains.data, domains.len);
    buf_free(&domains);
    return text;
}

/* A CRM's id of a user says nothing to anybody. */
static const char *read_owner(const struct csv_row *row, size_t column,
                              struct arena *arena)
{
    const char *owner = read_text(row, column, arena);

    return owner && words_opaque(owner, strlen(owner)) ? NULL : owner;
}

const char *row_read(const struct book_columns *columns,
                     const struct csv_row *row, struct account *account,
                     struct arena *arena)
{
    const char *read = read_text(row, columns->id, arena), *wrong;
    char *id;

    if (!read)
        return "no organisation id";
    if (row->count > columns->count)
        return "more fields than the header; quote values with commas";
    id = arena_strdup(arena, read);
    for (char *at = id; *at; at++)
        *at = lower(*at);
    wrong = check_id(columns, id);
    if (wrong)
        return wrong;
    *account = (struct account){
        .id = id,
        .name = read_text(row, columns->name, arena),
        .owner = read_owner(row, columns->owner, arena),
        .segment = read_text(row, columns->segment, arena),
        .arr = read_text(row, columns->arr, arena),
        .domains = read_domains(columns, row, arena),
        .line = row->line,
    };
    if (!account->name)
        account->name = id;
    return NULL;
}
