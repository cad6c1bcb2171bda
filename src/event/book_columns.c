/* A header is compared by its letters and digits alone, in any case, without
 * what marks a Salesforce field; then without the object that a report or an
 * export puts in front of it. The earlier name of a list wins. */
#include "event/book_columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "event/book_id.h"
#include "base/banned.h"

#define KEY_SIZE 64

static const char *const id_names[] = {"organizationid",
                                       "organisationid",
                                       "orgid",
                                       "posthogorgid",
                                       "posthogorganizationid",
                                       "posthogorganisationid",
                                       "posthogorguuid",
                                       "posthogorganizationuuid",
                                       "organizationuuid",
                                       "organisationuuid",
                                       "orguuid",
                                       "phorgid",
                                       "phorganizationid",
                                       "posthogid",
                                       "posthogexternalid",
                                       "group0",
                                       "groupkey",
                                       NULL};
static const char *const weak_id_names[] = {
    "externalid",   "posthogorg",   "posthogorganization",
    "organization", "organisation", "organizationexternalid",
    "accountid",    "companyid",    "customerid",
    "uuid",         "id",           NULL};
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
static const char *const owner_names[] = {"owneremail",
                                          "accountowneremail",
                                          "companyowneremail",
                                          "csmemail",
                                          "customersuccessmanageremail",
                                          "owner",
                                          "accountowner",
                                          "companyowner",
                                          "hubspotowner",
                                          "csm",
                                          "csmname",
                                          "csmfullname",
                                          "customersuccessmanager",
                                          "customersuccessmanagername",
                                          "customersuccessmanagerfullname",
                                          "ownername",
                                          "ownerfullname",
                                          "accountownername",
                                          "accountownerfullname",
                                          "accountmanager",
                                          "accountmanageremail",
                                          "accountexecutive",
                                          "tam",
                                          "assignee",
                                          NULL};
static const char *const segment_names[] = {"segment",
                                            "accountsegment",
                                            "customersegment",
                                            "companysegment",
                                            "tier",
                                            "customertier",
                                            "accounttier",
                                            "accounttype",
                                            "segments",
                                            NULL};
static const char *const arr_names[] = {
    "arr",        "arrusd",     "annualrecurringrevenue",
    "currentarr", "accountarr", "annualrevenue",
    "totalarr",   NULL};
static const char *const domain_names[] = {"domain",
                                           "domains",
                                           "emaildomain",
                                           "emaildomains",
                                           "domainname",
                                           "domainnames",
                                           "companydomain",
                                           "companydomainname",
                                           "additionaldomains",
                                           "website",
                                           "websiteurl",
                                           "accountdomain",
                                           "accountwebsite",
                                           "companywebsite",
                                           "webdomain",
                                           NULL};
static const char *const team_names[] = {"teamid",
                                         "teamids",
                                         "projectid",
                                         "projectids",
                                         "posthogteam",
                                         "posthogteams",
                                         "posthogteamid",
                                         "posthogteamids",
                                         "posthogproject",
                                         "posthogprojects",
                                         "posthogprojectid",
                                         "posthogprojectids",
                                         NULL};
/* Objects and tools that a column may be said to be of. A parent's name, or
 * an owner's, is another thing than the account's. */
static const char *const objects[] = {"account",
                                      "accounts",
                                      "company",
                                      "companies",
                                      "customer",
                                      "customers",
                                      "crm",
                                      "custom",
                                      "customfields",
                                      "fields",
                                      "hubspot",
                                      "org",
                                      "organization",
                                      "organisation",
                                      "properties",
                                      "salesforce",
                                      "sfdc",
                                      "traits",
                                      "vitally",
                                      "pylon",
                                      "attio",
                                      "planhat",
                                      "salesforceaccount",
                                      NULL};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_listed(const char *key, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(key, *names) == 0)
            return true;
    return false;
}

/* The letters and digits of len bytes. */
static void write_key(const char *text, size_t len, char *key)
{
    size_t out = 0;

    for (size_t i = 0; i < len && out < KEY_SIZE - 1; i++)
        if (is_name_char(ascii_lower(text[i])))
            key[out++] = ascii_lower(text[i]);
    key[out] = '\0';
}

/* Without the "__c" of a custom field of Salesforce, in any case. */
static size_t field_len(const char *header)
{
    size_t len = strlen(header);

    while (len > 0 && (header[len - 1] == ' ' || header[len - 1] == '_'))
        len--;
    if (len > 3 && ascii_lower(header[len - 1]) == 'c' &&
        memcmp(header + len - 3, "__", 2) == 0)
        len -= 3;
    return len;
}

/* Where the part after the next separator begins; 0: there is none.
 * "__r." parts an object of Salesforce from its field. */
