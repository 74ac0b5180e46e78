#!/usr/bin/env python3
"""Writes order.json: flags of which several steps of the order of decision would decide, and what a sticky experiment remembers.

`remembered` of a case is what earlier page views left: by the id of an exposure with an empty variant, the variant's key. An
implementation of its own, as language.py is. Run `python3 tests/vectors/order.py`; assignments that have landed must not change.
"""
import json
from itertools import product
from pathlib import Path

from language import bound, exposure, point

NOW, LATER = "2026-11-23T12:00:00Z", "2026-12-05T00:00:00Z"
UNITS = [f"user-{number}" for number in range(24)]
TARGET = "user-3"
VARIANTS = {"off": "off", "target": "target", "rule": "rule", "default": "default"}
FLAGS, CASES, EXPERIMENTS = {}, [], {}
HOLDOUT = {"unit": "visitor", "share": "50%", "from": "2026-01-01T00:00:00Z"}


def case(flag, context, variant, reason, exposures=(), rule=None, remembered=None, now=NOW):
    made = {"flag": flag, "context": context, "now": now}
    if remembered is not None:
        made["remembered"] = remembered
    made |= {"variant": variant, "reason": reason}
    if rule:
        made["rule"] = rule
    if exposures:
        made["exposures"] = list(exposures)
    CASES.append(made)


def holdout(unit):
    """Whether a unit is held out, and the exposure that says so."""
    at = point("holdout", "vectors/half", unit)
    held = at < bound(HOLDOUT["share"])
    return held, exposure("half", 1, unit, "held" if held else "not-held", "holdout", at)


def decide(unit, asked, enabled, required, targeted, held_out, rule):
    """The first step that decides, of those that a flag has: variant, reason, rule and exposures."""
    if not enabled:
        return "off", "DISABLED", None, []
    if required and asked != "yes":
        return "off", "DISABLED", "requires", []
    if targeted and unit == TARGET:
        return "target", "TARGETING_MATCH", "targets", []
    made = []
    if held_out:
        held, exposed = holdout(unit)
        made.append(exposed)
        if held:
            return "off", "SPLIT", "holdout", made
    if rule:
        return "rule", "TARGETING_MATCH", "always", made
    return "default", "DEFAULT", None, made


# A flag for each combination of the steps: each of them comes before all that follow.
FLAGS["asked"] = {"type": "boolean", "whenOff": "off", "default": "off",
                  "rules": [{"id": "yes", "if": {"s": {"is": "yes"}}, "serve": "on"}]}
for steps in product([True, False], repeat=5):
    disabled, required, targeted, held_out, rule = steps
    name = "-".join(["steps", *(word for word, step in zip(["disabled", "requires", "targets", "holdout", "rules"], steps) if step)])
    flag = {"type": "string", "variants": VARIANTS, "whenOff": "off", "default": "default"}
    if disabled:
        flag["enabled"] = False
    if required:
        flag["requires"] = {"asked": "on"}
    if targeted:
        flag["targets"] = {"target": {"visitor": [TARGET]}}
    if held_out:
        flag["holdout"] = "half"
    flag["rules"] = [{"id": "always", "serve": "rule"}] if rule else []
    FLAGS[name] = flag
    for unit, asked in product([TARGET, *UNITS[4:8]], ["yes", "no"]):
        variant, reason, by, made = decide(unit, asked, not disabled, required, targeted, held_out, rule)
        if not (disabled or required or targeted or held_out or rule):
            reason = "STATIC"
        case(name, {"id": unit, "s": asked}, variant, reason, made, by)
held = {unit: holdout(unit)[0] for unit in [TARGET, *UNITS[4:8]]}
assert held[TARGET] and {held[unit] for unit in UNITS[4:8]} == {True, False}, held

# What is remembered of a sticky experiment takes the place of audience, layer, coverage and split.
FROM, TO = "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"
STICKY = ["a", "b"]


