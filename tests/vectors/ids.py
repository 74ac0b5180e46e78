#!/usr/bin/env python3
"""Writes ids.json: an id is one id everywhere, as text or as a number, whatever type its attribute has; conditions keep types.

An implementation of its own, as language.py is, from docs/snapshot-format.md, section 5. Run `python3 tests/vectors/ids.py`;
assignments that have landed must not change.
"""
import hashlib
import json
import struct
from pathlib import Path

from language import bound, point

NOW = "2026-11-23T12:00:00Z"
FLAGS, CASES = {}, []
# Attributes that hold ids, and the unit of each: of type string, of type number, and of listed strings.
UNITS = {"text": "visitor", "digits": "device", "tier": "seat"}

# What pages say. Maps with a `$` stand for what JSON has no word for, as in junk.py.
GIVEN = [
    101, "101", 101.0, "101.0", " 101", "+101", "0101", "١٠١", 202, "202", 0, -0.0, "0", "-0", 1000, 1e3, "1000", "1e3", -5, "-5", "−5",
    2**53 - 1, str(2**53 - 1), 1 - 2**53, str(1 - 2**53), 2**53, str(2**53), -(2**53), 2**53 + 2, 1e21, "1e21", 1.5, "1.5", 5e-324,
    True, False, None, [], [101], ["101"], {}, {"id": 101}, "", " ", "abc", "ABC", "ü", "u\u0308", "free", "pro", "a" * 1024, "a" * 1025,
    "ü" * 512, "ü" * 513, "\ufffd", {"$utf16": [0xD83D]}, {"$utf16": [0xD83D, 0xDE00]}, "\U0001f600", {"$number": "NaN"},
    {"$number": "-Infinity"}, "line\nend", "null", "true", "a\u0000b",
]
# Ids as a ruleset writes them: those of a number in both ways.
WRITTEN = {
    "text": [101, "202", "0101", "1e3", "-0", -5, str(2**53), "1.5", "abc", "ü", "\ufffd", "\U0001f600", "a" * 1024, "ü" * 512, "line\nend",
             "true", "a\u0000b"],
    "digits": ["101", 202, "0", -5, str(2**53 - 1), 1 - 2**53, "1000"],
    "tier": ["pro"],
}


def plain(given):
    """What a value stands for."""
    if isinstance(given, dict) and "$utf16" in given:
        return b"".join(struct.pack("<H", unit) for unit in given["$utf16"]).decode("utf-16-le", "replace")
    return float(given["$number"]) if isinstance(given, dict) and "$number" in given else given


def unit_of(given):
    """The id as text, or nothing if it is nobody's."""
    value = plain(given)
    if isinstance(value, str):
        return value if 1 <= len(value.encode()) <= 1024 else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) >= 2**53:
        return None
    return str(int(value)) if value == int(value) else None


def exposure(experiment, phase, kind, unit, variant, rule, at):
    parts = ["waft-exposure-1", "ids", "test", experiment, str(phase), kind, unit, variant, ""]
    data = b"".join(struct.pack("<I", len(part.encode())) + part.encode() for part in parts)
    return {"id": hashlib.sha512(data).digest()[:16].hex(), "experiment": experiment, "phase": phase, "variant": variant, "rule": rule,
            "point": at, "unitKind": kind, "unit": unit}


def expect(flag, attribute, given, variant, reason, made=()):
    case = {"flag": flag, "context": {attribute: given}, "now": NOW, "variant": variant, "reason": reason}
    CASES.append({**case, "exposures": list(made)} if made else case)


def asked(name, condition):
    """A flag that tells what a condition evaluates to."""
    FLAGS[name] = {"type": "string", "variants": {"yes": "yes", "no": "no", "unknown": "unknown"}, "whenOff": "unknown", "default": "unknown",
                   "rules": [{"id": "yes", "if": condition, "serve": "yes"}, {"id": "no", "if": {"not": condition}, "serve": "no"}]}


def told(flag, attribute, given, truth):
    variant = {True: "yes", False: "no", None: "unknown"}[truth]
    expect(flag, attribute, given, variant, "DEFAULT" if truth is None else "TARGETING_MATCH")


