WITH
-- Further copies of a row, by the page view that sent them.
copy AS (
  SELECT j.value ->> 'page_view' AS page_view, {sequence} AS sequence, {received} AS received
  FROM exposures x, {again} j WHERE x.again IS NOT NULL AND x.last_received >= {from} AND x.set_id = {set}
  UNION ALL
  SELECT j.value ->> 'page_view', {sequence}, {received}
  FROM events x, {again} j WHERE x.again IS NOT NULL AND x.last_received >= {from} AND (x.set_id = {set} OR x.set_id IS NULL)
),
record AS (
  SELECT page_view, sequence, first_received AS received FROM exposures WHERE first_received >= {from} AND set_id = {set}
  UNION ALL
  SELECT page_view, sequence, first_received FROM events WHERE first_received >= {from} AND (set_id = {set} OR set_id IS NULL)
  UNION ALL
  SELECT page_view, sequence, received FROM copy WHERE received >= {from}
),
-- Page views of which everything should be here: begun since then, and not of this moment.
view AS MATERIALIZED (
  SELECT page_view, CASE WHEN COUNT(DISTINCT sequence) <= MAX(sequence) THEN 1 ELSE 0 END AS gap
  FROM record WHERE page_view <> '' AND sequence >= 0
  GROUP BY page_view HAVING MIN(received) >= {begun} AND MAX(received) < {settled}
),
version AS (
  SELECT snapshot_version AS version, MIN(first_received) AS seen
  FROM exposures WHERE set_id = {set} AND snapshot_version BETWEEN 0 AND {live} AND verdict <> 'contradicted' GROUP BY snapshot_version
),
-- Since when a newer version was there for a day.
superseded AS MATERIALIZED (
  SELECT version, MIN(seen) OVER (ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + 86400000 AS since FROM version
),
decided AS MATERIALIZED (
  SELECT CASE WHEN x.first_received > s.since THEN 1 ELSE 0 END AS outdated
  FROM exposures x LEFT JOIN superseded s ON s.version = x.snapshot_version
  WHERE x.first_received >= {from} AND x.set_id = {set} AND x.snapshot_version >= 0 AND x.verdict <> 'contradicted'
)
SELECT
  (SELECT COUNT(*) FROM view) AS views,
  (SELECT CAST(COALESCE(SUM(gap), 0) AS BIGINT) FROM view) AS gaps,
  -- Whose copies beyond the first are only counted: each may be a page view that lacks a record here and nowhere else.
  (SELECT COUNT(*) FROM exposures WHERE last_received >= {from} AND receipts > 32 AND set_id = {set}) AS uncounted,
  (SELECT COUNT(*) FROM decided) AS exposures,
  (SELECT CAST(COALESCE(SUM(outdated), 0) AS BIGINT) FROM decided) AS outdated,
  (SELECT COUNT(DISTINCT page_view) FROM events WHERE name = 'waft.refused' AND first_received >= {from} AND (set_id = {set} OR set_id IS NULL)) AS refused
