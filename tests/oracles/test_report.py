"""What `waft report` sums up, recomputed here from the rows one by one; and the same query in Python's SQLite and in
ClickHouse, whose table keeps every copy."""

import csv
import io
import json
import math
import random
import sqlite3
import time
from collections import defaultdict

import pytest
from chdb.session import Session
from conftest import HERE, ROOT

DAY = 86_400_000
NOW = int(time.time() * 1_000) // 1_000 * 1_000 - 60_000
SET = "harbour/production"
CLOCK = "o'clock \\ \"done\""
PIECES = "pieces 'n' \"more\""
# When the first phase ended.
ENDED = 1_767_312_000_000
# (study, phase): the kind of its units, its variants with their shares, and its metrics.
STUDIES = {
    ("till", 3): ("visitor", {"control": 0.5, "a": 0.3, "b": 0.2}, "bought spent ever times pieces basket error".split()),
    ("till", 1): ("visitor", {"control": 0.5, "a": 0.5}, "bought spent ever times pieces basket error".split()),
    ("winter", 1): ("visitor", {"held": 0.2, "not-held": 0.8}, ["bought", "spent"]),
    ("header/rise", 1): ("visitor", {"control": 0.5, "on": 0.5}, ["error"]),
    ("alone", 1): ("account", {"a": 1.0}, ["bought"]),
}
# event, what of it, window in days, cap in millionths, days before: as in report.yaml.
TERMS = {
    "bought": ("purchase", "whether", 3, None, 0),
    "ever": ("purchase", "whether", None, None, 0),
    "times": (CLOCK, "count", 5, 980_000, 0),
    "spent": ("purchase", "value", 7, 990_000, 14),
    "pieces": ("purchase", PIECES, 7, None, 7),
    "error": ("js_error", "whether", 1, None, 0),
}
PRIMARY = {"bought", "spent", "ever"}


