/* The parsed query, private to this room: a tree of terms. Texts and nodes
 * live in the query's arena. */
#ifndef TELLTALE_TREE_H
#define TELLTALE_TREE_H

#include "base/mem.h"
#include "query/query.h"

/* The text columns of an event, in the order of struct query_row. */
enum column {
    COLUMN_ACCOUNT_ID,
    COLUMN_ACCOUNT,
    COLUMN_OWNER,
    COLUMN_SEGMENT,
    COLUMN_PERSON_ID,
    COLUMN_PERSON,
    COLUMN_EMAIL,
    COLUMN_NAME,
    COLUMN_SENTENCE,
    COLUMN_URL,
    COLUMN_COUNT
};

enum query_field_kind {
    QUERY_FIELD_TEXT, /* one of its columns */
    QUERY_FIELD_SET,  /* one of a few words, judged as a bit set */
    QUERY_FIELD_AGE,
    QUERY_FIELD_SINCE,
    /* Deep ones, of which only the event's body tells: */
    QUERY_FIELD_PROPERTY,
    QUERY_FIELD_AMOUNT, /* of money, whatever property has it */
    QUERY_FIELD_BODY
};

enum set {
    SET_CATEGORY,
    SET_TONE,
    SET_HIDDEN,
    SET_SOURCE,
    SET_HAS,
    SET_SIGNAL
};

/* What a term may ask for; kept in one table, field.c. */
struct query_field {
    const char *name;
    enum query_field_kind kind;
    const char *example; /* "category:billing" */
    const char *what;    /* "a category" is needed here */
    /* QUERY_FIELD_TEXT: columns, ended by COLUMN_COUNT */
    enum column columns[4];
    /* QUERY_FIELD_SET: which, and the words of its bits */
    enum set set;
    const char *(*word)(unsigned bit);
    unsigned bits;
};

/* NULL when there is no such field. name need not be terminated. */
const struct query_field *query_field_find(const char *name, size_t len);
/* The one whose name is nearly that; NULL when none is. */
const struct query_field *query_field_near(const char *name, size_t len);
/* In alphabetical order; NULL at the end. */
const struct query_field *query_field_at(size_t index);
/* Does only the event's body tell? */
bool query_field_is_deep(const struct query_field *field);

/* The words of has:, in bit order. */
enum has {
    HAS_REPLAY,
    HAS_URL,
    HAS_PERSON,
    HAS_EMAIL,
    HAS_ACCOUNT,
    HAS_COUNT
};

enum op {
    OP_CONTAINS,
    OP_IS,
    OP_IS_NOT,
    OP_LESS,
    OP_LESS_IS,
    OP_MORE,
    OP_MORE_IS,
    OP_REGEX
};
const char *op_text(enum op op);

enum query_value_mode {
    QUERY_VALUE_FOLDED, /* text is folded: contained in any case */
    QUERY_VALUE_CASED,  /* contained as it is written */
    QUERY_VALUE_EQUAL,
    QUERY_VALUE_GLOB,
    QUERY_VALUE_REGEX,
    QUERY_VALUE_ANY,    /* is_set */
    QUERY_VALUE_NONE,   /* is_not_set */
    QUERY_VALUE_BEGINS, /* text is folded: it begins so, in any case */
    QUERY_VALUE_NEVER   /* too short to name an id */
};

/* What judging has cost, and what it still may. Its owner is the query; it
 * changes while the query is judged. */
struct meter {
    uint64_t steps;    /* all so far */
    size_t row_left;   /* of LIMIT_ROW_STEPS */
    bool hit;          /* a text of this row was too costly */
    uint64_t unjudged; /* rows that were, and match not otherwise */
    const struct query_value *costly; /* the first that was */
};

struct query_regex;
struct query_value {
    const char *text;   /* as written, for printing */
    const char *needle; /* as compared */
    enum query_value_mode mode;
    struct query_regex *regex; /* QUERY_VALUE_REGEX */
    unsigned index; /* among all values of the query, for remembering */
    struct query_value
        *id; /* how columns of ids are judged; NULL: like others */
};

struct term {
    const struct query_field *field; /* NULL: a plain word or phrase */
    enum op op;
    struct query_value *values;
    size_t count;
    unsigned mask; /* QUERY_FIELD_SET */
    int64_t ms;    /* QUERY_FIELD_AGE: length; QUERY_FIELD_SINCE: see since */
    const char
        *property; /* QUERY_FIELD_PROPERTY: its name, or a dotted path */
    double number; /* QUERY_FIELD_AMOUNT, or a property that is compared */
    unsigned deep; /* deep ones: which of the query's */
    enum since { SINCE_AT, SINCE_CLOCK, SINCE_LENGTH } since;
};

enum node_kind { NODE_ALL, NODE_ANY, NODE_NOT, NODE_TERM };

struct node {
    enum node_kind kind;
    struct node **kids;  /* as written */
    struct node **order; /* NODE_ALL: the cheap ones first */
    size_t count;
    struct term *term;
    int cost; /* as in term_node() */
};

struct query {
    struct arena arena;
    struct node *root; /* NULL: everything */
    char *text;
    unsigned values;
    bool ages;                        /* what matches changes as time passes */
    bool asks_hidden;                 /* hidden: occurs */
    bool asks_book;                   /* owner: or segment: occurs */
    bool asks_signals;                /* signal: occurs */
    unsigned deep;                    /* terms that need the body */
    bool reads_sentences, reads_urls; /* columns of many different texts */
    const struct book *book;
    struct query_regex *regexes; /* all, to be freed */
    unsigned patterns;           /* how many */
    struct meter *meter;
};

/* The normalised text of a tree; NULL is "". */
void tree_print(struct buf *out, const struct node *node);

/* value.c. What is asked of a text, whatever it is of; *left as in
 * regex_matches(). A text that is NULL is not set. */
bool query_value_holds(const struct query_value *value, const char *text,
                       size_t *left);
/* The same within what the row may cost. VERDICT_OPEN when its other texts
 * left too little to tell. */
enum verdict { VERDICT_OPEN, VERDICT_NO, VERDICT_YES, VERDICT_COSTLY };
enum verdict query_value_judge(const struct query_value *value,
                               const char *text, struct meter *meter);
/* That value could not be judged: the first of them is remembered, to be told.
 * Returns VERDICT_COSTLY. */
enum verdict meter_costly(struct meter *meter,
                          const struct query_value *value);

/* deep.c: does what the event's body says satisfy a deep term? Without a body
 * nothing does, and neither does its contrary. */
bool deep_matches(const struct term *term, const struct event *event,
                  struct meter *meter);

/* regex.c: compiles value->needle; false with err for a bad or costly one. */
bool query_value_compile(struct query *query, struct query_value *value,
                         bool any_case, struct err *err);
/* *left is what it may cost, in steps, and what is left then; 0 with false:
 * that did not suffice. */
bool regex_matches(struct query_regex *regex, const char *text, size_t *left);
void regex_free_all(struct query *query);

#endif
