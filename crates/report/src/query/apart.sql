-- What a kill keeps from counting: exposures after it, or before the flag came back, and events after it of units that count.
stopped AS (
{stopped}
),
uncounted AS (
  SELECT e.trial AS trial, SUM(e.exposures) AS exposures
  FROM (
{exposure}
  ) e
  {join} stopped s ON s.trial = e.trial
  WHERE (e.time < s.opens OR e.time >= s.ends) AND e.time < s.until
  GROUP BY e.trial
),
unheard AS (
  SELECT s.trial AS trial, COUNT(*) AS events
  FROM stopped s
  {join} unit u ON u.trial = s.trial
  {join} event e ON e.unit = u.unit AND e.unit_kind = s.unit_kind
  {join} (
    SELECT DISTINCT m.trial AS trial, t.event AS event FROM metrics m JOIN terms t ON t.metric = m.metric WHERE t.later = 1
  ) a ON a.trial = s.trial AND a.event = e.name
  WHERE u.crossed = 0 AND e.time >= s.ends AND e.time < s.until
  GROUP BY s.trial
),
apart AS (
  SELECT s.trial AS trial, 'apart' AS part, CAST(s.cut AS TEXT) AS cell, COALESCE(n.exposures, 0) AS units
  FROM stopped s LEFT JOIN uncounted n ON n.trial = s.trial
  UNION ALL
  SELECT s.trial, 'events apart', CAST(s.cut AS TEXT), COALESCE(n.events, 0)
  FROM stopped s LEFT JOIN unheard n ON n.trial = s.trial
),