LISTS, EXPERIMENTS, HOLDOUTS = {}, {}, {}
for attribute, kind in UNITS.items():
    ids = {str(id) for id in WRITTEN[attribute]}
    LISTS[f"of-{attribute}"] = {"attribute": attribute, "ids": WRITTEN[attribute]}
    FLAGS[f"target-{attribute}"] = {"type": "boolean", "whenOff": "off", "default": "off", "targets": {"on": {kind: WRITTEN[attribute]}}}
    asked(f"list-{attribute}", {"list": f"of-{attribute}"})
    asked(f"share-{attribute}", {"share": {"of": kind, "part": "0%-50%", "salt": f"s-{attribute}", "correlate": True}})
    EXPERIMENTS[f"lot-{attribute}"] = {"unit": kind, "phases": [{"id": 2, "from": "2026-01-01", "split": {"off": "50%", "on": "50%"}}]}
    FLAGS[f"lot-{attribute}"] = {"type": "boolean", "whenOff": "off", "default": "off", "rules": [{"id": "draw", "experiment": f"lot-{attribute}"}]}
    HOLDOUTS[f"out-{attribute}"] = {"unit": kind, "share": "50%", "from": "2026-01-01"}
    FLAGS[f"held-{attribute}"] = {"type": "boolean", "whenOff": "off", "default": "on", "holdout": f"out-{attribute}"}
    FLAGS[f"ramp-{attribute}"] = {"type": "boolean", "whenOff": "off", "default": "off",
                                  "rules": [{"id": "up", "ramp": "on", "unit": kind, "steps": [{"to": "50%", "at": "2026-01-01"}]}]}
    for given in GIVEN:
        unit = unit_of(given)
        on = unit in ids
        expect(f"target-{attribute}", attribute, given, "on" if on else "off", "TARGETING_MATCH" if on else "DEFAULT")
        told(f"list-{attribute}", attribute, given, None if unit is None else on)
        half = bound("50%")
        draw = lambda purpose, salt: None if unit is None else point(purpose, salt, unit)
        at = draw("share", f"ids/s-{attribute}")
        told(f"share-{attribute}", attribute, given, None if at is None else at < half)
        at = draw("split", f"ids/lot-{attribute}/2")
        variant = None if at is None else "off" if at < half else "on"
        made = [exposure(f"lot-{attribute}", 2, kind, unit, variant, "draw", at)] if variant else []
        expect(f"lot-{attribute}", attribute, given, variant or "off", "SPLIT" if variant else "DEFAULT", made)
        at = draw("holdout", f"ids/out-{attribute}")
        arm = None if at is None else "held" if at < half else "not-held"
        made = [exposure(f"out-{attribute}", 1, kind, unit, arm, "holdout", at)] if arm else []
        held = arm == "held"
        expect(f"held-{attribute}", attribute, given, "off" if held else "on", "SPLIT" if held else "DEFAULT", made)
        at = draw("ramp", f"ids/ramp-{attribute}/up")
        on = at is not None and at < half
        expect(f"ramp-{attribute}", attribute, given, "on" if on else "off", "SPLIT" if on else "DEFAULT")

# Conditions keep their types: text is no number.
asked("is-text", {"text": {"is": "101"}})
asked("in-text", {"text": {"in": ["101", "202"]}})
asked("is-digits", {"digits": {"is": 101}})
asked("in-digits", {"digits": {"in": [101, 202]}})
for given in [101, "101", 101.0, 202, "202", 303, "303", True, None, ["101"], ""]:
    is_text, is_number = isinstance(given, str), isinstance(given, (int, float)) and not isinstance(given, bool)
    told("is-text", "text", given, given == "101" if is_text else None)
    told("in-text", "text", given, given in ("101", "202") if is_text else None)
    told("is-digits", "digits", given, given == 101 if is_number else None)
    told("in-digits", "digits", given, given in (101, 202) if is_number else None)

# The first variant that names an id has it, in whichever way; another unit's id is another's.
FLAGS["first-named"] = {"type": "string", "variants": {"none": "none", "a": "A", "b": "B"}, "whenOff": "none", "default": "none", "enabled": True,
                        "targets": {"a": {"visitor": [7, "eight"], "device": ["7"]}, "b": {"visitor": ["7", "8"], "device": [7, 8]}}}
for attribute, names in {"text": {"7": "a", "eight": "a", "8": "b"}, "digits": {"7": "a", "8": "b"}}.items():
    for given in [7, "7", 7.0, 8, "8", "eight", 9, "9", None]:
        variant = names.get(unit_of(given))
        expect("first-named", attribute, given, variant or "none", "TARGETING_MATCH" if variant else "DEFAULT")

RULESET = {
    "project": "ids", "environments": {"test": {}},
    "attributes": {"text": "string", "digits": "number", "tier": {"enum": ["free", "pro"]}},
    "units": {kind: {"attribute": attribute} for attribute, kind in UNITS.items()},
    "lists": LISTS, "holdouts": HOLDOUTS, "experiments": EXPERIMENTS, "flags": FLAGS,
}
head = json.dumps({"about": __doc__.strip().splitlines()[0], "now": NOW, "ruleset": RULESET}, indent=1, ensure_ascii=False)
cases = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in CASES)
Path(__file__).with_suffix(".json").write_text(head[:-2] + ',\n "cases": [\n' + cases + "\n ]\n}\n")
print(len(CASES), "cases")
