/* Judging one event, whole or as a row of the ring. A row's texts are
 * interned: each distinct text is judged once a value, and the verdict is
 * remembered until its id is given to another text. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/accounts.h"
#include "query/tree.h"

#include "base/banned.h"

/* What since:09:00 means now. The calendar takes its time to say, and rows
 * by the thousand are asked in the same millisecond. */
struct moment {
    int64_t now_ms, at_ms; /* now_ms 0: not asked yet */
};

struct query_bound {
    const struct query *query;
    const struct intern *texts;
    uint8_t **verdicts;     /* by value, then by id: enum verdict */
    struct moment *moments; /* by value */
    uint32_t room;          /* ids that verdicts hold */
    uint64_t changes;       /* of texts that the verdicts know of */
    unsigned costly;        /* rows that could not be judged */
};

/* What is judged: a row, whose ids lead to texts by way of bound; or an
 * event, whose texts are there and whose row has ids only to say which. */
struct subject {
    const struct query_row *row;
    int64_t now_ms;
    struct query_bound *bound; /* NULL: texts */
    const char *const *texts;  /* by column */
    const struct event *event; /* whole; NULL: a row */
    int deep; /* of a row: what query_match_deep() said, or QUERY_UNREAD */
    struct meter *meter;
};

_Static_assert(sizeof((struct query_row *)0)->texts ==
                   COLUMN_COUNT * sizeof(uint32_t),
               "a row has a text for every column");

/* --- rows: ids and remembered verdicts --------------------------------- */

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

static const uint8_t *verdicts_of(struct query_bound *bound,
                                  const struct query_value *value)
{
    uint8_t **verdicts = &bound->verdicts[value->index];

    if (!*verdicts)
        *verdicts = xcalloc(bound->room, 1);
    return *verdicts;
}

static enum verdict judge_id(struct query_bound *bound,
                             const struct query_value *value, uint32_t id)
{
    enum verdict verdict =
        bound->costly >= LIMIT_ROWS_COSTLY && value->regex
            ? meter_costly(bound->query->meter, value)
            : query_value_judge(value, intern_text(bound->texts, id),
                                bound->query->meter);

    bound->verdicts[value->index][id] = (uint8_t)verdict;
    return verdict;
}

/* --- terms ------------------------------------------------------------- */

/* Ids are judged otherwise than names. */
static const struct query_value *value_for(const struct query_value *value,
                                           enum column column)
{
    return value->id &&
                   (column == COLUMN_ACCOUNT_ID || column == COLUMN_PERSON_ID)
               ? value->id
               : value;
}

static bool value_matches_event(const struct query_value *value,
                                const enum column *columns,
                                const struct subject *subject)
{
    bool none = value->mode == QUERY_VALUE_NONE;

    for (; *columns != COLUMN_COUNT; columns++) {
        const char *text = subject->texts[*columns];

        if ((query_value_judge(value_for(value, *columns), text,
                               subject->meter) == VERDICT_YES) != none)
            return !none;
    }
    return none;
}

static enum verdict verdict_on(struct query_bound *bound,
                               const struct query_value *value, uint32_t id)
{
    enum verdict verdict = verdicts_of(bound, value)[id];

    if (verdict == VERDICT_OPEN)
        return judge_id(bound, value, id);
    if (verdict == VERDICT_COSTLY)
        meter_costly(bound->query->meter, value);
    return verdict;
}

static bool value_matches_row(const struct query_value *value,
                              const enum column *columns,
                              const struct query_row *row,
                              struct query_bound *bound)
{
    bool none = value->mode == QUERY_VALUE_NONE;

    for (; *columns != COLUMN_COUNT; columns++) {
        enum verdict verdict = verdict_on(bound, value_for(value, *columns),
                                          row->texts[*columns]);

        if ((verdict == VERDICT_YES) != none)
            return !none;
    }
    return none;
}

/* "Is not set" must hold for all columns of a field, the rest for any. */
static bool value_matches(const struct subject *subject,
                          const struct query_value *value,
                          const enum column *columns)
{
    if (subject->bound)
        return value_matches_row(value, columns, subject->row, subject->bound);
    return value_matches_event(value, columns, subject);
}

static bool has(const struct query_row *row, enum has what)
{
    switch (what) {
    case HAS_REPLAY:
        return row->has_replay;
    case HAS_URL:
        return row->url;
    case HAS_PERSON:
        return row->person || row->email;
    case HAS_EMAIL:
        return row->email;
    case HAS_ACCOUNT:
        return row->account_id;
    case HAS_COUNT:
        break;
    }
    return false;
}

/* A word is looked for in what a row shows: names before sentences, since
 * there are fewer of them. Who has no name is shown by id. */
