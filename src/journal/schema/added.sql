-- What version 1 was given after there were journals of it. Whoever owns a
-- journal makes what is missing when it is opened; readers do without.

-- Events of the past (flags: 2 backfilled) by time. Their seqs say when they
-- were fetched, so lists for people find their places by this index. Live
-- events are not in it: to append one costs nothing more.
CREATE INDEX IF NOT EXISTS events_past ON events (received_at)
    WHERE flags & 2;

-- What was concluded at an event, for who goes through the journal.
CREATE INDEX IF NOT EXISTS signals_seq ON signals (seq);

-- The numbers that a signal's sentence holds, as a JSON object.
CREATE TABLE IF NOT EXISTS signal_numbers (
    signal  INTEGER PRIMARY KEY,        -- signals.id
    numbers TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS signals_deleted AFTER DELETE ON signals BEGIN
    DELETE FROM signal_numbers WHERE signal = OLD.id;
END;

-- What came with a refused body and says how to read it, so that it can be
-- decoded later as it would have been then.
CREATE TABLE IF NOT EXISTS reject_headers (
    reject       INTEGER PRIMARY KEY,   -- rejects.id
    content_type TEXT,
    webhook_id   TEXT
) STRICT;
CREATE TRIGGER IF NOT EXISTS rejects_deleted AFTER DELETE ON rejects BEGIN
    DELETE FROM reject_headers WHERE reject = OLD.id;
END;

-- Ids are given out again once the newest signal is gone: whoever counts by
-- them, named 'signals to …', goes back behind what is left, and nothing that
-- waits to be sent speaks of it any more.
CREATE TRIGGER IF NOT EXISTS signals_gone AFTER DELETE ON signals BEGIN
    DELETE FROM outbox WHERE bucket IN ('signal:' || OLD.id,
                                        'now:' || OLD.id);
    UPDATE cursors SET seq = (SELECT coalesce(max(id), 0) FROM signals)
     WHERE reader GLOB 'signals to *'
       AND seq > (SELECT coalesce(max(id), 0) FROM signals);
END;

-- What the signals know of each account, in bytes of their own, written in
-- the transaction that moves their cursor. The order of ids is the order in
-- which accounts appeared.
CREATE TABLE IF NOT EXISTS signal_memory (
    id    INTEGER PRIMARY KEY,
    key   TEXT NOT NULL UNIQUE,         -- accounts.key; '': of the book
    state BLOB NOT NULL
) STRICT;

-- What was said of signals, pins and accounts: for viewers of the feed that
-- were away, the newest of each. What it came to stands in signals, pins and notes.
CREATE TABLE IF NOT EXISTS acts (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order it was said
    subject TEXT NOT NULL UNIQUE,       -- 'state 7', 'note 7' of a signal;
                                        -- 'pin JOURNAL 7' of an event's origin;
                                        -- 'read ORGANISATION'; 'about
                                        -- ORGANISATION': a note on it
    verb    TEXT NOT NULL,
    who     TEXT NOT NULL,              -- a viewer's name; '': the owner
    at      INTEGER NOT NULL
) STRICT;
-- Those of them that were made here and are not told yet to the telltale that
-- this one is attached to.
CREATE TABLE IF NOT EXISTS acts_untold (
    act   INTEGER PRIMARY KEY,          -- acts.id
    event INTEGER,                      -- of a pin: events.seq; else NULL
    seen  INTEGER NOT NULL DEFAULT 0    -- newest act there about the same
                                        -- that came meanwhile: its id there
) STRICT;
CREATE TRIGGER IF NOT EXISTS acts_gone AFTER DELETE ON acts BEGIN
    DELETE FROM acts_untold WHERE act = OLD.id;
END;
CREATE TRIGGER IF NOT EXISTS signals_unsaid AFTER DELETE ON signals BEGIN
    DELETE FROM acts WHERE subject IN ('state ' || OLD.id, 'note ' || OLD.id);
END;

-- Of `forgotten`, what was told to whom, a stream say. What is not here, or
-- with another time, is to be told.
CREATE TABLE IF NOT EXISTS forgotten_told (
    reader TEXT NOT NULL,               -- the name of a cursor
    hash   BLOB NOT NULL,               -- forgotten.hash
    at     INTEGER NOT NULL,            -- forgotten.at as it was told
    PRIMARY KEY (reader, hash)
) STRICT, WITHOUT ROWID;

-- Whom a forgetting is about that is under way, or was killed: it goes with
-- the end of one.
CREATE TABLE IF NOT EXISTS forgotten_begun (
    hash BLOB PRIMARY KEY,              -- as in forgotten, of what was asked
    at   INTEGER NOT NULL               -- what they did until then goes
) STRICT, WITHOUT ROWID;
