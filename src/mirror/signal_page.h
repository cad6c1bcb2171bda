/* What the journal's signals give a mirror whose query asks for them
 * (signal:billing, signal:*): each that it matches is a message of its own.
 * The mirror goes over their ids with a cursor, "signals to NAME", that moves
 * in the transaction that writes what was planned: each is planned once. */
#ifndef TELLTALE_SIGNAL_PAGE_H
#define TELLTALE_SIGNAL_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "mirror/outbox.h"
#include "mirror/settings.h"

struct signal_row;
struct sqlite3;

/* A signal that is older when the mirror first sees it is not sent. */
#define SIGNAL_NEWS_MS CLOCK_DAY_MS

struct signal_page {
    uint64_t from, to; /* the cursor: where it was, where it goes */
    unsigned read;     /* signals, whatever became of them */
    unsigned old;      /* of those: matched, but too old to be sent */
    bool more;         /* there are more than a page takes */
};

/* WRITER's thread, when the mirror opens: its cursor begins behind what is
 * there already. One that does not ask for signals has none. */
bool signal_page_open(const struct mirror_settings *settings,
                      struct sqlite3 *db, struct err *err);
/* READER's thread: plans what came since the cursor, behind what is in
 * `plan` already, whose mirror and now are filled in. */
bool signal_page_read(struct signal_page *page, struct outbox_plan *plan,
                      struct sqlite3 *db, struct err *err);
/* READER's thread: plans that one for now, whatever the mirror's query says. */
void signal_plan_now(struct outbox_plan *plan, const struct signal_row *row);
/* WRITER's thread: moves the cursor and counts what was too old. */
bool signal_page_write(const struct signal_page *page,
                       const struct mirror_settings *settings,
                       struct sqlite3 *db, struct err *err);

#endif
