"""SciPy and statsmodels: Welch, chi-square, the Dirichlet-multinomial, least squares, power, and the sequence from its definition.

statsmodels' interval of two proportions is by the normal distribution and ours by Student's t: the variance is compared.
"""

from math import ceil, exp, log, sqrt

import numpy
from figures import FIXED, SEQUENCE, ask, done, heavy, holds, pairs, same, same_ends, values
from scipy import integrate, optimize, special, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

chance = numpy.random.default_rng(20260701)


def arms(*draws):
    return [draw(chance, int(10 ** chance.uniform(0.8, 4))) for draw in draws]


def welch(times):
    for _ in range(times):
        # Normal, and with other means and deviations in the other arm; or heavy.
        shift, scale = chance.normal(0, 2), 10 ** chance.uniform(-2, 2)
        normal = [lambda c, n: c.normal(5, 1, n), lambda c, n: c.normal(5 + shift, scale, n)]
        treatment, control = arms(*(normal if chance.random() < 0.5 else [heavy, heavy]))
        alpha = 10 ** chance.uniform(-4, -0.5)
        ours = ask(
            ask="difference", metric="values", treatment=values(treatment), control=values(control), alpha=alpha, planned=1
        )["absolute"]
        found = stats.ttest_ind(treatment, control, equal_var=False)
        ends = found.confidence_interval(1 - alpha)
        # Absolute: SciPy's own tail is good to 1e-15.
        same("Welch's p", ours["p"], float(found.pvalue), FIXED, scale=1)
        same_ends("Welch's interval", ours["fixed"], ends, FIXED)
        means = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
        same_ends("statsmodels' interval", ours["fixed"], means.tconfint_diff(alpha, usevar="unequal"), FIXED)


def proportions(times):
    for _ in range(times):
        units = [int(10 ** chance.uniform(1, 9)) for _ in range(2)]
        converted = [int(chance.integers(1, n)) for n in units]
        arm = [{"units": n, "converted": k} for n, k in zip(units, converted, strict=True)]
        ours = ask(ask="difference", metric="conversions", treatment=arm[0], control=arm[1], alpha=0.05, planned=1)["absolute"]
        low, high = confint_proportions_2indep(converted[0], units[0], converted[1], units[1], method="wald", compare="diff")
        same("a difference of shares", ours["value"], (low + high) / 2, FIXED, scale=high - low)
        same("its variance", ours["variance"], ((high - low) / 2 / stats.norm.isf(0.025)) ** 2, FIXED)
        # Their Welch of summaries, with our convention of a share's variance; up to a thousand million units.
        shares = [k / n for n, k in zip(units, converted, strict=True)]
        deviations = [sqrt(share * (1 - share)) for share in shares]
        summaries = (shares[0], deviations[0], units[0], shares[1], deviations[1], units[1])
        welch = stats.ttest_ind_from_stats(*summaries, equal_var=False)
        same("its p", ours["p"], float(welch.pvalue), FIXED, scale=1)


def margins(times):
    """A relative margin is Welch's test against the control with every value made so much worse."""
    for _ in range(times):
        treatment, control = arms(heavy, heavy)
        treatment *= chance.uniform(0.5, 1.5)
        alpha, margin, up = float(chance.uniform(0.001, 0.3)), float(chance.uniform(0, 0.5)), bool(chance.random() < 0.5)
        asked = {"better": "up" if up else "down", "margin": margin, "relative": True, "alpha": alpha, "planned": 1}
        ours = ask(ask="difference", metric="values", treatment=values(treatment), control=values(control), **asked)
        worst = control * (1 - margin if up else 1 + margin)
        found = stats.ttest_ind(*((treatment, worst) if up else (worst, treatment)), equal_var=False)
        same("the room's p", ours["room"]["p"], float(found.pvalue), FIXED, scale=1)
        same_ends("the room", ours["room"]["fixed"], found.confidence_interval(1 - alpha), FIXED)
        low, high = ours["room"]["bounds"]
        holds("standing", ours["standing"] == ("safe" if low > 0 else "harmed" if high < 0 else "unknown"))


def sample_ratios(times):
    for _ in range(times):
        count = int(chance.integers(2, 6))
        weights = chance.dirichlet(numpy.full(count, 5.0))
        true = weights if chance.random() < 0.5 else chance.dirichlet(weights * 5_000)
        units = chance.multinomial(int(10 ** chance.uniform(2, 6)), true)
        ours = ask(ask="sample ratio", units=units.tolist(), weights=weights.tolist())
        expected = weights / weights.sum() * units.sum()
        same("chi-square", ours["p"], float(stats.chisquare(units, expected).pvalue), FIXED, scale=1)
        # A Bayes factor is how likely the counts are with shares around the plan, by how likely with the plan's.
        theirs = stats.dirichlet_multinomial.logpmf(units, 1_000 * weights, units.sum()) - stats.multinomial.logpmf(
            units, units.sum(), weights
        )
        same("ln BF", ours["ln_bayes_factor"], float(theirs), SEQUENCE, scale=max(1, abs(theirs)))


