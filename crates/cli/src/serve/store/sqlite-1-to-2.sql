-- From schema 1 to 2. What was not kept then is not known now: `late` stays NULL.
ALTER TABLE exposures ADD COLUMN late INTEGER;
ALTER TABLE exposures ADD COLUMN last_received INTEGER NOT NULL DEFAULT 0;
UPDATE exposures SET last_received = first_received, units = (
  SELECT json_group_object(key, value) FROM
    (SELECT key, value FROM json_each(units) UNION SELECT unit_kind, unit ORDER BY 1));
ALTER TABLE events ADD COLUMN late INTEGER;
ALTER TABLE events ADD COLUMN last_received INTEGER NOT NULL DEFAULT 0;
UPDATE events SET last_received = first_received;
