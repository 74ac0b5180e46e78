#!/usr/bin/env python3
"""Writes junk.json: what pages hand over and JSON cannot say, beside values at and past every limit.

A map with one key that starts with `$` stands for a value: `$utf16` for text by its code units, `$repeat` for a text so many times,
`$number` for a number that JSON has no word for. An implementation of its own, as language.py is.
Run `python3 tests/vectors/junk.py`; assignments that have landed must not change.
"""
import hashlib
import json
import struct
from pathlib import Path

from language import bound, point

NOW = "2026-11-23T12:00:00Z"
HIGH, LOW = 0xD800, 0xDC00
LOST = "�"
LONGEST = 65_536  # UTF-16 units of a text that is looked at


def utf16(*units):
    return {"$utf16": [ord(unit) if isinstance(unit, str) else unit for unit in units]}


def times(text, count):
    return {"$repeat": [text, count]}


def number(name):
    return {"$number": name}


NOT_NUMBERS = [number(name) for name in ("NaN", "Infinity", "-Infinity")]
OTHERS = [{}, {"a": 1}, [1], [None], [["a"]]]  # of no type that conditions know
CASES = []

FLAGS = {}


def test_flag(name, condition):
    """yes, no or unknown, as the condition is."""
    FLAGS[name] = {
        "type": "string", "variants": {"yes": "yes", "no": "no", "unknown": "unknown"}, "whenOff": "unknown", "default": "unknown",
        "rules": [{"id": "yes", "if": condition, "serve": "yes"}, {"id": "no", "if": {"not": condition}, "serve": "no"}],
    }


def expect(flag, attribute, value, answer):
    reason = "DEFAULT" if answer == "unknown" else "TARGETING_MATCH"
    CASES.append({"flag": flag, "context": {attribute: value}, "variant": answer, "reason": reason})


test_flag("lost", {"s": {"is": LOST}})
test_flag("lost-inside", {"s": {"contains": f"a{LOST}b"}})
test_flag("empty", {"s": {"is": ""}})
test_flag("long", {"s": {"startsWith": "xxxx"}})
test_flag("there", {"s": {"exists": True}})
test_flag("less", {"n": {"lt": 1}})
test_flag("zero", {"n": {"is": 0}})
test_flag("largest", {"n": {"gte": 9007199254740991}})
test_flag("true", {"b": {"is": True}})
test_flag("past", {"d": {"before": "2026-01-01"}})
test_flag("first", {"v": {"lt": "2.0.0"}})
test_flag("lost-item", {"l": {"has": LOST}})
test_flag("empty-item", {"l": {"has": ""}})
test_flag("none", {"l": {"size": 0}})
test_flag("listed", {"list": "ids"})
test_flag("numbered", {"list": "numbers"})

# Lone surrogates are U+FFFD, one for each; pairs are characters.
for value, is_lost, inside in [
    (utf16(HIGH), "yes", "no"), (utf16(LOW), "yes", "no"), (LOST, "yes", "no"), (utf16(HIGH, HIGH), "no", "no"),
    (utf16("a", HIGH, "b"), "no", "yes"), (utf16("a", LOW, "b"), "no", "yes"), (utf16("a", LOW, HIGH, "b"), "no", "no"),
    (utf16("a", HIGH, LOW, "b"), "no", "no"),
]:
    expect("lost", "s", value, is_lost)
    expect("lost-inside", "s", value, inside)
expect("lost-item", "l", [utf16(HIGH)], "yes")
expect("lost-item", "l", ["a", utf16(HIGH, LOW)], "no")
expect("listed", "id", utf16("a", LOW), "yes")
expect("listed", "id", utf16("a", LOW, LOW), "no")

# Empty is there; long is looked at up to a limit, and then of no type.
expect("empty", "s", "", "yes")
expect("there", "s", "", "yes")
expect("long", "s", "", "no")
for length, answer in [(1_024, "yes"), (LONGEST, "yes"), (LONGEST + 1, "unknown"), (100_000, "unknown")]:
    expect("long", "s", times("x", length), answer)
    expect("there", "s", times("x", length), "yes")
expect("long", "s", times("ü", LONGEST), "no")
expect("empty-item", "l", [""], "yes")
expect("none", "l", [], "yes")
expect("none", "l", [times("x", 60_000)], "no")
expect("none", "l", [times("x", 100_000)], "unknown")

# Numbers that are none are there and of no type; -0 is 0; doubles past 2^53 are doubles.
for value in NOT_NUMBERS:
    for flag, attribute in [("less", "n"), ("zero", "n"), ("past", "d"), ("lost", "s"), ("true", "b"), ("first", "v"), ("none", "l")]:
        expect(flag, attribute, value, "unknown")
    expect("there", "s", value, "yes")
