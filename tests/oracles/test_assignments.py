"""Who is in which variant: by libsodium, by the query of docs/snapshot-format.md in ClickHouse, and by Waft itself."""

import json
import re
from itertools import count, product

import pytest
from chdb.session import Session
from conftest import NOW, ROOT, ask_node, text_of, trust_of
from points import Experiment, points
from units import SHAPES

PER_SHAPE = 20_000  # five shapes: 100,000 units
CALL_TO_ACTION = Experiment(
    key="call-to-action",
    phase=2,
    layer="till",
    ranges=((0, 123_457), (200_001, 777_777)),
    coverage=812_345,
    split={"plain": 333_333, "control": 333_333, "bold": 333_334},
)
RENEWAL = Experiment(
    key="renewal",
    phase=7,
    layer="renewals",
    ranges=((100_000, 900_000),),
    coverage=666_667,
    split={"late": 900_000, "early": 100_000},
    written_salt="renewal of 2026",
    written_layer_salt="a salt of its own",
)
BADGE = Experiment(
    key="badge",
    phase=1,
    layer="",
    ranges=(),
    coverage=1_000_000,
    split={"plain": 995_000, "loud": 5_000},
)
# Per experiment: whom it randomises. Numbers reach Waft as numbers, and all others as their digits.
NUMBERS = [str(number) for number in (-(2**53) + 1, -1, 0, 1, 2**31, 2**32, 2**53 - 1, *range(1_000, 21_000))]
CASES = {
    **{shape: (CALL_TO_ACTION, "visitor", "visitorId", make(PER_SHAPE)) for shape, make in SHAPES.items()},
    "no layer": (BADGE, "visitor", "visitorId", SHAPES["emails"](PER_SHAPE)),
    "numbers": (RENEWAL, "account", "accountNumber", NUMBERS),
}


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def case(request):
    """The experiment, the kind of its unit, its attribute, the units, and libsodium's assignments."""
    experiment, kind, attribute, units = request.param
    assert len(set(units)) == len(units)
    return experiment, kind, attribute, units, experiment.assign([unit.encode() for unit in units])


@pytest.fixture(scope="module")
def signed(waft):
    publisher = waft.keygen()
    return waft.sign(waft.build(), publisher, "publisher"), trust_of(publisher=publisher)


def test_every_way_out_is_taken(case):
    """A comparison in which all are in one place would show nothing."""
    experiment, *_, rows = case
    layer = (True, False) if experiment.layer else (True,)
    coverage = (True, False) if experiment.coverage < 1_000_000 else (True,)
    assert {row[3:5] for row in rows} == set(product(layer, coverage))
    assert {row[5] for row in rows} == {*experiment.split, *([""] if experiment.layer else [])}


def test_waft_decides_as_libsodium_does(case, signed):
    experiment, kind, attribute, units, rows = case
    snapshot, trust = signed
    asked = [int(unit) for unit in units] if kind == "account" else units
    told = ask_node(
        "waft.mjs",
        do="assign",
        snapshot=text_of(snapshot),
        trust=trust,
        now=NOW,
        flag=experiment.key,
        attribute=attribute,
        units=asked,
    )
    expected = []
    for unit, (layer, coverage, split, in_layer, in_coverage, variant) in zip(units, rows, strict=True):
        one = {"variant": variant or "none", "reason": "SPLIT" if variant else "DEFAULT"}
        if experiment.layer:
            one["layer"] = {
                "name": experiment.layer,
                "inside": in_layer,
                "point": percent(layer),
                "ranges": [[percent_of_share(low), percent_of_share(high)] for low, high in experiment.ranges],
            }
        if in_layer and experiment.coverage < 1_000_000:
            one["coverage"] = {
                "inside": in_coverage,
                "point": percent(coverage),
                "below": percent_of_share(experiment.coverage),
            }
        if variant:
            one["exposure"] = {"id": experiment.exposure("production", kind, unit, variant), "point": split}
        expected.append(one)
    assert len(told) == len(units)
    assert [pair for pair in zip(units, told, expected, strict=True) if pair[1] != pair[2]][:5] == []


