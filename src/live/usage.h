/* Usage: how much accounts and people did in the last weeks, by day and
 * category; what the screens Accounts, People and Coverage show. It is filled
 * from the journal's sums by day and kept up by events as they come; there is
 * no clock in it, and nothing is counted again: when a day has ended it is
 * filled anew. Bounded by LIMIT_USAGE_ACCOUNTS and LIMIT_USAGE_PEOPLE: whoever
 * is beyond counts for the account only, or not at all, and usage_partial()
 * says so.
 *
 * Days are since 1970, of the journal's zone. */
#ifndef TELLTALE_USAGE_H
#define TELLTALE_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

#define USAGE_DAYS 60 /* the last ones, with today */
#define USAGE_MONTH 30
#define USAGE_WEEK 7
#define USAGE_NEVER INT32_MIN
#define USAGE_NOBODY UINT32_MAX

/* The first or the last time of a category. */
struct usage_moment {
    int32_t day; /* USAGE_NEVER: not known */
    uint32_t person;
};

struct usage_account {
    const char *id;   /* NULL: events without an account */
    const char *name; /* the journal's; NULL: not known */
    uint32_t people;  /* the first of them; USAGE_NOBODY: none */
    struct usage_moment first[CATEGORY_COUNT], last[CATEGORY_COUNT];
    uint16_t by_category[CATEGORY_COUNT][USAGE_MONTH]; /* by day modulo */
    uint32_t by_day[USAGE_DAYS];                       /* the same */
};

struct usage_person {
    uint32_t account;
    uint32_t next;          /* of the same account */
    const char *key, *name; /* the name, else the e-mail; NULL: neither */
    bool named;             /* it is a name */
    int64_t last_at;        /* wall ms; CLOCK_NONE: not known */
    uint64_t active;        /* bit i: did something i days before today */
    uint32_t month;         /* events in 30 days */
    uint32_t before;        /* in the 30 before those */
    uint16_t by_category[CATEGORY_COUNT]; /* in 30 days */
};

struct usage;

struct usage *usage_new(int32_t today);
void usage_free(struct usage *usage); /* NULL is allowed */
int32_t usage_today(const struct usage *usage);
/* All of usage is replaced by what is in from, which is freed: numbers of
 * before mean nothing any more, which usage_fill() tells by another value. */
unsigned usage_fill(const struct usage *usage);
void usage_take(struct usage *usage, struct usage *from);
size_t usage_bytes(const struct usage *usage);

/* ---- filling ---- */

/* The number of an account or a person, made if need be; USAGE_NOBODY when
 * there is no room. id NULL: no account. A newer name replaces; an e-mail
 * replaces another, but no name. */
uint32_t usage_add_account(struct usage *usage, const char *id,
                           const char *name);
uint32_t usage_add_person(struct usage *usage, uint32_t account,
                          const char *key, const char *name,
                          const char *email);
void usage_saw(struct usage *usage, uint32_t person, int64_t at);
/* So many events of a day. person USAGE_NOBODY: of nobody; days after today
 * and those too old count for nothing but a first time. */
struct usage_count {
    int32_t day;
    uint32_t account, person;
    enum category category;
    uint32_t events;
};
void usage_add(struct usage *usage, const struct usage_count *count);
/* An earlier first time than what is counted; and: all of them are known. */
void usage_first(struct usage *usage, uint32_t account, enum category category,
                 struct usage_moment moment);
void usage_set_complete(struct usage *usage);
bool usage_complete(const struct usage *usage);
/* Not everybody is in it: there are more than it has room for. */
void usage_set_partial(struct usage *usage);
bool usage_partial(const struct usage *usage);
/* What an event adds. One that is hidden adds nothing, nor does a test; one of
 * the past brings no newer name. */
void usage_event(struct usage *usage, const struct event *event, int32_t day);

/* ---- asking ---- */

size_t usage_accounts(const struct usage *usage);
const struct usage_account *usage_account(const struct usage *usage,
                                          size_t index);
/* NULL: nothing is known of it. id NULL: no account. */
const struct usage_account *usage_find(const struct usage *usage,
                                       const char *id);
size_t usage_people(const struct usage *usage);
const struct usage_person *usage_person(const struct usage *usage,
                                        uint32_t person);
/* Who did something last: the n-th, 0 being the newest, of at most
 * USAGE_RECENT people; NULL: there are no more. */
#define USAGE_RECENT 256
const struct usage_person *usage_recent(const struct usage *usage, size_t n);
/* Events of the `days` days that end `back` days before today. */
uint32_t usage_sum(const struct usage *usage,
                   const struct usage_account *account, int back, int days);
uint32_t usage_on(const struct usage *usage,
                  const struct usage_account *account, int back);
uint32_t usage_category(const struct usage_account *account,
                        enum category category); /* in 30 days */
uint32_t usage_category_on(const struct usage *usage,
                           const struct usage_account *account,
                           enum category category, int back);
/* Events of an ordinary week: the mean of the four weeks before this one, or
 * of so many of them as are whole since the account's first day; 0: none is. */
uint32_t usage_usual(const struct usage *usage,
                     const struct usage_account *account);
/* A person's events of the 30 days before the last 30, as many as there would
 * be had the account been there in all of them; 0: it was not there for a
 * week, or they are too few to say so. */
uint32_t usage_month_before(const struct usage *usage,
                            const struct usage_person *person);
/* How much more or less than before, in percent; false on a base under 10,
 * which says nothing. */
bool usage_trend(uint32_t now, uint32_t before, int *percent);
/* People who did something in 30 days, and of those in the last 7. */
struct usage_heads {
    size_t month, week;
};
struct usage_heads usage_heads(const struct usage *usage,
                               const struct usage_account *account);
/* Percent of the account's events in 30 days, in tenths. */
uint32_t usage_share_x10(const struct usage *usage,
                         const struct usage_person *person);
/* Carries the account: the most active days, 8 or more, and at least that
 * share (in percent) of its events. */
#define USAGE_CHAMPION_SHARE 40
#define USAGE_CHAMPION_DAYS 8
bool usage_is_champion(const struct usage *usage, uint32_t person);

#endif
