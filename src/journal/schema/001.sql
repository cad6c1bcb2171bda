-- The journal's tables, version 1; later versions are steps of migrate.c,
-- which run after this, and one index more is in added.sql. Times are
-- milliseconds since 1970 UTC unless said otherwise; absent text is NULL,
-- never ''. Set before this runs, because SQLite only takes them on an empty
-- file: page_size 4096, auto_vacuum incremental, then journal_mode WAL.

PRAGMA application_id = 1414288468;  -- 'TLTT': a telltale journal
PRAGMA user_version = 1;             -- the version of this schema

-- Facts about the journal itself:
--   id        16 random bytes, made once; other journals name us by it
--   zone      the time zone whose days `daily` counts, e.g. Europe/Zurich
--   created   when it was made
--   seq       high-water mark: the last seq given out to an event or a tick;
--             kept in the transaction that used it, never goes back
--   salt      16 random bytes for the hashes in `forgotten`
-- and later, once they are needed:
--   clock     the time that retention believes it is (prune.h)
--   bodies    the seq up to which keep_bodies has deleted
--   unlearnt  how often memories of the signals went with who was forgotten
--   swept     when names that no event has any more were last looked for
--   walked    when all events were last gone through for some that are old
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Counters that outlive the process, for what must not vanish silently
-- (pruned events, pruned bodies, …).
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------
-- Dictionaries: what repeats is written once, so that a row stays small.

