/* The maxima of what can grow with what others send, with what is kept and
 * with what a user writes, in one place, so that nothing grows without a
 * reason. A maximum that stays beside its code is that of a notation or a
 * buffer that is as large from the start (a line that is cut, a name, a
 * nesting, a number of digits), of something that a person looks at (rows of a
 * list), or of a step of work; what PostHog and the screen take is with them.
 * Sizes are bytes unless the name says otherwise; times are milliseconds. */
#ifndef TELLTALE_LIMITS_H
#define TELLTALE_LIMITS_H

#define KIB ((size_t)1024)
#define MIB (KIB * KIB)

/* HTTP. The ones marked (config) are defaults that options.def repeats. */
#define LIMIT_BODY (2 * MIB)            /* (config) one request body */
#define LIMIT_HEADERS (16 * KIB)        /* (config) one request's headers */
#define LIMIT_CONNECTIONS 6000          /* (config) open at once */
#define LIMIT_HEADS (32 * MIB)          /* of all heads that are not whole */
#define LIMIT_IN_FLIGHT (64 * MIB)      /* bodies being received or kept */
#define LIMIT_IN_FLIGHT_ANON (16 * MIB) /* of those, not authenticated */
#define LIMIT_IN_FLIGHT_KNOWN (LIMIT_IN_FLIGHT - LIMIT_IN_FLIGHT_ANON)
#define LIMIT_IN_FLIGHT_PEER (16 * MIB)   /* of those, from one address */
#define LIMIT_HTTP_FIELDS 128             /* headers of one request */
#define LIMIT_HTTP_TARGET 4096            /* its path, decoded */
#define LIMIT_LISTENERS 8                 /* addresses listened on */
#define LIMIT_LINGER (4 * MIB)            /* read away after the last answer */
#define LIMIT_ANSWER (8 * MIB)            /* one answer, headers and all */
#define LIMIT_UNSENT (32 * MIB)           /* of all answers, not yet taken */
#define LIMIT_EVENTS_ANSWER (4 * MIB)     /* of GET /events */
#define LIMIT_EVENTS_LINES 10000          /* of it, too */
#define LIMIT_SEARCHES 4                  /* of GET /events, at once */
#define LIMIT_REPORTS 4                   /* of GET /report, at once */
#define LIMIT_WAITING (64 * MIB)          /* events that wait for the disk */
#define LIMIT_HEADER_MS 10000             /* (config) to send the headers */
#define LIMIT_BODY_MS 10000               /* (config) to send the body */
#define LIMIT_IDLE_MS 75000               /* keep-alive without a request */
#define LIMIT_SEND_MS 10000               /* none of an answer is taken */
#define LIMIT_LOST_MS 45000               /* nothing that was sent arrives */
#define LIMIT_COMMIT_MS 2500              /* kept by then, or 503 */
#define LIMIT_STREAM_QUIET_MS 15000       /* a stream says that it lives */
#define LIMIT_VIEWERS 1000                /* with a name and a token */
#define LIMIT_ACT (64 * KIB)              /* of POST /act, a body */
#define LIMIT_ACTS 10000                  /* told to who was away */
#define LIMIT_UNTOLD 1000                 /* said here, with no link to tell */
#define LIMIT_AGO_MS INT64_C(31622400000) /* of POST /act: a year */
#define LIMIT_FEEDS 256                   /* of GET /feed, at once */
#define LIMIT_FEED_PIECE (256 * KIB)      /* sent to a viewer in one go */
#define LIMIT_FORGOTTEN_THERE 100000      /* hashes of whom a feed forgot */
#define LIMIT_LOCATOR 32                  /* of GET /feed, at= */
#define LIMIT_FEED_AHEAD (16 * MIB)       /* of a feed, not yet committed */
#define LIMIT_FEED_ACTS 200               /* of a feed, not yet written */
#define LIMIT_FEED_WAITING (1 * MIB) /* then it is read from the journal */

