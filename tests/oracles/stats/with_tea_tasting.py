"""tea-tasting: means, ratios and CUPED from the units themselves, where we have their sums."""

import numpy as np
import pyarrow as pa
import tea_tasting as tt
from figures import FIXED, Comparison, ask, settings, sums, units

random = np.random.default_rng(4)
compare = Comparison("tea-tasting")

METRICS = {
    "mean": lambda alpha: tt.Mean("spent", alpha=alpha, confidence_level=1 - alpha, equal_var=False, use_t=True),
    "ratio": lambda alpha: tt.RatioOfMeans("spent", "visits", alpha=alpha, confidence_level=1 - alpha, equal_var=False, use_t=True),
    "cuped": lambda alpha: tt.Mean("spent", "before", alpha=alpha, confidence_level=1 - alpha, equal_var=False, use_t=True),
}

questions, theirs = [], []
for _ in range(60):
    both = [units(random, int(random.integers(200, 2_000))) for _ in range(2)]
    table = {"variant": np.concatenate([np.full(len(arm[0]), index) for index, arm in enumerate(both)])}
    for index, name in enumerate(("spent", "visits", "before")):
        table[name] = np.concatenate([arm[index] for arm in both])
    said = settings(random)
    experiment = tt.Experiment({kind: metric(said["alpha"]) for kind, metric in METRICS.items()})
    result = experiment.analyze(pa.table(table), control=0)
    for kind in METRICS:
        told = {"mean": lambda arm: sums(arm[0]), "ratio": lambda arm: sums(arm[0], arm[1]), "cuped": lambda arm: sums(arm[0], arm[2])}[kind]
        questions.append({"kind": kind, "arms": [told(arm) for arm in both], **said})
        theirs.append(result[kind])

for question, answer, metric in zip(questions, ask(questions), theirs, strict=True):
    told = answer["absolute"]
    compare.close(told["effect"], metric.effect_size, FIXED, question)
    compare.ends(told["fixed"], (metric.effect_size_ci_lower, metric.effect_size_ci_upper), FIXED, question)
    compare.close(told["p"], metric.pvalue, FIXED, question)

compare.report()
