"""`waft serve` with what others make: their OTLP encoder, their collector in between, their reader of Parquet."""

import hashlib
import json
import random
import socket
import struct
import subprocess
import time
import urllib.request
from pathlib import Path

import chdb
import pytest
from conftest import PROGRAM
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse

HANG = 60


def until(holds, what):
    end = time.monotonic() + HANG
    while not holds():
        assert time.monotonic() < end, f"waited {HANG} s: {what}"
        time.sleep(0.05)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def post(url, body, content_type="application/json"):
    request = urllib.request.Request(url, body, {"content-type": content_type})
    with urllib.request.urlopen(request, timeout=HANG) as answer:
        return answer.read()


class Collector:
    """A running `waft serve`."""

    def __init__(self, folder):
        self.database = folder / "waft.db"
        (folder / "site").mkdir()
        command = [PROGRAM, "serve", "--port", "0", "--dir", folder / "site", "--db", self.database]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def total(self):
        with urllib.request.urlopen(f"{self.url}/api/exposures", timeout=HANG) as answer:
            return json.load(answer)["total"]

    def export(self, to="-", rows="exposures"):
        command = [PROGRAM, "serve", "--db", self.database, "--rows", rows, "--export", to]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def rows(self, rows="exposures"):
        return {row["id"]: row for row in map(json.loads, self.export(rows=rows).splitlines())}


@pytest.fixture
def collector(tmp_path):
    collector = Collector(tmp_path)
    yield collector
    collector.process.terminate()
    assert collector.process.wait(HANG) == 0


def record(event, attributes, now):
    """A log record as pkg/src/exposures/otlp.ts writes it."""

    def value(content):
        match content:
            case str():
                return {"stringValue": content}
            case float():
                return {"doubleValue": content}
            case _:
                return {"intValue": str(content)}

    return {
        "timeUnixNano": f"{now - 1_500}000000",
        "observedTimeUnixNano": f"{now}000000",
        "eventName": event,
        "attributes": [{"key": key, "value": value(content)} for key, content in attributes.items()],
    }


def exposure_id(row):
    """As docs/otlp.md has it."""
    project, environment = row["set_id"].split("/")
    parts = ["waft-exposure-1", project, environment, row["experiment"], str(row["phase"]), row["unit_kind"], row["unit"]]
    parts = [part.encode() for part in [*parts, row["variant"], ""]]
    return hashlib.sha512(b"".join(struct.pack("<I", len(part)) + part for part in parts)).hexdigest()[:32]


