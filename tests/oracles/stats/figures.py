"""Asks crates/stats/examples/figures, and compares. FIGURES is the program."""

import json
import math
import os
import subprocess

import numpy as np

SEQUENCE = 1e-6
FIXED = 1e-9


def ask(questions):
    """The answers to questions, one each."""
    text = "".join(json.dumps(question) + "\n" for question in questions)
    answered = subprocess.run([os.environ["FIGURES"]], input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in answered.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


class Comparison:
    """Counts comparisons, and ends at the first that fails."""

    def __init__(self, oracle):
        self.oracle = oracle
        self.count = 0

    def close(self, ours, theirs, within, question):
        """Equal up to a relative error, or an absolute one below 1."""
        self.count += 1
        ok = ours is not None and math.isclose(ours, theirs, rel_tol=within, abs_tol=within)
        if not ok:
            raise SystemExit(f"{self.oracle}: {theirs!r}, ours {ours!r}\n{json.dumps(question)}")

    def ends(self, ours, theirs, within, question):
        for one, other in zip(ours, theirs, strict=True):
            self.close(one, other, within, question)

    def report(self):
        print(f"{self.oracle}: {self.count} comparisons")


def sums(y, x=None):
    """The plain sums of units, as a database gives them."""
    told = {"n": len(y), "y": float(np.sum(y)), "yy": float(np.sum(y * y))}
    if x is not None:
        told |= {"x": float(np.sum(x)), "xx": float(np.sum(x * x)), "xy": float(np.sum(x * y))}
    return told


def units(random, n):
    """Of each unit: what it spent, how often it came, and what it spent before."""
    before = random.gamma(2.0, 10.0, n)
    spent = np.where(random.random(n) < 0.3, random.lognormal(2.0, 0.7, n), 0.0) + 0.5 * before
    visits = 1.0 + random.poisson(2.0, n)
    return spent, visits, before


def settings(random):
    """A level, and planned units."""
    return {"alpha": float(random.choice([0.01, 0.05, 0.1])), "planned": float(random.integers(500, 100_000))}