def test_who_is_a_unit(signed):
    """1 to 1,024 bytes of UTF-8, or an exact integer; anybody else is in no experiment."""
    snapshot, trust = signed
    ask = {"do": "assign", "snapshot": text_of(snapshot), "trust": trust, "now": NOW}
    texts = {
        "a" * 1_024: True,
        "é" * 512: True,
        " ": True,
        "0": True,
        "a\0b": True,
        "": False,
        "a" * 1_025: False,
        "é" * 513: False,
    }
    numbers = {-(2**53) + 1: True, 2**53 - 1: True, 0: True, -1: True, 2**53: False, -(2**53): False, 0.5: False}
    for experiment, attribute, units in ((CALL_TO_ACTION, "visitorId", texts), (RENEWAL, "accountNumber", numbers)):
        told = ask_node("waft.mjs", flag=experiment.key, attribute=attribute, units=list(units), **ask)
        for (unit, known), one in zip(units.items(), told, strict=True):
            assert ("layer" in one) == known, unit
            if known:
                [point] = points("layer", experiment.layer_salt, [str(unit).encode()]).tolist()
                assert one["layer"]["point"] == percent(point), unit


def percent(point):
    """As the studio prints a point: the largest share, of which there are a million, whose bound is not above the point."""
    return next(share for share in count(point * 1_000_000 >> 32) if (share + 1) * 2**32 // 1_000_000 > point) / 10_000


def percent_of_share(millionths):
    return millionths / 10_000


def query(experiment):
    """The text of the document. Where a salt is written, it says itself what to replace."""
    document = (ROOT / "docs/snapshot-format.md").read_text()
    [sql] = re.findall(r"```sql\n(.*?)```", document, re.DOTALL)
    for line, salt in {
        "concat({project:String}, '/', {layer:String}) AS layer_salt": experiment.written_layer_salt,
        "concat({project:String}, '/', {experiment:String}) AS salt": experiment.written_salt,
    }.items():
        assert sql.count(line) == 1
        if salt:
            sql = sql.replace(line, f"'{salt}' AS {line.split()[-1]}")
    return sql


def ask_clickhouse(experiment, units, tmp_path):
    file = tmp_path / "units.jsonl"
    file.write_text("".join(json.dumps({"unit": unit}) + "\n" for unit in units))
    parameters = {
        "project": experiment.project,
        "experiment": experiment.key,
        "phase": experiment.phase,
        "layer": experiment.layer,
        "ranges": list(experiment.ranges),
        "coverage": experiment.coverage,
        "split": list(experiment.split.items()),
    }
    with Session(str(tmp_path / "clickhouse")) as session:
        session.query(f"CREATE TABLE units ENGINE = Memory AS SELECT * FROM file('{file}', JSONEachRow, 'unit String')")
        parameters = {name: str(value) for name, value in parameters.items()}
        answer = session.query(query(experiment), "JSONCompactEachRow", params=parameters).data()
    rows = map(json.loads, answer.splitlines())
    return {
        unit: (*map(int, points), bool(in_layer), bool(in_coverage), variant)
        for unit, *points, in_layer, in_coverage, variant in rows
    }


def test_the_documented_query_decides_as_libsodium_does(case, tmp_path):
    experiment, _, _, units, rows = case
    told = ask_clickhouse(experiment, units, tmp_path)
    expected = dict(zip(units, rows, strict=True))
    assert told.keys() == expected.keys()
    assert [(unit, told[unit], row) for unit, row in expected.items() if told[unit] != row][:5] == []


def test_the_documented_parameters_are_those_of_the_example(waft, tmp_path):
    """The document's own numbers: phase 2 of call-to-action in examples/shop."""
    document = (ROOT / "docs/snapshot-format.md").read_text()
    for cell in (
        "`shop`, `call-to-action`, `2`",
        "`checkout`, `[(0, 600000)]`",
        "`[('control', 500000), ('bold', 500000)]`",
    ):
        assert cell in document
    shop = Experiment(
        "call-to-action", 2, "checkout", ((0, 600_000),), 1_000_000, {"control": 500_000, "bold": 500_000}, "shop"
    )
    publisher = waft.keygen()
    snapshot = waft.sign(waft.build(ruleset=ROOT / "examples/shop"), publisher, "publisher")
    units = SHAPES["uuid_v4"](2_000)
    trust = trust_of(project="shop", publisher=publisher)
    told = ask_node(
        "waft.mjs",
        do="assign",
        snapshot=text_of(snapshot),
        trust=trust,
        now=1_793_000_000,
        flag="call-to-action",
        attribute="visitorId",
        units=units,
    )
    rows = ask_clickhouse(shop, units, tmp_path)
    assert [one["exposure"]["point"] if "exposure" in one else None for one in told] == [
        rows[unit][2] if rows[unit][5] else None for unit in units
    ]
    assert [one["variant"] for one in told] == [rows[unit][5] or "control" for unit in units]
