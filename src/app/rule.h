/* [rule NAME] of the configuration: what is told at once, and how. And which
 * of a page of events are to be told, which needs no clock: quiet hours and
 * the rest between two of an account go by when events were received, so that
 * going over the same events again concludes the same. */
#ifndef TELLTALE_RULE_H
#define TELLTALE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "event/event.h"
#include "query/query.h"

#define RULE_TEXT 240 /* bytes of what is told */

struct rule {
    char *name;
    struct query *query;
    unsigned how;   /* enum display_alert */
    char *mirror;   /* the event goes through it at once; NULL: none */
    int quiet_from; /* minutes of the local day; -1: none */
    int quiet_to;
    int64_t cooldown_ms; /* of an account; 0: none */
};
struct rule_list {
    struct rule *rules;
    size_t count;
};

/* False with err, "config.ini:12: what". */
bool rule_list_load(struct rule_list *list, const struct config *config,
                    struct err *err);
void rule_list_free(struct rule_list *list);

/* When it was last told of each account. All zero: of none. */
struct rule_memory {
    struct rule_told {
        size_t rule;
        char *account; /* organisation id, "" */
        int64_t at;
    } * told;
    size_t count, cap;
};
void rule_memory_free(struct rule_memory *memory);

/* What a rule found in a page. */
struct rule_firing {
    size_t rule;
    size_t *which; /* indexes of the events, in the page's order */
    size_t events;
    char text[RULE_TEXT]; /* of the last of them:
                             "Borealis Freight · Lucía Marín had a payment …" */
};

/* Does it do more than highlight, which is the screen's? */
bool rule_tells(const struct rule *rule);
/* Fills firings, room for one a rule, and returns how many. Hidden events and
 * those of the past are not told. */
size_t rule_judge(const struct rule_list *list, struct rule_memory *memory,
                  const struct event *events, size_t count,
                  struct rule_firing *firings);
void rule_firings_free(struct rule_firing *firings, size_t count);

#endif
