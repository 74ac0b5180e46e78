"""What `waft report` sums up, recomputed here from the rows one by one; and the same query in Python's SQLite and in
ClickHouse, whose table keeps every copy."""

import csv
import io
import json
import math
import random
import sqlite3
import time
from collections import Counter, defaultdict

import pytest
import otel_logs
from conftest import HERE, ROOT

DAY = 86_400_000
# Always the same moment: at this one, a copy that arrived faster decides on which side of a day a unit is.
NOW = 1_795_998_600_000
SET = "harbour/production"
CLOCK = "o'clock \\ \"done\""
PIECES = "pieces 'n' \"more\""
# When the first phase ended.
ENDED = 1_767_312_000_000
# When the flag of the second is killed, where it is.
KILLED = NOW - 6 * DAY - 7_654_000
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
# What the experiment `till` is told apart by, and how many values are by themselves.
BREAKDOWNS = ["plan", "segment/eu-pro"]
VALUES = 50


def sample(count, seed):
    """Rows as `waft serve` has them: exposures, and events before and after them."""
    chance = random.Random(seed)
    exposures, events = [], []

    pages, sequences = {}, defaultdict(int)

    def told(at, kind, unit):
        """What a device tells of what happened then: of a page view with a clock of its own, that may be set within."""
        if chance.random() < 0.1:
            # Without a page view, or as an earlier version stored it.
            clock, page, sequence = chance.choice([0, 30, -70_000, 61_000]), None, chance.choice([None, 3])
        else:
            page = f"{kind} {unit} {at // (3 * DAY)}"
            clock = pages.setdefault(page, chance.choice([0, 0, 20, -900, 14_000, 16_000, -70_000, 90_000, 3_600_000, -(10**11)]))
            if chance.random() < 0.05:
                clock = pages[page] = clock + chance.choice([-40_000, 10_000, 70_000])
            sequence = sequences[page] = sequences[page] + chance.choice([1, 1, 1, 2])
        waited = chance.choice([0, 900, 2_000, 3_600_001])
        way = chance.choice([5, 90, 400, 4_000, 9_000])
        forwarded = int(page is not None and hash_of(page) % 11 == 0)
        received = at + waited + way + (chance.choice([0, 60_000]) if forwarded else 0)
        row = {"time": at - clock, "sent_at": at - clock + waited, "first_received": received, "forwarded": forwarded}
        if chance.random() < 0.03:
            row["time"] = row["sent_at"] + 5_000  # after it was sent
        if chance.random() < 0.02:
            row["sent_at"] = None
        if chance.random() < 0.05:
            # Once more, as it is, by a quicker way; or by another page view that had met it before.
            copy = {"page_view": page, "sequence": sequence, "time": row["time"], "sent_at": row["sent_at"], "forwarded": forwarded, "received": received + 20_000}
            if row["sent_at"] is not None:
                copy["sent_at"] += 20_000 + way - 4
            if chance.random() < 0.3:
                days = chance.choice([1, 40])
                copy |= {"page_view": f"before {page}", "sequence": 1, "time": row["time"] - days * DAY}
                copy["breakdown"] = json.dumps({"plan": "before"})
            row["again"] = [copy]
        return {**row, "page_view": page, "sequence": sequence}

    def breakdown():
        """Few plans that many have, many that few have, and some of whom nobody knows any."""
        plan = chance.choice([None, "free", "it's \\ \"pro\"", "pro=é", f"rare {chance.randrange(150)}"])
        member = chance.choice([None, "in", "out"])
        told = {name: value for name, value in zip(BREAKDOWNS, (plan, member), strict=True) if value}
        return told or None

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
            "breakdown": breakdown(),
            "receipts": chance.choice([1, 1, 1, 2, 3]),
            **told(at, kind, unit),
        }
        exposures.append({**row, **others})

    def happen(name, units, at, value=None, properties=None, of=SET):
        event = {"id": f"{chance.getrandbits(128):032x}", "name": name, "value": value, "properties": properties}
        events.append({**event, "units": units, "set_id": of, **told(at, *sorted(units.items())[-1])})

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
        if chance.random() < 0.03:
            # Of a variant that nobody has: it is counted, and what it buys moves no percentile.
            expose("till", 3, "visitor", f"forged {number}", "forged", entered)
            happen("purchase", {"visitor": f"forged {number}"}, entered + DAY, 1e6)
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
    plain = {"page_view": None, "sequence": None, "forwarded": 0, "again": None}
    exact = lambda at: {"time": at, "sent_at": at, "first_received": at, **plain}  # noqa: E731
    first |= exact(NOW - 6 * DAY)
    for edge in (0, 3 * DAY - 1, 3 * DAY):
        happen("purchase", {"visitor": first["unit"]}, first["time"] + edge, 10.0)
        events[-1] |= exact(first["time"] + edge)
    return exposures, events


