/* Finding the book. The steps are in a table, in order; each says whether it
 * has something to ask and what it takes. What a PostHog has not got (a
 * table, a column, a scope of ours) only ends the step that needs it. */
#include "posthog/book_find.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/text.h"
#include "posthog/api.h"

#include "base/banned.h"

#define SQL_MAX (64 * KIB)

/* What came. */

static const cJSON *cell(const cJSON *answer, int row, const char *column)
{
    const cJSON *results = cJSON_GetObjectItemCaseSensitive(answer, "results");
    int at = posthog_column(answer, column);

    return at < 0 ? NULL
                  : cJSON_GetArrayItem(cJSON_GetArrayItem(results, row), at);
}

static const char *text_cell(const cJSON *answer, int row, const char *column)
{
    const char *text = cJSON_GetStringValue(cell(answer, row, column));

    return text ? text : "";
}

static int64_t number_cell(const cJSON *answer, int row, const char *column)
{
    const cJSON *value = cell(answer, row, column);

    return cJSON_IsNumber(value) && value->valuedouble >= 0 &&
                   value->valuedouble < 1e15
               ? (int64_t)value->valuedouble
               : -1;
}

static void say_text(struct book_find *find, const char *text)
{
    text_sanitise(&find->notes, text, strlen(text), 200);
}

/* Letters, digits, _ and -: what may stand between backticks, or be a part
 * of a table's name. */
static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789_-",
                    text[i]))
            return false;
    return true;
}

static void keep_number(const cJSON *value, char *out, size_t size)
{
    if (cJSON_IsNumber(value) && value->valuedouble >= 0 &&
        value->valuedouble < 1e15)
        snprintf(out, size, "%.0f", value->valuedouble);
}

/* True when some candidate's query has the mark. */
static bool needs(const struct book_find *find, const char *mark)
{
    for (size_t i = 0; i < find->count; i++)
        if (strstr(find->candidates[i].sql, mark))
            return true;
    return false;
}

static bool put_sql(struct book_find *find, const char *sql,
                    struct question *question)
{
    struct err err;

    buf_clear(&find->sql);
    if (!book_source_fill(sql, &find->terms, &find->sql, &err))
        return false;
    *question = (struct question){.sql = find->sql.data};
    return true;
}

/* PostHog's own words, from posthog/hogql: a table or a column is not there,
 * or not for this key. */
static bool is_absent(const char *why)
{
    return strstr(why, "Unknown table") || strstr(why, "resolve field") ||
           strstr(why, "not found on table") || strstr(why, "access to table");
}

/* Who it is. */

static bool ask_me(struct book_find *find, struct question *question)
{
    if (!needs(find, "{user}"))
        return false;
    *question = (struct question){.method = "GET", .path = "/api/users/@me/"};
    return true;
}

static bool take_me(struct book_find *find, const cJSON *answer,
                    struct err *err)
{
    const char *email = posthog_text(answer, "email");

    (void)err;
    if (!find->terms.email || !strcmp(email, find->terms.email))
        keep_number(cJSON_GetObjectItemCaseSensitive(answer, "id"), find->user,
                    sizeof find->user);
    return true;
}

static bool ask_user(struct book_find *find, struct question *question)
{
    return needs(find, "{user}") && !*find->user &&
           put_sql(find, book_sql_user, question);
}

static bool take_user(struct book_find *find, const cJSON *answer,
                      struct err *err)
{
    (void)err;
    keep_number(cell(answer, 0, "id"), find->user, sizeof find->user);
    return true;
}

/* What else the queries need. */

static bool ask_mrr(struct book_find *find, struct question *question)
{
    return needs(find, "{mrr}") && *find->user &&
           put_sql(find, book_sql_mrr, question);
}

static bool take_mrr(struct book_find *find, const cJSON *answer,
                     struct err *err)
{
    const char *id = text_cell(answer, 0, "id");

    (void)err;
    if (strlen(id) < sizeof find->mrr && is_plain(id, strlen(id)))
        snprintf(find->mrr, sizeof find->mrr, "%s", id);
    return true;
}

static bool ask_prefix(struct book_find *find, struct question *question)
{
    return needs(find, "{prefix}") && put_sql(find, book_sql_prefix, question);
}

/* The shortest: without a prefix when that is there. */
static bool take_prefix(struct book_find *find, const cJSON *answer,
                        struct err *err)
{
    int rows = cJSON_GetArraySize(
        cJSON_GetObjectItemCaseSensitive(answer, "results"));
    size_t best = sizeof find->prefix;

    (void)err;
    for (int i = 0; i < rows; i++) {
        const char *name = text_cell(answer, i, "name");
        size_t len = strlen(name);

        len = len > strlen("salesforce_account")
                  ? len - strlen("salesforce_account")
                  : 0;
        if (len < best && is_plain(name, len)) {
            best = len;
            snprintf(find->prefix, sizeof find->prefix, "%.*s", (int)len,
                     name);
        }
    }
    return true;
}

