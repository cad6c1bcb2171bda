-- What version 1 was given after there were journals of it. Whoever owns a
-- journal makes what is missing when it is opened; readers do without.

-- Events of the past (flags: 2 backfilled) by time. Their seqs say when they
-- were fetched, so lists for people find their places by this index. Live
-- events are not in it: to append one costs nothing more.
CREATE INDEX IF NOT EXISTS events_past ON events (received_at)
    WHERE flags & 2;
