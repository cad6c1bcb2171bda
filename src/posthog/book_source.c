/* The queries for accounts that need not be written by hand: columns as
 * event/accounts reads them, marks that are filled in here, and neither
 * ORDER BY nor LIMIT, which paging adds. Sources of the columns: PostHog's
 * system tables, the view that Vitally's data feeds, and the names that
 * PostHog's import gives to Salesforce's fields. */
#include "posthog/book_source.h"

#include <ctype.h>
#include <string.h>

#include "posthog/api.h"

#include "base/banned.h"

#define EMAIL_MAX 254

const struct book_source book_sources[BOOK_SOURCES] = {
    {"customer_analytics", "Customer Analytics",
     "SELECT a.external_id AS organization_id, a.name AS organization_name, "
     "{email} AS owner_email, "
     "replaceRegexpAll(toString(a.properties.email_domains), "
     "'[^A-Za-z0-9.-]+', ' ') AS email_domains, "
     "a.properties.website_domain AS website_domain{mrr} "
     "FROM system.accounts AS a WHERE a.id IN ("
     "SELECT r.account_id FROM system.account_relationships AS r "
     "JOIN system.account_relationship_definitions AS d "
     "ON d.id = r.definition_id "
     "WHERE r.user_id = {user} AND isNull(r.ended_at){roles})"},
    {"vitally", "Vitally",
     "SELECT organization_id, organization_name, segment, arr, "
     "customer_success_manager AS owner_email "
     "FROM vitally_csm_managed_accounts "
     "WHERE customer_success_manager = {email}"},
    {"salesforce", "Salesforce",
     "SELECT a.posthog_org_id_c AS organization_id, "
     "a.name AS organization_name, u.email AS owner_email, "
     "a.domain_c AS domain "
     "FROM {prefix}salesforce_account AS a "
     "JOIN {prefix}salesforce_user AS u ON u.id = a.owner_id "
     "WHERE u.email = {email}"},
};

const char book_sql_mrr[] =
    "SELECT toString(id) AS id FROM system.custom_property_definitions "
    "WHERE lower(name) = 'mrr' LIMIT 1";
const char book_sql_prefix[] =
    "SELECT name FROM system.data_warehouse_tables "
    "WHERE name LIKE '%salesforce_account' ORDER BY name LIMIT 10";
const char book_sql_roles[] =
    "SELECT d.name AS role, count() AS accounts "
    "FROM system.account_relationships AS r "
    "JOIN system.account_relationship_definitions AS d "
    "ON d.id = r.definition_id "
    "WHERE r.user_id = {user} AND isNull(r.ended_at) "
    "GROUP BY d.name ORDER BY d.name LIMIT 20";
const char book_sql_user[] =
    "SELECT id FROM postgres_posthog_user "
    "WHERE lower(email) = lower({email}) ORDER BY is_active DESC LIMIT 1";

bool book_email_valid(const char *email)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._+-";
    size_t local = strspn(email, plain);
    const char *domain = email + local + 1;

    return local && email[local] == '@' && *domain && *domain != '.' &&
           !domain[strspn(domain, plain)] && strchr(domain, '.') &&
           strlen(email) <= EMAIL_MAX;
}

const struct book_source *book_source_named(const char *setting)
{
    for (size_t i = 0; setting && i < BOOK_SOURCES; i++)
        if (!strcmp(setting, book_sources[i].word))
            return &book_sources[i];
    return NULL;
}

/* Filling in. */

static bool put_email(const struct book_terms *terms, bool quoted,
                      struct buf *out, struct err *err)
{
    if (!terms->email)
        return err_set(err, "whose accounts? --posthog-owner E-MAIL");
    if (!book_email_valid(terms->email))
        return err_set(err, "\"%s\" is no e-mail address", terms->email);
    return buf_addf(out, quoted ? "%s" : "'%s'", terms->email);
}

static bool put_user(const struct book_terms *terms, struct buf *out,
                     struct err *err)
{
    if (!terms->user || !*terms->user)
        return err_set(err,
                       "PostHog does not say who %s is there: the key "
                       "must be that person's, or the table "
                       "postgres_posthog_user be there",
                       terms->email ? terms->email : "the owner");
    return buf_adds(out, terms->user);
}

/* " AND d.name IN ('CSM', …)"; nothing for any. */
static void put_roles(const struct book_terms *terms, struct buf *out)
{
    const char *at = terms->roles ? terms->roles : "";
    const char *sign = " AND lower(d.name) IN (";
    struct buf role;

    if (!strcmp(at, "any"))
        return;
    buf_init(&role, 1024);
    for (at += strspn(at, ", "); *at; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ",");

        buf_clear(&role);
        for (size_t i = 0; i < len; i++)
            buf_addc(&role, (char)tolower((unsigned char)at[i]));
        while (role.len && role.data[role.len - 1] == ' ')
            buf_truncate(&role, role.len - 1);
        buf_adds(out, sign);
        posthog_quote(out, role.data);
        sign = ", ";
        at += len;
    }
    if (*sign == ',')
        buf_addc(out, ')');
    buf_free(&role);
}

/* Monthly there, yearly in a book. */
static void put_mrr(const struct book_terms *terms, struct buf *out)
{
    if (terms->mrr && *terms->mrr)
        buf_addf(out,
                 ", toFloat(a.custom_properties.values.`%s`) AS mrr, "
                 "toFloat(a.custom_properties.values.`%s`) * 12 AS arr",
                 terms->mrr, terms->mrr);
}

/* The mark that text begins with; 0: none, else its length. */
static size_t mark_at(const char *text, const char *mark)
{
    size_t len = strlen(mark);

    return strncmp(text, mark, len) == 0 ? len : 0;
}

static bool fill_mark(const char *sql, const char *at,
                      const struct book_terms *terms, size_t *len,
                      struct buf *out, struct err *err)
{
    if ((*len = mark_at(at, "{email}")))
        return put_email(terms, at > sql && at[-1] == '\'', out, err);
    if ((*len = mark_at(at, "{user}")))
        return put_user(terms, out, err);
    if ((*len = mark_at(at, "{roles}")))
        put_roles(terms, out);
    else if ((*len = mark_at(at, "{mrr}")))
        put_mrr(terms, out);
    else if ((*len = mark_at(at, "{prefix}")))
        buf_adds(out, terms->prefix ? terms->prefix : "");
    return true;
}

bool book_source_fill(const char *sql, const struct book_terms *terms,
                      struct buf *out, struct err *err)
{
    size_t end = strlen(sql), len;

    while (end &&
           (isspace((unsigned char)sql[end - 1]) || sql[end - 1] == ';'))
        end--;
    for (const char *at = sql; at < sql + end; at += len) {
        if (!fill_mark(sql, at, terms, &len, out, err))
            return false;
        if (!len) {
            buf_addc(out, *at);
            len = 1;
        }
    }
    return buf_ok(out) || err_set(err, "accounts_sql is too long");
}
