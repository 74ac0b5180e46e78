"""GrowthBook's engine: sequences, t-tests, ratios, CUPED and the sample ratio, from the same sums.

Its lifts of adjusted means divide by the control's unadjusted mean, ours by the adjusted one: of CUPED only differences are compared.
"""

import numpy as np
from figures import FIXED, SEQUENCE, Comparison, ask, settings, sums, units
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import (
    ProportionStatistic,
    RatioStatistic,
    RegressionAdjustedStatistic,
    SampleMeanStatistic,
    compute_theta,
)
from gbstats.utils import check_srm

random = np.random.default_rng(2)
compare = Comparison("gbstats")


def mean(arm, name="y"):
    return SampleMeanStatistic(n=arm["n"], sum=arm[name], sum_squares=arm[2 * name])


def statistics(kind, arms):
    """Their statistics of both arms."""
    if kind == "proportion":
        return [ProportionStatistic(n=arm["n"], sum=arm["y"]) for arm in arms]
    if kind == "mean":
        return [mean(arm) for arm in arms]
    if kind == "ratio":
        return [RatioStatistic(arm["n"], mean(arm), mean(arm, "x"), arm["xy"]) for arm in arms]
    adjusted = [RegressionAdjustedStatistic(arm["n"], mean(arm), mean(arm, "x"), arm["xy"], 0) for arm in arms]
    theta = compute_theta(*adjusted)
    for arm in adjusted:
        arm.theta = theta
    return adjusted


def arms(kind):
    told = []
    for _ in range(2):
        n = int(random.integers(200, 3_000))
        spent, visits, before = units(random, n)
        if kind == "proportion":
            told.append({"n": n, "y": int(random.binomial(n, random.uniform(0.05, 0.5)))})
        else:
            told.append({"mean": lambda: sums(spent), "ratio": lambda: sums(spent, visits), "cuped": lambda: sums(spent, before)}[kind]())
    return told


questions = [
    {"kind": kind, "arms": arms(kind), **settings(random)} for kind in ("proportion", "mean", "ratio", "cuped") for _ in range(200)
]
for question, answer in zip(questions, ask(questions), strict=True):
    alpha, planned = question["alpha"], question["planned"]
    for name, difference in (("absolute", "absolute"), ("lift", "relative")):
        if question["kind"] == "cuped" and name == "lift":
            continue
        told = answer[name]
        if told is None:
            continue
        pair = statistics(question["kind"], question["arms"])
        fixed = TwoSidedTTest(*pair, FrequentistConfig(difference_type=difference, alpha=alpha)).compute_result()
        config = SequentialConfig(difference_type=difference, alpha=alpha, sequential_tuning_parameter=planned)
        sequence = SequentialTwoSidedTTest(*pair, config).compute_result()
        compare.close(told["effect"], fixed.expected, FIXED, question)
        compare.ends(told["fixed"], fixed.ci, FIXED, question)
        compare.close(told["p"], fixed.p_value, FIXED, question)
        compare.ends(told["sequence"], sequence.ci, SEQUENCE, question)

questions = []
for _ in range(200):
    shares = random.dirichlet(np.full(random.integers(2, 5), 5.0))
    questions.append({"kind": "split", "units": random.multinomial(random.integers(100, 50_000), shares).tolist(), "shares": shares.tolist()})
for question, answer in zip(questions, ask(questions), strict=True):
    compare.close(answer["chiSquare"], check_srm(question["units"], question["shares"]), FIXED, question)

compare.report()
