"""Trees are weighed by how they did, the more the more past Mondays tell of it, and quantiles are read where they keep their promise."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.demand.fans import MONDAYS_FOR_WEIGHT, Fan, Tried, learn_blend, learn_calibration
from jointplan.demand.learned import LEVELS, Learned
from jointplan.demand.panel import Grain
from jointplan.demand.trials import CHANCES

SERIES, WEEKS = 60, 8
KIND = np.repeat([0, 1], SERIES // 2)


def flat(middle: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return quantiles a unit apart around the middle of each series."""
    steps = np.arange(len(chances)) - len(chances) // 2
    return middle[:, None, None] + 0.1 * steps[None, :, None] + np.zeros((1, 1, WEEKS))


def monday(said: np.ndarray, came: np.ndarray) -> Tried:
    grain = Grain(np.zeros(SERIES, dtype=bool), np.full(SERIES, 0.1))
    fan = Fan(said[:, None] + np.zeros(WEEKS), flat(said, CHANCES), grain)
    ones = np.ones(SERIES)
    return Tried(np.arange(SERIES), fan, came[:, None] + np.zeros(WEEKS), ones, ones)


def trees(said: np.ndarray) -> Learned:
    return Learned(said[:, None] + np.zeros(WEEKS), flat(said, LEVELS))


@pytest.mark.parametrize("mondays", [1, 4, 12])
def test_trees_that_were_right_weigh_the_more_the_more_often_they_were(mondays: int) -> None:
    """Right on every Monday they weigh above a half, wrong on every one below, each the more Mondays say so."""
    right, wrong = np.full(SERIES, 10.0), np.where(KIND == 0, 5.0, 15.0)
    far = mondays / (mondays + MONDAYS_FOR_WEIGHT) / 2
    blend = learn_blend([monday(wrong, right)] * mondays, [trees(right)] * mondays, KIND)
    assert blend.mean == pytest.approx(0.5 + far)
    assert blend.quantile == pytest.approx(0.5 + far)
    blend = learn_blend([monday(right, right)] * mondays, [trees(wrong)] * mondays, KIND)
    assert blend.mean == pytest.approx(0.5 - far)
    assert blend.quantile == pytest.approx(0.5 - far)


def test_trees_that_were_never_tried_have_no_weight() -> None:
    """Without a past Monday that tells of them they are not heard."""
    ten = np.full(SERIES, 10.0)
    blend = learn_blend([monday(ten, ten)] * 2, [None, None], KIND)
    assert not blend.mean.any()
    assert not blend.quantile.any()


def test_classes_that_differ_have_weights_that_differ() -> None:
    """Trees right for one class and far off for another weigh more in the first."""
    came, half = np.full(SERIES, 10.0), np.where(KIND == 0, 10.0, 40.0)
    said = np.where(KIND == 0, 30.0, 10.0)
    blend = learn_blend([monday(said, came)] * 8, [trees(half)] * 8, KIND)
    assert blend.mean[0] > 0.5 > blend.mean[1]


def test_quantiles_that_promised_too_much_are_read_further_out() -> None:
    """Where what came was three times as wide as the fan, outer quantiles are read at chances further out, the middle where it was."""
    rng = np.random.default_rng(1)
    tried = []
    for _ in range(8):
        one = monday(np.full(SERIES, 10.0), np.zeros(SERIES))
        width = 0.1 * (len(CHANCES) // 2)
        tried.append(
            Tried(
                one.rows, one.fan, 10.0 + rng.uniform(-3 * width, 3 * width, (SERIES, WEEKS)), one.absolute, one.squared
            )
        )
    table = learn_calibration(tried, KIND).ordinary
    assert (table[:, 2] < CHANCES[2] / 2).all()
    assert (1 - table[:, 10] < (1 - CHANCES[10]) / 2).all()
    assert table[:, 6] == pytest.approx(0.5, abs=0.05)
