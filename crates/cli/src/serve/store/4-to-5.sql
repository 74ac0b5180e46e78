-- From schema 4 to 5, in both databases: what a row was held against when it came, and whose it is.
ALTER TABLE exposures ADD COLUMN verdict TEXT NOT NULL DEFAULT 'unchecked';
ALTER TABLE exposures ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0;
DROP INDEX exposures_by_variant;
CREATE INDEX exposures_by_variant ON exposures (experiment, phase, variant, set_id, verdict, receipts);
