-- The table of OpenTelemetry's exporter for ClickHouse. It keeps every copy: each id is one row here, with the earliest time.
exposure AS (
  SELECT any(LogAttributes['waft.experiment']) AS experiment, any(toInt64OrZero(LogAttributes['waft.phase'])) AS phase,
    any(LogAttributes['feature_flag.result.variant']) AS variant, any(LogAttributes['waft.unit.kind']) AS unit_kind,
    any(LogAttributes['feature_flag.context.id']) AS unit, min(toUnixTimestamp64Milli(Timestamp)) AS time,
    any(toInt64OrDefault(LogAttributes['waft.snapshot.version'], toInt64(-1))) AS version, count() AS receipts, 0 AS late, 0 AS skew,
    any(LogAttributes['user_agent.name']) AS browser
  FROM otel_logs
  WHERE LogAttributes['waft.exposure.id'] <> '' AND LogAttributes['feature_flag.set.id'] = {set}
  GROUP BY LogAttributes['waft.exposure.id']
),
record AS (
  SELECT any(LogAttributes) AS attributes, min(toUnixTimestamp64Milli(Timestamp)) AS time
  FROM otel_logs
  WHERE LogAttributes['waft.event.id'] <> '' AND LogAttributes['feature_flag.set.id'] IN ({set}, '')
  GROUP BY LogAttributes['waft.event.id']
),
event AS (
  SELECT attributes['waft.event.name'] AS name, s.unit_kind AS unit_kind,
    attributes[concat('waft.unit.', s.unit_kind)] AS unit, time, toFloat64OrZero(attributes['waft.event.value']) AS value,
    attributes['waft.event.properties'] AS properties
  FROM record
  CROSS JOIN (SELECT DISTINCT unit_kind FROM studies) s
  WHERE attributes[concat('waft.unit.', s.unit_kind)] <> ''
)
