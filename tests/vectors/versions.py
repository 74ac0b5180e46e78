#!/usr/bin/env python3
"""Writes versions.json: versions whose numbers are as large as semver allows, compared with each other.

An implementation of its own: semver.org's rules 10 and 11 over Python's integers. Run `python3 tests/vectors/versions.py`; answers
that have landed must not change.
"""
import json
from functools import cmp_to_key
from itertools import product
from pathlib import Path
from zlib import crc32

NOW = "2026-11-23T12:00:00Z"
W, L = 2**32, 2**64


def identifiers(text):
    """Rule 11.4: a number is below a text, and numbers are compared as such."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split(".")]


def key(version):
    core, _, pre = version.partition("+")[0].partition("-")
    # A release is above what comes before it; the longer of two that begin alike is the higher one.
    return [int(number) for number in core.split(".")], (1, []) if not pre else (0, identifiers(pre))


def order(left, right):
    return (key(left) > key(right)) - (key(left) < key(right))


def hash_of(version, index):
    """A number by which some are taken, always the same ones."""
    return crc32(f"{index} {version}".encode())


# What rulesets may name: numbers up to 2^64 - 1.
CONSTANTS = [
    "0.0.0", "1.0.0", "2.4.0-rc.1", f"1.0.{W - 2}", f"1.0.{W - 1}", f"1.0.{W}", f"1.{W - 1}.0", f"{W - 1}.0.0", f"{W}.{W}.{W}",
    "1.0.202611281030", "1.0.202611281030-beta.2", "202611281030.1.0", "1.202611281030.9", f"1.0.{L - 2}", f"1.0.{L - 1}", f"{L - 1}.0.0",
    f"1.{L - 1}.0-a", f"{L - 1}.{L - 1}.{L - 1}", f"1.0.0-{L}", "1.0.0-123456789012345678901234567890", f"1.0.{W}-123456789012345678901234567890.x",
]
# What pages may say: anything that semver.org's grammar has.
GIVEN = CONSTANTS + [
    "0.9.9", "1.0.1", "1.0.0-rc.1", "1.0.0+build.5", f"1.0.{W - 1}+1", f"1.0.{W - 1}-0", f"1.0.{W + 1}", f"1.1.{W}", f"2.0.{W}", f"{W}.{W}.{W - 1}",
    f"{W}.{W}.{W}-0", f"{W}.{W - 1}.{W + 1}", "1.0.202611281029", "1.0.202611281031", "1.0.202611281030+exp.sha-5114f85", "1.0.202611281030-alpha",
    "1.0.202611281030-beta", "1.0.202611281030-beta.2", "1.0.202611281030-beta.10", "1.0.202611281030-beta.2.1", "1.0.20261128103", "1.0.99999999999",
    "1.0.999999999999", f"1.0.{L}", f"{L}.0.0", f"1.{L}.0-a", f"1.{L - 1}.0-b", f"1.{L - 1}.0", "99999999999999999999.0.0", f"1.0.{10**40}",
    f"{10**40}.{10**40}.{10**40}", f"1.0.0-{L - 1}", f"1.0.0-{L + 1}", "1.0.0-123456789012345678901234567891", "1.0.0-99", "1.0.0-a",
    f"1.0.{W}-123456789012345678901234567890", f"1.0.{W}-123456789012345678901234567890.y", f"1.0.{W}--", f"1.0.{W}-0a",
]
# What is no version.
BROKEN = ["", "1", "1.0", f"1.0.0{W}", f"1.0.{W}.0", f"v1.0.{W}", f"1.0.-{W}", f"1.0.+{W}", f"1.0.{W}-", f"1.0.{W}-01", f"1.0.{W}-a..b", f"1.0.{W}+",
          f"01.0.{W}", f"1.0.{W} ", f" 1.0.{W}", "1.0.1e12", "1.0.0x10", "1.0.٣", 1, 1.5, True, ["1.0.0"]]
FLAGS, CASES = {}, []


def asked(name, condition, holds, given=GIVEN, broken=()):
    FLAGS[name] = {"type": "string", "variants": {"yes": "yes", "no": "no", "unknown": "unknown"}, "whenOff": "unknown", "default": "unknown",
                   "rules": [{"id": "yes", "if": {"v": condition}, "serve": "yes"}, {"id": "no", "if": {"not": {"v": condition}}, "serve": "no"}]}
    for one in given:
        CASES.append({"flag": name, "context": {"v": one}, "variant": "yes" if holds(one) else "no", "reason": "TARGETING_MATCH"})
    for one in broken:
        CASES.append({"flag": name, "context": {"v": one}, "variant": "unknown", "reason": "DEFAULT"})


WORDS = {"is": lambda o: o == 0, "isNot": lambda o: o != 0, "lt": lambda o: o < 0, "lte": lambda o: o <= 0, "gt": lambda o: o > 0, "gte": lambda o: o >= 0}
for index, constant in enumerate(CONSTANTS):
    # Each word with what is everywhere, one with all that pages may say.
    for place, (word, holds) in enumerate(WORDS.items()):
        near = sorted(GIVEN, key=lambda given: (order(given, constant) != 0, hash_of(given, index)))[:8]
        given, broken = (GIVEN, BROKEN) if place == index % 6 else (near, ())
        asked(f"{word}-{index}", {word: constant}, lambda one: holds(order(one, constant)), given, broken)
for index, (low, high) in enumerate(product(CONSTANTS[:4], CONSTANTS[4:])):
    if index % 12 == 0 and order(low, high) <= 0:
        asked(f"between-{index}", {"between": [low, high]}, lambda given: order(low, given) <= 0 <= order(high, given))
some = [f"1.0.{W - 2}", "1.0.202611281030", f"1.0.{L - 1}", "2.4.0-rc.1", f"{W}.{W}.{W}"]
asked("in", {"in": some}, lambda given: any(order(given, one) == 0 for one in some))
asked("notIn", {"notIn": some}, lambda given: all(order(given, one) != 0 for one in some))

# semver.org's own chain, each with a large number behind it.
CHAIN = ["alpha", "alpha.1", "alpha.beta", "beta", "beta.2", "beta.11", "rc.1"]
ascending = [f"1.0.{L - 1}-{pre}" for pre in CHAIN] + [f"1.0.{L - 1}", f"1.{W}.0", f"2.0.0-{L}", "2.0.0"]
assert sorted(ascending, key=cmp_to_key(order)) == ascending
for index, one in enumerate(ascending):
    FLAGS[f"chain-{index}"] = {"type": "boolean", "whenOff": "off", "default": "off", "rules": [{"id": "above", "if": {"v": {"gt": one}}, "serve": "on"}]}
    for place, given in enumerate(ascending):
        above = place > index
        CASES.append({"flag": f"chain-{index}", "context": {"v": given}, "variant": "on" if above else "off",
                      "reason": "TARGETING_MATCH" if above else "DEFAULT"})

RULESET = {"project": "versions", "environments": {"test": {}}, "attributes": {"v": "semver", "id": "string"}, "units": {"visitor": {"attribute": "id"}},
           "flags": FLAGS}
head = json.dumps({"about": __doc__.strip().splitlines()[0], "now": NOW, "ruleset": RULESET}, indent=1, ensure_ascii=False)
cases = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in CASES)
Path(__file__).with_suffix(".json").write_text(head[:-2] + ',\n "cases": [\n' + cases + "\n ]\n}\n")
print(len(CASES), "cases")
