-- Clocks. A record says when it happened and when it was sent, by its device's clock; received less sent is what that clock was
-- behind, with the way here in it. A page view has one clock, and the smallest it showed is the nearest. Looked for only where
-- something is odd: most page views show between 0 and 15 s, which may all be the way.
copies AS {kept}(
  SELECT x.id AS id, 1 AS exposure, {copy} FROM exposures x, {again} j WHERE x.again IS NOT NULL AND x.set_id = {set}
  UNION ALL
  SELECT x.id, 0, {copy} FROM events x, {again} j WHERE x.again IS NOT NULL AND (x.set_id = {set} OR x.set_id IS NULL)
),
odd AS {kept}(
  SELECT x.page_view AS page_view FROM exposures x WHERE x.set_id = {set} AND x.sequence >= 0 AND x.page_view <> '' AND ({odd})
  UNION
  SELECT x.page_view FROM events x WHERE (x.set_id = {set} OR x.set_id IS NULL) AND x.sequence >= 0 AND x.page_view <> '' AND ({odd})
  UNION
  SELECT c.page_view FROM copies c WHERE c.sequence >= 0 AND c.page_view <> ''
),
told AS (
  SELECT x.page_view AS page_view, x.forwarded AS forwarded, x.sequence AS sequence, x.first_received - x.time AS age,
    COALESCE(x.first_received - x.sent_at, 0) AS behind
  FROM exposures x WHERE x.set_id = {set} AND x.sequence >= 0 AND x.page_view IN (SELECT page_view FROM odd)
  UNION ALL
  SELECT x.page_view, x.forwarded, x.sequence, x.first_received - x.time, COALESCE(x.first_received - x.sent_at, 0)
  FROM events x WHERE (x.set_id = {set} OR x.set_id IS NULL) AND x.sequence >= 0 AND x.page_view IN (SELECT page_view FROM odd)
  UNION ALL
  SELECT c.page_view, c.forwarded, c.sequence, c.received - c.time, COALESCE(c.received - c.sent_at, 0)
  FROM copies c WHERE c.sequence >= 0 AND c.page_view <> ''
),
{runs},
shift AS {kept}(
  SELECT page_view, forwarded, first, last, moved FROM moved WHERE moved <> 0{large:5}{sorted}
),
-- What contradicts the ruleset counts nowhere else.
contradicted AS {kept}(
  SELECT s.trial AS trial, COUNT(*) AS exposures
  FROM exposures x JOIN trials s ON s.experiment = x.experiment AND s.phase = x.phase
  WHERE x.set_id = {set} AND x.verdict = 'contradicted' GROUP BY s.trial
),
-- When a version of the rules was first heard of.
version AS (
  SELECT x.snapshot_version AS version, MIN(x.first_received) AS seen
  FROM exposures x WHERE x.set_id = {set} AND x.snapshot_version >= 0 GROUP BY x.snapshot_version
),
-- What is not asked about.
strange AS {kept}(
  SELECT x.experiment AS experiment, x.phase AS phase, x.variant AS variant, COUNT(DISTINCT x.unit) AS units
  FROM exposures x WHERE x.set_id = {set} AND x.verdict <> 'contradicted' AND (x.experiment, x.phase) NOT IN (SELECT experiment, phase FROM trials)
  GROUP BY x.experiment, x.phase, x.variant
),
-- Events that another page view had tracked before.
earlier AS {kept}(
  SELECT c.id AS id, MIN({time_of_c}) AS time
  FROM copies c {join} events x ON x.id = c.id
  LEFT JOIN shift s ON s.page_view = c.page_view AND s.forwarded = c.forwarded AND c.sequence BETWEEN s.first AND s.last
  WHERE c.exposure = 0 AND {elsewhere}
  GROUP BY c.id
),
event AS {kept}(
  SELECT e.name AS name, j.key AS unit_kind, j.value AS unit, e.time AS time, e.page_view AS page_view, e.sequence AS sequence,
    e.value AS value, {properties} AS properties
  FROM (
    SELECT x.name AS name, x.units AS units, x.value AS value, x.properties AS properties,
      CASE WHEN b.time < {time_of_x} THEN b.time ELSE {time_of_x} END AS time,
      CASE WHEN x.sequence >= 0 AND b.time IS NULL THEN COALESCE(x.page_view, '') ELSE '' END AS page_view,
      COALESCE(x.sequence, 0) AS sequence
    FROM events x LEFT JOIN shift s ON s.page_view = x.page_view AND s.forwarded = x.forwarded AND x.sequence BETWEEN s.first AND s.last
    LEFT JOIN earlier b ON b.id = x.id
    WHERE x.set_id = {set} OR x.set_id IS NULL
  ) e, {units} j
  WHERE j.key IN (SELECT unit_kind FROM trials){sorted_events}
)
