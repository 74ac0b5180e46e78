SELECT t.trial AS trial, x.variant AS variant, x.unit AS unit, {time_of_x} AS time,
  CASE WHEN x.sequence >= 0 THEN COALESCE(x.page_view, '') ELSE '' END AS page_view, COALESCE(x.sequence, 0) AS sequence,
  COALESCE(x.snapshot_version, -1) AS version, COALESCE(x.browser, '') AS browser, 1 AS exposures,
  CASE WHEN x.receipts > 1000000 THEN 1000000 ELSE x.receipts END AS receipts,
  CASE WHEN x.sent_at - x.time > 3600000 THEN 1 ELSE 0 END AS late,
  CASE WHEN {moved_of_x} NOT BETWEEN -60000 AND 60000 THEN 1 ELSE 0 END AS skewed,
  CASE WHEN x.sent_at IS NULL THEN 1 ELSE 0 END AS uncorrected, {breakdown_of_x} AS breakdown
FROM exposures x
{join} trials t ON t.experiment = x.experiment AND t.phase = x.phase AND t.unit_kind = x.unit_kind
LEFT JOIN shift s ON s.page_view = x.page_view AND s.forwarded = x.forwarded AND x.sequence BETWEEN s.first AND s.last
WHERE x.set_id = {set} AND x.verdict <> 'contradicted'
UNION ALL
-- Another page view met it earlier, and was heard later.
SELECT t.trial, x.variant, x.unit, {time_of_c}, CASE WHEN c.sequence >= 0 THEN c.page_view ELSE '' END,
  COALESCE(c.sequence, 0), COALESCE(x.snapshot_version, -1), COALESCE(x.browser, ''), 0, 0, 0, 0, 0, {breakdown_of_c}
FROM copies c {join} exposures x ON x.id = c.id
{join} trials t ON t.experiment = x.experiment AND t.phase = x.phase AND t.unit_kind = x.unit_kind
LEFT JOIN shift s ON s.page_view = c.page_view AND s.forwarded = c.forwarded AND c.sequence BETWEEN s.first AND s.last
WHERE c.exposure = 1 AND x.verdict <> 'contradicted' AND {elsewhere}
