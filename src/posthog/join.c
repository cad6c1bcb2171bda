/* Counting by $group_0 to $group_4. An organisation's id may be the key of
 * any of them: the order is the one in which a project made its groups. */
#include "posthog/join.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "posthog/api_blocking.h"

#include "base/banned.h"

#define ASKED_MAX 800 /* ids: five times these must fit a query */
#define DAYS 30
#define DAYS_FEW 1

static size_t put_ids(const struct book *book, struct buf *out)
{
    size_t count = book_count(book);

    if (count > ASKED_MAX)
        count = ASKED_MAX;
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_addc(out, ',');
        posthog_quote(out, book_at(book, i)->id);
    }
    return count;
}

static void put_sql(const struct buf *ids, unsigned days, struct buf *out)
{
    buf_clear(out);
    buf_adds(out, "SELECT ");
    for (int i = 0; i < JOIN_GROUPS; i++)
        buf_addf(out,
                 "%suniqIf(lower(toString(`$group_%d`)), "
                 "lower(toString(`$group_%d`)) IN (%s)) AS joined_%d",
                 i ? ", " : "", i, i, ids->data, i);
    buf_addf(out,
             " FROM events WHERE timestamp > now() - INTERVAL %u DAY LIMIT 1",
             days);
}

static void take(struct join *join, const cJSON *answer)
{
    const cJSON *row =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(answer, "results"),
                           0);
    char name[] = "joined_0";

    for (int i = 0; i < JOIN_GROUPS; i++) {
        const cJSON *value;

        name[sizeof name - 2] = (char)('0' + i);
        value = cJSON_GetArrayItem(row, posthog_column(answer, name));
        if (cJSON_IsNumber(value) && value->valuedouble > 0 &&
            value->valuedouble < 1e9)
            join->joined[i] = (int64_t)value->valuedouble;
        if (join->joined[i] > join->joined[join->best])
            join->best = i;
    }
}

bool join_ask(struct posthog *posthog, const struct book *book,
              struct join *join, struct err *err)
{
    struct buf ids, sql;
    cJSON *answer;

    *join = (struct join){.days = DAYS};
    buf_init(&ids, MIB);
    buf_init(&sql, 8 * MIB);
    join->accounts = put_ids(book, &ids);
    if (!join->accounts) {
        buf_free(&ids);
        return err_set(err, "there is no account in the book");
    }
    put_sql(&ids, join->days, &sql);
    answer = posthog_query(posthog, sql.data, err);
    if (!answer && posthog_is_too_much(err->text)) {
        join->days = DAYS_FEW;
        put_sql(&ids, join->days, &sql);
        answer = posthog_query(posthog, sql.data, err);
    }
    if (answer)
        take(join, answer);
    cJSON_Delete(answer);
    buf_free(&sql);
    buf_free(&ids);
    return answer != NULL;
}

bool join_is_elsewhere(const struct join *join, int group_index)
{
    return join->joined[join->best] > 2 * join->joined[group_index];
}

bool join_say(const struct join *join, int group_index, struct buf *out)
{
    const char *since = join->days == 1 ? "day" : "30 days";
    long long here = (long long)join->joined[group_index];
    long long most = (long long)join->joined[join->best];

    if (!most)
        buf_addf(out,
                 "! none of %zu accounts of the book sent an event in the "
                 "last %s by any group ($group_0 to $group_4): its ids are "
                 "not those that PostHog has\n",
                 join->accounts, since);
    else if (join_is_elsewhere(join, group_index))
        buf_addf(out,
                 "! %lld of %zu accounts sent an event in the last %s by "
                 "$group_%d, but %lld by $group_%d: group_index = %d in "
                 "[posthog]\n",
                 here, join->accounts, since, group_index, most, join->best,
                 join->best);
    else
        buf_addf(out,
                 "  %lld of %zu accounts sent an event in the last %s "
                 "($group_%d)\n",
                 here, join->accounts, since, group_index);
    return most && !join_is_elsewhere(join, group_index);
}