def sticky(name, **more):
    """A flag of an experiment that its name names, for those whose `s` is `yes`."""
    split = {"a": "50%", "b": "50%"}
    EXPERIMENTS[name] = {"unit": "visitor", "sticky": True, "layer": {"line": LAYER[name]}, "phases": [
        {"id": 1, "from": FROM, "to": TO, "coverage": COVERAGE, "split": split}, {"id": 2, "from": TO, "coverage": COVERAGE, "split": split}]}
    FLAGS[name] = {"type": "string", "variants": {"a": "A", "b": "B", "out": "out", "target": "target"}, "whenOff": "out", "default": "out", **more,
                   "rules": [*more.get("rules", []), {"id": "draw", "if": {"s": {"is": "yes"}}, "experiment": name}, {"id": "rest", "serve": "out"}]}


COVERAGE = "60%"
LAYER = {"kept": ["10%-60%"], "kept-off": ["60%-70%"], "kept-required": ["70%-80%"], "kept-target": ["80%-85%"], "kept-held": ["85%-90%"],
         "kept-behind": ["90%-95%"], "kept-stop": ["95%-100%"]}
sticky("kept")
sticky("kept-off", enabled=False)
sticky("kept-required", requires={"asked": "on"})
sticky("kept-target", targets={"target": {"visitor": [TARGET]}})
sticky("kept-held", holdout="half")
sticky("kept-behind", rules=[{"id": "first", "if": {"n": {"gt": 1}}, "serve": "out"}])
sticky("kept-stop")
FLAGS["kept-stop"]["rules"][0]["onUnknown"] = "stop"


def kept_id(name, phase, unit):
    """Under which id a variant is remembered: that of an exposure without a variant."""
    return exposure(name, phase, unit, "", "", 0)["id"]


def drawn(name, phase, unit):
    """The variant that the lot gives, whoever may take part; and whether layer and coverage let the unit in."""
    low, high = LAYER[name][0].split("-")
    layer = point("layer", "vectors/line", unit)
    inside = bound(low) <= layer and (high == "100%" or layer < bound(high))
    covered = point("coverage", f"vectors/{name}", unit) < bound(COVERAGE)
    at = point("split", f"vectors/{name}/{phase}", unit)
    return "a" if at < 1 << 31 else "b", inside, covered, at


def sticky_case(name, unit, context, lines, phase=1, before=None, made=()):
    """`before` is what decides before the experiment's rule: variant, reason and rule."""
    moment = NOW if phase == 1 else LATER
    context, exposures = {"id": unit, **context}, list(made)
    variant, reason, by = before or ("out", "TARGETING_MATCH", "rest")
    if not before:
        lot, inside, covered, at = drawn(name, phase, unit)
        kept = lines.get(kept_id(name, phase, unit))
        chosen = kept if kept in FLAGS[name]["variants"] else lot if context.get("s") == "yes" and inside and covered else None
        if chosen:
            variant, reason, by = chosen, "SPLIT", "draw"
            exposures.append(exposure(name, phase, unit, chosen, "draw", at))
    case(name, context, variant, reason, exposures, by, lines, moment)
    return reason == "SPLIT"


ways = set()
for unit in UNITS:
    lot, inside, covered, _ = drawn("kept", 1, unit)
    other = STICKY[1 - STICKY.index(lot)]
    ways.add((inside, covered))
    mine = kept_id("kept", 1, unit)
    # Nothing is remembered; the other variant; one that is gone; a neighbour's, and another experiment's.
    for lines in [{}, {mine: other}, {mine: "gone"}, {kept_id("kept", 1, "user-99"): other, kept_id("kept-held", 1, unit): other},
                  {kept_id("kept", 1, "user-99"): "gone", mine: other}]:
        for context in [{"s": "yes"}, {"s": "no"}, {}]:
            sticky_case("kept", unit, context, lines)
    # A phase begins anew, and remembers for itself.
    sticky_case("kept", unit, {"s": "yes"}, {mine: other}, phase=2)
    sticky_case("kept", unit, {"s": "no"}, {mine: lot, kept_id("kept", 2, unit): other}, phase=2)
assert ways == set(product([True, False], repeat=2))

# A variant that is served otherwise counts, if the flag has it.
sticky_case("kept", "user-1", {"s": "no"}, {kept_id("kept", 1, "user-1"): "target"})

