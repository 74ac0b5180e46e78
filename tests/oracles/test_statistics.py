"""Points spread evenly and do not depend on each other, whatever ids look like. All by libsodium: that Waft's points are these
is test_assignments' matter. Ids are the same in each run, so is the outcome."""

from itertools import pairwise
from math import sqrt

import numpy
import pytest
from points import bound, points
from scipy.stats import chi2_contingency, chisquare
from units import SHAPES

MANY = 1_000_000
SOME = 250_000
# A test at random would be below it once in ten thousand.
UNLIKELY = 1e-4
# Purpose and salt of two points that must know nothing of each other.
PAIRS = {
    "layer and coverage": (("layer", "harbour/till"), ("coverage", "harbour/call-to-action")),
    "layer and split": (("layer", "harbour/till"), ("split", "harbour/call-to-action/2")),
    "coverage and split": (("coverage", "harbour/call-to-action"), ("split", "harbour/call-to-action/2")),
    "holdout and layer": (("holdout", "harbour/winter"), ("layer", "harbour/till")),
    "holdout and coverage": (("holdout", "harbour/winter"), ("coverage", "harbour/call-to-action")),
    "holdout and split": (("holdout", "harbour/winter"), ("split", "harbour/call-to-action/2")),
    "share and layer": (("share", "harbour/panel"), ("layer", "harbour/till")),
    "share and coverage": (("share", "harbour/panel"), ("coverage", "harbour/call-to-action")),
    "share and split": (("share", "harbour/panel"), ("split", "harbour/call-to-action/2")),
    "share and holdout": (("share", "harbour/panel"), ("holdout", "harbour/winter")),
    # The halves of a monitored ramp are compared at every step of it.
    "ramp and its halves": (("ramp", "harbour/header/ramp"), ("split", "harbour/header/ramp/1")),
    "ramp and holdout": (("ramp", "harbour/header/ramp"), ("holdout", "harbour/winter")),
    "ramp and share": (("ramp", "harbour/header/ramp"), ("share", "harbour/panel")),
    "one salt, two purposes": (("coverage", "harbour/call-to-action"), ("layer", "harbour/call-to-action")),
    "two phases": (("split", "harbour/call-to-action/1"), ("split", "harbour/call-to-action/2")),
    "two experiments": (("split", "harbour/call-to-action/2"), ("split", "harbour/renewal/2")),
    "two projects": (("split", "harbour/call-to-action/2"), ("split", "canal/call-to-action/2")),
}


@pytest.fixture(scope="module", params=SHAPES.values(), ids=SHAPES)
def units(request):
    return [unit.encode() for unit in request.param(MANY)]


@pytest.fixture(scope="module")
def split(units):
    return points("split", "harbour/call-to-action/2", units)


def test_shares_are_what_was_asked_for(split):
    """Within four standard deviations: 0.2 points of a percent at most."""
    bounds = [0, *map(bound, (1, 10_000, 110_000, 443_333, 776_666, 1_000_000))]
    for low, high in pairwise(bounds):
        share = (high - low) / 2**32
        taken = numpy.count_nonzero((low <= split) & (split < high))
        assert abs(taken - MANY * share) <= 4 * sqrt(MANY * share * (1 - share)), (low, high, taken)


def test_points_are_even(split):
    """In 1,024 parts of the line, and by their lowest ten bits."""
    for parts in (split >> 22, split & 1_023):
        assert chisquare(numpy.bincount(parts.astype(int), minlength=1_024)).pvalue > UNLIKELY


def dependence(one, other):
    """How likely it is to see this much of it where there is none: in a table of 16 by 16 parts of the line."""
    table = numpy.bincount(((one >> 28) * 16 + (other >> 28)).astype(int), minlength=256).reshape(16, 16)
    return chi2_contingency(table).pvalue


def test_two_purposes_and_two_salts_are_independent(units):
    some = units[:SOME]
    found = {use: points(*use, some) for use in {use for pair in PAIRS.values() for use in pair}}
    unlikely = {name: dependence(found[one], found[other]) for name, (one, other) in PAIRS.items()}
    assert {name: value for name, value in unlikely.items() if value <= UNLIKELY} == {}


def test_dependence_would_be_noticed(split):
    """One unit in fifty with the same point twice is enough to fail the test above."""
    other = numpy.roll(split, 1)[:SOME]
    other[::50] = split[:SOME:50]
    assert dependence(split[:SOME], numpy.roll(split, 1)[:SOME]) > UNLIKELY
    assert dependence(split[:SOME], other) < UNLIKELY
