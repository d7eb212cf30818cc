"""Trees are weighed by how they did, the more the more past Mondays tell of it, and quantiles are read where they keep their promise."""

from __future__ import annotations

import numpy as np
import pytest

from jointplan.demand.fans import MONDAYS_FOR_WEIGHT, Calibration, Fan, Tried, learn_blend, learn_calibration, read_anew
from jointplan.demand.learned import LEVELS, Learned
from jointplan.demand.outlook import Expectation
from jointplan.demand.panel import Grain
from jointplan.demand.spread import Correction, past_spread
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


def test_what_sells_too_rarely_for_its_highest_quantile_can_still_be_read_further_out() -> None:
    """A product sold in one week of sixty has a fan of zeros. Where past Mondays say it reaches too low, it is read above zero in weeks of that kind, scaled as it was since."""
    history = np.zeros((20, 60))
    history[np.arange(20), np.arange(20) * 2 + 10] = 12.0
    spread = past_spread(history, np.zeros(20, dtype=np.int64), 1e6)
    expected = Expectation(
        history.mean(axis=1), np.ones((20, 4)), spread, Grain(np.ones(20, dtype=bool), np.full(20, 12.0))
    )
    fan = Fan(expected.mean, expected.quantiles(CHANCES, settled=False), expected.grain)
    assert (fan.rounded() == 0).all()
    usual, low = CHANCES[None], np.append(CHANCES[:-1], 0.995)[None]
    festive = np.zeros((20, 4), dtype=bool)
    festive[:, 1] = True
    tables = Calibration(low, usual)
    assert (fan.calibrated(tables, np.zeros(20, dtype=np.int64), festive).rounded() == 0).all()
    read = read_anew(fan, expected, Correction(), tables, festive)
    assert (read.rounded()[:, -1, [0, 2, 3]] > 0).all()
    assert (read.rounded()[:, :, 1] == 0).all()
    assert read_anew(
        fan.scaled(np.full((20, 4), 3.0)), expected, Correction(), tables, festive
    ).quantiles == pytest.approx(3.0 * read.quantiles)
    assert np.array_equal(
        read_anew(fan, expected, Correction(), Calibration(usual, usual), None).quantiles, fan.quantiles
    )
