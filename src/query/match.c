/* Judging one event, whole or as a row of the ring. A row's texts are
 * interned: each distinct text is judged once a value, and the verdict is
 * remembered until its id is given to another text. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "event/accounts.h"
#include "query/tree.h"

#include "base/banned.h"

enum verdict { VERDICT_OPEN, VERDICT_NO, VERDICT_YES };

struct query_bound {
    const struct query *query;
    const struct intern *texts;
    uint8_t **verdicts; /* by value, then by id: enum verdict */
    uint32_t room;      /* ids they hold */
    uint64_t changes;   /* of texts that the verdicts know of */
};

/* What is judged. Of an event the texts are there, of a row their ids. */
struct subject {
    unsigned category, tone, hidden, source;
    unsigned has; /* 1 << enum has */
    int64_t occurred_at, received_at, now_ms;
    const char *texts[COLUMN_COUNT];
    const struct query_row *row; /* NULL: texts */
    struct query_bound *bound;
};

/* What is asked of a text column, whatever the subject is. */
static bool value_judge(const struct value *value, const char *text)
{
    switch (value->mode) {
    case VALUE_ANY:
        return text != NULL;
    case VALUE_NONE:
        return text == NULL;
    case VALUE_FOLDED:
        return text && text_contains_folded(text, value->needle);
    case VALUE_CASED:
        return text && text_contains(text, value->needle);
    case VALUE_EQUAL:
        return text && strcmp(text, value->needle) == 0;
    case VALUE_GLOB:
        return text && text_glob(value->needle, text);
    case VALUE_REGEX:
        return text && regex_matches(value->regex, text);
    }
    return false;
}

/* --- rows: ids and remembered verdicts --------------------------------- */

static uint32_t row_id(const struct query_row *row, enum column column)
{
    switch (column) {
    case COLUMN_ACCOUNT_ID:
        return row->account_id;
    case COLUMN_ACCOUNT:
        return row->account;
    case COLUMN_OWNER:
        return row->owner;
    case COLUMN_SEGMENT:
        return row->segment;
    case COLUMN_PERSON_ID:
        return row->person_id;
    case COLUMN_PERSON:
        return row->person;
    case COLUMN_EMAIL:
        return row->email;
    case COLUMN_NAME:
        return row->name;
    case COLUMN_SENTENCE:
        return row->sentence;
    case COLUMN_URL:
        return row->url;
    case COLUMN_COUNT:
        break;
    }
    return 0;
}

static void make_room(struct query_bound *bound)
{
    uint32_t room = intern_limit(bound->texts), i;

    room += room / 4 + 64;
    for (i = 0; i < bound->query->values; i++) {
        if (!bound->verdicts[i])
            continue;
        bound->verdicts[i] = xrealloc(bound->verdicts[i], room);
        memset(bound->verdicts[i] + bound->room, VERDICT_OPEN,
               room - bound->room);
    }
    bound->room = room;
}

static void forget_all(struct query_bound *bound)
{
    unsigned i;

    for (i = 0; i < bound->query->values; i++)
        if (bound->verdicts[i])
            memset(bound->verdicts[i], VERDICT_OPEN, bound->room);
}

static void forget_id(struct query_bound *bound, uint32_t id)
{
    unsigned i;

    for (i = 0; id < bound->room && i < bound->query->values; i++)
        if (bound->verdicts[i])
            bound->verdicts[i][id] = VERDICT_OPEN;
}

/* Forgets the verdicts on ids that have another text now. */
static void catch_up(struct query_bound *bound)
{
    uint64_t changes = intern_changes(bound->texts);
    uint32_t id;

    for (; bound->changes < changes; bound->changes++) {
        id = intern_changed(bound->texts, bound->changes);
        if (!id) {
            forget_all(bound);
            bound->changes = changes;
            return;
        }
        forget_id(bound, id);
    }
}

static uint8_t *verdicts_of(struct query_bound *bound,
                            const struct value *value)
{
    uint8_t **verdicts = &bound->verdicts[value->index];

    if (!*verdicts)
        *verdicts = xcalloc(bound->room, 1);
    return *verdicts;
}

static bool id_matches(struct query_bound *bound, const struct value *value,
                       uint32_t id)
{
    uint8_t *verdict;

    if (!id)
        return value->mode == VALUE_NONE;
    if (id >= bound->room)
        make_room(bound);
    verdict = &verdicts_of(bound, value)[id];
    if (*verdict == VERDICT_OPEN)
        *verdict = value_judge(value, intern_text(bound->texts, id))
                       ? VERDICT_YES
                       : VERDICT_NO;
    return *verdict == VERDICT_YES;
}