def sample(count, seed):
    """Rows as `waft serve` has them: exposures, and events before and after them."""
    chance = random.Random(seed)
    exposures, events = [], []

    def expose(study, phase, kind, unit, variant, at, **others):
        row = {
            "id": f"{chance.getrandbits(128):032x}",
            "experiment": study,
            "phase": phase,
            "variant": variant,
            "flag": "till",
            "unit_kind": kind,
            "unit": unit,
            "units": {kind: unit},
            "set_id": SET,
            "snapshot_version": chance.choice([None, 1, 2, 2**40]),
            "browser": chance.choice([None, "Firefox", "Chrome", "It's a browser"]),
            "time": at,
            "skew": chance.choice([0, 5, -70_000, 61_000]),
            "late": chance.choice([None, 0, 900, 3_600_001]),
            "receipts": chance.choice([1, 1, 1, 2, 3]),
        }
        exposures.append({**row, **others})

    def happen(name, units, at, value=None, properties=None, of=SET):
        event = {"id": f"{chance.getrandbits(128):032x}", "name": name, "value": value, "properties": properties}
        events.append({**event, "units": units, "set_id": of, "time": at})

    for number in range(count):
        unit = f"visitor '{number}' \\ é"
        units = {"visitor": unit, "account": f"a{number % 100}"}
        entered = NOW - chance.randrange(DAY // 2, 20 * DAY)
        for (study, phase), (kind, arms, _) in STUDIES.items():
            if (study, phase) == ("till", 3) or chance.random() < 0.4:
                [variant] = chance.choices(list(arms), arms.values())
                at = entered if phase == 3 or study != "till" else ENDED - chance.randrange(-DAY, DAY)
                expose(study, phase, kind, units[kind], variant, at + chance.randrange(1_000))
        if chance.random() < 0.01:
            expose("till", 3, "visitor", unit, chance.choice(["a", "b", "control"]), entered + 50_000)
        if chance.random() < 0.05:
            expose("gone", 9, "visitor", unit, "x", entered)
        if chance.random() < 0.05:
            expose("till", 3, "visitor", unit, "a", entered, set_id="harbour/staging")
        happens = lambda days: entered + round(chance.uniform(-days, days) * DAY)  # noqa: E731
        for _ in range(chance.choice([0, 0, 1, 3])):
            value = chance.choice([None, 0.0, -5.5, math.exp(chance.gauss(3, 1.5))])
            piece = chance.choice([None, {PIECES: chance.randrange(5)}, {PIECES: "3"}, {"other": 1}, {PIECES: 2.5}])
            happen("purchase", units, happens(18), value, piece, chance.choice([SET, SET, None, "harbour/staging"]))
        if number % 3 == 0:
            happen("purchase", units, ENDED + chance.randrange(-2 * DAY, 2 * DAY), 7.0)
        for _ in range(chance.choice([0, 0, 0, 1, 7])):
            happen(CLOCK, units, happens(8))
        if chance.random() < 0.1:
            happen("js_error", {"visitor": unit}, happens(2))
    # What would be the end of every sum, and what jsonb cannot hold.
    for value, piece in [(1.7e308, 2**63 - 1), (-1.7e308, -(2**63)), (1e101, 1e300), (None, 2**70)]:
        for _ in range(2):
            happen("purchase", {"visitor": first_of(exposures)}, NOW - DAY, value, {PIECES: piece})
    happen("purchase", {"visitor": first_of(exposures)}, NOW - DAY, 1.0, {"other": "\0"})
    # On both edges of a window, to the millisecond.
    first = next(row for row in exposures if (row["experiment"], row["phase"]) == ("till", 3))
    for edge in (0, 3 * DAY - 1, 3 * DAY):
        happen("purchase", {"visitor": first["unit"]}, first["time"] + edge, 10.0)
    return exposures, [event for event in events if event["time"] < NOW]


def first_of(exposures):
    return next(row for row in exposures if row["experiment"] == "till")["unit"]


def expected(exposures, events):
    """The table of sums, by the words of docs/report.md."""
    table = {}

    def put(key, metric, variant, part, units, cell="", nonzero=0, x=0.0, xx=0.0, y=0.0, yy=0.0, xy=0.0):
        table[(*key, variant, metric, part, str(cell))] = (units, nonzero, x, xx, y, yy, xy)

    events = [event for event in events if event["set_id"] in (SET, None)]
    exposures = [row for row in exposures if row["set_id"] == SET]
    of_unit = defaultdict(list)
    for event in events:
        for kind, unit in event["units"].items():
            of_unit[kind, unit].append(event)
    superseded = {}
    versions = {row["snapshot_version"] for row in exposures} - {None}
    for version in versions:
        later = [row["time"] for row in exposures if (row["snapshot_version"] or -1) > version]
        superseded[version] = min(later, default=math.inf)
    for key in {(row["experiment"], row["phase"]) for row in exposures}:
        own = [row for row in exposures if (row["experiment"], row["phase"]) == key]
        met = defaultdict(list)
        ends = ENDED if key == ("till", 1) else NOW
        for row in own:
            if row["time"] < ends:
                met[row["unit"]].append(row)
        if key not in STUDIES:
            for variant in {row["variant"] for row in own}:
                put(key, "", variant, "units", len({row["unit"] for row in own if row["variant"] == variant}))
            continue
        kind, _, metrics = STUDIES[key]
        put(key, "", "", "exposures", len(own))
        put(key, "", "", "receipts", sum(row["receipts"] for row in own))
        put(key, "", "", "late", sum((row["late"] or 0) > 3_600_000 for row in own))
        put(key, "", "", "skewed", sum(abs(row["skew"]) > 60_000 for row in own))
        old = [row for row in own if row["time"] > superseded.get(row["snapshot_version"], math.inf) + DAY]
        put(key, "", "", "outdated", len(old))
        crossed = {unit for unit, rows in met.items() if len({row["variant"] for row in rows}) > 1}
        put(key, "", "", "crossed", len(crossed))
        units = {
            unit: (rows[0]["variant"], min(row["time"] for row in rows))
            for unit, rows in met.items()
            if unit not in crossed
        }
        seen = {unit: min(row["snapshot_version"] or -1 for row in met[unit]) for unit in units}
        used = {unit: min(row["browser"] or "" for row in met[unit]) for unit in units}
        for variant in {variant for variant, _ in units.values()}:
            mine = [unit for unit in units if units[unit][0] == variant]
            put(key, "", variant, "units", len(mine))
            for day in {units[unit][1] // DAY for unit in mine}:
                put(key, "", variant, "units by day", sum(units[unit][1] // DAY == day for unit in mine), day)
            for version in {seen[unit] for unit in mine} - {-1}:
                put(key, "", variant, "units by version", sum(seen[unit] == version for unit in mine), version)
            for browser in {used[unit] for unit in mine} - {""}:
                put(key, "", variant, "units by browser", sum(used[unit] == browser for unit in mine), browser)
        for metric in metrics:
            sum_up(key, metric, units, {unit: of_unit[kind, unit] for unit in units}, ends, put)
    return table


def amount(events, term, since, until):
    event, of, *_ = term
    found = [one for one in events if one["name"] == event and since <= one["time"] < until]
    if of == "whether":
        return float(bool(found))
    if of == "count":
        return float(len(found))
    if of == "value":
        numbers = [one["value"] for one in found]
    else:
        numbers = [(one["properties"] or {}).get(of) for one in found]
    return float(sum(number for number in numbers if type(number) in (int, float) and abs(number) <= 1e100))


def capped(values, cap):
    """Cut off at the value of rank ceil(n x cap), never below 0; and where that was."""
    if cap is None:
        return values, None
    ranked = sorted(values.values())
    limit = max(ranked[-(-len(ranked) * cap // 1_000_000) - 1], 0.0) if ranked else 0.0
    return {unit: min(value, limit) for unit, value in values.items()}, limit


def sum_up(key, metric, units, events, ends, put):
    terms = [TERMS["spent"], TERMS["times"]] if metric == "basket" else [TERMS[metric]]
    wait = max(term[2] or 0 for term in terms) * DAY
    subjects = {unit: entered for unit, (_, entered) in units.items() if entered + wait <= NOW}

    def values(term, opens, closes):
        until = lambda entered: ends if closes is None else entered + closes * DAY  # noqa: E731
        return capped(
            {unit: amount(events[unit], term, entered + opens, until(entered)) for unit, entered in subjects.items()},
            term[3],
        )

    xs, limit = values(terms[0], 0, terms[0][2])
    before = terms[0][4] * DAY if len(terms) == 1 else 0
    ys, limit_of_y = dict.fromkeys(subjects, 0.0), None
    if len(terms) == 2:
        ys, limit_of_y = values(terms[1], 0, terms[1][2])
    elif before:
        ys, limit_of_y = values(terms[0], -before, 0)
    for part, most in (("cap", limit), ("cap of y", limit_of_y)):
        if most:
            put(key, metric, "", part, 0, x=most)

    def known(unit):
        if not before:
            return "all"
        entered = subjects[unit]
        return "known" if any(entered - before <= one["time"] < entered for one in events[unit]) else "new"

    groups = defaultdict(list)
    for unit in subjects:
        groups[units[unit][0], known(unit)].append(unit)
    for (variant, part), mine in groups.items():
        x, y = [xs[unit] for unit in mine], [ys[unit] for unit in mine]
        dot = lambda a, b: math.fsum(one * other for one, other in zip(a, b, strict=True))  # noqa: E731
        ones = [1.0] * len(mine)
        sums = {"x": dot(x, ones), "xx": dot(x, x), "y": dot(y, ones), "yy": dot(y, y), "xy": dot(x, y)}
        put(key, metric, variant, part, len(mine), nonzero=sum(one != 0 for one in x), **sums)
    if metric not in PRIMARY:
        return
    for day in range(terms[0][2] or 28):
        for variant in {variant for variant, _ in units.values()}:
            mine = [unit for unit in units if units[unit][0] == variant and day < (NOW - units[unit][1]) // DAY]
            if mine:
                at = lambda unit, day: units[unit][1] + day * DAY  # noqa: E731
                x = [amount(events[unit], terms[0], at(unit, day), at(unit, day + 1)) for unit in mine]
                had = [unit for unit in mine if amount(events[unit], (terms[0][0], "count"), at(unit, day), at(unit, day + 1))]
                sums = {"x": math.fsum(x), "xx": math.fsum(one * one for one in x)}
                put(key, metric, variant, "day since", len(mine), day, nonzero=len(had), **sums)


def as_table(rows):
    table = {}
    for row in rows:
        key = tuple(row[name] for name in ("experiment", "phase", "variant", "metric", "part", "cell"))
        assert key not in table, key
        table[key] = tuple(row[name] for name in ("units", "nonzero", "x", "xx", "y", "yy", "xy"))
    return table


def assert_same(found, wanted):
    assert found.keys() == wanted.keys(), sorted(found.keys() ^ wanted.keys())[:9]
    for key, sums in wanted.items():
        assert found[key] == pytest.approx(sums, rel=1e-9, abs=1e-6), key


@pytest.fixture(scope="module")
def rows():
    return sample(1_500, seed=7)


@pytest.fixture(scope="module")
def database(waft, rows):
    """What `waft serve` would have stored."""
    path = waft.folder / "report.db"
    # Its tables are made by the program itself.
    schema = (ROOT / "crates/cli/src/serve/store/schema.sql").read_text()
    with sqlite3.connect(path) as connection:
        connection.executescript(schema.replace(") STRICT", ")"))
        connection.execute("PRAGMA application_id = 0x57616674")
        connection.execute("PRAGMA user_version = 3")
        for table, content in zip(("exposures", "events"), rows, strict=True):
            for row in content:
                row = {"skew": 0, "first_received": row["time"], "last_received": row["time"], **row}
                row = {name: json.dumps(value) if type(value) is dict else value for name, value in row.items()}
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
    return path


def report(waft, *options):
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW / 1_000))
    return waft.must("report", HERE / "report.yaml", "--environment", "production", "--now", moment, *options)


def test_sqlite_sums_as_counted_one_by_one(waft, rows, database):
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(report(waft, "--print-sql", "sqlite"))]
    assert_same(as_table(found), expected(*rows))
    # The program's own SQLite, another one, and its answer as a file say the same.
    own = json.loads(report(waft, "--db", database, "--format", "json"))
    text = io.StringIO()
    writer = csv.DictWriter(text, found[0].keys())
    writer.writeheader()
    writer.writerows(found)
    told = json.loads(report(waft, "--stats", waft.file(text.getvalue(), ".csv"), "--format", "json"))
    assert approximate(told) == approximate(own)


# As OpenTelemetry's exporter for ClickHouse makes it.
OTEL_LOGS = """CREATE TABLE otel_logs (
    Timestamp DateTime64(9), TimestampTime DateTime DEFAULT toDateTime(Timestamp), TraceId String, SpanId String,
    TraceFlags UInt8, SeverityText LowCardinality(String), SeverityNumber UInt8, ServiceName LowCardinality(String),
    Body String, ResourceSchemaUrl LowCardinality(String), ResourceAttributes Map(LowCardinality(String), String),
    ScopeSchemaUrl LowCardinality(String), ScopeName String, ScopeVersion LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String), LogAttributes Map(LowCardinality(String), String), EventName String
) ENGINE = MergeTree ORDER BY (ServiceName, TimestampTime, Timestamp)"""


def otel(rows):
    """Each record as often as it arrived; copies are later, as clocks were put right in between."""
    exposures, events = rows
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
        if row["snapshot_version"]:
            attributes["waft.snapshot.version"] = str(row["snapshot_version"])
        for copy in range(row["receipts"]):
            yield row["time"] + copy * 1_000, "feature_flag.evaluation", attributes
    for row in events:
        attributes = {"waft.event.id": row["id"], "waft.event.name": row["name"]}
        attributes |= {f"waft.unit.{kind}": unit for kind, unit in row["units"].items()}
        if row["value"] is not None:
            attributes["waft.event.value"] = repr(row["value"])
        if row["properties"]:
            attributes["waft.event.properties"] = json.dumps(row["properties"])
        if row["set_id"]:
            attributes["feature_flag.set.id"] = row["set_id"]
        yield row["time"], "waft.track", attributes
    yield NOW, "of.others", {"some.attribute": "x"}


def test_clickhouse_sums_the_same(waft, rows, database, tmp_path):
    file = tmp_path / "logs.jsonl"
    with file.open("w") as lines:
        for at, name, attributes in otel(rows):
            # Milliseconds since 1970 as ClickHouse reads a DateTime64(9).
            line = {"Timestamp": f"{at / 1_000:.3f}", "EventName": name, "LogAttributes": attributes}
            lines.write(json.dumps(line) + "\n")
    with Session(str(tmp_path / "clickhouse")) as session:
        session.query(OTEL_LOGS)
        session.query(f"INSERT INTO otel_logs (Timestamp, EventName, LogAttributes) SELECT * FROM file('{file}', JSONEachRow, 'Timestamp DateTime64(9), EventName String, LogAttributes Map(String, String)')")
        answer = session.query(report(waft, "--print-sql", "clickhouse"), "JSONEachRow").data()
    found = [json.loads(line) for line in answer.splitlines()]
    for row in found:
        for name in ("phase", "units", "nonzero"):
            row[name] = int(row[name])
    wanted = {key: sums for key, sums in expected(*rows).items()}
    # Its table does not say when a record was sent.
    for key in wanted:
        if key[4] in ("late", "skewed"):
            wanted[key] = (0,) * 7
    assert_same(as_table(found), wanted)
    # And what comes of it is what comes of SQLite's sums.
    told = json.loads(report(waft, "--stats", waft.file(answer, ".jsonl"), "--format", "json"))
    own = json.loads(report(waft, "--db", database, "--format", "json"))
    for study in (*told["studies"], *own["studies"]):
        del study["arrival"]["late"], study["arrival"]["skewed"]
    assert approximate(told) == approximate(own)


def approximate(value):
    """With nine digits, so that the order in which numbers were added does not matter."""
    match value:
        case dict():
            return {key: approximate(one) for key, one in value.items()}
        case list():
            return [approximate(one) for one in value]
        case float():
            return float(f"{value:.9g}")
        case _:
            return value
