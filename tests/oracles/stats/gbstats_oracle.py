"""GrowthBook's gbstats: sequences, Welch, shares, ratios, CUPED, chi-square.

Where it differs: it divides an adjusted difference by the control's mean before adjustment, and we by the one after, so CUPED
is compared on the absolute difference. Its theta is pooled like ours; it knows no indicator, so each unit has a history here.
It takes p as 1 - cdf, exact to 1e-16 and not to so many digits; p is compared in absolute terms.
"""

import numpy
from figures import FIXED, SEQUENCE, ask, done, heavy, holds, pairs, same, same_ends, values
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import (
    ProportionStatistic,
    RatioStatistic,
    RegressionAdjustedStatistic,
    SampleMeanStatistic,
    compute_theta,
)
from gbstats.utils import check_srm

# Its p of a sequence is one over a factor that overflows where the difference is beyond doubt; one over infinity is right.
numpy.seterr(over="ignore")
chance = numpy.random.default_rng(20260702)


def mean(array):
    return SampleMeanStatistic(n=len(array), sum=float(array.sum()), sum_squares=float((array * array).sum()))


def units():
    return int(10 ** chance.uniform(1.5, 4.5))


def conversions():
    n = units()
    k = int(chance.integers(1, n))
    return {"units": n, "converted": k}, ProportionStatistic(n=n, sum=k)


def revenue():
    array = heavy(chance, units())
    return values(array), mean(array)


def ratio():
    n = units()
    sessions = chance.geometric(chance.uniform(0.2, 0.9), n).astype(float)
    clicks = chance.binomial(sessions.astype(int), chance.beta(2, 5, n)).astype(float)
    clicks[0] += 1
    theirs = RatioStatistic(
        n=n, m_statistic=mean(clicks), d_statistic=mean(sessions), m_d_sum_of_products=float((clicks * sessions).sum())
    )
    return pairs(clicks, sessions), theirs


def history():
    before = heavy(chance, units())
    value = chance.uniform(-1, 1) * before + heavy(chance, len(before))
    theirs = RegressionAdjustedStatistic(
        n=len(before),
        post_statistic=mean(value),
        pre_statistic=mean(before),
        post_pre_sum_of_products=float((value * before).sum()),
        theta=0,
    )
    none = {"units": 0, "sum": 0.0, "squares": 0.0}
    return {"known": pairs(value, before), "missing": none}, theirs


def compare(metric, draw, times):
    withheld = 0
    for _ in range(times):
        (treatment, their_treatment), (control, their_control) = draw(), draw()
        if metric == "cuped":
            theta = compute_theta(their_control, their_treatment)
            their_treatment.theta = their_control.theta = theta
        alpha, planned = float(10 ** chance.uniform(-3, -0.7)), int(10 ** chance.uniform(1, 5))
        ours = ask(ask="difference", metric=metric, treatment=treatment, control=control, alpha=alpha, planned=planned)
        error = (their_control.variance / their_control.n) ** 0.5
        away = abs(their_control.mean) > 3 * error
        if metric != "cuped":
            # Ours alone: a lift over next to nothing is withheld.
            holds("withheld within three standard errors of zero", (ours["relative"] is not None) == away)
        for kind in ("absolute", "relative"):
            found = ours[kind]
            if kind == "relative" and (metric == "cuped" or not away):
                withheld += 1
                continue
            sequence = SequentialTwoSidedTTest(
                their_control,
                their_treatment,
                SequentialConfig(difference_type=kind, alpha=alpha, sequential_tuning_parameter=planned),
            )
            fixed = TwoSidedTTest(their_control, their_treatment, FrequentistConfig(difference_type=kind, alpha=alpha))
            name = f"{metric}, {kind}"
            same(f"{name}, variance", found["variance"], float(fixed.variance), FIXED)
            same_ends(f"{name}, sequence", found["interval"], sequence.confidence_interval, SEQUENCE)
            # Their p of a sequence is below alpha where the sequence leaves zero out.
            low, high = found["interval"]
            holds(f"{name}, both leave zero out or neither", (low > 0 or high < 0) == (sequence.p_value < alpha))
            # Ours alone: nothing of a fixed horizon is said before the planned sample.
            holds(f"{name}, fixed only after the plan", (found["p"] is None) == (their_control.n + their_treatment.n < planned))
            if found["p"] is not None:
                same(f"{name}, p", found["p"], float(fixed.p_value), FIXED, scale=1)
                same_ends(f"{name}, fixed", found["fixed"], fixed.confidence_interval, FIXED)
    print(f"gbstats: {metric}, {times} pairs of arms, {withheld} relative lifts not compared")


def sample_ratios(times):
    for _ in range(times):
        weights = chance.dirichlet(numpy.full(int(chance.integers(2, 6)), 5.0))
        counts = chance.multinomial(int(10 ** chance.uniform(2, 6)), weights)
        ours = ask(ask="sample ratio", units=counts.tolist(), weights=weights.tolist())
        same("check_srm", ours["p"], float(check_srm(counts.tolist(), weights.tolist())), FIXED, scale=1)


compare("conversions", conversions, 300)
compare("values", revenue, 300)
compare("ratio", ratio, 300)
compare("cuped", history, 300)
sample_ratios(200)
done("gbstats")
