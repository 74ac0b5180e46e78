SELECT t.trial AS trial, x.variant AS variant, x.unit AS unit, x.time AS time, CASE WHEN x.sequence >= 0 THEN x.page_view ELSE '' END AS page_view,
  x.sequence AS sequence, x.version AS version, x.browser AS browser, 1 AS exposures, x.receipts AS receipts, x.late AS late,
  x.skewed AS skewed, x.uncorrected AS uncorrected, x.breakdown AS breakdown
FROM met x JOIN trials t ON t.experiment = x.experiment AND t.phase = x.phase AND t.unit_kind = x.unit_kind
