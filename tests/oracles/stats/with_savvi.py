"""The sequential multinomial test of the paper's first author."""

import math

import numpy as np
from figures import SEQUENCE, Comparison, ask
from savvi.multinomial import Multinomial

random = np.random.default_rng(3)
compare = Comparison("savvi")

questions = []
for _ in range(300):
    # Shares that sum to exactly 1 in binary: theirs insists.
    shares = np.array([[0.5, 0.5], [0.25, 0.75], [0.25, 0.25, 0.5], [0.125, 0.125, 0.25, 0.5]][random.integers(4)])
    true = random.dirichlet(2_000 * shares)
    questions.append({"kind": "split", "units": random.multinomial(random.integers(100, 20_000), true).tolist(), "shares": shares.tolist()})
for question, answer in zip(questions, ask(questions), strict=True):
    test = Multinomial(alpha=0.01, theta_0=np.array(question["shares"]), k=1_000)
    # In parts, as looks are.
    left = np.array(question["units"])
    for part in (left // 3, left // 3, left - 2 * (left // 3)):
        test.update(part)
    compare.close(answer["lnBayesFactor"], math.log(test.odds), SEQUENCE, question)
    compare.close(float(answer["lnBayesFactor"] > math.log(100)), float(test.odds > 100), 0, question)

compare.report()
