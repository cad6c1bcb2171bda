/* What rules send through mirrors: do = mirror NAME. It is planned with the
 * page that the rules were held against, and written into the mirror's outbox
 * in the transaction that moves the rules' cursor: nothing of it is lost and
 * nothing sent twice, whenever the process dies. While a mirror is not on,
 * its messages wait. */
#ifndef TELLTALE_RULE_SENDING_H
#define TELLTALE_RULE_SENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/rule.h"
#include "base/err.h"
#include "base/limits.h"
#include "mirror/mirror.h"
#include "mirror/outbox.h"

struct journal_reader;
struct sqlite3;

struct rule_sending {
    struct mirrors *mirrors;               /* borrowed; NULL: there are none */
    size_t mirror_of[LIMIT_RULES];         /* of each rule, RULE_NO_MIRROR */
    struct outbox_plan plans[LIMIT_RULES]; /* of the page; of each rule */
};
#define RULE_NO_MIRROR SIZE_MAX

/* Loop. True when events are needed with their properties. A mirror that
 * nobody has is none: check says so. */
bool rule_sending_open(struct rule_sending *sending,
                       const struct rule_list *list, struct mirrors *mirrors);
/* READER's thread. signals: of each event the id of the signal it stands
 * for, 0 for one that is an event. */
bool rule_sending_plan(struct rule_sending *sending,
                       struct journal_reader *reader,
                       const struct rule_firing *firings, size_t fired,
                       const struct event *events, const int64_t *signals,
                       struct err *err);
/* WRITER's thread, inside the transaction. */
bool rule_sending_write(struct rule_sending *sending, struct sqlite3 *db,
                        struct err *err);
/* Loop: they are in the journal. */
void rule_sending_written(struct rule_sending *sending);
/* Frees what was planned, if anything was. */
void rule_sending_drop(struct rule_sending *sending);

#endif
