"""Spotify's Confidence: non-inferiority against a margin, and Welch.

Where it differs: a margin is a share of the control's mean as it was measured, taken as known; ours of a share counts that the
mean varies. Compared is the margin in the metric's unit, which is how we name theirs. Its interval is of a fixed horizon, so
ours is too: that of both sides at twice alpha has the end that one side has at alpha. It knows no variance of a ratio: its
numerator over denominator is a mean per unit.
"""

import warnings

import numpy
from figures import FIXED, ask, done, heavy, holds, same, values
from pandas import DataFrame

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from spotify_confidence import Experiment

warnings.simplefilter("ignore")
chance = numpy.random.default_rng(20260705)


def test(treatment, control, alpha, margins):
    """One row of their table."""
    rows = [
        {"arm": name, "metric": "m", "method": "t-test", "sum": arm["sum"], "squares": arm["squares"], "units": arm["units"]}
        for name, arm in (("control", control), ("treatment", treatment))
    ]
    experiment = Experiment(
        data_frame=DataFrame(rows),
        numerator_column="sum",
        numerator_sum_squares_column="squares",
        denominator_column="units",
        categorical_group_columns=["arm"],
        interval_size=1 - alpha,
        method_column="method",
    )
    return experiment.difference(level_1="control", level_2="treatment", non_inferiority_margins=margins).iloc[0]


for _ in range(120):
    treatment, control = (values(heavy(chance, int(10 ** chance.uniform(1.5, 4.5)))) for _ in range(2))
    alpha, margin = float(chance.uniform(0.005, 0.2)), float(chance.uniform(0, 0.5))
    mean = control["sum"] / control["units"]
    asked = {"ask": "difference", "metric": "values", "treatment": treatment, "control": control, "planned": 1}

    found = test(treatment, control, alpha, None)
    ours = ask(**asked, alpha=alpha)["absolute"]
    width = found["ci_upper"] - found["ci_lower"]
    same("Welch's lower end", ours["fixed"][0], found["ci_lower"], FIXED, scale=width)
    same("Welch's upper end", ours["fixed"][1], found["ci_upper"], FIXED, scale=width)
    same("Welch's p", ours["p"], found["p-value"], FIXED, scale=1)

    for better, theirs in (("up", "increase"), ("down", "decrease")):
        found = test(treatment, control, alpha, (margin, theirs))
        room = ask(**asked, alpha=2 * alpha, better=better, margin=margin * mean)["room"]
        above = room["p"] / 2 if room["value"] > 0 else 1 - room["p"] / 2
        same(f"{better}: p of not being worse", above, found["p-value"], FIXED, scale=1)
        # Theirs is an end of the difference, ours of the room that it leaves.
        end = found["ci_lower"] + margin * mean if better == "up" else margin * mean - found["ci_upper"]
        same(f"{better}: the bound", room["fixed"][0], float(end), FIXED, scale=width)
        holds(f"{better}: safe alike", (room["fixed"][0] > 0) == bool(found["is_significant"]))

done("Spotify")