def hash_of(text):
    return sum(text.encode())


def corrected(exposures, events, earliest):
    """Rows with their times by the collector's clock, and by how much they were moved; by the words of docs/exposures.md, Clocks.
    A table of all copies takes the `earliest`, where the collector keeps what arrived first and what other page views told."""
    rows = [row for row in [*exposures, *events] if row["set_id"] in (SET, None)]
    copies = defaultdict(list)
    for row in rows:
        first = {name: row[name] for name in ("page_view", "sequence", "time", "sent_at", "forwarded")}
        first["breakdown"] = row.get("breakdown") and json.dumps(row["breakdown"])
        copies[id(row)] = [{**first, "received": row["first_received"]}, *(row.get("again") or [])]
    records = defaultdict(lambda: defaultdict(list))
    in_page = lambda copy: copy["page_view"] is not None and copy["sequence"] is not None  # noqa: E731
    behind = lambda copy: 0 if copy["sent_at"] is None else copy["received"] - copy["sent_at"]  # noqa: E731
    for copy in (copy for own in copies.values() for copy in own if in_page(copy)):
        records[copy["page_view"], copy["forwarded"]][copy["sequence"]].append(copy)
    moved = {}
    for (page, forwarded), of_page in records.items():
        runs, last = [], None
        for sequence in sorted(of_page):
            least = min(behind(copy) for copy in of_page[sequence])
            if last is None or (not forwarded and abs(least - last) > 15_000):
                runs.append([])
            runs[-1].append((sequence, least))
            last = least
        for run in runs:
            ages = [copy["received"] - copy["time"] for sequence, _ in run for copy in of_page[sequence]]
            move = min(least for _, least in run)
            if 0 <= move <= 15_000 or (move > 0 and forwarded):
                move = 0
            move = min(move, min(ages))
            if max(ages) - move > 400 * DAY >= max(ages) - min(ages):
                move = min(ages)
            moved |= {(page, forwarded, sequence): move for sequence, _ in run}

    def at(copy):
        move = moved[copy["page_view"], copy["forwarded"], copy["sequence"]] if in_page(copy) else min(behind(copy), 0)
        time = copy["time"] + move
        return (time if copy["received"] - 400 * DAY <= time <= copy["received"] else copy["received"]), move

    def right(row):
        first, *more = copies[id(row)]
        time, move = at(first)
        if earliest:
            time = min(at(copy)[0] for copy in copies[id(row)])
        own = time
        # What its unit was, as each copy has it that may be the first.
        entries = [(time, first["sequence"] or 0, first["breakdown"] or "")]
        place = (first["page_view"], first["sequence"]) if in_page(first) else None
        for copy in more:
            if copy["page_view"] != first["page_view"] and first["time"] - 30 * DAY < copy["time"] < first["time"]:
                entries.append((at(copy)[0], copy["sequence"] or 0, copy.get("breakdown") or ""))
                if at(copy)[0] < time:
                    time, place = at(copy)[0], None
        late = row["sent_at"] is not None and row["sent_at"] - row["time"] > 3_600_000
        return {**row, "time": time, "own": own, "moved": move, "late": late, "place": place, "entry": min(entries)}

    return [[right(row) for row in table if row["set_id"] in (SET, None)] for table in (exposures, events)]


def is_after(event, entered):
    """Whether it happened after a unit had entered: within a page view the sequence says so."""
    if event["place"] and entered["place"] and event["place"][0] == entered["place"][0]:
        return event["place"][1] > entered["place"][1]
    return event["time"] >= entered["time"]


def first_of(exposures):
    return next(row for row in exposures if row["experiment"] == "till")["unit"]