/* What each would give: all its columns are looked up by that. */

static void not_there(struct book_find *find, const char *why)
{
    struct buf clean;

    buf_init(&clean, 512);
    text_sanitise(&clean, why, strlen(why), sizeof find->why[0] - 1);
    find->found[find->at] = -1;
    snprintf(find->why[find->at], sizeof find->why[0], "%s", clean.data);
    buf_free(&clean);
    find->at++;
}

static bool ask_count(struct book_find *find, struct question *question)
{
    struct err err;

    for (; find->at < find->count;) {
        buf_clear(&find->sql);
        buf_adds(&find->sql,
                 "SELECT count() AS accounts, countIf(ifNull(toString("
                 "organization_id), '') = '') AS nameless FROM (\n");
        if (book_source_fill(find->candidates[find->at].sql, &find->terms,
                             &find->sql, &err)) {
            buf_adds(&find->sql, "\n) LIMIT 1");
            *question = (struct question){.sql = find->sql.data};
            return true;
        }
        not_there(find, err.text);
    }
    return false;
}

static bool take_count(struct book_find *find, const cJSON *answer,
                       struct err *err)
{
    int64_t found = number_cell(answer, 0, "accounts");
    int64_t nameless = number_cell(answer, 0, "nameless");

    if (found < 0 || nameless < 0 || nameless > found)
        return err_set(err, "PostHog does not say how many accounts there "
                            "are");
    find->found[find->at] = found - nameless;
    find->nameless[find->at] = nameless;
    find->at++;
    return true;
}

static bool refused_count(struct book_find *find, struct err *why)
{
    if (find->candidates == &find->own && is_absent(why->text) &&
        strstr(why->text, "organization_id"))
        return err_set(why, "accounts_sql gives no column organization_id: "
                            "name one with AS");
    if (find->count == 1 || !is_absent(why->text))
        return false;
    not_there(find, why->text);
    return true;
}

/* The first that gives any; else the first that is there. */
static void choose(struct book_find *find)
{
    size_t best = find->count;

    for (size_t i = find->count; i-- > 0;)
        if (find->found[i] > 0 ||
            (find->found[i] == 0 &&
             (best == find->count || find->found[best] <= 0)))
            best = i;
    find->at = best;
    find->source = best < find->count ? &find->candidates[best] : NULL;
    find->accounts = find->source ? find->found[best] : 0;
}

static void say_others(struct book_find *find)
{
    for (size_t i = 0; i < find->count; i++) {
        if (&find->candidates[i] == find->source)
            continue;
        buf_addf(&find->notes, "  %s ", find->candidates[i].label);
        if (find->found[i] >= 0)
            buf_addf(&find->notes, "would give %lld\n",
                     (long long)(find->found[i] + find->nameless[i]));
        else
            buf_addf(&find->notes, "is not there: %s\n", find->why[i]);
    }
}

static void say_choice(struct book_find *find)
{
    if (find->source)
        buf_addf(&find->notes, "book of %s: %lld %s\n", find->source->label,
                 (long long)find->accounts,
                 find->accounts == 1 ? "account" : "accounts");
    if (find->count > 1)
        say_others(find);
}

/* Those that cannot stream. */

static bool ask_nameless(struct book_find *find, struct question *question)
{
    struct err err;

    choose(find);
    say_choice(find);
    if (!find->source || !find->nameless[find->at])
        return false;
    buf_clear(&find->sql);
    buf_adds(&find->sql, "SELECT organization_name FROM (\n");
    if (!book_source_fill(find->source->sql, &find->terms, &find->sql, &err))
        return false;
    buf_adds(&find->sql,
             "\n) WHERE ifNull(toString(organization_id), '') = '' "
             "ORDER BY organization_name LIMIT 10");
    *question = (struct question){.sql = find->sql.data};
    return true;
}

static bool take_nameless(struct book_find *find, const cJSON *answer,
                          struct err *err)
{
    int rows = cJSON_GetArraySize(
        cJSON_GetObjectItemCaseSensitive(answer, "results"));
    int64_t all = find->nameless[find->at];

    (void)err;
    buf_addf(&find->notes,
             all == 1 ? "! %lld account has no id of an organisation there, "
                        "and cannot stream: "
                      : "! %lld accounts have no id of an organisation "
                        "there, and cannot stream: ",
             (long long)all);
    for (int i = 0; i < rows; i++) {
        buf_adds(&find->notes, i ? ", " : "");
        say_text(find, text_cell(answer, i, "organization_name"));
    }
    buf_adds(&find->notes, all > rows ? " …\n" : "\n");
    return true;
}