static size_t next_part(const char *header, size_t len, size_t *part)
{
    for (size_t i = 0; i < len; i++) {
        bool twice = i + 1 < len && header[i] == '_' && header[i + 1] == '_';

        if (!twice && !strchr(".:/>", header[i]))
            continue;
        *part = i;
        i += twice ? 2 : 1;
        if (twice && i + 1 < len && ascii_lower(header[i]) == 'r' &&
            header[i + 1] == '.')
            i += 2;
        return i;
    }
    return 0;
}

/* "Posthog_Org_ID__c" → "posthogorgid", "Owner__r.Email" → "owneremail". */
static void whole_key(const char *header, char *key)
{
    size_t len = field_len(header), part, rest = next_part(header, len, &part);
    char tail[KEY_SIZE];

    if (!rest) {
        write_key(header, len, key);
        return;
    }
    write_key(header, part, key);
    write_key(header + rest, len - rest, tail);
    if (strlen(key) + strlen(tail) < KEY_SIZE)
        memcpy(key + strlen(key), tail, strlen(tail) + 1);
}

/* The same without a known object in front: "vitally.custom.tier" → "tier",
 * "Account: Posthog Org ID" → "posthogorgid"; and without the package a custom
 * field of Salesforce comes from, "acme__Tier__c". */
static void bare_key(const char *header, char *key)
{
    size_t len = field_len(header), part, rest;
    bool custom = len < strlen(header);
    char object[KEY_SIZE];

    while ((rest = next_part(header, len, &part)) > 0) {
        write_key(header, part, object);
        if (!is_listed(object, objects) &&
            !(custom && strchr(header, '.') == NULL))
            break;
        header += rest;
        len -= rest;
    }
    write_key(header, len, key);
}

/* What the fields of a header are compared by. */
struct keys {
    size_t count;
    char (*whole)[KEY_SIZE], (*bare)[KEY_SIZE];
};

static void keys_open(struct keys *keys, const struct csv_row *header)
{
    keys->count = header->count;
    keys->whole = xreallocarray(NULL, keys->count + 1, KEY_SIZE);
    keys->bare = xreallocarray(NULL, keys->count + 1, KEY_SIZE);
    for (size_t i = 0; i < keys->count; i++) {
        whole_key(header->fields[i], keys->whole[i]);
        bare_key(header->fields[i], keys->bare[i]);
    }
}

static void keys_close(struct keys *keys)
{
    free(keys->whole);
    free(keys->bare);
}

/* The column with the earliest of the names; the first of equals. */
static size_t find_column(const struct keys *keys, const char *const *names)
{
    for (const char *const *name = names; *name; name++)
        for (size_t i = 0; i < keys->count; i++)
            if (strcmp(keys->whole[i], *name) == 0)
                return i;
    for (const char *const *name = names; *name; name++)
        for (size_t i = 0; i < keys->count; i++)
            if (strcmp(keys->bare[i], *name) == 0)
                return i;
    return BOOK_NO_COLUMN;
}

/* All of them, as far as there is room. */
static void find_all(struct book_column_list *list, const struct keys *keys,
                     const char *const *names)
{
    list->count = 0;
    for (size_t i = 0; i < keys->count; i++)
        if ((is_listed(keys->whole[i], names) ||
             is_listed(keys->bare[i], names)) &&
            list->count < BOOK_LIST_COLUMNS)
            list->at[list->count++] = i;
}

bool columns_read(struct book_columns *columns, const struct csv_row *header)
{
    struct keys keys;

    keys_open(&keys, header);
    columns->count = header->count;
    columns->id = find_column(&keys, id_names);
    columns->weak_id = columns->id == BOOK_NO_COLUMN;
    if (columns->weak_id)
        columns->id = find_column(&keys, weak_id_names);
    columns->name = find_column(&keys, name_names);
    columns->owner = find_column(&keys, owner_names);
    columns->segment = find_column(&keys, segment_names);
    columns->arr = find_column(&keys, arr_names);
    find_all(&columns->domains, &keys, domain_names);
    find_all(&columns->teams, &keys, team_names);
    keys_close(&keys);
    return columns->id != BOOK_NO_COLUMN;
}

bool columns_is_id_name(const char *text)
{
    char whole[KEY_SIZE], bare[KEY_SIZE];

    whole_key(text, whole);
    bare_key(text, bare);
    return is_listed(whole, id_names) || is_listed(bare, id_names) ||
           is_listed(whole, weak_id_names);
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
        if (columns->id == BOOK_NO_COLUMN && book_id_is_uuid(row->fields[i]))
            columns->id = i;
        else if (*row->fields[i] && columns->name == BOOK_NO_COLUMN)
            columns->name = i;
    }
    return columns->id != BOOK_NO_COLUMN;
}
