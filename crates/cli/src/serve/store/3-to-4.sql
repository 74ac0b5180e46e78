-- From schema 3 to 4, in both databases: times as they were told, in place of corrected ones. What a row had been corrected by, the
-- way of its first copy among it, is taken off again. Where another page view had made it much earlier, that is kept.
ALTER TABLE exposures ADD COLUMN sent_at INTEGER;
ALTER TABLE exposures ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE exposures ADD COLUMN again TEXT;
UPDATE exposures SET sent_at = first_received - skew,
  time = CASE WHEN late IS NULL OR time < first_received - late - 15000 THEN time - skew ELSE first_received - skew - late END;
ALTER TABLE exposures DROP COLUMN skew;
ALTER TABLE exposures DROP COLUMN late;
ALTER TABLE events ADD COLUMN sent_at INTEGER;
ALTER TABLE events ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN again TEXT;
UPDATE events SET sent_at = first_received - skew,
  time = CASE WHEN late IS NULL OR time < first_received - late - 15000 THEN time - skew ELSE first_received - skew - late END;
ALTER TABLE events DROP COLUMN skew;
ALTER TABLE events DROP COLUMN late;
