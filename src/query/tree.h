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

enum field_kind {
    FIELD_TEXT, /* one of its columns */
    FIELD_SET,  /* one of a few words, judged as a bit set */
    FIELD_AGE,
    FIELD_SINCE,
    FIELD_LATER /* part of the language, but not there yet */
};

enum set { SET_CATEGORY, SET_TONE, SET_HIDDEN, SET_SOURCE, SET_HAS };

/* What a term may ask for; kept in one table, field.c. */
struct field {
    const char *name;
    enum field_kind kind;
    const char *example; /* "category:billing" */
    const char *what;    /* "a category" is needed here */
    /* FIELD_TEXT: columns, ended by COLUMN_COUNT */
    enum column columns[4];
    /* FIELD_SET: which, and the words of its bits */
    enum set set;
    const char *(*word)(unsigned bit);
    unsigned bits;
};

/* NULL when there is no such field. name need not be terminated. */
const struct field *field_find(const char *name, size_t len);
/* The one whose name is nearly that; NULL when none is. */
const struct field *field_near(const char *name, size_t len);
/* In alphabetical order; NULL at the end. */
const struct field *field_at(size_t index);

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

enum value_mode {
    VALUE_FOLDED, /* text is folded: contained in any case */
    VALUE_CASED,  /* contained as it is written */
    VALUE_EQUAL,
    VALUE_GLOB,
    VALUE_REGEX,
    VALUE_ANY, /* is_set */
    VALUE_NONE /* is_not_set */
};

/* What judging has cost, and what it still may. Its owner is the query; it
 * changes while the query is judged. */
struct meter {
    uint64_t steps;             /* all so far */
    size_t row_left;            /* of LIMIT_ROW_STEPS */
    bool hit;                   /* a text of this row was too costly */
    uint64_t unjudged;          /* rows that were, and match not otherwise */
    const struct value *costly; /* the first that was */
};

struct query_regex;
struct value {
    const char *text;   /* as written, for printing */
    const char *needle; /* as compared */
    enum value_mode mode;
    struct query_regex *regex; /* VALUE_REGEX */
    unsigned index; /* among all values of the query, for remembering */
};

struct term {
    const struct field *field; /* NULL: a plain word or phrase */
    enum op op;
    struct value *values;
    size_t count;
    unsigned mask; /* FIELD_SET */
    int64_t ms;    /* FIELD_AGE: length; FIELD_SINCE: see since */
    enum since { SINCE_AT, SINCE_CLOCK, SINCE_LENGTH } since;
};

enum node_kind { NODE_ALL, NODE_ANY, NODE_NOT, NODE_TERM };

struct node {
    enum node_kind kind;
    struct node **kids;  /* as written */
    struct node **order; /* NODE_ALL: the cheap ones first */
    size_t count;
    struct term *term;
    int cost; /* 0: columns only, no text */
};

struct query {
    struct arena arena;
    struct node *root; /* NULL: everything */
    char *text;
    unsigned values;
    bool ages;                        /* what matches changes as time passes */
    bool asks_hidden;                 /* hidden: occurs */
    bool asks_book;                   /* owner: or segment: occurs */
    bool reads_sentences, reads_urls; /* columns of many different texts */
    const struct book *book;
    struct query_regex *regexes; /* all, to be freed */
    unsigned patterns;           /* how many */
    struct meter *meter;
};

/* The normalised text of a tree; NULL is "". */
void tree_print(struct buf *out, const struct node *node);

/* Compiles value->needle; false with err for a bad or a costly one. */
bool value_compile(struct query *query, struct value *value, bool any_case,
                   struct err *err);
/* *left is what it may cost, in steps, and what is left then; 0 with false:
 * that did not suffice. */
bool regex_matches(struct query_regex *regex, const char *text, size_t *left);
void regex_free_all(struct query *query);

#endif
