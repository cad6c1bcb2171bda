/* A small world for tests of the signals: people do things at times that a
 * test says, days end, and what was concluded is kept. Days are UTC, and day
 * 0 is a Monday. */
#ifndef TELLTALE_SIGNAL_RIG_H
#define TELLTALE_SIGNAL_RIG_H

#include "signal/signal.h"

#define RIG_DAY INT64_C(86400000)
#define RIG_HOUR INT64_C(3600000)
#define RIG_MINUTE INT64_C(60000)
#define RIG_START (20584 * RIG_DAY)

struct rig_signal {
    struct signal signal; /* its texts are copies */
    char *account, *person, *sentence, *numbers, *opener;
};
struct rig {
    struct signal_settings settings;
    struct engine *engine;
    uint64_t seq;
    struct rig_signal *list;
    size_t count;
};

struct rig *rig_new(void);
void rig_free(struct rig *rig);
/* A finished event of that account and person at that time, not yet fed. */
struct event rig_event(const char *account, const char *person,
                       enum category category, int64_t at);
/* Gives it the next seq, feeds it, keeps what is concluded. */
uint64_t rig_feed(struct rig *rig, struct event event);
/* Somebody does something: analytics, info. */
uint64_t rig_work(struct rig *rig, const char *account, const char *person,
                  int64_t at);
/* The day ends; 0 is the first. */
void rig_end(struct rig *rig, int day);
/* Time of a day. */
int64_t rig_at(int day, int hour, int minute);
bool rig_is_workday(int day);
/* How many of that kind were said, of that account (NULL: any). */
size_t rig_said(const struct rig *rig, enum signal_kind kind,
                const char *account);
size_t rig_withdrawn(const struct rig *rig, enum signal_kind kind);
/* The newest of that kind of account a0, or NULL. */
const struct signal *rig_last(const struct rig *rig, enum signal_kind kind);
/* Account "a0" and `others` more, each of so many people who come each
 * workday with the given chance, by a fixed random sequence, for days. */
void rig_live(struct rig *rig, int from, int to, int others, int people,
              double often);

/* For cmocka: *state is a rig. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

#define RIG_PEOPLE 5 /* of an account */
#define RIG_OTHERS 8 /* other accounts of the book */
/* Two months of the book, and nothing out of the ordinary. */
struct rig *rig_settled(void **state);
/* a0-p0 of a0 does something. */
uint64_t rig_use(struct rig *rig, enum category category, int64_t at);
/* Somebody of a0 reads a page. */
void rig_read(struct rig *rig, const char *url, const char *person,
              int64_t at);
#define RIG_FLAG_DOCS "https://posthog.com/docs/feature-flags/creating"

#endif
