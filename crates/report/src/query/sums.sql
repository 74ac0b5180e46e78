WITH
-- What is compared. Exposures count from opens on; they and events until as_of; events of metrics without a window until ends.
trials AS (
{trials}
),
-- Variants that are compared, each by a number: what is sorted is narrow then.
arms AS (
{arms}
),
-- What is asked: how long until a unit's number is final, whether it has a covariate, how many days are told apart, and how many
-- of the different lengths of time a unit must have had.
metrics AS (
{metrics}
),
-- What a metric is made of: x, and y where it is a ratio or has a covariate; d is x by days, k is whether anything is known from before.
terms AS (
{terms}
),
-- Days since a unit entered; -1 is all of them.
days AS (
{numbers}
),
{source},
-- When a newer snapshot than a version was first seen.
newer AS {kept}(
  SELECT version, MIN(seen) OVER (ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS since FROM version
),
outdating AS {kept}(
  SELECT version, {lag}(since, 1, {never}) OVER (ORDER BY version DESC) + 86400000 AS since FROM newer{large:2}
),
-- Each unit once: when it entered, and whether it met more than one variant. Who entered after the end has a clock that is behind.
unit AS {kept}(
  SELECT e.unit AS unit, e.trial AS trial, MIN(e.variant) AS variant, MIN(e.time) AS entered,
    CASE WHEN MIN(e.page_view) = MAX(e.page_view) THEN MIN(e.page_view) ELSE '' END AS page_view, MIN(e.sequence) AS sequence,
    MIN(e.version) AS version, MIN(e.browser) AS browser, CASE WHEN MIN(e.variant) = MAX(e.variant) THEN 0 ELSE 1 END AS crossed,
    SUM(e.exposures) AS exposures, SUM(e.receipts) AS receipts, SUM(e.late) AS late, SUM(e.skewed) AS skewed,
    SUM(e.uncorrected) AS uncorrected, SUM(CASE WHEN e.time > o.since THEN e.exposures ELSE 0 END) AS outdated
  FROM (
{exposure}
  ) e
  {join} trials s ON s.trial = e.trial
  LEFT JOIN outdating o ON o.version = e.version
  WHERE e.time >= s.opens AND e.time < s.ends
  GROUP BY e.unit, e.trial
),
-- Units that are alike in all that is counted of them. `had` is how many of the lengths of time that metrics wait for.
alike AS (
  SELECT u.trial AS trial, u.variant AS variant, u.crossed AS crossed, {day_entered} AS day,
    CASE WHEN {day_passed} > {days} THEN {days} ELSE {day_passed} END AS passed, {had} AS had, u.version AS version, u.browser AS browser,
    COUNT(*) AS units, SUM(u.exposures) AS exposures, SUM(u.receipts) AS receipts,
    SUM(u.late) AS late, SUM(u.skewed) AS skewed, SUM(u.outdated) AS outdated, SUM(u.uncorrected) AS uncorrected
  FROM unit u
  {join} trials t ON t.trial = u.trial
  GROUP BY 4, 5, 6, 7, 2, 8, 1, 3
),
cohort AS {kept}(
  SELECT c.trial AS trial, c.variant AS variant, CASE WHEN a.trial > 0 THEN 1 ELSE 0 END AS compared, c.crossed AS crossed, c.day AS day,
    c.passed AS passed, c.had AS had, c.version AS version, c.browser AS browser, c.units AS units, c.exposures AS exposures,
    c.receipts AS receipts, c.late AS late, c.skewed AS skewed, c.outdated AS outdated, c.uncorrected AS uncorrected
  FROM alike c
  LEFT JOIN arms a ON a.trial = c.trial AND a.variant = c.variant
),
-- What happened to units that are compared, once for each term that it counts for. Within a page view the sequence says what was before what.
touch AS {kept}(
  SELECT t.metric AS metric, t.role AS role, CASE WHEN t.kind = 'whether' THEN 1 ELSE 0 END AS whether, h.unit AS unit, h.arm AS arm,
    CASE WHEN t.role = 'd' THEN h.day ELSE -1 END AS day, CASE WHEN t.kind = 'value' THEN {value} ELSE 1.0 END AS value
  FROM (
    SELECT u.trial AS trial, {number_of_u} AS unit, a.arm AS arm, u.entered AS entered, t.as_of AS as_of, t.ends AS ends,
      e.name AS name, e.time AS time, e.value AS value, e.properties AS properties,
      CASE WHEN e.page_view <> '' AND e.page_view = u.page_view THEN CASE WHEN e.sequence > u.sequence THEN 1 ELSE 0 END
        WHEN e.time >= u.entered THEN 1 ELSE 0 END AS later,
      CASE WHEN e.time > u.entered THEN {day_since} ELSE 0 END AS day, {day_passed} AS passed
    FROM unit u
    {join} trials t ON t.trial = u.trial
    {join} arms a ON a.trial = u.trial AND a.variant = u.variant
    {join} event e ON e.unit = u.unit AND e.unit_kind = t.unit_kind
    WHERE u.crossed = 0
  ) h
  {join} terms t ON t.trial = h.trial
  WHERE (t.kind = 'any' OR t.event = h.name) AND t.later = h.later
    AND CASE t.later WHEN 0 THEN h.time >= h.entered + t.opens
      ELSE h.time < CASE WHEN t.bounded = 1 THEN h.entered + t.closes ELSE h.ends END END
    AND CASE t.role WHEN 'd' THEN h.day < h.passed ELSE h.entered + t.wait <= h.as_of END
),
-- Each unit's numbers for each metric, and by days (-1 is all of them); units without an event have none, which is 0.
amount AS {kept}(
  SELECT t.metric AS metric, t.unit AS unit, t.day AS day, MAX(t.arm) AS arm, MAX(CASE WHEN t.role = 'k' THEN 1 ELSE 0 END) AS known,
    CASE WHEN MAX(CASE WHEN t.role IN ('x', 'd') THEN t.whether ELSE 0 END) = 1 THEN 1.0
      ELSE SUM(CASE WHEN t.role IN ('x', 'd') AND {sane} THEN t.value ELSE 0.0 END) END AS x,
    CASE WHEN MAX(CASE WHEN t.role = 'y' THEN t.whether ELSE 0 END) = 1 THEN 1.0
      ELSE SUM(CASE WHEN t.role = 'y' AND {sane} THEN t.value ELSE 0.0 END) END AS y
  FROM touch t
  GROUP BY t.metric, t.unit, t.day
),
-- Units that count for a metric (of one variant, and with their window over), and those that have had each day since they entered.
ripe AS {kept}(
  SELECT m.metric AS metric, a.arm AS arm, d.number AS day, SUM(c.units) AS units
  FROM metrics m
  {join} cohort c ON c.trial = m.trial
  {join} arms a ON a.trial = c.trial AND a.variant = c.variant
  {join} days d ON d.number < m.daily
  WHERE c.crossed = 0 AND CASE WHEN d.number < 0 THEN c.had >= m.rung ELSE d.number < c.passed END
  GROUP BY m.metric, a.arm, d.number
),
-- The pooled percentile above which values are cut off: the value at place n - ceil(n x cap) + 1 from the top, all units
-- counted, and 0 where fewer have one.
placed AS (
  SELECT a.metric AS metric, a.role AS role, a.cap AS cap, a.amount AS amount,
    ROW_NUMBER() OVER (PARTITION BY a.metric, a.role ORDER BY a.amount DESC) AS place
  FROM (
    SELECT a.metric AS metric, k.role AS role, CASE WHEN k.role = 0 THEN m.cap_of_x ELSE m.cap_of_y END AS cap,
      CASE WHEN k.role = 0 THEN a.x ELSE a.y END AS amount
    FROM metrics m
    CROSS JOIN (SELECT 0 AS role UNION ALL SELECT 1) k
    {join} amount a ON a.metric = m.metric
    WHERE a.day < 0 AND CASE WHEN k.role = 0 THEN m.cap_of_x ELSE m.cap_of_y END < 1000000
  ) a
  WHERE a.amount > 0
),
limits AS {kept}(
  SELECT p.metric AS metric, MAX(CASE WHEN a.role = 0 THEN a.amount ELSE 0.0 END) AS x, MAX(CASE WHEN a.role = 1 THEN a.amount ELSE 0.0 END) AS y
  FROM (SELECT r.metric AS metric, SUM(r.units) AS units FROM ripe r WHERE r.day < 0 GROUP BY r.metric) p
  {join} placed a ON a.metric = p.metric
  WHERE (p.units - a.place + 1) * 1000000 >= p.units * a.cap AND (p.units - a.place) * 1000000 < p.units * a.cap
  GROUP BY p.metric
),
most AS {kept}(
  SELECT m.metric AS metric, CASE WHEN m.cap_of_x < 1000000 THEN COALESCE(l.x, 0.0) ELSE 1e300 END AS x,
    CASE WHEN m.cap_of_y < 1000000 THEN COALESCE(l.y, 0.0) ELSE 1e300 END AS y
  FROM metrics m LEFT JOIN limits l ON l.metric = m.metric
),
capped AS (
  SELECT a.metric AS metric, a.arm AS arm, a.day AS day, a.known AS known,
    CASE WHEN m.x < 1e300 THEN m.x ELSE 0.0 END AS most_x, CASE WHEN m.y < 1e300 THEN m.y ELSE 0.0 END AS most_y,
    CASE WHEN a.day < 0 AND a.x > m.x THEN m.x ELSE a.x END AS x, CASE WHEN a.day < 0 AND a.y > m.y THEN m.y ELSE a.y END AS y
  FROM most m {join} amount a ON a.metric = m.metric
),
-- Sums of those that have something; all others only count.
summed AS (
  SELECT c.metric AS metric, c.arm AS arm, c.day AS day, c.known AS known, 0 AS all_units, COUNT(*) AS units,
    SUM(CASE WHEN c.x <> 0 THEN 1 ELSE 0 END) AS nonzero, SUM(c.x) AS x, SUM(c.x * c.x) AS xx, SUM(c.y) AS y, SUM(c.y * c.y) AS yy,
    SUM(c.x * c.y) AS xy, MAX(c.most_x) AS most_x, MAX(c.most_y) AS most_y
  FROM capped c GROUP BY c.metric, c.arm, c.day, c.known
  UNION ALL
  SELECT r.metric, r.arm, r.day, 0, r.units, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 FROM ripe r
),
told_apart AS (
  SELECT s.metric AS metric, s.arm AS arm, s.day AS day, s.known AS known, SUM(s.all_units) AS all_units, SUM(s.units) AS units,
    SUM(s.nonzero) AS nonzero, SUM(s.x) AS x, SUM(s.xx) AS xx, SUM(s.y) AS y, SUM(s.yy) AS yy, SUM(s.xy) AS xy,
    MAX(s.most_x) AS most_x, MAX(s.most_y) AS most_y
  FROM summed s GROUP BY s.metric, s.arm, s.day, s.known
),
-- Who is not known from before is new.
counted AS (
  SELECT t.metric AS metric, t.arm AS arm, t.day AS day, t.known AS known, t.nonzero AS nonzero, t.x AS x, t.xx AS xx, t.y AS y,
    t.yy AS yy, t.xy AS xy, CASE WHEN t.known = 1 THEN t.units ELSE t.all_units
      - SUM(CASE WHEN t.known = 1 THEN t.units ELSE 0 END) OVER (PARTITION BY t.metric, t.arm, t.day) END AS units,
    MAX(t.most_x) OVER (PARTITION BY t.metric, t.day) AS most_x, MAX(t.most_y) OVER (PARTITION BY t.metric, t.day) AS most_y,
    ROW_NUMBER() OVER (PARTITION BY t.metric, t.day ORDER BY t.arm, t.known) AS line
  FROM told_apart t
),
{breakdowns}of_metrics AS (
  SELECT c.metric AS metric, CASE WHEN k.row = 1 THEN a.variant ELSE '' END AS variant,
    CASE WHEN k.row = 2 THEN 'cap' WHEN k.row = 3 THEN 'cap of y' WHEN c.day >= 0 THEN 'day since' WHEN c.known = 1 THEN 'known'
      WHEN m.before = 0 THEN 'all' ELSE 'new' END AS part,
    CASE WHEN k.row = 1 AND c.day >= 0 THEN CAST(c.day AS TEXT) ELSE '' END AS cell, CASE WHEN k.row = 1 THEN c.units ELSE 0 END AS units,
    CASE WHEN k.row = 1 THEN c.nonzero ELSE 0 END AS nonzero,
    CASE WHEN k.row = 1 THEN c.x WHEN k.row = 2 THEN c.most_x ELSE c.most_y END AS x, CASE WHEN k.row = 1 THEN c.xx ELSE 0.0 END AS xx,
    CASE WHEN k.row = 1 THEN c.y ELSE 0.0 END AS y, CASE WHEN k.row = 1 THEN c.yy ELSE 0.0 END AS yy, CASE WHEN k.row = 1 THEN c.xy ELSE 0.0 END AS xy
  FROM counted c
  JOIN metrics m ON m.metric = c.metric
  JOIN arms a ON a.arm = c.arm
  CROSS JOIN (SELECT 1 AS row UNION ALL SELECT 2 UNION ALL SELECT 3) k
  WHERE k.row = 1 AND c.units > 0 OR c.line = 1 AND c.day < 0 AND (k.row = 2 AND c.most_x > 0 OR k.row = 3 AND c.most_y > 0)
),
-- What is counted of units, line by line. A list of whatever somebody has sent has the largest, and how many more there are.
line AS (
  SELECT c.trial AS trial, CASE WHEN p.row IN (1, 2, 3, 4, 5) THEN c.variant ELSE '' END AS variant, p.part AS part,
    CASE p.row WHEN 2 THEN CAST(c.day AS TEXT) WHEN 3 THEN CAST(c.version AS TEXT) WHEN 4 THEN c.browser ELSE '' END AS cell,
    p.list AS list, SUM(CASE p.row WHEN 6 THEN CASE WHEN c.crossed = 1 THEN c.units ELSE 0 END WHEN 7 THEN c.exposures WHEN 8 THEN c.receipts
      WHEN 9 THEN c.late WHEN 10 THEN c.skewed WHEN 11 THEN c.outdated WHEN 12 THEN c.uncorrected ELSE c.units END) AS units
  FROM cohort c
  CROSS JOIN (
    SELECT 1 AS row, 'units' AS part, '' AS list UNION ALL SELECT 2, 'units by day', '' UNION ALL SELECT 3, 'units by version', 'versions'
    UNION ALL SELECT 4, 'units by browser', 'browsers' UNION ALL SELECT 5, 'units', 'variants' UNION ALL SELECT 6, 'crossed', ''
    UNION ALL SELECT 7, 'exposures', '' UNION ALL SELECT 8, 'receipts', '' UNION ALL SELECT 9, 'late', '' UNION ALL SELECT 10, 'skewed', ''
    UNION ALL SELECT 11, 'outdated', '' UNION ALL SELECT 12, 'uncorrected', ''
  ) p
  WHERE p.row > 5 OR c.crossed = 0 AND CASE p.row WHEN 5 THEN c.compared = 0 WHEN 3 THEN c.compared = 1 AND c.version >= 0
    WHEN 4 THEN c.compared = 1 AND c.browser <> '' ELSE c.compared = 1 END
  GROUP BY 1, 2, 3, 4, 5
),
-- By how many units a line of a list has, over all variants.
weighed AS (
  SELECT l.trial AS trial, l.variant AS variant, l.part AS part, l.cell AS cell, l.list AS list, l.units AS units,
    SUM(l.units) OVER (PARTITION BY l.trial, l.part, l.list, CASE WHEN l.list = 'variants' THEN l.variant ELSE l.cell END) AS weight
  FROM line l WHERE l.part <> 'uncorrected' OR l.units > 0
),
ranked AS (
  SELECT w.trial AS trial, w.variant AS variant, w.part AS part, w.cell AS cell, w.list AS list, w.units AS units,
    DENSE_RANK() OVER (PARTITION BY w.trial, w.part, w.list ORDER BY w.weight DESC, CASE WHEN w.list = 'variants' THEN w.variant ELSE w.cell END) AS place
  FROM weighed w
),
{apart}of_units AS (
  SELECT r.trial AS trial, CASE WHEN r.list = '' OR r.place <= {most} THEN r.variant ELSE '' END AS variant,
    CASE WHEN r.list = '' OR r.place <= {most} THEN r.part ELSE 'more' END AS part,
    CASE WHEN r.list = '' OR r.place <= {most} THEN r.cell ELSE r.list END AS cell,
    CASE WHEN r.list = '' OR MAX(r.place) <= {most} THEN SUM(r.units) ELSE MAX(r.place) - {most} END AS units,
    CASE WHEN r.list = '' OR MAX(r.place) <= {most} THEN 0 ELSE SUM(r.units) END AS nonzero
  FROM ranked r GROUP BY 1, 2, 3, 4, r.list
  UNION ALL
  SELECT c.trial, '', 'contradicted', '', c.exposures, 0 FROM contradicted c{of_kills}
),
-- What is not asked about.
stranger AS (
  SELECT experiment, phase, variant, units, ROW_NUMBER() OVER (ORDER BY units DESC, experiment, phase, variant) AS place FROM strange
),
of_strangers AS (
  SELECT CASE WHEN s.place <= {most} THEN s.experiment ELSE '' END AS experiment, CASE WHEN s.place <= {most} THEN s.phase ELSE 0 END AS phase,
    CASE WHEN s.place <= {most} THEN s.variant ELSE '' END AS variant, CASE WHEN s.place <= {most} THEN 'units' ELSE 'more' END AS part,
    CASE WHEN s.place <= {most} THEN '' ELSE 'studies' END AS cell, CASE WHEN MAX(s.place) <= {most} THEN SUM(s.units) ELSE COUNT(*) END AS units,
    CASE WHEN MAX(s.place) <= {most} THEN 0 ELSE SUM(s.units) END AS nonzero
  FROM stranger s GROUP BY 1, 2, 3, 4, 5
),
part AS (
  SELECT s.experiment AS experiment, s.phase AS phase, p.variant AS variant, m.name AS metric, p.part AS part,
    p.cell AS cell, p.units AS units, p.nonzero AS nonzero, p.x AS x, p.xx AS xx, p.y AS y, p.yy AS yy, p.xy AS xy
  FROM of_metrics p JOIN metrics m ON m.metric = p.metric JOIN trials s ON s.trial = m.trial
  UNION ALL
  SELECT s.experiment, s.phase, p.variant, '', p.part, p.cell, p.units, p.nonzero, 0.0, 0.0, 0.0, 0.0, 0.0
  FROM of_units p JOIN trials s ON s.trial = p.trial
  UNION ALL
  SELECT experiment, phase, variant, '', part, cell, units, nonzero, 0.0, 0.0, 0.0, 0.0, 0.0 FROM of_strangers{of_values}
)
SELECT p.experiment AS experiment, CAST(p.phase AS BIGINT) AS phase, p.variant AS variant, p.metric AS metric, p.part AS part,
  p.cell AS cell, CAST(p.units AS BIGINT) AS units, CAST(p.nonzero AS BIGINT) AS nonzero,
  CAST(p.x AS DOUBLE PRECISION) AS x, CAST(p.xx AS DOUBLE PRECISION) AS xx, CAST(p.y AS DOUBLE PRECISION) AS y,
  CAST(p.yy AS DOUBLE PRECISION) AS yy, CAST(p.xy AS DOUBLE PRECISION) AS xy
FROM part p
ORDER BY 1, 2, 4, 5, 6, 3{end}