def sequences(times):
    """A sequence is where a mixture of likelihood ratios over effects reaches 1 / alpha (Ville), so we integrate the mixture."""
    for _ in range(times):
        alpha, planned = 10 ** chance.uniform(-3, -1), int(10 ** chance.uniform(2, 7))
        units = planned * 10 ** chance.uniform(-1.5, 1.5)
        ours = ask(ask="sequence", alpha=alpha, planned=planned, units=units)

        def ln_mixture(width, narrowest, least):
            """ln of the integral over effects of density times likelihood ratio, both normal; the effects' deviation is r."""
            r = sqrt(narrowest)
            # Standardised: the integrand is that of a normal variable around `middle`, whose factor is taken out before.
            total, grown = width * sqrt(units), units * narrowest + 1
            middle, deviation = total * r / grown, 1 / sqrt(grown)
            peak = middle * total * r - middle**2 * grown / 2

            def integrand(effect):
                return exp(effect * total * r - effect**2 * grown / 2 - peak) / sqrt(2 * numpy.pi)

            low = max(least, middle - 12 * deviation)
            return peak + log(integrate.quad(integrand, low, middle + 12 * deviation, epsabs=0, epsrel=1e-10)[0])

        def tuned(share):
            return (-2 * log(share) + log(1 - 2 * log(share))) / planned

        two_sided = ln_mixture(ours["two_sided"], tuned(alpha), -numpy.inf)
        same("the mixture on both sides", two_sided, -log(alpha), SEQUENCE)

        # On one side the mixture has only effects of that side, twice as dense. The closed bound is a little beyond where
        # it reaches 1 / alpha: never nearer, or it would err too often, and not much farther. Measured: up to 1.4 % at alpha
        # of 5 %, 3.5 % at 10 %; at 20 %, which no guardrail asks for, 11 %.
        def one_sided(width):
            return log(2) + ln_mixture(width, tuned(2 * alpha), 0) + log(alpha)

        exact = optimize.brentq(one_sided, 0.01, 30)
        holds("the bound on one side is valid", ours["one_sided"] >= exact * (1 - 1e-9))
        holds("the bound on one side is near", ours["one_sided"] <= exact * 1.05)

        # r2 is a closed approximation of the optimum, which is Lambert's W: what it costs at the planned units.
        at_plan = ask(ask="sequence", alpha=alpha, planned=planned, units=planned)["two_sided"]
        scaled = -float(special.lambertw(-(alpha**2) / numpy.e, -1).real) - 1
        best = sqrt(2 * (scaled + 1) / scaled * log(sqrt(scaled + 1) / alpha))
        holds("r2 is near the optimum", best * (1 - 1e-9) <= at_plan <= best * 1.001)


def powers(times):
    theirs = NormalIndPower()
    for _ in range(times):
        alpha, share, power = 10 ** chance.uniform(-3, -0.7), chance.uniform(0.1, 0.9), chance.uniform(0.3, 0.99)
        deviation, size = 10 ** chance.uniform(-2, 2), chance.choice([-1, 1])
        size = float(size * deviation * 10 ** chance.uniform(-2.5, -0.5))
        units = int(10 ** chance.uniform(2, 5))
        ours = ask(
            ask="power",
            size=size,
            variances=[deviation**2] * 2,
            treatment_share=share,
            alpha=alpha,
            planned=units,
            units=units,
            power=power,
        )
        asked = {"effect_size": size / deviation, "alpha": alpha, "ratio": (1 - share) / share}
        same("power", ours["fixed_power"], float(theirs.power(nobs1=units * share, **asked)), FIXED, scale=1)
        solved = float(optimize.brentq(lambda n: theirs.power(nobs1=n * share, **asked) - power, 1e-3, 1e9, xtol=1e-9))
        # So near to a whole number, either may be right.
        if abs(solved - round(solved)) > 1e-4:
            same("units", ours["fixed_units"], ceil(solved), 0)


def cuped(times):
    """Least squares over the units of both arms, on the filled-in covariate and the indicator of what was filled in."""
    for _ in range(times):
        raw, sums = [], []
        for _ in range(2):
            units = int(10 ** chance.uniform(1.5, 4))
            before = heavy(chance, units)
            value = chance.uniform(-1, 1) * before + chance.normal(0, 10, units)
            missing = chance.random(units) < chance.choice([0, 0.2, 0.6])
            missing[:3] = False
            raw.append((value, before, missing))
            sums.append({"known": pairs(value[~missing], before[~missing]), "missing": values(value[missing])})
        ours = ask(ask="difference", metric="cuped", treatment=sums[0], control=sums[1], alpha=0.05, planned=1)
        value, before, missing = (numpy.concatenate(part) for part in zip(*raw, strict=True))
        filled = numpy.where(missing, before[~missing].mean(), before)
        columns = [filled - filled.mean()] + ([missing - missing.mean()] if missing.any() else [])
        slopes = OLS(value, numpy.column_stack([numpy.ones(len(value)), *columns])).fit().params[1:]
        adjusted = value - sum(slope * column for slope, column in zip(slopes, columns, strict=True))
        split = len(raw[0][0])
        for arm, found in enumerate((adjusted[:split], adjusted[split:])):
            same("an adjusted mean", ours["means"][arm], float(found.mean()), FIXED, scale=found.std())
            same("an adjusted variance", ours["variances"][arm], float(found.var(ddof=1)), FIXED)
        welch = stats.ttest_ind(adjusted[:split], adjusted[split:], equal_var=False)
        same("CUPED's p", ours["absolute"]["p"], float(welch.pvalue), FIXED, scale=1)


def caps(times):
    for _ in range(times):
        array = numpy.round(heavy(chance, int(chance.integers(2, 3_000))), 2)
        millionths = int(chance.integers(1, 1_000_001))
        ours = ask(ask="cap", values=array.tolist(), millionths=millionths)
        limit = numpy.quantile(array, millionths / 1_000_000, method="inverted_cdf")
        same("a percentile", ours["limit"], float(limit), 0)
        holds("what is above is cut", ours["values"] == numpy.minimum(array, limit).tolist())


welch(300)
proportions(300)
margins(200)
sample_ratios(300)
sequences(200)
powers(300)
cuped(150)
caps(200)
done("SciPy, statsmodels")
