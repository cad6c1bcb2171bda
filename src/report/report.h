/* A report of some days: what happened in the book or in one account, by
 * whom, what is new, what fell, who carries it, which replays are worth
 * watching and what to ask. Gathered once from a journal, in short reads over
 * `daily` and the events, then written in one of the formats. */
#ifndef TELLTALE_REPORT_H
#define TELLTALE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "event/category.h"
#include "event/redact.h"
#include "journal/reader.h"
#include "journal/zone.h"

#define REPORT_PEOPLE 3  /* who carries an account */
#define REPORT_EVENTS 5  /* worth a line */
#define REPORT_REPLAYS 3 /* worth watching */

struct report_options {
    const char
        *account; /* id, or a part of the name by text_fold(); or NULL */
    int64_t since_ms, now_ms;
    const struct zone_days *days;    /* the journal's */
    const struct redaction *conceal; /* what is not shown; NULL: nothing */
};

/* Since when a report is of a length that ends now: the moment it began at is
 * not in it, or at midnight 7d would be eight days. */
int64_t report_since(int64_t now_ms, int64_t length);

/* All text below is sanitised and lives as long as the report, that of events
 * until better ones take their place; NULL: none. */
struct report_person {
    const char *name;
    uint64_t events;
    unsigned days;
};
struct report_event {
    int64_t at;
    enum tone tone;
    const char *person, *sentence, *replay; /* person NULL: not to be named */
    char *texts;                            /* what those lie in, its own */
};
struct report_signal {
    struct report_signal *next;
    enum tone tone;
    int64_t fired_at;
    const char *title, *person, *sentence, *opener;
};
struct report_span {
    uint64_t events;
    unsigned people, person_days;
    uint64_t categories[CATEGORY_COUNT];
};
struct report_account {
    int64_t row; /* accounts.id */
    const char *id, *name;
    bool listed;
    int64_t last_at; /* its last event ever, or 0 */
    struct report_span now, before;
    uint64_t *days; /* events by day of the period */
    unsigned had;   /* bits: categories used before the period */
    struct report_person people[REPORT_PEOPLE];
    struct report_event events[REPORT_EVENTS], replays[REPORT_REPLAYS];
    size_t person_count, event_count, replay_count;
    struct report_signal *signals;
};

struct report {
    struct arena arena;
    int32_t first_day, last_day; /* days since 1970, both with it */
    unsigned day_count;          /* of the period, and of the one before */
    unsigned weeks_before;  /* what it is compared with is from; 0: it is the
                              days just before */
    int64_t from_ms, to_ms; /* of a digest, which is of hours; else 0 */
    struct report_account *accounts; /* what matters most comes first */
    size_t count;
    struct report_span now, before; /* of all */
    bool alone;                     /* one account was asked for */
    bool nobody; /* no account is called that: it cannot be gathered */
};

/* Gathers it read by read, each of one day of sums, one page of events or the
 * like; report and options are borrowed, and stay. NULL with err: those are no
 * days for a report. Free the report either way. */
struct gathering;
struct gathering *gathering_new(struct report *report,
                                const struct report_options *options,
                                struct err *err);
void gathering_free(struct gathering *gathering);
/* *more: it is not whole yet. False with err, after which nothing more can be
 * done; the first step fails where an account was asked for that nobody
 * has. */
bool gathering_step(struct gathering *gathering, struct journal_reader *reader,
                    bool *more, struct err *err);
/* All of it, blocking. */
bool report_gather(struct report *report, struct journal_reader *reader,
                   const struct report_options *options, struct err *err);
void report_free(struct report *report);

/* Is anything to be said of it? */
bool report_is_quiet(const struct report_account *account);
const char *report_name(const struct report_account *account);
/* Categories used for the first time, and no more used, as titles with commas
 * between. */
void report_new(struct buf *out, const struct report_account *account);
void report_fell(struct buf *out, const struct report_account *account);
/* "▲ 12 %", "▼ 30 %", "=", "new" or, where nothing is to compare, "". */
void report_change(struct buf *out, uint64_t now, uint64_t before);
/* Percent of the account's events. */
unsigned report_share(const struct report_account *account,
                      const struct report_person *person);
/* "Mon 14 Sep 08:06", local time. */
void report_time(struct buf *out, int64_t ms);
/* "08 Sep 2026 to 14 Sep 2026", "Sun 13 Sep 17:30 to Mon 14 Sep 17:30"; what
 * all did. */
void report_period(struct buf *out, const struct report *report);
void report_summary(struct buf *out, const struct report *report);

/* How it is written: "text", "md", "html" or "json". NULL: no such format. */
struct report_format {
    const char *name;
    const char *content_type; /* NULL: application/json */
    /* Appends all of it; false: out overflowed. */
    bool (*write)(struct buf *out, const struct report *report);
};
const struct report_format *report_format_find(const char *name);

/* Append all of it. */
bool report_text(struct buf *out, const struct report *report);
bool report_markdown(struct buf *out, const struct report *report);
bool report_html(struct buf *out, const struct report *report);
bool report_json(struct buf *out, const struct report *report);

#endif