/* The control socket, and lines on standard output. */
#define LIMIT_CONTROL_PEERS 64
#define LIMIT_CONTROL_LINE (1 * MIB)  /* one request */
#define LIMIT_CONTROL_REPLY (4 * MIB) /* waiting for one peer */
#define LIMIT_LINE (8 * MIB)          /* one event as a line */
#define LIMIT_LINES_WAITING (8 * MIB) /* that nobody reads; then left out */
#define LIMIT_COUNTED 100000          /* people told apart, accounts too */

/* Decoding. */
#define LIMIT_JSON_DEPTH 1000 /* what cJSON takes */
#define LIMIT_EVENTS_PER_BODY 10000
#define LIMIT_DECODE_INLINE (16 * KIB) /* what is larger: by a thread */
#define LIMIT_IMPORT_LINE (8 * MIB)    /* one event of a file */
#define LIMIT_TEXT 4096                /* a name, an address: then cut */
#define LIMIT_SENTENCE 512
#define LIMIT_SESSION_ID 70 /* PostHog's own limit */

/* The journal. */
#define LIMIT_BATCH_ROWS 500 /* one group commit */
#define LIMIT_BATCH_BYTES (4 * MIB)
#define LIMIT_PINS 200           /* events marked by hand */
#define LIMIT_ACCOUNT_NOTES 2000 /* accounts with a note */
#define LIMIT_REJECTS 1000       /* bodies kept that were refused */
/* As many requests without one beside them. */
#define LIMIT_REJECTS_ALL (2 * LIMIT_REJECTS)
#define LIMIT_STRANGERS 30 /* of those a minute that had a wrong secret */
#define LIMIT_REJECT_BODY (64 * KIB)     /* kept of each body */
#define LIMIT_REJECTS_WAITING (16 * MIB) /* refused bodies not yet written */
#define LIMIT_PAGE_ROWS 500              /* one page of a reader */
#define LIMIT_PAGE_BYTES (8 * MIB)       /* and their bodies, unpacked */
#define LIMIT_WAL (16 * MIB)             /* then a checkpoint, or before */
#define LIMIT_WAL_FILE (64 * MIB)        /* journal_size_limit */
#define LIMIT_LEAST_JOURNAL (1 * MIB)    /* (config) max_size is no less */
#define LIMIT_PRUNE_ROWS 200             /* deleted in one transaction */
#define LIMIT_PRUNE_BYTES 4194304        /* and their bodies, packed */
#define LIMIT_FORGET_ROWS 500            /* looked over in one slice */
#define LIMIT_FORGET_BYTES (1 * MIB)     /* and their bodies */
#define LIMIT_TRACES 256                 /* names looked for at once */
#define LIMIT_CHECK_AT_START (8 * MIB)   /* a journal read whole at start */
#define LIMIT_CACHE_KEYS (8 * MIB)       /* names whose ids are remembered */
#define LIMIT_WHOM_IDS (64 * MIB)        /* of one person, as text */
#define LIMIT_SALVAGED_ROW (64 * MIB)    /* of a damaged file; then none */
#define LIMIT_VIEWS_FILE (1 * MIB)       /* saved views of one, as text */

/* Mirrors and rules. */
#define LIMIT_MIRRORS 16
#define LIMIT_RULES 16                 /* of what is told at once */
#define LIMIT_OUTBOX_ROWS 4000         /* of one: the oldest are deleted */
#define LIMIT_MIRROR_ARRAY (256 * KIB) /* events in one message */
#define LIMIT_COOLDOWNS                                                       \
    4096 /* accounts that wait for theirs; of a
                                          mirror, and of all rules */

/* NATS. */
#define LIMIT_NATS_SUBJECTS 128      /* what subjects begin with */
#define LIMIT_NATS_TWICE_MS 600000   /* ids are known again for so long */
#define LIMIT_NATS_WAITING (8 * MIB) /* of a stream, not yet taken */
#define LIMIT_NATS_PAGE (4 * MIB)    /* of bodies, published in one go */
#define LIMIT_NATS_HELD (16 * MIB)   /* that wait for what comes before */
#define LIMIT_NATS_RECEIVERS 256     /* whose order is known */