def expected(exposures, events, killed=None, earliest=False):
    """The table of sums, by the words of docs/report.md. A kill of the flag `till` ends what runs."""
    table = {}

    def put(key, metric, variant, part, units, cell="", nonzero=0, x=0.0, xx=0.0, y=0.0, yy=0.0, xy=0.0):
        table[(*key, variant, metric, part, str(cell))] = (units, nonzero, x, xx, y, yy, xy)

    exposures, events = corrected(exposures, events, earliest)
    exposures = [row for row in exposures if row["set_id"] == SET]
    of_unit = defaultdict(list)
    for event in events:
        for kind, unit in event["units"].items():
            of_unit[kind, unit].append(event)
    superseded = {}
    for version in {row["snapshot_version"] for row in exposures} - {None}:
        later = [row["first_received"] for row in exposures if (row["snapshot_version"] or -1) > version]
        superseded[version] = min(later, default=math.inf)
    for key in {(row["experiment"], row["phase"]) for row in exposures}:
        own = [row for row in exposures if (row["experiment"], row["phase"]) == key]
        met = defaultdict(list)
        is_killed = killed is not None and key == ("till", 3)
        as_of = killed if is_killed else NOW
        ends = ENDED if key == ("till", 1) else as_of
        if is_killed:
            put(key, "", "", "apart", sum(killed <= row["own"] < NOW for row in own), killed)
        if key in STUDIES:
            own = [row for row in own if row["time"] < ends]
        for row in own:
            met[row["unit"]].append(row)
        if key not in STUDIES:
            for variant in {row["variant"] for row in own}:
                put(key, "", variant, "units", len({row["unit"] for row in own if row["variant"] == variant}))
            continue
        # What arrived is counted as it was told first.
        own = [row for row in own if row["own"] < ends]
        kind, _, metrics = STUDIES[key]
        put(key, "", "", "exposures", len(own))
        put(key, "", "", "receipts", sum(row["receipts"] for row in own))
        put(key, "", "", "late", sum(row["late"] for row in own))
        put(key, "", "", "skewed", sum(abs(row["moved"]) > 60_000 for row in own))
        uncorrected = sum(row["sent_at"] is None for row in own)
        if uncorrected:
            put(key, "", "", "uncorrected", uncorrected)
        old = [row for row in own if row["own"] > superseded.get(row["snapshot_version"], math.inf) + DAY]
        put(key, "", "", "outdated", len(old))
        crossed = {unit for unit, rows in met.items() if len({row["variant"] for row in rows}) > 1}
        put(key, "", "", "crossed", len(crossed))
        units = {
            unit: (rows[0]["variant"], min(row["time"] for row in rows), min(rows, key=lambda row: row["time"]))
            for unit, rows in met.items()
            if unit not in crossed
        }
        seen = {unit: min(row["snapshot_version"] or -1 for row in met[unit]) for unit in units}
        used = {unit: min(row["browser"] or "" for row in met[unit]) for unit in units}
        for variant in {variant for variant, *_ in units.values()}:
            mine = [unit for unit in units if units[unit][0] == variant]
            put(key, "", variant, "units", len(mine))
            if variant not in STUDIES[key][1]:
                continue
            for day in {units[unit][1] // DAY for unit in mine}:
                put(key, "", variant, "units by day", sum(units[unit][1] // DAY == day for unit in mine), day)
            for version in {seen[unit] for unit in mine} - {-1}:
                put(key, "", variant, "units by version", sum(seen[unit] == version for unit in mine), version)
            for browser in {used[unit] for unit in mine} - {""}:
                put(key, "", variant, "units by browser", sum(used[unit] == browser for unit in mine), browser)
        compared = {unit: own for unit, own in units.items() if own[0] in STUDIES[key][1]}
        cells = []
        if key[0] == "till":
            told = {unit: json.loads(min(row["entry"] for row in met[unit])[2] or "{}") for unit in compared}
            for name in BREAKDOWNS:
                cells.append(labelled(name, {unit: told[unit].get(name, "") for unit in compared}, key, put))
                for variant, cell in {(compared[unit][0], cell) for unit, cell in cells[-1].items()}:
                    mine = [unit for unit, own in cells[-1].items() if (compared[unit][0], own) == (variant, cell)]
                    put(key, "", variant, "units by value", len(mine), cell)
        for metric in metrics:
            sum_up(key, metric, compared, {unit: of_unit[kind, unit] for unit in compared}, ends, as_of, put, cells)
        if is_killed:
            asked = {TERMS[metric][0] for metric in metrics if metric in TERMS}
            late = [one for unit in units for one in of_unit[kind, unit] if one["name"] in asked and killed <= one["time"] < NOW]
            put(key, "", "", "events apart", len(late), killed)
    return table


def labelled(name, values, key, put):
    """The cell of each unit: its value, if that is one of the largest; and how many are put together."""
    counts = Counter(values.values())
    del counts[""]
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    if ranked[VALUES:]:
        put(key, "", "", "more values", len(ranked[VALUES:]), name, nonzero=sum(counts[value] for value in ranked[VALUES:]))
    own = {"", *ranked[:VALUES]}
    return {unit: f"{name}={value}" if value in own else name for unit, value in values.items()}


def amount(events, term, entered, since, until, later=True):
    """Of events after a unit entered, or before."""
    event, of, *_ = term
    found = [one for one in events if one["name"] == event and is_after(one, entered) == later]
    found = [one for one in found if (one["time"] < until if later else one["time"] >= since)]
    if since != entered["time"] and later:
        found = [one for one in found if one["time"] >= since]
    if of == "whether":
        return float(bool(found))
    if of == "count":
        return float(len(found))
    if of == "value":
        numbers = [one["value"] for one in found]
    else:
        numbers = [(one["properties"] or {}).get(of) for one in found]
    return float(sum(number for number in numbers if type(number) in (int, float) and 1e-100 <= abs(number) <= 1e100))


def capped(values, cap):
    """Cut off at the value of rank ceil(n x cap), never below 0; and where that was."""
    if cap is None:
        return values, None
    ranked = sorted(values.values())
    limit = max(ranked[-(-len(ranked) * cap // 1_000_000) - 1], 0.0) if ranked else 0.0
    return {unit: min(value, limit) for unit, value in values.items()}, limit


def sum_up(key, metric, units, events, ends, as_of, put, cells):
    terms = [TERMS["spent"], TERMS["times"]] if metric == "basket" else [TERMS[metric]]
    wait = max(term[2] or 0 for term in terms) * DAY
    subjects = {unit: row for unit, (_, entered, row) in units.items() if entered + wait <= as_of}

    def values(term, opens, closes):
        until = lambda entered: ends if closes is None else entered + closes * DAY  # noqa: E731
        return capped(
            {
                unit: amount(events[unit], term, row, row["time"] + opens, until(row["time"]), later=opens == 0)
                for unit, row in subjects.items()
            },
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
        row = subjects[unit]
        earlier = [one for one in events[unit] if not is_after(one, row) and one["time"] >= row["time"] - before]
        return "known" if earlier else "new"

    groups = defaultdict(list)
    for unit in subjects:
        groups[units[unit][0], known(unit), ""].append(unit)
        for cell in cells if metric in PRIMARY else []:
            groups[units[unit][0], f"{known(unit)} by value", cell[unit]].append(unit)
    for (variant, part, cell), mine in groups.items():
        x, y = [xs[unit] for unit in mine], [ys[unit] for unit in mine]
        dot = lambda a, b: math.fsum(one * other for one, other in zip(a, b, strict=True))  # noqa: E731
        ones = [1.0] * len(mine)
        sums = {"x": dot(x, ones), "xx": dot(x, x), "y": dot(y, ones), "yy": dot(y, y), "xy": dot(x, y)}
        put(key, metric, variant, part, len(mine), cell, nonzero=sum(one != 0 for one in x), **sums)
    if metric not in PRIMARY:
        return
    for day in range(terms[0][2] or 28):
        for variant in {variant for variant, *_ in units.values()}:
            mine = [unit for unit in units if units[unit][0] == variant and day < (as_of - units[unit][1]) // DAY]
            if mine:
                x = [on_day(events[unit], terms[0], units[unit][2], day) for unit in mine]
                sums = {"x": math.fsum(x), "xx": math.fsum(one * one for one in x)}
                put(key, metric, variant, "day since", len(mine), day, nonzero=sum(one != 0 for one in x), **sums)


def on_day(events, term, row, day):
    """Of the whole day so many since a unit entered. What the sequence alone puts after it is on the first."""
    of = lambda one: max(one["time"] - row["time"], 0) // DAY  # noqa: E731
    return amount([one for one in events if of(one) == day], term, row, row["time"], math.inf)


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
        connection.execute("PRAGMA user_version = 6")
        for table, content in zip(("exposures", "events"), rows, strict=True):
            for row in content:
                row = {**row, "last_received": row["first_received"]}
                row = {name: json.dumps(value) if type(value) in (dict, list) else value for name, value in row.items()}
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
    return path


def report(waft, *options):
    """With a breakdown, which tests/bench/reports.py goes without."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW / 1_000))
    rules = (HERE / "report.yaml").read_text()
    rules = rules.replace("  till:\n    unit: visitor\n", "  till:\n    unit: visitor\n    breakdown: [plan, { segment: eu-pro }]\n", 1)
    rules = rules.replace("accountId: string }", "accountId: string, plan: string }\nsegments: { eu-pro: { plan: { is: pro } } }", 1)
    return waft.must("report", waft.file(rules, ".yaml"), "--environment", "production", "--now", moment, *options)


@pytest.fixture(scope="module")
def killed(waft):
    """The history in which the flag `till` is killed, as `waft kill` writes it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(KILLED / 1_000))
    folder = waft.folder / "killed"
    folder.mkdir()
    (folder / "0001.yaml").write_text(
        f"kind: kill\nat: {at}\nproject: harbour\nenvironment: production\nflags: [till]\nlist: 1\ndigest: d\nby: {{ key: k }}\n"
    )
    return ["--records", folder]


def test_sqlite_sums_up_to_a_kill(waft, rows, database, killed):
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(report(waft, "--print-sql", "sqlite", *killed))]
    assert_same(as_table(found), expected(*rows, KILLED))
    assert_own_alike(waft, database, found, *killed)


def test_sqlite_sums_as_counted_one_by_one(waft, rows, database):
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(report(waft, "--print-sql", "sqlite"))]
    assert_same(as_table(found), expected(*rows))
    assert_own_alike(waft, database, found)


def assert_own_alike(waft, database, found, *options):
    """The program's own SQLite, which goes in steps, and the answer of another one to the printed query say the same."""
    own = json.loads(report(waft, "--db", database, "--format", "json", *options))
    text = io.StringIO()
    writer = csv.DictWriter(text, found[0].keys())
    writer.writeheader()
    writer.writerows(found)
    told = json.loads(report(waft, "--stats", waft.file(text.getvalue(), ".csv"), "--format", "json", *options))
    assert approximate(told) == approximate(own)


@pytest.mark.parametrize("how", ["transform", "column", "nothing"])
def test_clickhouse_sums_the_same(waft, rows, how, tmp_path):
    known = otel_logs.as_told(rows, how)
    answer = otel_logs.answer(report(waft, "--print-sql", "clickhouse"), known, how, tmp_path)
    found = [json.loads(line) for line in answer.splitlines()]
    for row in found:
        for name in ("phase", "units", "nonzero"):
            row[name] = int(row[name])
    wanted = expected(*known, earliest=True)
    if how != "nothing":
        wanted = {key: sums for key, sums in wanted.items() if key[4] != "uncorrected"}
    assert_same(as_table(found), wanted)
    # And the report says so where clocks are not corrected.
    told = report(waft, "--stats", waft.file(answer, ".jsonl"))
    assert ("clocks not corrected for" in told) == (how == "nothing")


def test_clickhouse_sums_up_to_a_kill(waft, rows, killed, tmp_path):
    known = otel_logs.as_told(rows, "transform")
    answer = otel_logs.answer(report(waft, "--print-sql", "clickhouse", *killed), known, "transform", tmp_path)
    found = [json.loads(line) for line in answer.splitlines()]
    for row in found:
        for name in ("phase", "units", "nonzero"):
            row[name] = int(row[name])
    wanted = {key: sums for key, sums in expected(*known, KILLED, earliest=True).items() if key[4] != "uncorrected"}
    assert_same(as_table(found), wanted)


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