/* Nobody in it. */

static bool ask_roles(struct book_find *find, struct question *question)
{
    return find->source == BOOK_ROLES && !find->accounts &&
           !find->nameless[find->at] &&
           put_sql(find, book_sql_roles, question);
}

static bool take_roles(struct book_find *find, const cJSON *answer,
                       struct err *err)
{
    int rows = cJSON_GetArraySize(
        cJSON_GetObjectItemCaseSensitive(answer, "results"));

    (void)err;
    buf_addf(&find->notes, "! %s has no account as %s at Customer Analytics",
             find->terms.email ? find->terms.email : "the key's owner",
             find->roles);
    buf_adds(&find->notes, rows ? ", but as " : ", nor in any other role");
    for (int i = 0; i < rows; i++) {
        buf_adds(&find->notes, i ? ", " : "");
        say_text(find, text_cell(answer, i, "role"));
        buf_addf(&find->notes, " (%lld)",
                 (long long)number_cell(answer, i, "accounts"));
    }
    if (rows) {
        buf_adds(&find->notes, ": role = ");
        say_text(find, text_cell(answer, 0, "role"));
        buf_adds(&find->notes, " in [posthog], or any");
    }
    buf_addc(&find->notes, '\n');
    return true;
}

/* The sequence. */

/* A limit of PostHog's, or an answer that never came, is none to what is
 * there. */
static bool lacks(struct book_find *find, struct err *why)
{
    (void)find;
    return is_absent(why->text);
}

/* A key need not be allowed to say whose it is. */
static bool refused_me(struct book_find *find, struct err *why)
{
    (void)find;
    return strstr(why->text, "the scope user:read") != NULL;
}

static const struct step {
    bool (*next)(struct book_find *find, struct question *question);
    bool (*take)(struct book_find *find, const cJSON *answer, struct err *err);
    bool (*refused)(struct book_find *find, struct err *why);
    bool repeats;
} steps[] = {
    {ask_me, take_me, refused_me, false},
    {ask_user, take_user, lacks, false},
    {ask_mrr, take_mrr, lacks, false},
    {ask_prefix, take_prefix, lacks, false},
    {ask_count, take_count, refused_count, true},
    {ask_nameless, take_nameless, lacks, false},
    {ask_roles, take_roles, lacks, false},
};
#define STEPS (sizeof steps / sizeof *steps)

static bool none_is_there(const struct book_find *find, struct err *err)
{
    if (find->count == 1)
        return err_set(err, "%s", find->why[0]);
    return err_set(err, "PostHog has none of the tables where accounts are "
                        "kept: neither Customer Analytics nor Vitally's nor "
                        "Salesforce's");
}

static bool next(void *ctx, struct question *question, struct err *err)
{
    struct book_find *find = ctx;

    for (; find->step < STEPS; find->step++, find->once = false) {
        if (find->once && !steps[find->step].repeats)
            continue;
        find->once = true;
        if (steps[find->step].next(find, question))
            return true;
    }
    if (!find->source)
        none_is_there(find, err);
    return false;
}

static bool take(void *ctx, const cJSON *answer, struct err *err)
{
    struct book_find *find = ctx;

    return steps[find->step].take(find, answer, err);
}

static bool refused(void *ctx, struct err *why)
{
    struct book_find *find = ctx;

    return steps[find->step].refused(find, why);
}

bool book_find_open(struct book_find *find, const char *setting,
                    const char *email, const char *roles, struct err *err)
{
    const struct book_source *named = book_source_named(setting);

    *find =
        (struct book_find){.candidates = book_sources, .count = BOOK_SOURCES};
    if (named) {
        find->candidates = named;
        find->count = 1;
    } else if (setting && *setting) {
        find->own = (struct book_source){"", "accounts_sql", setting};
        find->candidates = &find->own;
        find->count = 1;
    }
    if ((needs(find, "{email}") || needs(find, "{user}")) && !email)
        return err_set(err, "whose accounts? --posthog-owner E-MAIL");
    if (email && !book_email_valid(email))
        return err_set(err, "\"%s\" is no e-mail address", email);
    snprintf(find->email, sizeof find->email, "%s", email ? email : "");
    snprintf(find->roles, sizeof find->roles, "%s", roles ? roles : "any");
    find->terms = (struct book_terms){email ? find->email : NULL, find->user,
                                      find->roles, find->mrr, find->prefix};
    buf_init(&find->sql, SQL_MAX);
    buf_init(&find->notes, 16 * KIB);
    return true;
}

void book_find_close(struct book_find *find)
{
    buf_free(&find->sql);
    buf_free(&find->notes);
}

struct api_sequence book_find_sequence(struct book_find *find)
{
    return (struct api_sequence){.ctx = find,
                                 .next = next,
                                 .take = take,
                                 .refused = refused};
}
