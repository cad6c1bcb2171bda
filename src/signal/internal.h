/* What the signals know of an account, and how they say what they conclude.
 * Private to the room; one file per signal looks at it. */
#ifndef TELLTALE_SIGNAL_INTERNAL_H
#define TELLTALE_SIGNAL_INTERNAL_H

#include "base/mem.h"
#include "signal/baseline.h"
#include "signal/people.h"
#include "signal/signal.h"

#define RING_EVENTS 32  /* days of meaningful events; 30 count */
#define WINDOW_DAYS 30  /* of the champion */
#define RECENT 6        /* meaningful events of a category kept */
#define READS 8         /* docs pages kept */
#define SEQS 4          /* newest events of an account or a person kept */
#define BILLING_SAID 16 /* matters of billing that are not said again yet */
#define CARRIERS_MAX 12 /* people of an account whose events are counted */
#define NO_DAY INT32_MIN

/* Something somebody did, as far as later conclusions need it. */
struct mark {
    uint32_t at;     /* seconds since 1970; 0: empty */
    uint32_t person; /* low bits of the key */
    uint64_t seq;
};
struct read_mark {
    struct mark mark;
    uint8_t area; /* category; 0: an error, which may be of any */
    uint8_t error;
};

/* One category of an account. */
struct use {
    uint64_t days; /* bit i: used on `last` - i */
    int32_t last;  /* NO_DAY: never */
    int32_t first;
    uint64_t touch_seq;  /* of the first touch that was said; 0: none */
    int64_t quiet_until; /* wall ms: working now is not said again before */
    struct mark recent[RECENT]; /* newest first */
};

/* Somebody who may carry the account. */
struct carrier {
    uint64_t key;
    char *id;                     /* what the journal knows the person by */
    int32_t head;                 /* newest day of counts */
    uint16_t counts[RING_EVENTS]; /* meaningful events by day */
    uint64_t seqs[SEQS];          /* newest first */
};

struct holder { /* of a title */
    char *id;   /* NULL: nobody */
    uint64_t key;
    uint64_t seq; /* of the signal */
};

struct account_state {
    char *id;
    bool listed;
    int32_t first, head; /* day of the first event; newest day of the rings */
    struct day_counts active; /* people a day */
    float others[LEFT_DAYS];  /* ratio of the book without it, by day modulo */
    uint16_t events[RING_EVENTS]; /* meaningful events by day */
    struct people people;
    struct use uses[CATEGORY_COUNT];
    struct read_mark reads[READS]; /* newest first */
    struct mark billing_page;
    struct carrier *carriers;
    size_t carrier_count;
    struct holder champion, one_person, away;
    uint64_t seqs[SEQS]; /* of its newest events, newest first */
    int32_t
        newcomers[NEWCOMERS_MAX]; /* days of the newest first appearances */
    double growing;               /* the sum */
    uint64_t quiet_seq;           /* of the open signal; 0: none */
    double quiet_usual;           /* people a workday when it was said */
    int32_t rests[SIGNAL_COUNT];  /* day until which a kind rests */
    uint32_t billing_rests[BILLING_SAID]; /* what was said */
    int32_t billing_days[BILLING_SAID];   /* and until which day */
    bool dirty;
};

struct engine {
    struct signal_settings settings;
    struct areas *own_areas;         /* NULL: the settings have some */
    struct account_state **accounts; /* in order of appearance */
    size_t count, cap;
    uint32_t *slots; /* by hash of the id: index + 1 */
    size_t slot_count;
    size_t last;        /* the one found last */
    bool book;          /* an account of the book was seen */
    int32_t done;       /* the last day that was judged; NO_DAY: none */
    float ratios[DAYS]; /* of the book, by day modulo DAYS */
    int64_t day_start, day_end; /* of the day found last */
    int32_t day;
    bool dirty, lost; /* signal.h: engine_is_lost() */

    struct arena arena; /* of what was concluded */
    struct signal *signals;
    size_t signal_count, signal_cap;
};

