/* What other rooms keep in the journal's file, for pruning and forgetting: the
 * journal walks through its own tables and runs these statements for the rest.
 * Which rooms there are is said by whoever opens the journal
 * (journal_options). */
#ifndef TELLTALE_ROOM_H
#define TELLTALE_ROOM_H

/* In the statements of forgetting: ?1 is the text that was asked for, ?7 the
 * persons as a JSON array; trace_in(text) says whether it names them,
 * trace_blot(text) is the text without. Of events: whether one is of them; of
 * one slice, the sequence numbers after ?3 up to ?4, and those of them that
 * are to go. */
#define ROOM_OF_THEM "id_set_has(?2, who)"
/* Of the organisation that is forgotten, in a table with an accounts.id. */
#define ROOM_OF_ACCOUNT                                                       \
    "account IN (SELECT id FROM accounts WHERE key = lower(?1))"
#define ROOM_SLICE "seq > ?3 AND seq <= ?4"
/* What came since it was asked stays. */
#define ROOM_BEFORE "(seq <= ?5 OR min(occurred_at, received_at) <= ?6)"
#define ROOM_THEIRS                                                           \
    "(SELECT seq FROM events WHERE " ROOM_SLICE " AND " ROOM_BEFORE           \
    " AND " ROOM_OF_THEM ")"

/* Of who was forgotten elsewhere, what was written after that moment stays,
 * though it came before it was asked here: ?8 is 0 then. */
#define ROOM_UNTIL(column) "(?8 OR " column " <= ?6)"

/* When a part's statements run, inside the transaction that deletes, on the
 * writer's thread. */
enum room_part {
    /* Events are about to be deleted by age or size: their sequence numbers
     * are in the table pruned. */
    ROOM_PRUNED,
    /* Forgetting: what rests on a slice of events, before they go; its rows
     * count as messages. */
    ROOM_EVENTS,
    ROOM_PERSON,   /* what is kept of the persons */
    ROOM_ACCOUNT,  /* or of the account */
    ROOM_MENTIONS, /* what names them and is blotted out */
    ROOM_TEXTS,    /* the same, of messages: they are counted */
    ROOM_PARTS,
};

struct journal_room {
    const char *const *parts[ROOM_PARTS]; /* ended by NULL; NULL: none */
};

#endif