/* --- terms ------------------------------------------------------------- */

static bool column_matches(struct subject *subject, const struct value *value,
                           enum column column)
{
    if (subject->row)
        return id_matches(subject->bound, value, row_id(subject->row, column));
    return value_judge(value, subject->texts[column]);
}

/* "Is not set" must hold for all columns of a field, the rest for any. */
static bool value_matches(struct subject *subject, const struct value *value,
                          const enum column *columns)
{
    bool none = value->mode == VALUE_NONE;

    for (; *columns != COLUMN_COUNT; columns++)
        if (column_matches(subject, value, *columns) != none)
            return !none;
    return none;
}

/* A word is looked for in what a row shows: names before sentences, since
 * there are fewer of them. Who has no name is shown by id. */
static bool word_matches(struct subject *subject, const struct value *value)
{
    static const enum column shown[] = {COLUMN_NAME,     COLUMN_ACCOUNT,
                                        COLUMN_PERSON,   COLUMN_EMAIL,
                                        COLUMN_SENTENCE, COLUMN_COUNT};
    static const enum column nameless[] = {COLUMN_PERSON_ID, COLUMN_COUNT};

    if (value_matches(subject, value, shown))
        return true;
    return !(subject->has & 1u << HAS_PERSON) &&
           value_matches(subject, value, nameless);
}

static int64_t time_of(const struct subject *subject)
{
    struct event event = {.occurred_at = subject->occurred_at,
                          .received_at = subject->received_at};

    return event_time(&event);
}

static bool age_matches(const struct term *term, const struct subject *subject)
{
    int64_t age = subject->now_ms - time_of(subject);

    switch (term->op) {
    case OP_LESS:
        return age < term->ms;
    case OP_LESS_IS:
        return age <= term->ms;
    case OP_MORE:
        return age > term->ms;
    default:
        return age >= term->ms;
    }
}

/* The latest local time of day ms that is not after now. */
static int64_t last_clock(int64_t now_ms, int64_t ms)
{
    int32_t day = clock_day(now_ms);
    time_t midnight = (time_t)(clock_day_start(day) / 1000);
    struct tm local;
    int64_t at;

    localtime_r(&midnight, &local);
    local.tm_hour = (int)(ms / 3600000);
    local.tm_min = (int)(ms / 60000 % 60);
    local.tm_sec = (int)(ms / 1000 % 60);
    local.tm_isdst = -1;
    at = (int64_t)mktime(&local) * 1000;
    if (at <= now_ms)
        return at;
    local.tm_mday--;
    local.tm_hour = (int)(ms / 3600000);
    local.tm_isdst = -1;
    return (int64_t)mktime(&local) * 1000;
}

static int64_t since_time(const struct term *term, int64_t now_ms)
{
    switch (term->since) {
    case SINCE_CLOCK:
        return last_clock(now_ms, term->ms);
    case SINCE_LENGTH:
        return now_ms - term->ms;
    case SINCE_AT:
        break;
    }
    return term->ms;
}

static bool set_matches(const struct term *term, const struct subject *subject)
{
    unsigned value = 0;

    switch (term->field->set) {
    case SET_CATEGORY:
        value = subject->category;
        break;
    case SET_TONE:
        value = subject->tone;
        break;
    case SET_HIDDEN:
        value = subject->hidden;
        break;
    case SET_SOURCE:
        value = subject->source;
        break;
    case SET_HAS:
        return (term->mask & subject->has) != 0;
    }
    return (term->mask >> value & 1) != 0;
}

static bool text_matches(const struct term *term, struct subject *subject)
{
    size_t i;

    for (i = 0; i < term->count; i++)
        if (term->field ? value_matches(subject, &term->values[i],
                                        term->field->columns)
                        : word_matches(subject, &term->values[i]))
            return true;
    return false;
}

static bool term_matches(const struct term *term, struct subject *subject)
{
    bool matches;

    if (!term->field)
        return text_matches(term, subject);
    switch (term->field->kind) {
    case FIELD_AGE:
        return age_matches(term, subject);
    case FIELD_SINCE:
        return time_of(subject) >= since_time(term, subject->now_ms);
    case FIELD_SET:
        matches = set_matches(term, subject);
        break;
    default:
        matches = text_matches(term, subject);
        break;
    }
    return matches != (term->op == OP_IS_NOT);
}