/* An event that counts, with what was found out about it. */
struct moment {
    const struct event *event;
    int64_t at; /* the time that counts, wall ms */
    int32_t day;
    uint64_t person; /* 0: nobody */
    const char *person_id;
    bool meaningful; /* not just a page that was read */
    bool live;       /* not of the past, and heard of at once */
    bool news;       /* nobody said anything about it yet */
    int docs;        /* the area whose docs were read, or -1 */
};

/* A day that ended. */
struct day_end {
    int32_t day;
    uint64_t seq;              /* of the tick */
    int64_t at;                /* when the day ended */
    float ratio;               /* the book's; 0: say nothing of this day */
    double others_x, others_m; /* the book without the account */
};

/* Makes the event a part of what is known of its account, people and all. */
void account_learn(struct account_state *account, const struct moment *moment);
/* Each signal that looks at days looks at this one, for every account; of end,
 * day, seq and at are filled in. */
void engine_end_day(struct engine *engine, struct day_end *end);
/* The same of one account, for a day that the book was judged on already: what
 * the account did is known up to that day, and no further. */
void account_relive(struct engine *engine, struct account_state *account,
                    struct day_end *end);
/* Nobody looked for so long that all days that were known are too old: every
 * account has to be learnt as one that is new. */
void engine_begin_anew(struct engine *engine, int32_t today);
/* The clock went back: today is that day, whatever was seen of later ones. */
void engine_go_back(struct engine *engine, int32_t today);
/* Makes it if it is not there; NULL: there are too many. */
struct account_state *engine_account(struct engine *engine, const char *id);
int32_t engine_day(struct engine *engine, int64_t ms);
int64_t engine_day_start(const struct engine *engine, int32_t day);
bool engine_is_holiday(const struct engine *engine, int32_t day);
/* Signals of it are said: it is in the book, or there is none. */
bool engine_follows(const struct engine *engine,
                    const struct account_state *account);
uint64_t person_key(const struct event_person *person);
const char *person_id(const struct event_person *person);

/* Meaningful events of an account, or of one carrier, in the 30 days that
 * end with that day. */
unsigned account_events(const struct account_state *account, int32_t day);
unsigned carrier_events(const struct carrier *carrier, int32_t day);
struct carrier *account_carrier(const struct account_state *account,
                                uint64_t key);
/* People on that day, and how many are usual. False when too little of the
 * past is known. */
struct usual {
    double x, usual;
};
bool account_usual(const struct engine *engine,
                   const struct account_state *account, int32_t day,
                   struct usual *out);
/* From one day to another: people-days, how many are usual, and how many were
 * to be expected of days on which the whole book was as it was. */
struct span {
    double x, usual, expected;
};
void account_span(const struct engine *engine,
                  const struct account_state *account, int32_t from,
                  int32_t to, struct span *out);
void count_up(uint16_t *count);
/* Days from that one back: bit i is day - i. */
uint64_t account_workdays(const struct engine *engine,
                          const struct account_state *account, int32_t day);

/* Says it. The caller has looked at `off` and cool-downs, by
 * signal_may_say(); sentence and numbers are copied, *draft filled up. */
bool signal_may_say(const struct engine *engine,
                    const struct account_state *account, enum signal_kind kind,
                    int32_t day);
void signal_say(struct engine *engine, struct account_state *account,
                struct signal *draft, int32_t day);
void signal_withdraw(struct engine *engine,
                     const struct account_state *account,
                     enum signal_kind kind, uint64_t seq, int category,
                     const char *person);
/* Adds a seq to the evidence, unless it is 0 or there. */
void signal_evidence(struct signal *draft, uint64_t seq);

/* One file each, by the table of them. The event is not yet part of what the
 * account knows of its category, but of its people. */
#define ON_EVENT(name)                                                        \
    void name##_event(struct engine *engine, struct account_state *account,   \
                      struct moment *moment);
#define ON_DAY(name)                                                          \
    void name##_day(struct engine *engine, struct account_state *account,     \
                    const struct day_end *end);
#include "signal/rules.def"
#undef ON_EVENT
#undef ON_DAY

/* Counts what people do who may carry the account. */
void champion_learn(struct account_state *account,
                    const struct moment *moment);

#endif
