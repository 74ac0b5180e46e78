"""tea-tasting: Welch, delta method, CUPED, Bonferroni.

Where it differs: its interval of a relative lift is that of a logarithm, ours the delta method's, so the lift itself is
compared. Its variance of a share is n / (n - 1) times ours, so shares are compared as values.
"""

import numpy
import tea_tasting
from figures import FIXED, ask, done, heavy, pairs, same, same_ends, values
from tea_tasting.aggr import Aggregates

chance = numpy.random.default_rng(20260704)


def aggregates(**columns):
    """Their sufficient statistics."""
    names = list(columns)
    two = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    return Aggregates(
        count_=len(columns[names[0]]),
        mean_={name: float(columns[name].mean()) for name in names},
        var_={name: float(columns[name].var(ddof=1)) for name in names},
        cov_={(a, b): float(numpy.cov(columns[a], columns[b])[0, 1]) for a, b in two},
    )


def units():
    return int(10 ** chance.uniform(1.5, 4.5))


def share():
    array = (chance.random(units()) < chance.uniform(0.05, 0.9)).astype(float)
    array[:2] = 0, 1
    return values(array), {"x": array}


def revenue():
    array = heavy(chance, units())
    return values(array), {"x": array}


def ratio():
    n = units()
    sessions = chance.geometric(chance.uniform(0.2, 0.9), n).astype(float)
    paid = heavy(chance, n) * sessions
    return pairs(paid, sessions), {"x": paid, "y": sessions}


def history():
    before = heavy(chance, units())
    value = chance.uniform(-1, 1) * before + heavy(chance, len(before))
    return {"known": pairs(value, before), "missing": {"units": 0, "sum": 0.0, "squares": 0.0}}, {"x": value, "y": before}


def compare(metric, draw, times):
    for _ in range(times):
        (treatment, their_treatment), (control, their_control) = draw(), draw()
        alpha = float(10 ** chance.uniform(-3, -0.7))
        ours = ask(ask="difference", metric=metric, treatment=treatment, control=control, alpha=alpha, planned=1)
        asked = {"confidence_level": 1 - alpha, "equal_var": False, "use_t": True}
        theirs = {
            "values": lambda: tea_tasting.Mean("x", **asked),
            "ratio": lambda: tea_tasting.RatioOfMeans("x", "y", **asked),
            "cuped": lambda: tea_tasting.Mean("x", "y", **asked),
        }[metric]()
        found = theirs.analyze_aggregates(aggregates(**their_control), aggregates(**their_treatment))
        ends = (found.effect_size_ci_lower, found.effect_size_ci_upper)
        width = ends[1] - ends[0]
        same(f"{metric}, treatment", ours["means"][0], found.treatment, FIXED, scale=width)
        same(f"{metric}, control", ours["means"][1], found.control, FIXED, scale=width)
        same_ends(f"{metric}, interval", ours["absolute"]["fixed"], ends, FIXED)
        same(f"{metric}, p", ours["absolute"]["p"], found.pvalue, FIXED, scale=1)
        if ours["relative"] is not None:
            same(f"{metric}, relative", ours["relative"]["value"], found.rel_effect_size, FIXED, scale=width / abs(found.control))


def shares(times):
    """Holm's procedure starts at alpha / m: that of the smallest p is Bonferroni's share, which we give all."""
    for _ in range(times):
        metrics, treatments = int(chance.integers(1, 5)), int(chance.integers(1, 5))
        alpha = float(chance.uniform(0.01, 0.2))
        result = tea_tasting.experiment.ExperimentResult
        of = {
            arm: result({f"m{at}": {"pvalue": float(p)} for at, p in enumerate(chance.random(metrics))})
            for arm in range(treatments)
        }
        adjusted = tea_tasting.adjust_fwer(of, alpha=alpha, arbitrary_dependence=True, method="bonferroni").to_dicts()
        ours = ask(ask="share", alpha=alpha, primary_metrics=metrics, treatments=treatments)
        same("Bonferroni's share", ours, min(row["alpha_adj"] for row in adjusted), FIXED)


compare("values", share, 150)
compare("values", revenue, 300)
compare("ratio", ratio, 300)
compare("cuped", history, 300)
shares(100)
done("tea-tasting")