static bool node_matches(const struct node *node, struct subject *subject)
{
    size_t i;

    switch (node->kind) {
    case NODE_TERM:
        return term_matches(node->term, subject);
    case NODE_NOT:
        return !node_matches(node->kids[0], subject);
    case NODE_ANY:
        for (i = 0; i < node->count; i++)
            if (node_matches(node->kids[i], subject))
                return true;
        return false;
    case NODE_ALL:
        break;
    }
    for (i = 0; i < node->count; i++)
        if (!node_matches(node->order[i], subject))
            return false;
    return true;
}

/* --- events ------------------------------------------------------------ */

static unsigned has_bit(enum has has, bool there)
{
    return there ? 1u << has : 0;
}

void query_set_book(struct query *query, const struct book *book)
{
    query->book = book;
}

static void set_texts(struct subject *subject, const struct event *event,
                      const struct book *book)
{
    const struct account *account =
        event->account.id ? book_find(book, event->account.id) : NULL;
    const char **texts = subject->texts;

    texts[COLUMN_ACCOUNT_ID] = event->account.id;
    texts[COLUMN_ACCOUNT] = account ? account->name : event->account.name;
    texts[COLUMN_OWNER] = account ? account->owner : NULL;
    texts[COLUMN_SEGMENT] = account ? account->segment : NULL;
    texts[COLUMN_PERSON_ID] = event->person.id;
    texts[COLUMN_PERSON] = event->person.name;
    texts[COLUMN_EMAIL] = event->person.email;
    texts[COLUMN_NAME] = event->name;
    texts[COLUMN_SENTENCE] = event->sentence;
    texts[COLUMN_URL] = event->url;
}

bool query_match(const struct query *query, const struct event *event,
                 int64_t now_ms)
{
    struct subject subject = {
        .category = event->category,
        .tone = event->tone,
        .hidden = event->hidden,
        .source = event->source,
        .has = has_bit(HAS_REPLAY, event->links.replay != NULL) |
               has_bit(HAS_URL, event->url != NULL) |
               has_bit(HAS_PERSON, event->person.name || event->person.email) |
               has_bit(HAS_EMAIL, event->person.email != NULL) |
               has_bit(HAS_ACCOUNT, event->account.id != NULL),
        .occurred_at = event->occurred_at,
        .received_at = event->received_at,
        .now_ms = now_ms,
    };

    if (!query->root)
        return true;
    set_texts(&subject, event, query->book);
    return node_matches(query->root, &subject);
}

/* --- rows -------------------------------------------------------------- */

struct query_bound *query_bind(const struct query *query,
                               const struct intern *texts)
{
    struct query_bound *bound = xcalloc(1, sizeof *bound);

    bound->query = query;
    bound->texts = texts;
    bound->changes = intern_changes(texts);
    bound->verdicts = xcalloc(query->values + 1, sizeof *bound->verdicts);
    make_room(bound);
    return bound;
}

void query_unbind(struct query_bound *bound)
{
    unsigned i;

    if (!bound)
        return;
    for (i = 0; i < bound->query->values; i++)
        free(bound->verdicts[i]);
    free(bound->verdicts);
    free(bound);
}

bool query_match_row(struct query_bound *bound, const struct query_row *row,
                     int64_t now_ms)
{
    struct subject subject;

    if (!bound->query->root)
        return true;
    if (intern_changes(bound->texts) != bound->changes)
        catch_up(bound);
    subject.category = row->category;
    subject.tone = row->tone;
    subject.hidden = row->hidden;
    subject.source = row->source;
    subject.has =
        has_bit(HAS_REPLAY, row->has_replay) | has_bit(HAS_URL, row->url) |
        has_bit(HAS_PERSON, row->person || row->email) |
        has_bit(HAS_EMAIL, row->email) | has_bit(HAS_ACCOUNT, row->account_id);
    subject.occurred_at = row->occurred_at;
    subject.received_at = row->received_at;
    subject.now_ms = now_ms;
    subject.row = row;
    subject.bound = bound;
    return node_matches(bound->query->root, &subject);
}

void query_expect_row(const struct query_bound *bound,
                      const struct query_row *row, bool near)
{
    if (bound->query->reads_sentences)
        intern_expect(bound->texts, row->sentence, near);
    if (bound->query->reads_urls)
        intern_expect(bound->texts, row->url, near);
}

bool query_ages(const struct query *query)
{
    return query->ages;
}

bool query_asks_hidden(const struct query *query)
{
    return query->asks_hidden;
}

bool query_asks_book(const struct query *query)
{
    return query->asks_book;
}
