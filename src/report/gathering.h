/* What both ways of gathering share: from the sums of whole days (gather.c),
 * and from chosen events (digest.c). Private to src/report. */
#ifndef TELLTALE_REPORT_GATHERING_H
#define TELLTALE_REPORT_GATHERING_H

#include "event/event.h"
#include "report/report.h"
#include "signal/table.h"

#define PAST_DAYS 14 /* of the sums that one read goes over */

/* What a person did in the period, and on how many days. */
struct doer {
    int64_t account, person;
    uint64_t events;
    unsigned days;
};

/* Where in report->accounts an account is, by its id. */
struct account_index {
    struct intern *ids;
    size_t *places;
    size_t count;
};
void account_index_free(struct account_index *index);
/* "" is what has no account. */
void account_index_add(struct account_index *index, const char *id,
                       size_t place);
/* NULL: not there, or id is. */
struct report_account *account_index_find(const struct account_index *index,
                                          const struct report *report,
                                          const char *id);

/* Keeps the event where it is worth a line; person is what is shown of who
 * did it, and may be NULL. All is copied. */
void report_take_event(struct report_account *account,
                       const struct event *event, const char *person);
/* Frees what was kept of them. */
void report_drop_events(struct report_account *account);
void report_take_signal(struct report *report, struct report_account *account,
                        const struct signal_row *row, const char *person);
/* Those who did most are its people; name() is asked for text that lives as
 * long as the report. NULL: nobody is named. */
void report_take_people(struct report_account *account,
                        const struct doer *dids, size_t count,
                        const char *(*name)(void *ctx, int64_t person),
                        void *ctx);
/* What there is to say first comes first. */
void report_order(struct report *report);

#endif
