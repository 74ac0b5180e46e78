WITH
-- What is compared. Exposures and events count until as_of; events of metrics without a window until ends.
studies AS (
{studies}
),
-- What is asked: how long until a unit's number is final, how far its covariate looks back, and how many days, which end at
-- the horizon, are told apart.
metrics AS (
{metrics}
),
-- What a metric is made of: x, and y where it is a ratio or has a covariate.
terms AS (
{terms}
),
{source},
-- Each unit once: when it entered, and whether it met more than one variant. Who entered after the end has a clock that is behind.
unit AS {kept}(
  SELECT s.study AS study, s.unit_kind AS unit_kind, s.as_of AS as_of, s.ends AS ends, e.unit AS unit,
    MIN(e.variant) AS variant, MIN(e.time) AS entered, MIN(e.version) AS version, MIN(e.browser) AS browser, CASE WHEN MIN(e.variant) = MAX(e.variant) THEN 0 ELSE 1 END AS crossed
  FROM exposure e
  JOIN studies s ON s.experiment = e.experiment AND s.phase = e.phase
  WHERE e.unit_kind = s.unit_kind AND e.time < s.ends
  GROUP BY s.study, s.unit_kind, s.as_of, s.ends, e.unit
),
-- Units of which anything is known from before.
earlier AS {kept}(
  SELECT m.metric AS metric, u.unit AS unit
  FROM metrics m
  JOIN unit u ON u.study = m.study
  JOIN event e ON e.unit_kind = u.unit_kind AND e.unit = u.unit
  WHERE m.before > 0 AND e.time < u.entered AND e.time >= u.entered - m.before
  GROUP BY m.metric, u.unit
),
-- Units that count for a metric: of one variant, and with their window over.
subject AS {kept}(
  SELECT m.metric AS metric, u.unit_kind AS unit_kind, u.ends AS ends, u.unit AS unit, u.variant AS variant, u.entered AS entered,
    CASE WHEN m.before = 0 THEN 'all' WHEN COALESCE(k.unit, '') = '' THEN 'new' ELSE 'known' END AS part
  FROM metrics m
  JOIN unit u ON u.study = m.study
  LEFT JOIN earlier k ON k.metric = m.metric AND k.unit = u.unit
  WHERE u.crossed = 0 AND u.entered + m.wait <= u.as_of
),
-- Each unit's number for each term; units without an event have none, which is 0.
amount AS {kept}(
  SELECT h.metric AS metric, h.role AS role, h.cap AS cap, h.unit AS unit, {amount} AS amount
  FROM (
    SELECT t.metric AS metric, t.role AS role, t.cap AS cap, t.kind AS kind, s.unit AS unit, {value} AS value
    FROM terms t
    JOIN subject s ON s.metric = t.metric
    JOIN event e ON e.name = t.event AND e.unit_kind = s.unit_kind AND e.unit = s.unit
    WHERE e.time >= s.entered + t.opens
      AND e.time < CASE WHEN t.bounded = 1 THEN s.entered + t.closes ELSE s.ends END
  ) h
  GROUP BY h.metric, h.role, h.cap, h.kind, h.unit
),
-- The pooled percentile above which values are cut off: the value at place n - ceil(n x cap) + 1 from the top, all units
-- counted, and 0 where fewer have one.
population AS {kept}(
  SELECT metric, COUNT(*) AS units FROM subject GROUP BY metric
),
placed AS (
  SELECT a.metric AS metric, a.role AS role, a.cap AS cap, a.amount AS amount, p.units AS units,
    ROW_NUMBER() OVER (PARTITION BY a.metric, a.role ORDER BY a.amount DESC) AS place
  FROM amount a
  JOIN population p ON p.metric = a.metric
  WHERE a.cap < 1000000 AND a.amount > 0
),
limits AS {kept}(
  SELECT metric, role, MAX(amount) AS most
  FROM placed
  WHERE (units - place + 1) * 1000000 >= units * cap AND (units - place) * 1000000 < units * cap
  GROUP BY metric, role
),
capped AS {kept}(
  SELECT a.metric AS metric, a.role AS role, a.unit AS unit,
    CASE WHEN a.cap < 1000000 AND a.amount > COALESCE(l.most, 0) THEN COALESCE(l.most, 0) ELSE a.amount END AS amount
  FROM amount a
  LEFT JOIN limits l ON l.metric = a.metric AND l.role = a.role
),
x_of AS {kept}(SELECT metric, unit, amount FROM capped WHERE role = 'x'),
y_of AS {kept}(SELECT metric, unit, amount FROM capped WHERE role = 'y'),
pair AS (
  SELECT s.metric AS metric, s.variant AS variant, s.part AS part, COALESCE(x.amount, 0) AS x, COALESCE(y.amount, 0) AS y
  FROM subject s
  LEFT JOIN x_of x ON x.metric = s.metric AND x.unit = s.unit
  LEFT JOIN y_of y ON y.metric = s.metric AND y.unit = s.unit
),
-- What happened on each whole day since a unit entered, uncut.
days AS (
{days}
),
-- How many units have had a day: by how many whole days have passed since they entered.
aged AS {kept}(
  SELECT u.study AS study, u.variant AS variant, {day_passed} AS passed, COUNT(*) AS units
  FROM unit u WHERE u.crossed = 0 GROUP BY u.study, u.variant, {day_passed}
),
day_of AS (
  SELECT m.metric AS metric, a.variant AS variant, d.number AS number, SUM(a.units) AS units
  FROM metrics m
  JOIN aged a ON a.study = m.study
  CROSS JOIN days d
  WHERE d.number < m.daily AND d.number < a.passed
  GROUP BY m.metric, a.variant, d.number
),
day_amount AS (
  SELECT h.metric AS metric, h.variant AS variant, h.unit AS unit, h.number AS number, {amount} AS amount
  FROM (
    SELECT t.metric AS metric, t.kind AS kind, u.variant AS variant, u.unit AS unit, {day_since} AS number, {value} AS value
    FROM terms t
    JOIN metrics m ON m.metric = t.metric
    JOIN unit u ON u.study = m.study
    JOIN event e ON e.name = t.event AND e.unit_kind = u.unit_kind AND e.unit = u.unit
    WHERE t.role = 'x' AND u.crossed = 0 AND e.time >= u.entered AND e.time < u.entered + m.horizon
      AND {day_since} < {day_passed}
  ) h
  GROUP BY h.metric, h.kind, h.variant, h.unit, h.number
),
day_sum AS {kept}(
  SELECT metric, variant, number, COUNT(*) AS nonzero, SUM(amount) AS x, SUM(amount * amount) AS xx
  FROM day_amount
  GROUP BY metric, variant, number
),
-- When a newer snapshot than a version was first seen.
version AS (
  SELECT e.version AS version, MIN(e.time) AS seen FROM exposure e WHERE e.version >= 0 GROUP BY e.version
),
newer AS {kept}(
  SELECT v.version AS version, MIN(n.seen) AS seen FROM version v CROSS JOIN version n
  WHERE n.version > v.version GROUP BY v.version
),
receipt AS {kept}(
  SELECT s.study AS study, COUNT(*) AS exposures, SUM(e.receipts) AS receipts,
    SUM(CASE WHEN e.late > 3600000 THEN 1 ELSE 0 END) AS late,
    SUM(CASE WHEN e.skew > 60000 OR e.skew < -60000 THEN 1 ELSE 0 END) AS skewed,
    SUM(CASE WHEN n.seen > 0 AND e.time > n.seen + 86400000 THEN 1 ELSE 0 END) AS outdated
  FROM exposure e
  JOIN studies s ON s.experiment = e.experiment AND s.phase = e.phase
  LEFT JOIN newer n ON n.version = e.version
  WHERE e.time < s.as_of
  GROUP BY s.study
),
of_metrics AS (
  SELECT p.metric AS metric, p.variant AS variant, p.part AS part, '' AS cell, COUNT(*) AS units,
    SUM(CASE WHEN p.x <> 0 THEN 1 ELSE 0 END) AS nonzero,
    SUM(p.x) AS x, SUM(p.x * p.x) AS xx, SUM(p.y) AS y, SUM(p.y * p.y) AS yy, SUM(p.x * p.y) AS xy
  FROM pair p
  GROUP BY p.metric, p.variant, p.part
  UNION ALL
  SELECT metric, '', CASE WHEN role = 'x' THEN 'cap' ELSE 'cap of y' END, '', 0, 0, most, 0, 0, 0, 0
  FROM limits
  UNION ALL
  SELECT d.metric, d.variant, 'day since', CAST(d.number AS TEXT), d.units, COALESCE(s.nonzero, 0), COALESCE(s.x, 0), COALESCE(s.xx, 0),
    0, 0, 0
  FROM day_of d
  LEFT JOIN day_sum s ON s.metric = d.metric AND s.variant = d.variant AND s.number = d.number
),
of_units AS (
  SELECT study, variant, 'units' AS part, '' AS cell, COUNT(*) AS units
  FROM unit WHERE crossed = 0 GROUP BY study, variant
  UNION ALL
  SELECT study, variant, 'units by day', CAST({day_entered} AS TEXT), COUNT(*)
  FROM unit WHERE crossed = 0 GROUP BY study, variant, {day_entered}
  UNION ALL
  SELECT study, variant, 'units by version', CAST(version AS TEXT), COUNT(*)
  FROM unit WHERE crossed = 0 AND version >= 0 GROUP BY study, variant, version
  UNION ALL
  SELECT study, variant, 'units by browser', browser, COUNT(*)
  FROM unit WHERE crossed = 0 AND browser <> '' GROUP BY study, variant, browser
  UNION ALL
  SELECT study, '', 'crossed', '', SUM(crossed) FROM unit GROUP BY study
  UNION ALL
  SELECT study, '', 'exposures', '', exposures FROM receipt
  UNION ALL
  SELECT study, '', 'receipts', '', receipts FROM receipt
  UNION ALL
  SELECT study, '', 'late', '', late FROM receipt
  UNION ALL
  SELECT study, '', 'skewed', '', skewed FROM receipt
  UNION ALL
  SELECT study, '', 'outdated', '', outdated FROM receipt
),
part AS (
  SELECT s.experiment AS experiment, s.phase AS phase, p.variant AS variant, m.name AS metric, p.part AS part,
    p.cell AS cell, p.units AS units, p.nonzero AS nonzero, p.x AS x, p.xx AS xx, p.y AS y, p.yy AS yy, p.xy AS xy
  FROM of_metrics p JOIN metrics m ON m.metric = p.metric JOIN studies s ON s.study = m.study
  UNION ALL
  SELECT s.experiment, s.phase, p.variant, '', p.part, p.cell, p.units, 0, 0, 0, 0, 0, 0
  FROM of_units p JOIN studies s ON s.study = p.study
  UNION ALL
  -- What is not asked about.
  SELECT e.experiment, e.phase, e.variant, '', 'units', '', COUNT(DISTINCT e.unit), 0, 0, 0, 0, 0, 0
  FROM exposure e LEFT JOIN studies s ON s.experiment = e.experiment AND s.phase = e.phase
  WHERE COALESCE(s.study, 0) = 0 GROUP BY e.experiment, e.phase, e.variant
)
SELECT p.experiment AS experiment, CAST(p.phase AS BIGINT) AS phase, p.variant AS variant, p.metric AS metric, p.part AS part,
  p.cell AS cell, CAST(p.units AS BIGINT) AS units, CAST(p.nonzero AS BIGINT) AS nonzero,
  CAST(p.x AS DOUBLE PRECISION) AS x, CAST(p.xx AS DOUBLE PRECISION) AS xx, CAST(p.y AS DOUBLE PRECISION) AS y,
  CAST(p.yy AS DOUBLE PRECISION) AS yy, CAST(p.xy AS DOUBLE PRECISION) AS xy
FROM part p
ORDER BY 1, 2, 4, 5, 6, 3{end}
