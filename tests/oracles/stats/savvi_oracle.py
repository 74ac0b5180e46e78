"""savvi's sequential multinomial test: Bayes factors, look after look, and the alarm.

It takes only shares that sum to exactly one in floating point: sixteenths do. Its factor overflows above e^709, where
experiments are left alone.
"""

from math import log

import numpy
from figures import SEQUENCE, ask, done, holds, same
from savvi.multinomial import Multinomial

chance = numpy.random.default_rng(20260703)
MOST = 600
alarms = 0

for _ in range(100):
    arms = int(chance.integers(2, 6))
    sixteenths = 1 + chance.multinomial(16 - arms, numpy.full(arms, 1 / arms))
    shares = sixteenths / 16
    # As planned, or off by a few percent.
    true = shares if chance.random() < 0.5 else chance.dirichlet(shares * 3_000)
    theirs = Multinomial(alpha=0.01, theta_0=shares, k=1_000)
    per_look = int(10 ** chance.uniform(1, 4))
    total = numpy.zeros(arms, dtype=int)
    for _ in range(20):
        look = chance.multinomial(per_look, true)
        theirs.update(look)
        total += look
        if not 0 < theirs.odds < numpy.exp(MOST):
            break
        ours = ask(ask="sample ratio", units=total.tolist(), weights=sixteenths.tolist())
        same("ln BF", ours["ln_bayes_factor"], log(theirs.odds), SEQUENCE, scale=max(1, abs(log(theirs.odds))))
        holds("alarm", ours["alarm"] == (theirs.odds > 100))
        alarms += ours["alarm"]

holds("there were alarms to compare", alarms > 20)
done("savvi")
