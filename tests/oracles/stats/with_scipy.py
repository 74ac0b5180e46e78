"""Welch's t-test and Pearson's chi-square by SciPy; planned units by statsmodels."""

import numpy as np
from figures import FIXED, Comparison, ask, settings, sums, units
from scipy import stats
from statsmodels.stats.power import NormalIndPower

random = np.random.default_rng(1)
compare = Comparison("scipy, statsmodels")

questions, theirs = [], []
for _ in range(300):
    control, treatment = (units(random, int(random.integers(50, 2_000)))[0] for _ in range(2))
    question = {"kind": "mean", "arms": [sums(control), sums(treatment)], **settings(random)}
    questions.append(question)
    theirs.append(stats.ttest_ind(treatment, control, equal_var=False))
for question, answer, test in zip(questions, ask(questions), theirs, strict=True):
    compare.close(answer["absolute"]["p"], test.pvalue, FIXED, question)
    compare.ends(answer["absolute"]["fixed"], test.confidence_interval(1 - question["alpha"]), FIXED, question)

questions, theirs = [], []
for _ in range(300):
    shares = random.dirichlet(np.full(random.integers(2, 6), 5.0))
    counts = random.multinomial(random.integers(100, 100_000), shares)
    questions.append({"kind": "split", "units": counts.tolist(), "shares": shares.tolist()})
    theirs.append(stats.chisquare(counts, counts.sum() * shares).pvalue)
for question, answer, p in zip(questions, ask(questions), theirs, strict=True):
    compare.close(answer["chiSquare"], p, FIXED, question)

questions, theirs = [], []
for _ in range(100):
    effect, spread = float(random.uniform(0.01, 0.3)), float(random.uniform(0.5, 2.0))
    alpha, power = float(random.choice([0.01, 0.05])), float(random.choice([0.8, 0.9]))
    # Units of both arms have this variance together: a unit's four times.
    questions.append({"kind": "units", "effect": effect, "variance": 4 * spread**2, "alpha": alpha, "power": power})
    # To one side, because to two it counts results on the wrong side as seen, too.
    theirs.append(2 * NormalIndPower().solve_power(effect / spread, alpha=alpha / 2, power=power, alternative="larger"))
for question, answer, needed in zip(questions, ask(questions), theirs, strict=True):
    compare.close(answer["fixed"], needed, 1e-6, question)

compare.report()
