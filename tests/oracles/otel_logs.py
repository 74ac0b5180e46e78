"""Rows as the table of OpenTelemetry's exporter for ClickHouse has them, which keeps every copy; and what ClickHouse answers of it."""

import json

from chdb.session import Session

# As OpenTelemetry's exporter for ClickHouse makes it.
OTEL_LOGS = """CREATE TABLE otel_logs (
    Timestamp DateTime64(9), TimestampTime DateTime DEFAULT toDateTime(Timestamp), TraceId String, SpanId String,
    TraceFlags UInt8, SeverityText LowCardinality(String), SeverityNumber UInt8, ServiceName LowCardinality(String),
    Body String, ResourceSchemaUrl LowCardinality(String), ResourceAttributes Map(LowCardinality(String), String),
    ScopeSchemaUrl LowCardinality(String), ScopeName String, ScopeVersion LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String), LogAttributes Map(LowCardinality(String), String), EventName String
) ENGINE = MergeTree ORDER BY (ServiceName, TimestampTime, Timestamp)"""


def as_told(rows, how):
    """What ClickHouse can know of rows: with the Collector's transform all but copies of other page views; with a column the moment
    of insertion, which is none of arrival; or nothing."""

    def one(row):
        again = [copy for copy in row.get("again") or [] if copy["page_view"] == row["page_view"]]
        receipts = max(row.get("receipts", 1), 1 + len(again))
        if how == "transform":
            return {**row, "forwarded": 0, "again": [{**copy, "forwarded": 0} for copy in again], "receipts": receipts}
        received = row["first_received"] if how == "column" else row["time"]
        return {**row, "forwarded": 1, "again": [], "receipts": receipts, "sent_at": None, "first_received": received}

    return [[one(row) for row in table] for table in rows]


def records(rows, how):
    """Each record as often as it arrived."""
    exposures, events = rows

    def copies(row, attributes):
        told = {"page_view": row["page_view"], "sequence": row["sequence"], "time": row["time"], "sent_at": row["sent_at"]}
        own = [{**told, "received": row["first_received"]}, *row["again"]]
        own += own[:1] * (row["receipts"] - len(own))
        for copy in own:
            more = {}
            if copy["page_view"] is not None:
                more["waft.page_view.id"] = copy["page_view"]
            if copy["sequence"] is not None:
                more["waft.sequence"] = str(copy["sequence"])
            if how == "transform":
                more["waft.received_at"] = str(copy["received"])
                if copy["sent_at"] is not None:
                    more["waft.sent_at"] = str(copy["sent_at"])
            yield copy["time"], copy["received"], attributes | more

    for row in exposures:
        attributes = {
            "waft.exposure.id": row["id"],
            "waft.experiment": row["experiment"],
            "waft.phase": str(row["phase"]),
            "feature_flag.result.variant": row["variant"],
            "waft.unit.kind": row["unit_kind"],
            "feature_flag.context.id": row["unit"],
            "feature_flag.set.id": row["set_id"],
        }
        if row["browser"]:
            attributes["user_agent.name"] = row["browser"]
        attributes |= {f"waft.breakdown.{name}": value for name, value in (row["breakdown"] or {}).items()}
        if row["snapshot_version"]:
            attributes["waft.snapshot.version"] = str(row["snapshot_version"])
        yield from copies(row, attributes)
    for row in events:
        attributes = {"waft.event.id": row["id"], "waft.event.name": row["name"]}
        attributes |= {f"waft.unit.{kind}": unit for kind, unit in row["units"].items()}
        if row["value"] is not None:
            attributes["waft.event.value"] = repr(row["value"])
        if row["properties"]:
            attributes["waft.event.properties"] = json.dumps(row["properties"])
        if row["set_id"]:
            attributes["feature_flag.set.id"] = row["set_id"]
        yield from copies(row, attributes)
    yield 1_780_000_000_000, 1_780_000_000_000, {"some.attribute": "x"}


def answer(query, rows, how, folder):
    """What ClickHouse answers to the report's query."""
    file = folder / "logs.jsonl"
    with file.open("w") as lines:
        for at, received, attributes in records(rows, how):
            # Milliseconds since 1970 as ClickHouse reads a DateTime64.
            line = {"Timestamp": f"{at / 1_000:.3f}", "Received": f"{received / 1_000:.3f}", "LogAttributes": attributes}
            lines.write(json.dumps(line) + "\n")
    columns = "Timestamp, LogAttributes" + (", Received" if how == "column" else "")
    with Session(str(folder / "clickhouse")) as session:
        session.query(OTEL_LOGS)
        if how == "column":
            # As docs/otlp.md has it.
            session.query("ALTER TABLE otel_logs ADD COLUMN Received DateTime64(3) DEFAULT now64(3)")
        types = "Timestamp DateTime64(9), Received DateTime64(3), LogAttributes Map(String, String)"
        session.query(f"INSERT INTO otel_logs ({columns}) SELECT {columns} FROM file('{file}', JSONEachRow, '{types}')")
        return session.query(query, "JSONEachRow").data()
