-- What results are told apart by, each by a number.
breaks AS (
{breaks}
),
-- What units were when they entered: as their first exposure has it.
entry AS {kept}(
  SELECT f.trial AS trial, f.unit AS unit, f.breakdown AS breakdown
  FROM (
    SELECT e.trial AS trial, e.unit AS unit, e.breakdown AS breakdown,
      ROW_NUMBER() OVER (PARTITION BY e.trial, e.unit ORDER BY e.time, e.sequence, COALESCE(e.breakdown, '')) AS place
    FROM (
{exposure}
    ) e
    {join} trials s ON s.trial = e.trial
    WHERE e.time >= s.opens AND e.time < s.ends AND e.trial IN (SELECT trial FROM breaks)
  ) f
  WHERE f.place = 1{large:3}
),
-- Units that are compared, once for each.
member AS {kept}(
  SELECT b.breakdown AS breakdown, u.trial AS trial, {number_of_u} AS unit, a.arm AS arm, {had} AS had, {told} AS value
  FROM unit u
  {join} trials t ON t.trial = u.trial
  {join} arms a ON a.trial = u.trial AND a.variant = u.variant
  {join} breaks b ON b.trial = u.trial
  LEFT JOIN entry n ON n.trial = u.trial AND n.unit = u.unit
  WHERE u.crossed = 0
),
-- The largest values, each by itself, and all others together; what is unknown is no value.
label AS {kept}(
  SELECT r.breakdown AS breakdown, r.value AS value,
    CASE WHEN r.value = '' OR r.place <= {values} THEN b.name || '=' || r.value ELSE b.name END AS cell, r.units AS units
  FROM (
    SELECT w.breakdown AS breakdown, w.value AS value, w.units AS units,
      ROW_NUMBER() OVER (PARTITION BY w.breakdown ORDER BY CASE WHEN w.value = '' THEN 1 ELSE 0 END, w.units DESC, w.value) AS place
    FROM (SELECT m.breakdown AS breakdown, m.value AS value, COUNT(*) AS units FROM member m GROUP BY m.breakdown, m.value) w
  ) r
  JOIN breaks b ON b.breakdown = r.breakdown{large:4}
),
-- Sums of units whose window is over, by value. Who has no amount has 0.
by_value AS (
  SELECT c.metric AS metric, c.arm AS arm, c.cell AS cell, c.known AS known, COUNT(*) AS units,
    SUM(CASE WHEN c.x <> 0 THEN 1 ELSE 0 END) AS nonzero, SUM(c.x) AS x, SUM(c.x * c.x) AS xx, SUM(c.y) AS y, SUM(c.y * c.y) AS yy,
    SUM(c.x * c.y) AS xy
  FROM (
    SELECT k.metric AS metric, m.arm AS arm, l.cell AS cell, COALESCE(a.known, 0) AS known,
      COALESCE(CASE WHEN a.x > q.x THEN q.x ELSE a.x END, 0.0) AS x, COALESCE(CASE WHEN a.y > q.y THEN q.y ELSE a.y END, 0.0) AS y
    FROM metrics k
    {join} most q ON q.metric = k.metric
    {join} member m ON m.trial = k.trial
    {join} label l ON l.breakdown = m.breakdown AND l.value = m.value
    LEFT JOIN (SELECT metric, unit, known, x, y FROM amount WHERE day < 0) a ON a.metric = k.metric AND a.unit = m.unit
    WHERE k.broken = 1 AND m.had >= k.rung
  ) c
  GROUP BY c.metric, c.arm, c.cell, c.known
),
of_values AS (
  SELECT k.trial AS trial, a.variant AS variant, k.name AS metric,
    CASE WHEN v.known = 1 THEN 'known by value' WHEN k.before = 0 THEN 'all by value' ELSE 'new by value' END AS part,
    v.cell AS cell, v.units AS units, v.nonzero AS nonzero, v.x AS x, v.xx AS xx, v.y AS y, v.yy AS yy, v.xy AS xy
  FROM by_value v JOIN metrics k ON k.metric = v.metric JOIN arms a ON a.arm = v.arm
  UNION ALL
  SELECT m.trial, a.variant, '', 'units by value', l.cell, COUNT(*), 0, 0.0, 0.0, 0.0, 0.0, 0.0
  FROM member m
  {join} label l ON l.breakdown = m.breakdown AND l.value = m.value
  {join} arms a ON a.arm = m.arm
  GROUP BY m.trial, a.variant, l.cell
  UNION ALL
  SELECT b.trial, '', '', 'more values', b.name, COUNT(*), SUM(l.units), 0.0, 0.0, 0.0, 0.0, 0.0
  FROM breaks b
  {join} label l ON l.breakdown = b.breakdown
  WHERE l.cell = b.name
  GROUP BY b.trial, b.name
),