for value, less, zero, largest in [
    (0, "yes", "yes", "no"), (-0.0, "yes", "yes", "no"), (5e-324, "yes", "no", "no"), (1.7976931348623157e308, "no", "no", "yes"),
    (9007199254740991, "no", "no", "yes"), (9007199254740993, "no", "no", "yes"), (-9007199254740993, "yes", "no", "no"),
]:
    expect("less", "n", value, less)
    expect("zero", "n", value, zero)
    expect("largest", "n", value, largest)

# Every type in the place of every other.
VALUES = {"s": "1", "n": 1, "b": True, "d": "2025-06-01", "v": "1.0.0", "l": ["a"]}
for flag, attribute, fitting in [
    ("long", "s", {"s", "d", "v"}), ("less", "n", {"n"}), ("true", "b", {"b"}), ("past", "d", {"d", "n"}), ("first", "v", {"v"}), ("none", "l", {"l"}),
]:
    for kind, value in VALUES.items():
        if kind not in fitting:
            expect(flag, attribute, value, "unknown")
    for value in OTHERS:
        expect(flag, attribute, value, "unknown")
    CASES.append({"flag": flag, "context": {attribute: None}, "variant": "unknown", "reason": "DEFAULT"})

# Who is somebody, and by which bytes.
FLAGS["draw"] = {"type": "boolean", "whenOff": "off", "default": "off", "rules": [{"id": "draw", "experiment": "draw"}]}
FLAGS["count"] = {"type": "boolean", "whenOff": "off", "default": "off", "rules": [{"id": "count", "experiment": "count"}]}
PHASES = [{"id": 1, "from": "2026-01-01", "split": {"off": "50%", "on": "50%"}}]
EXPERIMENTS = {"draw": {"unit": "visitor", "phases": PHASES}, "count": {"unit": "account", "phases": PHASES}}


def draws(flag, kind, attribute, value, unit):
    case = {"flag": flag, "context": {attribute: value}}
    if unit is None:
        CASES.append({**case, "variant": "off", "reason": "DEFAULT"})
        return
    at = point("split", f"vectors/{flag}/1", unit)
    variant = "off" if at < bound("50%") else "on"
    parts = ["waft-exposure-1", "vectors", "test", flag, "1", kind, unit, variant, ""]
    data = b"".join(struct.pack("<I", len(part.encode())) + part.encode() for part in parts)
    made = {"id": hashlib.sha512(data).digest()[:16].hex(), "experiment": flag, "phase": 1, "variant": variant, "rule": flag,
            "point": at, "unitKind": kind, "unit": unit}
    CASES.append({**case, "variant": variant, "reason": "SPLIT", "exposures": [made]})


for value, unit in [
    (utf16(HIGH), LOST), (utf16("v", LOW, "1"), f"v{LOST}1"), (utf16(LOW, HIGH), LOST * 2), (utf16(0xD83D, 0xDE00), "😀"), ("", None),
    (times("v", 1_024), "v" * 1_024), (times("v", 1_025), None), (times("ü", 512), "ü" * 512), (times("ü", 513), None),
    (times("v", 100_000), None), (True, None), ([], None), ({}, None), (None, None), (7, "7"), *[(value, None) for value in NOT_NUMBERS],
]:
    draws("draw", "visitor", "id", value, unit)
for value, unit in [
    (0, "0"), (-0.0, "0"), (-1, "-1"), (9007199254740991, "9007199254740991"), (-9007199254740991, "-9007199254740991"),
    (9007199254740992, None), (9007199254740993, None), (-9007199254740992, None), (1e300, None), (0.5, None), (5e-324, None), ("12", "12"),
    *[(value, None) for value in NOT_NUMBERS],
]:
    draws("count", "account", "uid", value, unit)
for value, answer in [(7, "yes"), (-0.0, "yes"), ("7", "yes"), (7.5, "unknown"), (9007199254740993, "unknown"), (number("NaN"), "unknown"), ("", "unknown")]:
    expect("numbered", "uid", value, answer)

RULESET = {
    "project": "vectors", "environments": {"test": {}},
    "attributes": {"s": "string", "n": "number", "b": "boolean", "d": "date", "v": "semver", "l": "list", "id": "string", "uid": "number"},
    "units": {"visitor": {"attribute": "id"}, "account": {"attribute": "uid"}},
    "lists": {"ids": {"attribute": "id", "ids": [f"a{LOST}"]}, "numbers": {"attribute": "uid", "ids": ["0", "7"]}},
    "experiments": EXPERIMENTS, "flags": FLAGS,
}
head = json.dumps({"about": __doc__.strip().splitlines()[0], "now": NOW, "ruleset": RULESET}, indent=1, ensure_ascii=False)
cases = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in CASES)
Path(__file__).with_suffix(".json").write_text(head[:-2] + ',\n "cases": [\n' + cases + "\n ]\n}\n")
print(len(CASES), "cases")