def sample(seed, count, digits=None):
    """Exposures and events, with what is not ASCII among them: their requests, and what has to be stored of each. Values
    have so many decimals, or all that a double has."""
    chance, now = random.Random(seed), int(time.time() * 1_000)
    records, exposures, events = [], {}, {}
    for number in range(count):
        wanted = {
            "experiment": chance.choice(["checkout", "größe", "表示"]),
            "phase": chance.randrange(1, 1 << 32),
            "variant": chance.choice(["plain", "bold \"quoted\"", "emoji 🦀"]),
            "flag": "cta",
            "rule": "copy-test",
            "unit_kind": "visitor",
            "unit": f"v{number}",
            "units": {"account": f"a{number}", "visitor": f"v{number}"},
            "set_id": "shop/production",
            "snapshot_version": chance.randrange(1 << 53),
            "snapshot_digest": f"{chance.getrandbits(256):064x}",
            "point": chance.randrange(1 << 32),
            "page_view": f"{chance.getrandbits(64):x}",
            "sequence": number,
            "browser": chance.choice(["Firefox", "Chrome"]),
            "breakdown": {"plan": chance.choice(["free", "größe \"🦀\""]), "segment/eu-pro": "in"},
        }
        wanted["id"] = exposure_id(wanted)
        exposures[wanted["id"]] = wanted
        attributes = {
            "feature_flag.key": wanted["flag"],
            "feature_flag.result.variant": wanted["variant"],
            "feature_flag.result.reason": "split",
            "feature_flag.context.id": wanted["unit"],
            "feature_flag.set.id": wanted["set_id"],
            "feature_flag.version": str(wanted["snapshot_version"]),
            "feature_flag.provider.name": "waft",
            "waft.exposure.id": wanted["id"],
            "waft.experiment": wanted["experiment"],
            "waft.phase": wanted["phase"],
            "waft.rule": wanted["rule"],
            "waft.point": wanted["point"],
            "waft.unit.kind": wanted["unit_kind"],
            "waft.snapshot.digest": wanted["snapshot_digest"],
            "waft.snapshot.version": wanted["snapshot_version"],
            "waft.page_view.id": wanted["page_view"],
            "waft.sequence": wanted["sequence"],
            "user_agent.name": wanted["browser"],
            "waft.unit.visitor": wanted["unit"],
            "waft.unit.account": wanted["units"]["account"],
            "waft.breakdown.plan": wanted["breakdown"]["plan"],
            "waft.breakdown.segment/eu-pro": "in",
        }
        records.append(record("feature_flag.evaluation", attributes, now))
        value = chance.uniform(-999, 999)
        event = {
            "id": f"{chance.getrandbits(128):032x}",
            "name": "buy",
            "value": value if digits is None else round(value, digits),
            "properties": {"n": number},
        }
        events[event["id"]] = event
        attributes = {
            "waft.event.id": event["id"],
            "waft.event.name": event["name"],
            "waft.event.value": event["value"],
            "waft.event.properties": json.dumps(event["properties"]),
            "waft.unit.visitor": wanted["unit"],
        }
        records.append(record("waft.track", attributes, now))
    # Somebody else's, which is not stored.
    foreign = [{"key": "list", "value": {"arrayValue": {"values": []}}}]
    records.append({"body": {"stringValue": "hello"}, "attributes": foreign})
    batches = [records[start : start + 50] for start in range(0, len(records), 50)]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    scope = {"name": "waft", "version": "0.1.0"}
    requests = [
        {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": batch}]}]}
        for batch in batches
    ]
    return requests, exposures, events


def assert_stored(collector, exposures, events):
    for stored, wanted in [(collector.rows(), exposures), (collector.rows("events"), events)]:
        assert stored.keys() == wanted.keys()
        for key, row in wanted.items():
            assert {name: stored[key][name] for name in row} == row
            assert stored[key]["sent_at"] - stored[key]["time"] == 1_500


@pytest.mark.parametrize("encoding", ["protobuf", "json", "proto3 json"])
def test_messages_of_the_official_definitions_are_the_same_rows(collector, encoding):
    requests, exposures, events = sample(seed=1, count=60)
    for request in requests:
        message = json_format.ParseDict(request, ExportLogsServiceRequest())
        if encoding == "protobuf":
            answer = post(f"{collector.url}/v1/logs", message.SerializeToString(), "application/x-protobuf")
            assert not ExportLogsServiceResponse.FromString(answer).HasField("partial_success")
        else:
            text = json.dumps(request) if encoding == "json" else json_format.MessageToJson(message)
            answer = post(f"{collector.url}/v1/logs", text.encode())
            assert not json_format.Parse(answer, ExportLogsServiceResponse()).HasField("partial_success")
    assert_stored(collector, exposures, events)


def test_refusals_are_messages_of_the_official_definitions(collector):
    requests, _, _ = sample(seed=2, count=1)
    requests[0]["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["attributes"].pop(0)
    message = json_format.ParseDict(requests[0], ExportLogsServiceRequest())
    answer = post(f"{collector.url}/v1/logs", message.SerializeToString(), "application/x-protobuf")
    partial = ExportLogsServiceResponse.FromString(answer).partial_success
    assert partial.rejected_log_records == 1
    assert partial.error_message.endswith("logRecords[0]: feature_flag.key: missing: send it as stringValue")
    answer = post(f"{collector.url}/v1/logs", json.dumps(requests[0]).encode())
    assert json_format.Parse(answer, ExportLogsServiceResponse()).partial_success == partial


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_nothing_is_lost_or_changed_through_another_collector(collector, tmp_path, compression):
    rotel = pytest.importorskip("rotel", reason="rotel has no wheel for this Python or machine")
    agent = Path(rotel.__path__[0]) / "rotel-agent"
    port = free_port()
    command = [agent, "start", "--otlp-http-endpoint", f"127.0.0.1:{port}"]
    command += ["--otlp-grpc-endpoint", f"127.0.0.1:{free_port()}"]
    command += ["--exporter", "otlp", "--otlp-exporter-protocol", "http", "--otlp-exporter-endpoint", collector.url]
    command += ["--otlp-exporter-compression", compression, "--pid-file", tmp_path / "pid"]
    # rotel reads JSON's numbers to within their last bit.
    requests, exposures, events = sample(seed=3, count=500, digits=2)
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:

        def listens():
            assert process.poll() is None, (tmp_path / "log").read_text()
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0

        try:
            until(listens, "rotel listens")
            for request in requests:
                post(f"http://127.0.0.1:{port}/v1/logs", json.dumps(request).encode())
            until(lambda: collector.total() == len(exposures), f"rotel forwards: {(tmp_path / 'log').read_text()}")
            until(lambda: len(collector.rows("events")) == len(events), "rotel forwards the rest")
        finally:
            process.terminate()
    assert_stored(collector, exposures, events)


def test_parquet_is_read_by_clickhouse(collector, tmp_path):
    requests, exposures, events = sample(seed=4, count=200)
    for request in requests:
        post(f"{collector.url}/v1/logs", json.dumps(request).encode())
    for rows, wanted in [("exposures", exposures), ("events", events)]:
        file = tmp_path / f"{rows}.parquet"
        collector.export(file, rows)
        query = f"""SELECT *, toUnixTimestamp64Milli(time) AS at, toTypeName(time) AS type FROM file('{file}', Parquet)
            SETTINGS output_format_json_quote_64bit_integers = 0"""
        answer = chdb.query(query, "JSONEachRow")
        read = {row["id"]: row for row in map(json.loads, answer.bytes().decode().splitlines())}
        stored = collector.rows(rows)
        assert read.keys() == stored.keys() == wanted.keys()
        for key, row in stored.items():
            assert read[key]["type"].startswith("DateTime64(3"), read[key]["type"]
            assert read[key]["at"] == row["time"]
            for name, value in row.items():
                if name not in ("time", "sent_at", "first_received", "last_received"):
                    found = read[key][name]
                    assert (json.loads(found) if name in ("units", "properties", "breakdown", "again") and found else found) == value, name