# It does not take the place of what comes first.
for unit in [TARGET, *UNITS[4:10]]:
    lines = {kept_id(name, 1, unit): "b" for name in LAYER}
    is_held, exposed = holdout(unit)
    sticky_case("kept-off", unit, {"s": "yes"}, lines, before=("out", "DISABLED", None))
    sticky_case("kept-required", unit, {"s": "no"}, lines, before=("out", "DISABLED", "requires"))
    sticky_case("kept-required", unit, {"s": "yes"}, lines)
    sticky_case("kept-target", unit, {"s": "no"}, lines, before=("target", "TARGETING_MATCH", "targets") if unit == TARGET else None)
    sticky_case("kept-held", unit, {"s": "no"}, lines, before=("out", "SPLIT", "holdout") if is_held else None, made=[exposed])
    sticky_case("kept-behind", unit, {"s": "no", "n": 2}, lines, before=("out", "TARGETING_MATCH", "first"))
    sticky_case("kept-behind", unit, {"s": "no", "n": 1}, lines)
    sticky_case("kept-stop", unit, {}, lines)
    sticky_case("kept-stop", unit, {}, {}, before=("out", "DEFAULT", "draw"))

# Outside the dates of its rule, nobody keeps what is remembered.
EXPERIMENTS["kept-dated"] = {"unit": "visitor", "sticky": True, "phases": [{"id": 1, "from": FROM, "split": {"a": "50%", "b": "50%"}}]}
FLAGS["kept-dated"] = {"type": "string", "variants": {"a": "A", "b": "B", "out": "out"}, "whenOff": "out", "default": "out",
                       "rules": [{"id": "draw", "from": NOW, "to": TO, "if": {"s": {"is": "yes"}}, "onUnknown": "stop", "experiment": "kept-dated"},
                                 {"id": "rest", "serve": "out"}]}
for unit in UNITS[4:8]:
    at = point("split", "vectors/kept-dated/1", unit)
    lot = "a" if at < 1 << 31 else "b"
    other = "b" if lot == "a" else "a"
    lines = {kept_id("kept-dated", 1, unit): other}
    for moment, runs in [("2026-11-23T11:59:59.999Z", False), (NOW, True), ("2026-11-30T23:59:59.999Z", True), (TO, False)]:
        for context in [{"id": unit, "s": "yes"}, {"id": unit, "s": "no"}, {"id": unit}]:
            made = [exposure("kept-dated", 1, unit, other, "draw", at)] if runs else []
            case("kept-dated", context, *((other, "SPLIT", made, "draw") if runs else ("out", "TARGETING_MATCH", [], "rest")), lines, moment)
        case("kept-dated", {"id": unit}, "out", *(("DEFAULT", [], "draw") if runs else ("TARGETING_MATCH", [], "rest")), {}, moment)

# A flag that asks for a sticky one asks for what it came out as.
FLAGS["asks-kept"] = {"type": "boolean", "whenOff": "off", "default": "off",
                      "rules": [{"id": "b", "if": {"flag": {"kept": "b"}}, "serve": "on"}]}
for unit in UNITS[:8]:
    for variant in STICKY:
        at = drawn("kept", 1, unit)[3]
        is_b = variant == "b"
        case("asks-kept", {"id": unit, "s": "no"}, "on" if is_b else "off", "TARGETING_MATCH" if is_b else "DEFAULT",
             [exposure("kept", 1, unit, variant, "draw", at)], "b" if is_b else None, {kept_id("kept", 1, unit): variant})

RULESET = {
    "project": "vectors", "environments": {"test": {}}, "attributes": {"id": "string", "s": "string", "n": "number"},
    "units": {"visitor": {"attribute": "id"}}, "layers": {"line": {"unit": "visitor"}}, "holdouts": {"half": HOLDOUT},
    "experiments": EXPERIMENTS, "flags": FLAGS,
}
head = json.dumps({"about": __doc__.strip().splitlines()[0], "now": NOW, "ruleset": RULESET}, indent=1, ensure_ascii=False)
cases = ",\n".join("  " + json.dumps(made, ensure_ascii=False) for made in CASES)
Path(__file__).with_suffix(".json").write_text(head[:-2] + ',\n "cases": [\n' + cases + "\n ]\n}\n")
print(len(CASES), "cases")
