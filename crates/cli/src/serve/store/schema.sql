-- The tables of `waft serve`, version 6. PostgreSQL gets the same, with BIGINT and DOUBLE PRECISION. Times are milliseconds
-- since 1970, UTC: time and sent_at by the device's clock, which the report corrects, the others by the collector's. In SQLite,
-- rows keep the order in which they arrived (rowid); the ids, which are hashes, are an index beside it, so that an insert does
-- not write a random page of rows.

-- One row per exposure id: a unit met a randomised variant. Every column is as first received, but for last_received, receipts
-- and again.
CREATE TABLE exposures (
  id TEXT NOT NULL PRIMARY KEY,             -- 32 hexadecimal digits
  experiment TEXT NOT NULL,
  phase INTEGER NOT NULL,
  variant TEXT NOT NULL,
  rule TEXT,
  flag TEXT NOT NULL,
  unit_kind TEXT NOT NULL,                  -- who was randomised: 'visitor'
  unit TEXT NOT NULL,
  units TEXT NOT NULL,                      -- all units known at that time: {"account":"a1","visitor":"v1"}
  set_id TEXT NOT NULL,                     -- 'project/environment'
  snapshot_version INTEGER,
  snapshot_digest TEXT,
  point INTEGER,                            -- 0 to 2^32-1
  browser TEXT,                             -- 'Firefox'
  breakdown TEXT,                           -- what the unit was then: {"plan":"pro","segment/eu-pro":"in"}
  page_view TEXT,
  sequence INTEGER,                         -- the number of the record in it
  time INTEGER NOT NULL,                    -- when it happened, by the device's clock
  sent_at INTEGER,                          -- when it was sent, by the device's clock; NULL if not said
  forwarded INTEGER NOT NULL DEFAULT 0,     -- 1: through something between page and collector, which may have waited
  first_received INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  receipts INTEGER NOT NULL DEFAULT 1,      -- how often it arrived; 1 unless it was sent again
  again TEXT,                               -- the first 32 further copies: [{"page_view", "sequence", "time", "sent_at", "forwarded", "received"}], and "breakdown"
  verdict TEXT NOT NULL DEFAULT 'unchecked', -- 'checked', 'unchecked' or 'contradicted' by the ruleset
  trusted INTEGER NOT NULL DEFAULT 0        -- 1: its sender had a token
) STRICT;

-- Counting reads this index alone.
CREATE INDEX exposures_by_variant ON exposures (experiment, phase, variant, set_id, verdict, receipts);

-- One row per event id: something that a metric counts.
CREATE TABLE events (
  id TEXT NOT NULL PRIMARY KEY,             -- 32 hexadecimal digits
  name TEXT NOT NULL,
  value REAL,
  properties TEXT,                          -- a JSON object
  units TEXT NOT NULL,                      -- {"account":"a1","visitor":"v1"}
  set_id TEXT,
  page_view TEXT,
  sequence INTEGER,
  time INTEGER NOT NULL,
  sent_at INTEGER,
  forwarded INTEGER NOT NULL DEFAULT 0,
  first_received INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  receipts INTEGER NOT NULL DEFAULT 1,
  again TEXT,
  trusted INTEGER NOT NULL DEFAULT 0
) STRICT;
