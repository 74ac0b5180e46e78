#!/usr/bin/env python3
"""Writes language.json: what is expected of lists, patterns, shares, prerequisites, targets, holdouts and ramps.

An implementation of its own, from docs/snapshot-format.md and docs/ruleset.md: it shares no code with the engine.
Run `python3 tests/vectors/language.py`; assignments that have landed must not change.
"""
import hashlib
import json
import re
import struct
from datetime import datetime, timezone
from pathlib import Path

MASK = (1 << 64) - 1
NOW = "2026-11-23T12:00:00Z"


def siphash(key: bytes, data: bytes) -> int:
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    rotl = lambda x, b: ((x << b) | (x >> (64 - b))) & MASK

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & MASK; v[1] = rotl(v[1], 13) ^ v[0]; v[0] = rotl(v[0], 32)
            v[2] = (v[2] + v[3]) & MASK; v[3] = rotl(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & MASK; v[3] = rotl(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & MASK; v[1] = rotl(v[1], 17) ^ v[2]; v[2] = rotl(v[2], 32)

    padded = data + b"\0" * (7 - len(data) % 8) + bytes([len(data) & 255])
    for (m,) in struct.iter_unpack("<Q", padded):
        v[3] ^= m; rounds(2); v[0] ^= m
    v[2] ^= 0xFF; rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def point(purpose: str, salt: str, unit: str) -> int:
    s = purpose.encode() + b"\0" + salt.encode()
    key = struct.pack("<QQ", siphash(b"waft/bucket/key0", s), siphash(b"waft/bucket/key1", s))
    return siphash(key, unit.encode()) >> 32


def bound(percent: str) -> int:
    from fractions import Fraction
    return int(Fraction(percent.rstrip("%")) / 100 * (1 << 32))


def exposure(experiment, phase, unit, variant, rule, at):
    parts = ["waft-exposure-1", "vectors", "test", experiment, str(phase), "visitor", unit, variant, ""]
    data = b"".join(struct.pack("<I", len(p.encode())) + p.encode() for p in parts)
    return {"id": hashlib.sha512(data).digest()[:16].hex(), "experiment": experiment, "phase": phase,
            "variant": variant, "rule": rule, "point": at, "unitKind": "visitor", "unit": unit}


def milli(text: str) -> int:
    text = text if "T" in text else text + "T00:00:00Z"
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def rfc(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")


FLAGS, CASES, SEGMENTS = {}, [], {}


def flag(name, rules, **more):
    FLAGS[name] = {"type": "boolean", "whenOff": "off", "default": "off", **more, "rules": rules}


def test(name, condition, cases, now=NOW):
    """A flag that tells what a condition came out to; `cases` are (context, True | False | None, valid until?)."""
    FLAGS[name] = {"type": "string", "variants": {"yes": "yes", "no": "no", "unknown": "unknown"}, "whenOff": "unknown",
                   "default": "unknown", "rules": [{"id": "yes", "if": condition, "serve": "yes"},
                                                   {"id": "no", "if": {"not": condition}, "serve": "no"}]}
    for context, truth, *until in cases:
        variant = {True: "yes", False: "no", None: "unknown"}[truth]
        case = {"flag": name, "context": context, "now": now, "variant": variant,
                "reason": "DEFAULT" if truth is None else "TARGETING_MATCH"}
        if until and until[0]:
            case["validUntil"] = until[0]
        CASES.append(case)


# Patterns, against Python's.
TEXTS = ["", "a", "b", "ab", "aab", "abc", "ABC", "a1", "1", "12", "a_b", "a b", "foo@example.com", "foo@example.org", "x@y",
         "2026-11-23", "26-11-23", "line\nend", "tail\n", "ünïcode", "ß", "a\u0000b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "-", "é"]
PATTERNS = ["a", "^a", "a$", "^a$", "^$", "", "a+b", "^(a|b)+$", r"^\d+$", r"^\w+$", r"\s", r"\D", r"^\W$", "[a-c]{2}", "a.b", "a{2,3}",
            r"@example\.(com|org)$", r"^\d{4}-\d{2}-\d{2}$", "(?i)abc", "^[^a]*$", "b|^1", r"\bb", "(ab)?c", ".", "^.$", "é|ß", "a*?b", r"\.", "[.]",
            r"^[\w.]+@[\w.]+$"]
for number, pattern in enumerate(PATTERNS):
    # Ours are JavaScript's \d \w \s: ASCII. `$` is the end of the text, as in RE2: Python's \Z.
    theirs = re.sub(r"(?<!\\)\$", r"\\Z", pattern)
    ascii_only = lambda p: re.compile(p.replace(r"\d", "[0-9]").replace(r"\w", "[0-9A-Za-z_]").replace(r"\D", "[^0-9]")
                                      .replace(r"\W", "[^0-9A-Za-z_]").replace(r"\s", r"[ \t\n\r\x0b\x0c]")
                                      .replace(r"\b", r"(?:(?<![0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<=[0-9A-Za-z_])(?![0-9A-Za-z_]))"))
    compiled = ascii_only(theirs.replace(r"[\w.]", "[0-9A-Za-z_.]"))
    cases = [({"s": text}, bool(compiled.search(text))) for text in TEXTS]
    test(f"matches-{number}", {"s": {"matches": pattern}}, cases + [({}, None), ({"s": 1}, None), ({"s": ["a"]}, None)])
test("matches-any", {"s": {"matches": ["^x", "z$"]}}, [({"s": t}, t.startswith("x") or t.endswith("z")) for t in ("x", "z", "xz", "zx", "")])

# Any case: ASCII letters only.
lower = lambda text: "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
CASED = ["Hello", "HELLO", "hello", "hell", "hello there", "say HeLLo", "", "ÄHNLICH", "ähnlich", "Äh", "@[`{", "h"]
for word, has in [("isAnyCase", lambda t, p: t == p), ("containsAnyCase", lambda t, p: p in t),
                  ("startsWithAnyCase", lambda t, p: t.startswith(p)), ("endsWithAnyCase", lambda t, p: t.endswith(p))]:
    for part in ["hello", "HELLO", "ähnlich", "Äh"]:
        test(f"{word}-{part.encode().hex()}", {"s": {word: part}},
             [({"s": t}, has(lower(t), lower(part))) for t in CASED] + [({}, None), ({"s": True}, None)])
    test(f"{word}-several", {"s": {word: ["x", "HELL"]}}, [({"s": t}, any(has(lower(t), p) for p in ("x", "hell"))) for t in CASED])

# Distances from now, and when they change.
now = milli(NOW)
DAY = 86_400_000
for word, low, high in [("within", -30 * DAY, 0), ("withinNext", 0, 30 * DAY)]:
    cases = []
    for offset in [-31 * DAY, -30 * DAY - 1, -30 * DAY, -30 * DAY + 1, -DAY, -1, 0, 1, DAY, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1, 40 * DAY]:
        date = now + offset
        changes = [m for m in (date - high, date - low + 1) if m > now]
        cases.append(({"d": date}, low <= offset <= high, rfc(min(changes)) if changes else None))
        cases.append(({"d": rfc(date)}, low <= offset <= high, rfc(min(changes)) if changes else None))
    test(word, {"d": {word: "30d"}}, cases + [({}, None), ({"d": "yesterday"}, None), ({"d": True}, None)])
for text, size in [("90s", 90_000), ("15m", 900_000), ("48h", 172_800_000), ("2w", 14 * DAY)]:
    test(f"within-{text}", {"d": {"within": text}},
         [({"d": now - size}, True, rfc(now + 1)), ({"d": now - size - 1}, False), ({"d": now}, True, rfc(now + size + 1))])

# Lists of texts.
LISTS = [[], ["a"], ["b"], ["a", "b"], ["b", "a", "a"], ["x", "y", "z"], ["A"], [""], ["ü"]]
for name, condition, want in [
    ("has", {"has": "a"}, lambda l: "a" in l), ("has-all", {"hasAll": ["a", "b"]}, lambda l: {"a", "b"} <= set(l)),
    ("has-any", {"hasAny": ["a", "ü"]}, lambda l: bool({"a", "ü"} & set(l))), ("has-none", {"hasNone": ["a", "x"]}, lambda l: not {"a", "x"} & set(l)),
    ("size", {"size": 1}, lambda l: len(l) == 1), ("size-range", {"size": {"gte": 1, "lt": 3}}, lambda l: 1 <= len(l) < 3),
    ("size-more", {"size": {"gt": 2}}, lambda l: len(l) > 2), ("list-exists", {"exists": True}, lambda l: True),
]:
    wrong = [({"l": "a"}, None), ({"l": [1]}, None), ({"l": ["a", None]}, None), ({"l": {}}, None)]
    if name == "list-exists":
        wrong = [({"l": "a"}, True), ({"l": [1]}, True)]
    missing = [({}, False)] if name == "list-exists" else [({}, None)]
    test(name, {"l": condition}, [({"l": items}, want(items)) for items in LISTS] + wrong + missing)

# Lists of ids.
IDS = [f"id-{n}" for n in range(0, 60, 3)] + ["ü", "id 1"]
for given in [f"id-{n}" for n in range(12)] + ["ü", "u", "id 1", "ID-0", "", 5, 3.5, True]:
    known = isinstance(given, str) and given != "" or given == 5 and given is not True
    CASES.append({"flag": "listed", "context": {"id": given}, "now": NOW,
                  "variant": "unknown" if not known else "yes" if str(given) in IDS else "no",
                  "reason": "DEFAULT" if not known else "TARGETING_MATCH"})
FLAGS["listed"] = {"type": "string", "variants": {"yes": "yes", "no": "no", "unknown": "unknown"}, "whenOff": "unknown", "default": "unknown",
                   "rules": [{"id": "yes", "if": {"list": "some"}, "serve": "yes"}, {"id": "no", "if": {"not": {"list": "some"}}, "serve": "no"}]}
CASES.append({"flag": "listed", "context": {}, "now": NOW, "variant": "unknown", "reason": "DEFAULT"})

UNITS = [f"user-{n}" for n in range(40)] + ["7", "ünit", "a" * 1024]

# Shares.
for name, low, high, salt in [("share-low", "0%", "20%", "one"), ("share-high", "20%", "100%", "one"), ("share-thin", "49.5%", "50.5%", "two")]:
    def inside(unit):
        at = point("share", f"vectors/{salt}", unit)
        return at >= bound(low) and (high == "100%" or at < bound(high))
    test(name, {"share": {"of": "visitor", "part": f"{low}-{high}", "salt": salt, "correlate": True}},
         [({"id": unit}, inside(unit)) for unit in UNITS] + [({}, None), ({"id": ""}, None), ({"id": "a" * 1025}, None), ({"id": True}, None)])

# Ramps without a guard.
STEPS = [("2026-01-01T00:00:00Z", "10%"), ("2026-03-01T00:00:00Z", "50%"), ("2026-06-01T00:00:00Z", "100%")]
flag("ramp", [{"id": "up", "ramp": "on", "unit": "visitor", "steps": [{"to": share, "at": at} for at, share in STEPS]}])
MOMENTS = ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z", "2026-05-31T23:59:59Z",
           "2026-06-01T00:00:00Z", "2026-12-01T00:00:00Z"]
for moment in MOMENTS:
    reached = [share for at, share in STEPS if milli(at) <= milli(moment)]
    later = [at for at, _ in STEPS if milli(at) > milli(moment)]
    for unit in UNITS[:12] + UNITS[-3:]:
        on = bool(reached) and (reached[-1] == "100%" or point("ramp", "vectors/ramp/up", unit) < bound(reached[-1]))
        case = {"flag": "ramp", "context": {"id": unit}, "now": moment, "variant": "on" if on else "off", "value": on,
                "reason": "SPLIT" if on else "DEFAULT"}
        if later:
            case["validUntil"] = later[0]
        CASES.append(case)
CASES.append({"flag": "ramp", "context": {}, "now": NOW, "variant": "off", "reason": "DEFAULT"})

# Ramps with a guard: halves are compared, and the second one is let go above 50 %.
GUARDED = [("2026-01-01T00:00:00Z", "10%"), ("2026-03-01T00:00:00Z", "50%"), ("2026-05-01T00:00:00Z", "80%"), ("2026-07-01T00:00:00Z", "100%")]
flag("guarded", [{"id": "up", "ramp": "on", "unit": "visitor", "salt": "pepper", "guard": {"errors": {"worse": "5%"}},
                  "steps": [{"to": share, "at": at} for at, share in GUARDED]}])
for moment in ["2025-12-31T00:00:00Z"] + [at for at, _ in GUARDED]:
    reached = [share for at, share in GUARDED if milli(at) <= milli(moment)]
    later = [at for at, _ in GUARDED if milli(at) > milli(moment)]
    for unit in UNITS[:24]:
        case = {"flag": "guarded", "context": {"id": unit}, "now": moment, "variant": "off", "reason": "DEFAULT"}
        if reached:
            doubled = 2 * ((1 << 32) if reached[-1] == "100%" else bound(reached[-1]))
            at, half = point("ramp", "pepper", unit), point("split", "pepper/1", unit)
            if half < 1 << 31:
                if at < doubled:
                    case |= {"variant": "on", "reason": "SPLIT", "exposures": [exposure("guarded/up", 1, unit, "on", "up", half)]}
            elif at + (1 << 32) < doubled:
                case |= {"variant": "on", "reason": "SPLIT"}
            elif at < doubled:
                case["exposures"] = [exposure("guarded/up", 1, unit, "control", "up", half)]
        if later:
            case["validUntil"] = later[0]
        CASES.append(case)

# Holdouts.
HELD = {"unit": "visitor", "share": "25%", "from": "2026-02-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "except": {"s": {"is": "staff"}}}
FLAGS["held"] = {"type": "string", "variants": {"off": "off", "a": "A", "b": "B"}, "whenOff": "off", "default": "a", "holdout": "quarter",
                 "targets": {"b": {"visitor": ["user-0", "user-1"]}},
                 "rules": [{"id": "b", "if": {"n": {"gt": 1}}, "serve": "b"}]}
for moment in ["2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"]:
    runs = milli(HELD["from"]) <= milli(moment) < milli(HELD["to"])
    later = [t for t in (HELD["from"], HELD["to"]) if milli(t) > milli(moment)]
    for unit in UNITS[:16]:
        for extra in [{}, {"s": "staff"}, {"s": "other"}, {"n": 2}]:
            case = {"flag": "held", "context": {"id": unit, **extra}, "now": moment, "variant": "a", "reason": "DEFAULT"}
            if unit in ("user-0", "user-1"):
                case |= {"variant": "b", "reason": "TARGETING_MATCH"}
                CASES.append(case)
                continue
            if extra.get("n") == 2:
                case |= {"variant": "b", "reason": "TARGETING_MATCH"}
            if extra.get("s") != "staff":
                if runs:
                    at = point("holdout", "vectors/quarter", unit)
                    held = at < bound(HELD["share"])
                    case["exposures"] = [exposure("quarter", 1, unit, "held" if held else "not-held", "holdout", at)]
                    if held:
                        case |= {"variant": "off", "reason": "SPLIT"}
                if later:
                    case["validUntil"] = later[0]
            CASES.append(case)

# Prerequisites, and flags that ask for flags.
flag("first", [{"id": "old", "if": {"n": {"gte": 18}}, "serve": "on"}])
flag("second", [{"id": "any", "serve": "on"}], requires={"first": "on"})
flag("third", [{"id": "both", "if": {"flag": {"second": "on", "first": "on"}}, "serve": "on"}])
flag("fourth", [{"id": "off", "if": {"segment": "has-third"}, "serve": "on"}], requires={"third": ["on", "off"]})
flag("switched-off", [], enabled=False)
flag("needs-the-off", [{"id": "any", "serve": "on"}], requires={"switched-off": "on"})
SEGMENTS["has-third"] = {"flag": {"third": "on"}}
for context, old in [({"n": 18}, True), ({"n": 17}, False), ({}, False), ({"n": "18"}, False)]:
    CASES.append({"flag": "second", "context": context, "now": NOW, "variant": "on" if old else "off", "reason": "TARGETING_MATCH" if old else "DISABLED"})
    for name in ("third", "fourth"):
        CASES.append({"flag": name, "context": context, "now": NOW, "variant": "on" if old else "off", "reason": "TARGETING_MATCH" if old else "DEFAULT"})
    CASES.append({"flag": "needs-the-off", "context": context, "now": NOW, "variant": "off", "reason": "DISABLED"})

# A prerequisite that is drawn by lot is exposed by whoever asks for it, whichever way it went.
EXPERIMENTS = {"lot": {"unit": "visitor", "phases": [{"id": 3, "from": "2026-01-01", "coverage": "80%", "split": {"off": "50%", "on": "50%"}}]}}
flag("lot", [{"id": "draw", "experiment": "lot"}])
flag("asks", [{"id": "any", "serve": "on"}], requires={"lot": "on"})
flag("asks-twice", [{"id": "one", "if": {"flag": {"asks": "on"}}, "serve": "on"}])
flag("never-asks", [{"id": "one", "if": {"s": {"is": "x"}}, "serve": "on"}, {"id": "two", "if": {"flag": {"lot": "on"}}, "serve": "on"}])
for unit in UNITS[:30]:
    in_lot = point("coverage", "vectors/lot", unit) < bound("80%")
    half = point("split", "vectors/lot/3", unit)
    drawn = "off" if half < 1 << 31 else "on"
    made = [exposure("lot", 3, unit, drawn, "draw", half)] if in_lot else []
    on = in_lot and drawn == "on"
    base = {"context": {"id": unit}, "now": NOW}
    with_made = lambda case: {**case, "exposures": made} if made else case
    CASES.append(with_made({"flag": "lot", **base, "variant": drawn if in_lot else "off", "reason": "SPLIT" if in_lot else "DEFAULT"}))
    CASES.append(with_made({"flag": "asks", **base, "variant": "on" if on else "off", "reason": "TARGETING_MATCH" if on else "DISABLED"}))
    CASES.append(with_made({"flag": "asks-twice", **base, "variant": "on" if on else "off", "reason": "TARGETING_MATCH" if on else "DEFAULT"}))
    CASES.append(with_made({"flag": "never-asks", **base, "variant": "on" if on else "off", "reason": "TARGETING_MATCH" if on else "DEFAULT"}))
    CASES.append({"flag": "never-asks", "context": {"id": unit, "s": "x"}, "now": NOW, "variant": "on", "reason": "TARGETING_MATCH"})

# What requires a flag and asks for it again, itself and through a segment, exposes it once; each level of a diamond asks twice for
# all below it.
SEGMENTS["by-lot"] = {"flag": {"lot": ["on", "off"]}}
SEGMENTS["by-lot-twice"] = {"any": [{"segment": "by-lot"}, {"not": {"segment": "by-lot"}}]}
flag("asks-thrice", [{"id": "no", "if": {"not": {"segment": "by-lot"}}, "serve": "off"},
                     {"id": "yes", "if": {"segment": "by-lot-twice", "flag": {"lot": ["on", "off"]}}, "serve": "on"}], requires={"lot": ["on", "off"]})
EXPERIMENTS["left"] = {"unit": "visitor", "phases": [{"id": 1, "from": "2026-01-01", "split": {"off": "50%", "on": "50%"}}]}
flag("left", [{"id": "draw", "experiment": "left"}], requires={"lot": ["on", "off"]})
flag("right", [{"id": "any", "serve": "on"}], requires={"lot": ["on", "off"]})
flag("top-left", [{"id": "any", "serve": "on"}], requires={"left": ["on", "off"], "right": ["on", "off"]})
flag("top-right", [{"id": "any", "serve": "on"}], requires={"right": ["on", "off"], "left": ["on", "off"]})
flag("top", [{"id": "any", "serve": "on"}], requires={"top-left": "on", "top-right": "on"})
for unit in UNITS[:20]:
    half, other = point("split", "vectors/lot/3", unit), point("split", "vectors/left/1", unit)
    made = [exposure("lot", 3, unit, "off" if half < 1 << 31 else "on", "draw", half)] if point("coverage", "vectors/lot", unit) < bound("80%") else []
    left = exposure("left", 1, unit, "off" if other < 1 << 31 else "on", "draw", other)
    for name, exposures in [("asks-thrice", made), ("top", [*made, left]), ("top-right", [*made, left])]:
        CASES.append({"flag": name, "context": {"id": unit}, "now": NOW, "variant": "on", "reason": "TARGETING_MATCH",
                      **({"exposures": exposures} if exposures else {})})

# Rules with dates: from a second on, and before another.
BEGIN, END = "2026-05-01T08:00:00Z", "2026-06-01T08:00:00Z"
AROUND = ["2026-01-15T00:00:00Z", "2026-05-01T07:59:59.999Z", BEGIN, "2026-05-20T00:00:00Z", "2026-06-01T07:59:59.999Z", END, "2026-12-01T00:00:00Z"]
SPLIT = {"off": "50%", "on": "50%"}
EXPERIMENTS["dated"] = {"unit": "visitor", "phases": [{"id": 1, "from": "2026-01-01", "to": "2026-05-15T00:00Z", "split": SPLIT},
                                                      {"id": 2, "from": "2026-05-15", "split": SPLIT}]}
DATED = {"from": BEGIN, "to": END}
flag("dated", [{"id": "only", **DATED, "serve": "on"}])
flag("dated-from", [{"id": "only", "from": BEGIN, "serve": "on"}])
flag("dated-to", [{"id": "only", "to": END, "serve": "on"}])
flag("dated-stop", [{"id": "only", **DATED, "if": {"n": {"gt": 1}}, "onUnknown": "stop", "serve": "off"}, {"id": "rest", "serve": "on"}])
flag("dated-asks", [{"id": "only", **DATED, "if": {"flag": {"lot": ["on", "off"]}}, "serve": "on"}])
flag("dated-draw", [{"id": "draw", **DATED, "experiment": "dated"}])
flag("dated-ramp", [{"id": "up", **DATED, "ramp": "on", "unit": "visitor", "steps": [{"to": "50%", "at": "2026-04-01"}, {"to": "100%", "at": "2026-05-25"}]}])
for moment in AROUND:
    at = milli(moment)
    runs = milli(BEGIN) <= at < milli(END)

    def dated(name, context, variant, reason, begin=BEGIN, end=END, also=(), exposures=()):
        later = sorted(milli(t) for t in (begin, end, *also) if t and milli(t) > at)
        CASES.append({"flag": name, "context": context, "now": moment, "variant": variant, "reason": reason,
                      **({"validUntil": rfc(later[0])} if later else {}), **({"exposures": list(exposures)} if exposures else {})})

    dated("dated", {}, "on" if runs else "off", "TARGETING_MATCH" if runs else "DEFAULT")
    begun, ended = at >= milli(BEGIN), at >= milli(END)
    dated("dated-from", {}, "on" if begun else "off", "TARGETING_MATCH" if begun else "DEFAULT", end=None)
    dated("dated-to", {}, "off" if ended else "on", "DEFAULT" if ended else "TARGETING_MATCH", begin=None)
    # Outside its dates a rule is not unknown, whatever is missing.
    dated("dated-stop", {}, "off" if runs else "on", "DEFAULT" if runs else "TARGETING_MATCH")
    dated("dated-stop", {"n": 1}, "on", "TARGETING_MATCH")
    for unit in UNITS[:10]:
        half = point("split", "vectors/lot/3", unit)
        started = at >= milli("2026-01-01")
        in_lot = started and point("coverage", "vectors/lot", unit) < bound("80%")
        made = [exposure("lot", 3, unit, "off" if half < 1 << 31 else "on", "draw", half)] if in_lot and runs else []
        dated("dated-asks", {"id": unit}, "on" if runs else "off", "TARGETING_MATCH" if runs else "DEFAULT", exposures=made)
        number = 1 if at < milli("2026-05-15") else 2
        half = point("split", f"vectors/dated/{number}", unit)
        drawn = "off" if half < 1 << 31 else "on"
        made = [exposure("dated", number, unit, drawn, "draw", half)] if runs else []
        dated("dated-draw", {"id": unit}, drawn if runs else "off", "SPLIT" if runs else "DEFAULT", also=["2026-05-15"] if runs else [], exposures=made)
        on = runs and (at >= milli("2026-05-25") or point("ramp", "vectors/dated-ramp/up", unit) < bound("50%"))
        dated("dated-ramp", {"id": unit}, "on" if on else "off", "SPLIT" if on else "DEFAULT", also=["2026-05-25"] if runs else [])

RULESET = {
    "project": "vectors", "environments": {"test": {}},
    "attributes": {"s": "string", "n": "number", "d": "date", "l": "list", "id": "string"},
    "units": {"visitor": {"attribute": "id"}}, "lists": {"some": {"ids": IDS, "attribute": "id"}}, "segments": SEGMENTS,
    "holdouts": {"quarter": HELD}, "metrics": {"errors": {"conversion": "error", "better": "down"}},
    "experiments": EXPERIMENTS, "flags": FLAGS,
}
head = json.dumps({"about": __doc__.strip().splitlines()[0], "now": NOW, "ruleset": RULESET}, indent=1, ensure_ascii=False)
cases = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in CASES)
Path(__file__).with_suffix(".json").write_text(head[:-2] + ',\n "cases": [\n' + cases + "\n ]\n}\n")
print(len(CASES), "cases")