/* Reports. */
#define LIMIT_REPORT_PAGE (64 * MIB) /* one, in any format */

/* Signals. */
#define LIMIT_SIGNAL_ACCOUNTS 4096 /* followed */
#define LIMIT_SIGNAL_PEOPLE 5000   /* of one account */
#define LIMIT_INBOX 500            /* on the screen */
#define LIMIT_NOTE 500             /* bytes of a note */
#define LIMIT_AREAS 500            /* paths of docs that are told apart */
#define LIMIT_HOLIDAYS 500         /* dates on which nobody is expected */

/* Who did how much, for the screen. */
#define LIMIT_USAGE_ACCOUNTS 4096 /* of which it is known */
#define LIMIT_USAGE_PEOPLE 50000  /* the same */
#define LIMIT_USAGE_WAITING 10000 /* events that came while it was read */

/* Judging. A step is about what comparing one byte costs, a nanosecond; one
 * of a regular expression counts for many. */
#define LIMIT_PATTERN 256              /* a regular expression's text */
#define LIMIT_PATTERN_DEPTH 20         /* parentheses in parentheses */
#define LIMIT_PATTERN_REPEAT 100       /* the numbers in {…} */
#define LIMIT_PATTERN_CODE (16 * KIB)  /* what it is compiled to */
#define LIMIT_PATTERN_HEAP (128 * KIB) /* what matching may take */
#define LIMIT_PATTERNS 8               /* in one query */
#define LIMIT_DEEP_TERMS 7             /* of one query, that need bodies */
#define LIMIT_TEXT_STEPS 125000        /* to judge one text of an event */
#define LIMIT_ROW_STEPS 500000         /* to judge one event */
#define LIMIT_SLICE_STEPS 250000       /* between looks at the clock */
#define LIMIT_ROWS_COSTLY 1000         /* then a view gives up */

/* The screen. */
#define LIMIT_UNLISTED 1000             /* accounts that are in no book */
#define LIMIT_UNLISTED_BYTES (1 * MIB)  /* and their names */
#define LIMIT_DISTINCT_BYTES (16 * MIB) /* people told apart, accounts too */
#define LIMIT_FRAME (8 * MIB)           /* waiting for the terminal */
#define LIMIT_TYPED (256 * KIB)         /* typed and not yet taken */
#define LIMIT_PASTE_RAW (64 * KIB)      /* one paste; then it is over */
#define LIMIT_PASTE (4 * KIB)           /* of a paste, into a prompt */
#define LIMIT_FIND_STEPS 20000000       /* in the properties of an event */
#define LIMIT_SAME_DAY 200000           /* events, for a person's others */
#define LIMIT_OFFER_STEPS 200000        /* to find what completes a word */
#define LIMIT_CENSUS 100000 /* found in the journal, to be counted */
#define LIMIT_MASKED                                                          \
    20000                              /* who has a number while the screen
                                           is shared */
#define LIMIT_FINDINGS 5000            /* of telltale check */
#define LIMIT_FINDING_MORE (256 * KIB) /* lines that belong to one */
#define LIMIT_FINDINGS_TEXT (16 * MIB) /* all of them */
#define LIMIT_OFFERS 500               /* to a shell that completes one */

/* Configuration files; inih cuts longer lines silently, so we refuse. */
#define LIMIT_CONFIG_LINE 190
#define LIMIT_CONFIG_FILE (1 * MIB)
#define LIMIT_HEADER_NAME 63 /* token_header */
#define LIMIT_NEAR_NAME 64   /* of which the nearest is looked for */
#define LIMIT_CSV_FILE (64 * MIB)
#define LIMIT_CSV_FIELDS 4096 /* of one row */
#define LIMIT_SECRETS 16      /* valid at once, for rotation */
#define LIMIT_TEAMS 1000      /* of the file, and again of the book */

#endif
