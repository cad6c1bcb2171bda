/* What mirrors keep in the journal that pruning and forgetting have to know:
 * events that were not sent yet, and messages that name somebody. */
#include "mirror/room.h"

#include <stddef.h>

#include "base/banned.h"

static const char *const pruned[] = {
    "UPDATE mirrors SET pruned = pruned + (SELECT count(*) FROM pruned WHERE "
    "seq > (SELECT c.seq FROM cursors c WHERE c.reader = 'mirror ' || "
    "mirrors.name AND c.origin = x''))",
    NULL};

/* The events that a message spells out, by their seqs here: each is an element
 * (json.c) or a line of a group (message.c). What an event says of itself may
 * have a seq too, and a damaged row has none. */
#define SPELLED                                                               \
    "json_tree(CASE WHEN json_valid(message) THEN message END) j WHERE "      \
    "j.key = 'seq' AND (j.path NOT GLOB '*.*' OR j.path GLOB '$.groups*')"

/* Messages of nothing but what goes; others are blotted later. */
static const char *const events[] = {
    "DELETE FROM outbox WHERE last_seq > ?3 AND first_seq <= ?4 AND EXISTS "
    "(SELECT 1 FROM " SPELLED " AND j.atom IN " ROOM_THEIRS
    ") AND NOT EXISTS (SELECT 1 FROM " SPELLED
    " AND EXISTS (SELECT 1 FROM events WHERE seq = j.atom AND NOT "
    "(" ROOM_BEFORE " AND " ROOM_OF_THEM
    "))) AND events <= (SELECT count(*) FROM " SPELLED ")",
    NULL};

static const char *const mentions[] = {
    "UPDATE mirrors SET reason = trace_blot(reason) WHERE trace_in(reason)",
    "UPDATE outbox SET error = trace_blot(error), bucket = "
    "trace_blot(bucket) WHERE trace_in(error) OR trace_in(bucket)",
    NULL};

/* In a message of nothing but what came since, they are named by that. */
static const char *const texts[] = {
    "UPDATE outbox SET message = trace_blot(message) WHERE "
    "trace_in(message) AND (?8 OR events = 0 OR events > (SELECT count(*) "
    "FROM " SPELLED " AND (EXISTS (SELECT 1 FROM events WHERE seq = j.atom "
    "AND NOT " ROOM_BEFORE ") OR EXISTS (SELECT 1 FROM ticks WHERE seq = "
    "j.atom AND at > ?6))))",
    NULL};

const struct journal_room mirror_room = {{[ROOM_PRUNED] = pruned,
                                          [ROOM_EVENTS] = events,
                                          [ROOM_MENTIONS] = mentions,
                                          [ROOM_TEXTS] = texts}};
