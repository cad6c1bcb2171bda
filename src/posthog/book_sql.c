/* The queries for accounts that need not be written by hand: columns as
 * event/accounts reads them, {email} as posthog/book fills it in, and neither
 * ORDER BY nor LIMIT, which paging adds. */
#include "posthog/book_sql.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/banned.h"

/* In the order in which they are tried. */
static const struct {
    const char *word, *table, *sql;
} sources[] = {
    {"salesforce", "salesforce_account",
     "SELECT a.Posthog_Org_ID__c AS organization_id, "
     "a.Name AS organization_name, u.Email AS owner_email "
     "FROM salesforce_account a JOIN salesforce_user u ON u.Id = a.OwnerId "
     "WHERE u.Email = {email}"},
    {"vitally", "vitally_csm_managed_accounts",
     "SELECT organization_id, organization_name, segment, arr, "
     "customer_success_manager AS owner_email "
     "FROM vitally_csm_managed_accounts "
     "WHERE customer_success_manager = {email}"},
};
#define SOURCES (sizeof sources / sizeof *sources)

const char *book_sql(const char *setting)
{
    if (!setting || !*setting)
        return sources[0].sql;
    for (size_t i = 0; i < SOURCES; i++)
        if (!strcmp(setting, sources[i].word))
            return sources[i].sql;
    return setting;
}

/* PostHog's own words, from posthog/hogql/database: "Unknown table `x`." */
static bool is_unknown(const struct err *err)
{
    return strstr(err->text, "Unknown table") != NULL;
}

const char *book_sql_find(struct posthog *posthog, struct err *err)
{
    struct buf sql;

    buf_init(&sql, KIB);
    for (size_t i = 0; i < SOURCES; i++) {
        cJSON *answer;

        buf_clear(&sql);
        buf_addf(&sql, "SELECT 1 FROM %s LIMIT 1", sources[i].table);
        err->text[0] = '\0';
        answer = posthog_query(posthog, sql.data, err);
        cJSON_Delete(answer);
        if (answer || !is_unknown(err)) {
            buf_free(&sql);
            return answer ? sources[i].word : NULL;
        }
    }
    buf_free(&sql);
    err->text[0] = '\0';
    return NULL;
}
