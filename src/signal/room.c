/* What is concluded of a person or an account, for who forgets them. */
#include "signal/room.h"

#include <stddef.h>

#include "base/banned.h"

/* Who follows the journal knows by it that what they have in mind is to be
 * learnt again. */
#define UNLEARN                                                               \
    "INSERT INTO meta (key, value) VALUES ('unlearnt', 1) ON CONFLICT (key) " \
    "DO UPDATE SET value = value + 1"

#define OF_PERSONS "person IN (SELECT value FROM json_each(?7))"

/* By an event of theirs that is left. What blotting made of evidence may be no
 * array. */
#define RESTS_ON_SINCE                                                        \
    "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(evidence) THEN "    \
    "evidence END) j JOIN events e ON e.seq = j.value WHERE " ROOM_OF_THEM    \
    ")"
#define OF_BEFORE "(" ROOM_UNTIL("fired_at") " OR NOT " RESTS_ON_SINCE ")"

static const char *const person[] = {
    "DELETE FROM signals WHERE " OF_PERSONS " AND " OF_BEFORE,
    /* It knows its people by what cannot be blotted out. */
    "DELETE FROM signal_memory WHERE key IN (SELECT a.key FROM accounts a "
    "JOIN persons p ON p.account = a.id WHERE p.id IN (SELECT value FROM "
    "json_each(?7)))",
    UNLEARN, NULL};

static const char *const account[] = {
    "DELETE FROM signals WHERE " ROOM_OF_ACCOUNT " AND " OF_BEFORE,
    "DELETE FROM signal_memory WHERE key = lower(?1)", UNLEARN, NULL};

/* One of their own that is left speaks of what they did since. */
static const char *const mentions[] = {
    "DELETE FROM signal_memory WHERE trace_in(key) OR trace_in(state)",
    "UPDATE signals SET sentence = trace_blot(sentence), opener = "
    "trace_blot(opener), note = trace_blot(note), evidence = "
    "trace_blot(evidence) WHERE (trace_in(sentence) OR trace_in(opener) OR "
    "trace_in(note) OR trace_in(evidence)) AND (" ROOM_UNTIL(
        "fired_at") " OR NOT (" OF_PERSONS " OR " ROOM_OF_ACCOUNT "))",
    NULL};

const struct journal_room signal_room = {{[ROOM_PERSON] = person,
                                          [ROOM_ACCOUNT] = account,
                                          [ROOM_MENTIONS] = mentions}};
