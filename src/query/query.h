/* The filter language: plain words first, fields second. The same text
 * filters a pane, a view, a mirror, a rule, `tail` and GET /events. What it
 * can say: doc/query.md.
 *
 * A query is judged against a whole struct event, or against the interned
 * columns of the ring (query_bind), where each distinct text is judged once.
 */
#ifndef TELLTALE_QUERY_H
#define TELLTALE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/intern.h"
#include "event/event.h"

struct book;
struct query;

/* Where and why a text is not a query. column counts cells from 0 in the
 * text, for the `^` under it. */
struct query_error {
    size_t offset;  /* bytes */
    int column;     /* cells */
    struct err err; /* "a number is needed here, like amount>100" */
};

/* Empty or blank text matches everything. NULL with error on a bad one. */
struct query *query_parse(const char *text, struct query_error *error);
void query_free(struct query *query); /* NULL is allowed */
/* The normalised text: parsing it gives an equal query. */
const char *query_text(const struct query *query);
bool query_is_empty(const struct query *query);
/* True if every event that matches `narrow` matches `wide` too, as far as
 * the texts show (typing further characters): then only the previous result
 * need be judged. May say false though it is so. */
bool query_narrows(const struct query *wide, const struct query *narrow);
/* The same in at most *left steps, which are taken off it: 0 then, with
 * false, if they did not suffice. */
bool query_narrows_within(const struct query *wide, const struct query *narrow,
                          size_t *left);
/* The categories it asks for at the top level, as a bit set of 1 << enum
 * category; 0 when it does not restrict them. For the category line. */
unsigned query_categories(const struct query *query);

/* Appends the query's text with its categories at the top level replaced by
 * those of mask (0: none), for a key that switches one on or off. NULL is
 * everything. False if out overflowed. */
bool query_add_with_categories(struct buf *out, const struct query *query,
                               unsigned mask);
/* Appends the query's text so that more can be asked behind it: without what
 * its top level asks those fields to be (names, ended by NULL), and in
 * parentheses where it is one thing or another. NULL is everything. False if
 * out overflowed. */
bool query_add_without(struct buf *out, const struct query *query,
                       const char *const *fields);
/* Appends value as it must stand behind "account:" or "account=": quoted
 * where needed. False if out overflowed. */
bool query_add_value(struct buf *out, const char *value);
/* Appends the query's text for others to see: show appends each value in its
 * place; field is NULL for a plain word, a phrase or a regex. What comes of it
 * need not parse. False if out overflowed. */
typedef void query_show(void *ctx, struct buf *out, const char *field,
                        const char *value);
bool query_add_shown(struct buf *out, const struct query *query,
                     query_show *show, void *ctx);
/* True if what matches changes as time passes (age<1h, since:09:00). */
bool query_ages(const struct query *query);
/* True if it says itself which hidden events it wants (hidden:internal). */
bool query_asks_hidden(const struct query *query);
/* True if it asks for signals (signal:quiet). Of an event, signal: asks which
 * signals rest on it, of a signal that is told as an event which it is; both
 * are bits 1u << enum signal_kind in event.signals and query_row.signals. Who
 * matches signals themselves makes a struct event of each: its account,
 * person, category, tone, sentence and fired_at, and that bit. */
bool query_asks_signals(const struct query *query);
/* Calls each, with what was written, for every value of event: that none of
 * these names satisfies; of what is asked not to be (-event:x), none. */
void query_names_without(const struct query *query, const char *const *names,
                         size_t count,
                         void (*each)(void *ctx, const char *value),
                         void *ctx);
/* True if it asks for what only the book knows (owner:, segment:). */
bool query_asks_book(const struct query *query);
/* Where query_match() looks up owner, segment and the book's name of an
 * account; borrowed, NULL at first. Rows of the ring have them already. */
void query_set_book(struct query *query, const struct book *book);

/* Who owner:me is, by e-mail; NULL, as at first: nobody knows, and owner:me
 * is refused. Copied; set before queries are parsed. */
void query_set_me(const char *email);
const char *query_me(void);

/* now_ms is for age<1h and since:09:00. */
bool query_match(const struct query *query, const struct event *event,
                 int64_t now_ms);

/* How many of its terms are deep (prop.plan:scale, amount>100, body:x): they
 * need the event with its body. 0: rows tell all. */
unsigned query_deep(const struct query *query);
/* What they say of an event that has its body, for query_judge_row(); a few
 * bits that mean nothing to another query. */
int query_match_deep(const struct query *query, const struct event *event);

/* What judging has cost so far, in the steps of limits.h: no row costs more
 * than LIMIT_ROW_STEPS, so that whoever judges many can stop in time. */
uint64_t query_steps(const struct query *query);
/* How many events were too costly to judge, and did not match otherwise: the
 * answers on them are no, but nobody knows. */
uint64_t query_unjudged(const struct query *query);
/* False with err, a sentence that says so, if there were any. */
bool query_explain_unjudged(const struct query *query, struct err *err);

/* The columns of one display record, as ids into the pools below. */
struct query_row {
    union {
        struct {
            uint32_t account_id, account, owner, segment; /* the account's */
            uint32_t person_id, person, email;
            uint32_t name, sentence, url;
        };
        uint32_t texts[10]; /* the same, in the order of enum column */
    };
    uint8_t category, tone, hidden, source;
    bool listed, has_replay;
    uint16_t signals; /* bits 1 << enum signal_kind that rest on it */
    int64_t occurred_at, received_at;
};
/* One pool for all columns keeps it simple: ids are comparable. */
struct query_bound;
/* Both stay the caller's and must outlive it. Give it back before either
 * goes. */
struct query_bound *query_bind(const struct query *query,
                               const struct intern *texts);
void query_unbind(struct query_bound *bound);
/* A row is all there is to most queries. With deep terms it may leave the
 * answer open, until the event was read: deep is what query_match_deep() said
 * of it, or QUERY_UNREAD. */
enum query_answer { QUERY_NO, QUERY_YES, QUERY_OPEN };
#define QUERY_UNREAD (-1)
enum query_answer query_judge_row(struct query_bound *bound,
                                  const struct query_row *row, int deep,
                                  int64_t now_ms);
/* True if the row alone says yes. */
bool query_match_row(struct query_bound *bound, const struct query_row *row,
                     int64_t now_ms);
/* Says which rows will be judged soon and some time after: lets the processor
 * fetch texts that lie all over memory meanwhile, and learn where they are. */
void query_expect_rows(const struct query_bound *bound,
                       const struct query_row *soon,
                       const struct query_row *later);

/* Completion: what could stand at byte offset `at` of text. Calls offer for
 * each candidate: names of fields, their words, and of accounts, persons and
 * events what `values` of the caller's knows. For a word without a field also
 * what it may be meant to say, with the field: category:surveys. */
typedef void complete_offer(void *ctx, const char *word);
struct complete_source {
    /* calls offer for each known value of field in which a word starts with
     * prefix, in any case; field is the name of one whose values are texts */
    void (*values)(void *ctx, const char *field, const char *prefix,
                   complete_offer *offer, void *offer_ctx);
    void *ctx;
};
void query_complete(const char *text, size_t at,
                    const struct complete_source *source,
                    complete_offer *offer, void *ctx, size_t *from);

/* The fields of the language, in the order they are offered: an example, and
 * what stands in it. False: there is none of that index. */
bool query_field(size_t index, const char **example, const char **what);

#endif
