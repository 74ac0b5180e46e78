-- The table of OpenTelemetry's exporter for ClickHouse, with every copy. It does not say when a record was sent or received, unless
-- the Collector is told to (waft.sent_at, waft.received_at) or the table has a column `Received`: docs/otlp.md.
log AS (
  SELECT attributes, page_view, sequence, told_at, sent_at, forwarded, CASE WHEN by_collector > 0 THEN by_collector ELSE by_table END AS received
  FROM (
    SELECT LogAttributes AS attributes, LogAttributes['waft.page_view.id'] AS page_view,
      CASE WHEN LogAttributes['waft.page_view.id'] = '' THEN -1 ELSE toInt64OrDefault(LogAttributes['waft.sequence'], toInt64(-1)) END AS sequence,
      toUnixTimestamp64Milli(Timestamp) AS told_at, toInt64OrZero(LogAttributes['waft.sent_at']) AS sent_at,
      toInt64OrZero(LogAttributes['waft.received_at']) AS by_collector, toUnixTimestamp64Milli(greatest(toDateTime64(0, 3), COLUMNS('^Received$'))) AS by_table,
      CASE WHEN LogAttributes['waft.received_at'] = '' THEN 1 ELSE 0 END AS forwarded
    FROM otel_logs
    WHERE LogAttributes['waft.exposure.id'] <> '' AND LogAttributes['feature_flag.set.id'] = {set}
      OR LogAttributes['waft.event.id'] <> '' AND LogAttributes['feature_flag.set.id'] IN ({set}, '')
  ) l
),
contradicted AS (
  -- Nothing was held against the ruleset here.
  SELECT 0 AS trial, 0 AS exposures FROM trials WHERE 1 = 0
),
told AS (
  SELECT page_view, forwarded, sequence, received - told_at AS age, CASE WHEN sent_at > 0 THEN received - sent_at ELSE 0 END AS behind
  FROM log WHERE sequence >= 0 AND received > 0
),
{runs},
clock AS (
  SELECT r.page_view AS page_view, r.forwarded AS forwarded, r.sequence AS sequence, m.moved AS moved
  FROM run r JOIN moved m ON m.page_view = r.page_view AND m.forwarded = r.forwarded AND m.run = r.run
),
moment AS (
  SELECT l.attributes AS attributes, l.page_view AS page_view, l.sequence AS sequence, l.received AS received,
    CASE WHEN l.received = 0 THEN 0 WHEN l.sequence >= 0 THEN COALESCE(c.moved, 0) WHEN l.sent_at > l.received THEN l.received - l.sent_at ELSE 0 END AS correction,
    CASE WHEN l.received = 0 OR l.told_at + correction BETWEEN l.received - {oldest} AND l.received THEN l.told_at + correction ELSE l.received END AS time,
    CASE WHEN l.sent_at - l.told_at > 3600000 THEN 1 ELSE 0 END AS late, CASE WHEN l.received = 0 THEN 1 ELSE 0 END AS uncorrected
  FROM log l LEFT JOIN clock c ON c.page_view = l.page_view AND c.forwarded = l.forwarded AND c.sequence = l.sequence
),
met AS (
  SELECT any(attributes['waft.experiment']) AS experiment, any(toInt64OrZero(attributes['waft.phase'])) AS phase,
    any(attributes['feature_flag.result.variant']) AS variant, any(attributes['waft.unit.kind']) AS unit_kind,
    any(attributes['feature_flag.context.id']) AS unit, min(m.time) AS time, argMin(m.page_view, m.time) AS page_view,
    argMin(m.sequence, m.time) AS sequence, any(toInt64OrDefault(attributes['waft.snapshot.version'], toInt64(-1))) AS version,
    any(attributes['user_agent.name']) AS browser, count() AS receipts, argMin(m.late, m.received) AS late,
    argMin(CASE WHEN m.correction NOT BETWEEN -60000 AND 60000 THEN 1 ELSE 0 END, m.received) AS skewed, max(m.uncorrected) AS uncorrected,
    min(CASE WHEN m.received > 0 THEN m.received ELSE m.time END) AS heard, {breakdown_of_met} AS breakdown
  FROM moment m
  WHERE m.attributes['waft.exposure.id'] <> ''
  GROUP BY m.attributes['waft.exposure.id']
),
version AS (
  SELECT version, min(heard) AS seen FROM met WHERE version >= 0 GROUP BY version
),
strange AS (
  SELECT experiment, phase, variant, COUNT(DISTINCT unit) AS units
  FROM met WHERE (experiment, phase) NOT IN (SELECT experiment, phase FROM trials) GROUP BY experiment, phase, variant
),
record_of_event AS (
  SELECT any(m.attributes) AS told, min(m.time) AS time, argMin(m.page_view, m.time) AS page_view, argMin(m.sequence, m.time) AS sequence
  FROM moment m
  WHERE m.attributes['waft.event.id'] <> ''
  GROUP BY m.attributes['waft.event.id']
),
event AS (
  SELECT told['waft.event.name'] AS name, s.unit_kind AS unit_kind,
    told[concat('waft.unit.', s.unit_kind)] AS unit, time, CASE WHEN sequence >= 0 THEN page_view ELSE '' END AS page_view, sequence,
    toFloat64OrZero(told['waft.event.value']) AS value, told['waft.event.properties'] AS properties
  FROM record_of_event
  CROSS JOIN (SELECT DISTINCT unit_kind FROM trials) s
  WHERE told[concat('waft.unit.', s.unit_kind)] <> ''
)
