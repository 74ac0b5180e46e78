-- The tables of `waft serve`, version 3. PostgreSQL gets the same, with BIGINT and DOUBLE PRECISION. Times are milliseconds
-- since 1970, UTC, by the collector's clock: a client's clock is corrected by (received - sent). In SQLite, rows keep the
-- order in which they arrived (rowid); the ids, which are hashes, are an index beside it, so that an insert does not write
-- a random page of rows.

-- One row per exposure id: a unit met a randomised variant. Every column is as first received, but for time, last_received
-- and receipts.
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
  page_view TEXT,
  sequence INTEGER,
  browser TEXT,                             -- 'Firefox'
  time INTEGER NOT NULL,                    -- when it happened: the smallest corrected time of all receipts
  skew INTEGER NOT NULL,                    -- what the client's clock was behind, in ms; 0 if it did not say when it sent
  late INTEGER,                             -- how long it waited to be sent, by the client's clock, in ms; NULL if not said
  first_received INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  receipts INTEGER NOT NULL DEFAULT 1       -- how often it arrived; 1 unless it was sent again
) STRICT;

-- Counting reads this index alone.
CREATE INDEX exposures_by_variant ON exposures (experiment, phase, variant, set_id, receipts);

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
  skew INTEGER NOT NULL,
  late INTEGER,
  first_received INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  receipts INTEGER NOT NULL DEFAULT 1
) STRICT;