-- Texts of few kinds: event names, folds, project addresses.
CREATE TABLE texts (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- Journals that events came from (attached telltales, imports).
CREATE TABLE origins (
    id      INTEGER PRIMARY KEY,
    journal BLOB NOT NULL UNIQUE        -- that journal's id, 16 bytes
) STRICT;

-- Accounts seen. Times here are those that count (see `daily`).
CREATE TABLE accounts (
    id        INTEGER PRIMARY KEY,
    key       TEXT NOT NULL UNIQUE,     -- organisation id, lower case
    name      TEXT,                     -- newest name it was called by
    listed    INTEGER NOT NULL DEFAULT 0, -- 1: in the book, when last seen
    first_at  INTEGER,                  -- its first event, hidden ones left out
    last_at   INTEGER,                  -- its last one, likewise; NULL: none
    first_seq INTEGER,
    last_seq  INTEGER,
    read_seq  INTEGER NOT NULL DEFAULT 0 -- marked read up to this event
) STRICT;

-- Persons seen, each inside one account. The last times and seqs are at
-- most a minute behind while somebody is busy.
CREATE TABLE persons (
    id        INTEGER PRIMARY KEY,
    account   INTEGER NOT NULL,         -- accounts.id; 0: no account
    key       TEXT NOT NULL,            -- distinct id, else e-mail, else name
    email     TEXT,                     -- newest
    name      TEXT,                     -- newest
    first_at  INTEGER,                  -- as in accounts
    last_at   INTEGER,
    first_seq INTEGER,
    last_seq  INTEGER,
    UNIQUE (account, key)
) STRICT;

-- Who did it, as they were called at that time: one row for each different
-- combination, so that an event reads back as it was written.
CREATE TABLE identities (
    id           INTEGER PRIMARY KEY,
    digest       BLOB NOT NULL UNIQUE,  -- 16 bytes of SHA-256 of the rest
    account      INTEGER NOT NULL,      -- accounts.id; 0: no account
    person       INTEGER NOT NULL,      -- persons.id; 0: nobody
    account_key  TEXT,                  -- organisation id
    account_name TEXT,
    listed       INTEGER NOT NULL,      -- 1: the account was in the book
    person_id    TEXT,                  -- distinct id
    email        TEXT,
    person_name  TEXT,
    person_link  TEXT                   -- address of the person in PostHog
) STRICT;

------------------------------------------------------------------------
-- The record.

CREATE TABLE events (
    seq         INTEGER PRIMARY KEY,    -- this journal's order; gaps happen
    uuid        BLOB,                   -- the sender's id, 16 bytes
    key         TEXT,                   -- dedup key of one without a uuid
    origin      INTEGER,                -- origins.id; NULL: received here
    origin_seq  INTEGER,                -- its seq there; NULL: received here
    occurred_at INTEGER NOT NULL,       -- by the sender's clock
    received_at INTEGER NOT NULL,       -- by the first receiver's clock
    name        INTEGER NOT NULL,       -- texts.id: the event's name
    category    INTEGER NOT NULL,       -- 0 other, 1 billing … 10 team
    tone        INTEGER NOT NULL,       -- 0 info, 1 good, 2 warn, 3 bad
    hidden      INTEGER NOT NULL,       -- 0 no, 1 internal, 2 impersonated,
                                        -- 3 machine
    source      INTEGER NOT NULL,       -- 0 webhook, 1 feed, 2 nats,
                                        -- 3 posthog, 4 file
    flags       INTEGER NOT NULL,       -- bits: 1 clock off, 2 backfilled,
                                        -- 4 unrendered template, 8 name in no
                                        -- catalogue row, 16 unknown shape
    who         INTEGER NOT NULL,       -- identities.id
    fold        INTEGER,                -- texts.id: how rows fold into one
    project     INTEGER,                -- texts.id: the PostHog project
    sentence    TEXT,                   -- what happened, in words
    url         TEXT,                   -- the page it happened on
    session     TEXT,                   -- session id, valid ones only
    replay_link TEXT,                   -- addresses that are safe to open
    event_link  TEXT
) STRICT;

-- Two events with the same uuid, the same key, or the same place in another
-- journal are one event. Without any of these, none is ever merged.
CREATE UNIQUE INDEX events_uuid ON events (uuid) WHERE uuid IS NOT NULL;
CREATE UNIQUE INDEX events_key ON events (key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX events_origin ON events (origin, origin_seq)
    WHERE origin IS NOT NULL;

-- What arrived, less what was dropped at the border. A table of its own,
-- because it is most of the bytes, and lists of events do not need it.
CREATE TABLE bodies (
    seq       INTEGER PRIMARY KEY,      -- events.seq
    encoding  INTEGER NOT NULL,         -- 0: text as it is; 1: zstd
    dict      INTEGER,                  -- number of the shipped dictionary
    size      INTEGER NOT NULL,         -- bytes of the text
    props_at  INTEGER NOT NULL,         -- where in the text the properties
    props_len INTEGER NOT NULL,         -- are, in bytes; length 0: none
    raw       ANY NOT NULL              -- the text, or its compressed bytes
) STRICT;

-- "Time passed", between events, in the same order: replays need it.
CREATE TABLE ticks (
    seq INTEGER PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT;

-- The event and the body it came with go together; the totals follow.
CREATE TRIGGER events_deleted AFTER DELETE ON events BEGIN
    DELETE FROM bodies WHERE seq = OLD.seq;
    UPDATE hours SET events = events - 1,
                     hidden = hidden - (OLD.hidden > 0)
     WHERE hour = OLD.received_at / 3600000;
END;

------------------------------------------------------------------------
-- Sums, kept up in the transaction that adds the events.

-- Events by day. They outlive the events: first use and baselines reach
-- further back than `keep`. The time that counts is occurred_at where it
-- lies within received_at − 7 d … + 5 min, else received_at. The day comes
-- first in the key, so that what is counted now lies together.
CREATE TABLE daily (
    day      INTEGER NOT NULL,          -- days since 1970-01-01 in meta.zone
    account  INTEGER NOT NULL,          -- accounts.id; 0: no account
    person   INTEGER NOT NULL,          -- persons.id; 0: nobody
    category INTEGER NOT NULL,          -- as in events
    count    INTEGER NOT NULL,          -- events, without the hidden ones
    hidden   INTEGER NOT NULL,          -- the hidden ones
    PRIMARY KEY (day, account, person, category)
) STRICT, WITHOUT ROWID;

-- Events by hour of arrival: the way from a time to a seq, and totals
-- without counting. first_seq and the times only ever widen.
CREATE TABLE hours (
    hour      INTEGER PRIMARY KEY,      -- received_at / 3,600,000
    events    INTEGER NOT NULL,         -- there now
    hidden    INTEGER NOT NULL,         -- of those
    first_seq INTEGER NOT NULL,         -- no event of this hour is before it
    first_at  INTEGER NOT NULL,         -- received
    last_at   INTEGER NOT NULL
) STRICT;

------------------------------------------------------------------------
-- What was refused.

-- The newest 1,000 bodies that were answered with an error.
CREATE TABLE rejects (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    status INTEGER NOT NULL,            -- the HTTP answer
    why    TEXT NOT NULL,               -- the error that was answered
    peer   TEXT,                        -- address it came from
    size   INTEGER NOT NULL,            -- bytes that came
    body   BLOB NOT NULL                -- the first 64 KiB of them
) STRICT;

------------------------------------------------------------------------
-- Readers that come back, and what they send on.

-- How far each reader has gone. A cursor into another telltale is (origin,
-- seq): a changed id there is another origin.
CREATE TABLE cursors (
    reader  TEXT NOT NULL,              -- 'mirror team', 'signals', 'feed …'
    origin  BLOB NOT NULL DEFAULT x'',  -- journal id; empty: this journal
    seq     INTEGER NOT NULL,           -- done up to and with this one
    state   TEXT,                       -- JSON of the reader's own
    updated INTEGER NOT NULL,
    PRIMARY KEY (reader, origin)
) STRICT, WITHOUT ROWID;

-- One row a mirror.
CREATE TABLE mirrors (
    name      TEXT PRIMARY KEY,         -- [mirror NAME]
    state     TEXT NOT NULL,            -- on, paused, off
    reason    TEXT,                     -- why it is off or paused
    sent      INTEGER NOT NULL DEFAULT 0, -- messages taken by the other side
    events    INTEGER NOT NULL DEFAULT 0, -- events in those
    failed    INTEGER NOT NULL DEFAULT 0, -- attempts that were refused
    pruned    INTEGER NOT NULL DEFAULT 0, -- events deleted before being sent
    digest_at INTEGER,                  -- last daily digest
    last_sent INTEGER,                  -- when the last one was taken
    updated   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages planned and not yet known to be taken. Written in the transaction
-- that moves the cursor, deleted by success.
CREATE TABLE outbox (
    id        INTEGER PRIMARY KEY,
    mirror    TEXT NOT NULL,            -- mirrors.name
    state     TEXT NOT NULL,            -- waiting; doubt: sent, the answer was
                                        -- lost; parked: given up, shown
    bucket    TEXT NOT NULL,            -- what may still be added to it:
                                        -- live, now, quiet, digest …
    message   TEXT NOT NULL,            -- what it says, as JSON
    events    INTEGER NOT NULL,         -- how many it speaks of
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    next_try  INTEGER NOT NULL,         -- not before
    error     TEXT,                     -- what the last attempt met
    status    INTEGER,                  -- HTTP status of that
    created   INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_next ON outbox (mirror, state, next_try, id);

------------------------------------------------------------------------
-- What the user said about it.

CREATE TABLE pins (
    seq  INTEGER PRIMARY KEY,           -- events.seq
    at   INTEGER NOT NULL,
    note TEXT
) STRICT;

CREATE TABLE notes (
    id      INTEGER PRIMARY KEY,
    about   TEXT NOT NULL,              -- account, person, event or signal
    subject TEXT NOT NULL,              -- its key: organisation id, distinct
                                        -- id, seq, signals.id
    text    TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_subject ON notes (about, subject);

-- Gone since version 3: nothing was ever written to it.
CREATE TABLE views (
    name     TEXT PRIMARY KEY,
    query    TEXT NOT NULL,
    position INTEGER NOT NULL,          -- order in the list
    read_seq INTEGER NOT NULL DEFAULT 0, -- read up to this event
    created  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Conclusions drawn, and what became of them.
CREATE TABLE signals (
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,             -- first-touch, working-now, …
    account  INTEGER NOT NULL,          -- accounts.id; 0: none
    person   INTEGER NOT NULL,          -- persons.id; 0: none
    category INTEGER NOT NULL,          -- as in events; -1: none
    seq      INTEGER NOT NULL,          -- event or tick it was drawn at
    fired_at INTEGER NOT NULL,
    tone     INTEGER NOT NULL,          -- as in events
    sentence TEXT NOT NULL,             -- with its numbers
    opener   TEXT,                      -- what one could say
    evidence TEXT NOT NULL,             -- JSON array of seqs
    state    TEXT NOT NULL,             -- new, seen, snoozed, done, withdrawn
    until    INTEGER,                   -- snoozed until
    cooldown INTEGER,                   -- does not fire again before
    note     TEXT,
    updated  INTEGER NOT NULL
) STRICT;
CREATE INDEX signals_subject ON signals (kind, account, person, category);

-- Replays to open once they are ready.
CREATE TABLE replays (
    session TEXT PRIMARY KEY,
    link    TEXT NOT NULL,              -- address to open
    seq     INTEGER NOT NULL,           -- event it was asked for at
    asked   INTEGER NOT NULL,
    ready   INTEGER,                    -- known to be ready since
    opened  INTEGER
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------
-- Privacy.

-- Whom we were told to forget. Nothing that happened before `at` comes back,
-- by import, backfill or feed.
CREATE TABLE forgotten (
    hash BLOB PRIMARY KEY,              -- SHA-256 of meta.salt, the kind and
                                        -- the text, in lower case unless it
                                        -- is a distinct id
    kind TEXT NOT NULL,                 -- email, account, id; alone: an id,
                                        -- where no address is given (person:
                                        -- the same, of an earlier day)
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every export of events, so that one can tell who has a copy.
CREATE TABLE exports (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    query  TEXT,                        -- what was asked for
    target TEXT NOT NULL,               -- by whom, in which form: 'ada, csv'
    events INTEGER NOT NULL
) STRICT;