static bool word_matches(const struct subject *subject,
                         const struct query_value *value)
{
    static const enum column shown[] = {COLUMN_NAME,     COLUMN_ACCOUNT,
                                        COLUMN_PERSON,   COLUMN_EMAIL,
                                        COLUMN_SENTENCE, COLUMN_COUNT};
    static const enum column nameless[] = {COLUMN_PERSON_ID, COLUMN_COUNT};

    if (value_matches(subject, value, shown))
        return true;
    return !has(subject->row, HAS_PERSON) &&
           value_matches(subject, value, nameless);
}

static int64_t time_of(const struct subject *subject)
{
    struct event event = {.occurred_at = subject->row->occurred_at,
                          .received_at = subject->row->received_at};

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

static int64_t remembered_clock(struct moment *moment, int64_t now_ms,
                                int64_t ms)
{
    if (!moment->now_ms || moment->now_ms != now_ms)
        *moment = (struct moment){now_ms, clock_last_time(now_ms, ms)};
    return moment->at_ms;
}

static int64_t since_time(const struct term *term,
                          const struct subject *subject)
{
    struct query_bound *bound = subject->bound;

    switch (term->since) {
    case SINCE_CLOCK:
        return bound ? remembered_clock(&bound->moments[term->values->index],
                                        subject->now_ms, term->ms)
                     : clock_last_time(subject->now_ms, term->ms);
    case SINCE_LENGTH:
        return subject->now_ms - term->ms;
    case SINCE_AT:
        break;
    }
    return term->ms;
}

static bool has_any(const struct query_row *row, unsigned mask)
{
    enum has what;

    for (what = 0; what < HAS_COUNT; what++)
        if ((mask >> what & 1) && has(row, what))
            return true;
    return false;
}

static bool set_matches(const struct term *term, const struct query_row *row)
{
    unsigned value = 0;

    switch (term->field->set) {
    case SET_CATEGORY:
        value = row->category;
        break;
    case SET_TONE:
        value = row->tone;
        break;
    case SET_HIDDEN:
        value = row->hidden;
        break;
    case SET_SOURCE:
        value = row->source;
        break;
    case SET_HAS:
        return has_any(row, term->mask);
    case SET_SIGNAL:
        return (row->signals & term->mask) != 0;
    }
    return (term->mask >> value & 1) != 0;
}

static bool text_matches(const struct term *term,
                         const struct subject *subject)
{
    size_t i;

    for (i = 0; i < term->count; i++)
        if (term->field ? value_matches(subject, &term->values[i],
                                        term->field->columns)
                        : word_matches(subject, &term->values[i]))
            return true;
    return false;
}

static bool light_matches(const struct term *term,
                          const struct subject *subject)
{
    bool matches;

    if (!term->field)
        return text_matches(term, subject);
    switch (term->field->kind) {
    case QUERY_FIELD_AGE:
        return age_matches(term, subject);
    case QUERY_FIELD_SINCE:
        return time_of(subject) >= since_time(term, subject);
    case QUERY_FIELD_SET:
        matches = set_matches(term, subject->row);
        break;
    default:
        matches = text_matches(term, subject);
        break;
    }
    return matches != (term->op == OP_IS_NOT);
}

static enum query_answer deep_answer(const struct term *term,
                                     const struct subject *subject)
{
    if (subject->event)
        return deep_matches(term, subject->event, subject->meter) ? QUERY_YES
                                                                  : QUERY_NO;
    if (subject->deep == QUERY_UNREAD)
        return QUERY_OPEN;
    subject->meter->hit |= subject->deep >> (8 + term->deep) & 1;
    return subject->deep >> term->deep & 1 ? QUERY_YES : QUERY_NO;
}

static enum query_answer term_judge(const struct term *term,
                                    const struct subject *subject)
{
    if (query_field_is_deep(term->field))
        return deep_answer(term, subject);
    return light_matches(term, subject) ? QUERY_YES : QUERY_NO;
}

static enum query_answer node_judge(const struct node *node,
                                    const struct subject *subject);

/* What could not be judged does not match, and neither does its contrary. */
static enum query_answer judge_not(const struct node *kid,
                                   const struct subject *subject)
{
    bool before = subject->meter->hit;
    enum query_answer answer;

    subject->meter->hit = false;
    answer = node_judge(kid, subject);
    if (answer != QUERY_OPEN)
        answer =
            answer == QUERY_NO && !subject->meter->hit ? QUERY_YES : QUERY_NO;
    subject->meter->hit |= before;
    return answer;
}

/* One that says `settles` settles it; else one that is open leaves it open. */
static enum query_answer judge_kids(struct node *const *kids, size_t count,
                                    enum query_answer settles,
                                    const struct subject *subject)
{
    enum query_answer all = settles == QUERY_YES ? QUERY_NO : QUERY_YES;
    size_t i;

    for (i = 0; i < count; i++) {
        enum query_answer answer = node_judge(kids[i], subject);

        if (answer == settles)
            return settles;
        if (answer == QUERY_OPEN)
            all = QUERY_OPEN;
    }
    return all;
}

static enum query_answer node_judge(const struct node *node,
                                    const struct subject *subject)
{
    switch (node->kind) {
    case NODE_TERM:
        return term_judge(node->term, subject);
    case NODE_NOT:
        return judge_not(node->kids[0], subject);
    case NODE_ANY:
        return judge_kids(node->kids, node->count, QUERY_YES, subject);
    case NODE_ALL:
        break;
    }
    return judge_kids(node->order, node->count, QUERY_NO, subject);
}

/* All of a query, within what one row may cost. */
static enum query_answer root_judge(const struct node *root,
                                    const struct subject *subject)
{
    struct meter *meter = subject->meter;
    enum query_answer answer;

    meter->row_left = LIMIT_ROW_STEPS;
    meter->hit = false;
    answer = node_judge(root, subject);
    if (answer == QUERY_NO && meter->hit)
        meter->unjudged++;
    return answer;
}

/* --- events ------------------------------------------------------------ */

static void set_texts(const char **texts, const struct event *event,
                      const struct book *book)
{
    const struct account *account =
        event->account.id ? book_find(book, event->account.id) : NULL;

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
    const char *texts[COLUMN_COUNT];
    struct query_row row = {
        .category = (uint8_t)event->category,
        .tone = (uint8_t)event->tone,
        .hidden = (uint8_t)event->hidden,
        .source = (uint8_t)event->source,
        .signals = (uint16_t)event->signals,
        .has_replay = event->links.replay != NULL,
        .occurred_at = event->occurred_at,
        .received_at = event->received_at,
    };
    struct subject subject = {.row = &row,
                              .now_ms = now_ms,
                              .texts = texts,
                              .event = event,
                              .meter = query->meter};
    size_t i;

    if (!query->root)
        return true;
    set_texts(texts, event, query->book);
    for (i = 0; i < COLUMN_COUNT; i++)
        row.texts[i] = texts[i] != NULL;
    return root_judge(query->root, &subject) == QUERY_YES;
}

static void judge_deep(const struct node *node, const struct event *event,
                       struct meter *meter, int *bits)
{
    size_t i;

    for (i = 0; i < node->count; i++)
        judge_deep(node->kids[i], event, meter, bits);
    if (node->kind != NODE_TERM || !query_field_is_deep(node->term->field))
        return;
    meter->row_left = LIMIT_ROW_STEPS;
    meter->hit = false;
    if (deep_matches(node->term, event, meter))
        *bits |= 1 << node->term->deep;
    else if (meter->hit)
        *bits |= 1 << (8 + node->term->deep);
}

int query_match_deep(const struct query *query, const struct event *event)
{
    int bits = 0;

    if (query->root)
        judge_deep(query->root, event, query->meter, &bits);
    return bits;
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
    bound->moments = xcalloc(query->values + 1, sizeof *bound->moments);
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
    free(bound->moments);
    free(bound);
}

enum query_answer query_judge_row(struct query_bound *bound,
                                  const struct query_row *row, int deep,
                                  int64_t now_ms)
{
    struct subject subject = {.row = row,
                              .now_ms = now_ms,
                              .bound = bound,
                              .deep = deep,
                              .meter = bound->query->meter};
    enum query_answer answer;

    if (!bound->query->root)
        return QUERY_YES;
    if (intern_limit(bound->texts) > bound->room)
        make_room(bound);
    if (intern_changes(bound->texts) != bound->changes)
        catch_up(bound);
    answer = root_judge(bound->query->root, &subject);
    bound->costly += answer == QUERY_NO && subject.meter->hit;
    return answer;
}

bool query_match_row(struct query_bound *bound, const struct query_row *row,
                     int64_t now_ms)
{
    return query_judge_row(bound, row, QUERY_UNREAD, now_ms) == QUERY_YES;
}

void query_expect_rows(const struct query_bound *bound,
                       const struct query_row *soon,
                       const struct query_row *later)
{
    if (bound->query->reads_sentences) {
        intern_expect(bound->texts, soon->sentence, true);
        intern_expect(bound->texts, later->sentence, false);
    }
    if (bound->query->reads_urls) {
        intern_expect(bound->texts, soon->url, true);
        intern_expect(bound->texts, later->url, false);
    }
}
