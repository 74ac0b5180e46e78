"""Asks our program for its figures and holds them against an oracle's, stopping at the first that differs."""

import json
import os
import subprocess
from math import isfinite

# Relative. Sequences go through square roots of logarithms, fixed horizons through quantiles of Student's t.
SEQUENCE, FIXED = 1e-6, 1e-9

program = subprocess.Popen([os.environ["WAFT_FIGURES"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
count = 0
question = None


def ask(**fields):
    """One question, one answer. Numbers cross as their shortest decimals, so both sides have the same ones."""
    global question
    question = fields
    program.stdin.write(json.dumps(fields) + "\n")
    program.stdin.flush()
    return json.loads(program.stdout.readline())


def same(name, ours, theirs, tolerance, scale=None):
    """Equal within a share of `scale`, by default of their figure. An end of an interval is as exact as the interval is wide."""
    global count
    count += 1
    scale = abs(theirs) if scale is None else scale
    if ours is None or not isfinite(theirs) or not abs(ours - theirs) <= tolerance * scale:
        raise SystemExit(f"{name}: ours {ours!r}, theirs {theirs!r}, question {json.dumps(question)}")


def same_ends(name, ours, theirs, tolerance):
    low, high = theirs
    for side, our_end, their_end in zip(("low", "high"), ours, (low, high), strict=True):
        same(f"{name}, {side}", our_end, float(their_end), tolerance, scale=high - low)


def holds(name, truth):
    """What is not a number, or is only known to be above or below one."""
    global count
    count += 1
    if not truth:
        raise SystemExit(f"{name} does not hold, question {json.dumps(question)}")


def done(oracle):
    print(f"{oracle}: {count} comparisons")


def values(array):
    """Plain sums of a NumPy array."""
    return {"units": len(array), "sum": float(array.sum()), "squares": float((array * array).sum())}


def pairs(x, y):
    of = {"x": x, "xx": x * x, "y": y, "yy": y * y, "xy": x * y}
    return {"units": len(x)} | {name: float(array.sum()) for name, array in of.items()}


def heavy(chance, units):
    """Revenue: most units pay nothing, few pay much. At least two pay, so that there is a variance."""
    paid = chance.lognormal(3.5, 1.0, units) * (chance.random(units) < chance.uniform(0.02, 0.6))
    paid[:2] = chance.lognormal(3.5, 1.0, 2)
    return paid
