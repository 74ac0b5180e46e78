exposure AS {kept}(
  SELECT x.experiment, x.phase, x.variant, x.unit_kind, x.unit, x.time, COALESCE(x.snapshot_version, -1) AS version,
    x.receipts, COALESCE(x.late, 0) AS late, x.skew, COALESCE(x.browser, '') AS browser
  FROM exposures x
  WHERE x.set_id = {set}
),
event AS {kept}(
  SELECT e.name, j.key AS unit_kind, j.value AS unit, e.time, e.value, {properties} AS properties
  FROM events e, {units} j
  WHERE (e.set_id = {set} OR e.set_id IS NULL) AND j.key IN (SELECT unit_kind FROM studies)
)
